import { Button, mergeClasses } from '@fluentui/react-components';
import { ArrowMove20Regular, ArrowSplit20Regular, Edit20Regular } from '@fluentui/react-icons';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { AlertCard, alertColumns, besidePane, mainEntity } from '../alerts/columns';
import { ManageAlertsPane } from '../alerts/ManageAlertsPane';
import { incidentAlertsQuery } from '../api/queries';
import type { AlertRow, Incident } from '../api/types';
import { AlertPane } from '../story/AlertPane';
import { number } from '../text/count';
import { word } from '../text/words';
import { Foreign } from '../ui/Foreign';
import { type Column, Grid } from '../ui/Grid';
import { useNarrow } from '../ui/media';
import { stepped } from '../ui/selection';
import { Empty, Failed, Waiting } from '../ui/states';
import styles from './IncidentPage.module.css';
import { MoveDialog } from './MoveDialog';

/** Why an alert is in the incident, in one line. */
export function reasonOf(alert: AlertRow): string {
  if (alert.why) return alert.why;
  const reasons = (alert.link?.reasons ?? []).map((r) => word('reason', r));
  return reasons.length > 0 ? reasons.join(', ') : 'Opened the incident';
}

const reason: Column<AlertRow> = {
  id: 'reason',
  name: 'Why it is here',
  width: 'minmax(220px, 5fr)',
  tall: true,
  render: (a) => <Foreign value={reasonOf(a)} max={300} />,
};

const title: Column<AlertRow>[] = alertColumns.filter((c) => c.id === 'title').map((c) => ({ ...c, tall: true }));

const columns = ['title', 'severity', 'status', 'category', 'entities', 'reason', 'product', 'firstActivity'].flatMap((id) =>
  [...title, mainEntity, reason, ...alertColumns].filter((c) => c.id === id).slice(0, 1),
);

/** The alerts with the reason of each; they can be moved or split off. */
export function AlertsTab({ incident, blocked }: { incident: Incident; blocked: string | undefined }) {
  const [sort, setSort] = useState({ by: 'firstActivity', asc: true });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<string | undefined>(undefined);
  const [moving, setMoving] = useState<'move' | 'split' | undefined>(undefined);
  const [managing, setManaging] = useState(false);
  const narrow = useNarrow();
  const query = useInfiniteQuery(incidentAlertsQuery(incident.id, { sort: sort.by, asc: sort.asc }));
  const rows = query.data?.pages.flatMap((p) => p.items) ?? [];
  const ids = rows.map((r) => r.id);
  const all = selected.size >= incident.tally.alerts;
  const at = open === undefined ? -1 : ids.indexOf(open);
  const done = () => {
    setMoving(undefined);
    setManaging(false);
    setSelected(new Set());
  };
  return (
    <div className={styles.split}>
      <div className={styles.body}>
        <div className={mergeClasses(styles.bar, styles.wrapped)} role="toolbar" aria-label="Selected alerts">
          <span className="quiet">
            {selected.size === 0 ? 'Select alerts to move or manage them' : `${number(selected.size)} selected`}
          </span>
          <span className={styles.gap} />
          <Button
            size="small"
            icon={<Edit20Regular />}
            disabledFocusable={blocked !== undefined || selected.size === 0}
            title={blocked}
            onClick={() => setManaging(true)}
          >
            Manage
          </Button>
          <Button
            size="small"
            icon={<ArrowMove20Regular />}
            disabledFocusable={blocked !== undefined || selected.size === 0}
            title={blocked}
            onClick={() => setMoving('move')}
          >
            Move to another incident
          </Button>
          <Button
            size="small"
            icon={<ArrowSplit20Regular />}
            disabledFocusable={blocked !== undefined || selected.size === 0 || all}
            title={blocked ?? (all ? 'An incident keeps at least one alert' : undefined)}
            onClick={() => setMoving('split')}
          >
            Split off
          </Button>
        </div>
        {query.isPending && <Waiting rows={10} height={47} label="Loading the alerts" />}
        {query.isError && <Failed error={query.error} what="alerts" retry={() => void query.refetch()} />}
        {query.isSuccess && rows.length === 0 && <Empty title="No alerts">They were moved to another incident.</Empty>}
        {rows.length > 0 && (
          <Grid
            label="Alerts of the incident"
            columns={!narrow && (open !== undefined || managing) ? columns.filter((c) => besidePane.includes(c.id)) : columns}
            rows={rows}
            idOf={(r) => r.id}
            total={incident.tally.alerts}
            open={open}
            onOpen={(r) => setOpen(r.id)}
            selected={selected}
            onSelect={setSelected}
            sort={sort}
            onSort={setSort}
            card={(r) => <AlertCard alert={r} why={reasonOf(r)} />}
            more={query.hasNextPage && !query.isFetchingNextPage ? () => void query.fetchNextPage() : undefined}
          />
        )}
      </div>
      {open !== undefined && !managing && (
        <AlertPane
          key={open}
          id={open}
          over={narrow}
          onClose={() => setOpen(undefined)}
          onPrevious={at > 0 ? () => setOpen(stepped(ids, open, -1)) : undefined}
          onNext={at >= 0 && at < ids.length - 1 ? () => setOpen(stepped(ids, open, 1)) : undefined}
        />
      )}
      {managing && <ManageAlertsPane alerts={rows.filter((r) => selected.has(r.id))} over={narrow} onClose={done} />}
      {moving !== undefined && (
        <MoveDialog
          split={moving === 'split'}
          from={incident.id}
          alerts={[...selected]}
          onClose={() => setMoving(undefined)}
          onDone={done}
        />
      )}
    </div>
  );
}
