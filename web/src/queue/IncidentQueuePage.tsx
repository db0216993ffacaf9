import { Button, Spinner, Tooltip } from '@fluentui/react-components';
import {
  ArrowDownload20Regular,
  ChartMultiple20Regular,
  Edit20Regular,
  Merge20Regular,
  PersonAdd20Regular,
  Tag20Regular,
} from '@fluentui/react-icons';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useActions } from '../actions/registry';
import { incidentFacetsQuery, incidentPage, incidentsQuery } from '../api/queries';
import type { Incident } from '../api/types';
import { useWaitingChanges } from '../app/live';
import { parseSearch, type Search, stringifySearch } from '../app/search';
import { usePolicy } from '../app/session';
import { useToast } from '../app/toast';
import { useIncidentChange } from '../incident/change';
import { type Draft, ManageForm } from '../incident/ManageForm';
import { count, number } from '../text/count';
import { Grid } from '../ui/Grid';
import { useNarrow } from '../ui/media';
import { SidePane } from '../ui/SidePane';
import { stepped } from '../ui/selection';
import { Failed, Waiting } from '../ui/states';
import { useNow } from '../ui/Time';
import { ColumnChooser } from './ColumnChooser';
import { besidePane, IncidentCard, incidentColumns, standardColumns } from './columns';
import { collectAll, download, exportLimit, incidentCSV } from './exportCsv';
import { FilterBar } from './FilterBar';
import { filterQuery, incidentList, type ListState, listQuery, readList, writeList } from './filters';
import { Histogram } from './Histogram';
import { IncidentPane } from './IncidentPane';
import { MergeDialog } from './MergeDialog';
import { NoneFound } from './NoneFound';
import styles from './Queue.module.css';
import { SavedSets } from './SavedSets';
import { usePreferences } from './settings';
import { UnderAlerts } from './UnderAlerts';

/** What first? The queue of incidents. */
export function IncidentQueuePage() {
  const search = useSearch({ from: '/inside/incidents' });
  const navigate = useNavigate();
  const state = useMemo(() => readList(incidentList, search), [search]);
  const now = useNow();
  const narrow = useNarrow();
  const { blocked } = usePolicy();
  const { preferences, change: setPreferences } = usePreferences();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [managing, setManaging] = useState<{ incidents: Incident[]; focus?: keyof Draft } | undefined>(undefined);
  const [merging, setMerging] = useState(false);
  const searchBox = useRef<HTMLInputElement>(null);
  const client = useQueryClient();

  const query = listQuery(incidentList, state, now);
  const list = useInfiniteQuery({ ...incidentsQuery(query), placeholderData: (before) => before });
  const facets = useQuery(incidentFacetsQuery(filterQuery(incidentList, state, now)));
  const rows = useMemo(() => list.data?.pages.flatMap((p) => p.items) ?? [], [list.data]);
  const ids = useMemo(() => rows.map((r) => String(r.id)), [rows]);
  const chosen = rows.filter((r) => selected.has(String(r.id)));

  const live = useWaitingChanges(() => {
    // A long list starts again at its top, a short one is read again in place.
    if ((list.data?.pages.length ?? 0) > 3) void client.resetQueries({ queryKey: incidentsQuery(query).queryKey });
    void client.invalidateQueries({ queryKey: ['incidents'] });
  });

  const go = useCallback(
    (next: ListState, replace = false) => void navigate({ to: '/incidents', search: writeList(incidentList, next), replace }),
    [navigate],
  );
  const show = (id: string | undefined) => {
    const { open: _, ...rest } = state;
    go(id === undefined ? rest : { ...rest, open: id }, true);
  };
  const openPage = (incident: Incident) =>
    void navigate({ to: '/incidents/$id', params: { id: String(incident.id) }, search: {} });
  const subject = (): Incident[] => {
    if (chosen.length > 0) return chosen;
    const focused = document.activeElement?.closest('[data-row]')?.getAttribute('data-row') ?? state.open;
    return rows.filter((r) => String(r.id) === focused);
  };
  const manage = (focus?: keyof Draft) => () => {
    const incidents = subject();
    if (incidents.length > 0) setManaging(focus === undefined ? { incidents } : { incidents, focus });
  };
  const mergeBlocked =
    blocked ?? (chosen.length < 2 ? 'Select two to five incidents' : chosen.length > 5 ? 'At most five at once' : undefined);
  const section = 'Incidents' as const;
  useActions([
    { id: 'assign', name: 'Assign', section, keys: 'a', icon: PersonAdd20Regular, blocked, perform: manage('owner') },
    {
      id: 'status',
      name: 'Change the status',
      section,
      keys: 's',
      icon: Edit20Regular,
      blocked,
      perform: manage('status'),
    },
    {
      id: 'classify',
      name: 'Classify',
      section,
      keys: 'c',
      icon: Tag20Regular,
      blocked,
      perform: manage('classification'),
    },
    {
      id: 'merge',
      name: 'Merge the selected incidents',
      section,
      keys: 'm',
      icon: Merge20Regular,
      ...(mergeBlocked === undefined ? {} : { blocked: mergeBlocked }),
      perform: () => setMerging(true),
    },
    { id: 'find', name: 'Search in the list', section, keys: '/', perform: () => searchBox.current?.focus() },
    ...(selected.size === 0
      ? []
      : [
          {
            id: 'unselect',
            name: 'Clear the selection',
            section,
            keys: 'Escape',
            quiet: true,
            perform: () => setSelected(new Set()),
          },
        ]),
  ]);

  const shownColumns = preferences.columns.incidents ?? standardColumns;
  const docked = !narrow && (state.open !== undefined || managing !== undefined);
  const columns = shownColumns
    .filter((id) => !docked || besidePane.includes(id))
    .flatMap((id) => incidentColumns.filter((c) => c.id === id));
  const position = state.open === undefined ? -1 : ids.indexOf(state.open);

  return (
    <div className={styles.split}>
      <div className={styles.main}>
        <div className={styles.head}>
          <h1>Incidents</h1>
          <span className={styles.total}>{facets.data === undefined ? '' : number(facets.data.total)}</span>
          {live.waiting > 0 && (
            <Button size="small" appearance="primary" shape="circular" onClick={live.show}>
              {live.waiting} new
            </Button>
          )}
          {list.isFetching && !list.isPending && <Spinner size="extra-tiny" aria-label="Refreshing" />}
          <span className={styles.gap} />
          <Tooltip content={preferences.histogram ? 'Hide the chart' : 'Show the chart'} relationship="label">
            <Button
              size="small"
              appearance="subtle"
              aria-pressed={preferences.histogram}
              icon={<ChartMultiple20Regular />}
              onClick={() => setPreferences({ histogram: !preferences.histogram })}
            />
          </Tooltip>
          <ExportButton query={query} total={facets.data?.total ?? 0} />
          <ColumnChooser
            all={incidentColumns}
            shown={shownColumns}
            onChange={(incidents) => setPreferences({ columns: { ...preferences.columns, incidents } })}
            onReset={() => setPreferences({ columns: { ...preferences.columns, incidents: standardColumns } })}
          />
        </div>
        {preferences.histogram && <Histogram />}
        <FilterBar
          spec={incidentList}
          state={state}
          facets={facets.data}
          onChange={(next) => go(next, true)}
          placeholder="Name, #id, asset or tag"
          searchBox={searchBox}
        >
          <SavedSets
            list="incidents"
            search={stringifySearch(writeList(incidentList, { ...state, open: '' }))}
            onApply={(text) => go(readList(incidentList, parseSearch(text) as Search))}
          />
        </FilterBar>
        {selected.size > 0 && (
          <div className={styles.bulk} role="toolbar" aria-label="Selected incidents">
            <strong>{number(selected.size)} selected</strong>
            <Button
              size="small"
              disabledFocusable={blocked !== undefined}
              title={blocked}
              icon={<Edit20Regular />}
              onClick={manage()}
            >
              Manage
            </Button>
            <Button
              size="small"
              disabledFocusable={mergeBlocked !== undefined}
              title={mergeBlocked}
              icon={<Merge20Regular />}
              onClick={() => setMerging(true)}
            >
              Merge
            </Button>
            <Button size="small" appearance="subtle" onClick={() => setSelected(new Set())}>
              Clear
            </Button>
          </div>
        )}
        <div className={styles.list} {...live.pointer}>
          {list.isPending && <Waiting rows={16} height={47} label="Loading the incidents" />}
          {list.isError && rows.length === 0 && <Failed error={list.error} what="incidents" retry={() => void list.refetch()} />}
          {list.isSuccess && rows.length === 0 && (
            <NoneFound
              what="incidents"
              onAll={() => go({ filters: {}, q: '', range: 'all', sort: state.sort, asc: state.asc })}
            />
          )}
          {rows.length > 0 && (
            <Grid
              label="Incidents"
              columns={columns}
              rows={rows}
              idOf={(r) => String(r.id)}
              total={facets.data?.total}
              open={state.open}
              onOpen={(r) => show(String(r.id))}
              onEnter={openPage}
              selected={selected}
              onSelect={setSelected}
              sort={{ by: state.sort, asc: state.asc }}
              onSort={(sort) => go({ ...state, sort: sort.by, asc: sort.asc }, true)}
              expand={(r) => <UnderAlerts incident={r.id} />}
              card={(r) => <IncidentCard incident={r} />}
              more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
            />
          )}
        </div>
      </div>
      {state.open !== undefined && managing === undefined && (
        <IncidentPane
          key={state.open}
          id={Number(state.open)}
          over={narrow}
          blocked={blocked}
          onClose={() => show(undefined)}
          onPrevious={position > 0 ? () => show(stepped(ids, state.open, -1)) : undefined}
          onNext={position >= 0 && position < ids.length - 1 ? () => show(stepped(ids, state.open, 1)) : undefined}
          onManage={(incident) => setManaging({ incidents: [incident] })}
        />
      )}
      {managing !== undefined && (
        <ManagePane
          incidents={managing.incidents}
          focus={managing.focus}
          over={narrow}
          knownTags={(facets.data?.fields.tag ?? []).map((f) => f.value)}
          onClose={() => setManaging(undefined)}
        />
      )}
      {merging && (
        <MergeDialog
          incidents={chosen}
          onClose={() => setMerging(false)}
          onMerged={(target) => {
            setMerging(false);
            setSelected(new Set());
            show(String(target));
          }}
        />
      )}
    </div>
  );
}

/** Present values of one incident; of several, nothing is filled in. */
export function draftOf(incidents: Incident[]): Partial<Draft> {
  const [only, second] = incidents;
  if (only === undefined || second !== undefined) return {};
  const { name, status, severity, owner, tags, classification, determination } = only;
  return { name, status, severity, owner, tags: tags ?? [], classification, determination };
}

export function ManagePane({
  incidents,
  focus,
  over,
  knownTags,
  onClose,
}: {
  incidents: Incident[];
  focus?: keyof Draft | undefined;
  over: boolean;
  knownTags: string[];
  onClose: () => void;
}) {
  const change = useIncidentChange();
  const title = incidents.length === 1 ? `Manage incident #${incidents[0]?.id}` : `Manage ${count(incidents.length, 'incident')}`;
  return (
    <SidePane label={title} title={title} over={over} onClose={onClose}>
      <ManageForm
        key={incidents.map((i) => i.id).join()}
        initial={draftOf(incidents)}
        focus={focus ?? 'status'}
        busy={change.isPending}
        knownTags={knownTags}
        onCancel={onClose}
        onSave={(patch) => {
          change.mutate({ ids: incidents.map((i) => i.id), patch });
          onClose();
        }}
      />
    </SidePane>
  );
}

function ExportButton({ query, total }: { query: ReturnType<typeof listQuery>; total: number }) {
  const [busy, setBusy] = useState(false);
  const toast = useToast();
  const run = async () => {
    setBusy(true);
    try {
      const rows = await collectAll(incidentPage, query);
      download(`incidents-${new Date().toISOString().slice(0, 10)}.csv`, incidentCSV(rows));
      toast.done(
        total > exportLimit
          ? `Exported the first ${number(exportLimit)} of ${number(total)}`
          : `Exported ${count(rows.length, 'incident')}`,
      );
    } catch (error) {
      toast.failed('The export failed', error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Tooltip content="Export as CSV" relationship="label">
      <Button
        size="small"
        appearance="subtle"
        icon={busy ? <Spinner size="extra-tiny" /> : <ArrowDownload20Regular />}
        disabled={busy}
        onClick={() => void run()}
      />
    </Tooltip>
  );
}
