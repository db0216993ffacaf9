import { Button } from '@fluentui/react-components';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { AlertCard, alertColumns } from '../alerts/columns';
import { entityAlertsQuery, entityIncidentsQuery, entityQuery } from '../api/queries';
import type { EntityDetail } from '../api/types';
import { usePolicy } from '../app/session';
import { GoHunt } from '../hunting/GoHunt';
import { hasTimeline } from '../hunting/timeline';
import { IncidentCard, incidentColumns } from '../queue/columns';
import { count } from '../text/count';
import { word } from '../text/words';
import { Copyable } from '../ui/Foreign';
import { KindIcon } from '../ui/KindIcon';
import { More } from '../ui/More';
import { Answered, Empty, Failed, Section } from '../ui/states';
import { Table } from '../ui/Table';
import { Time } from '../ui/Time';
import { Asset } from './Asset';
import { Conflicts } from './Conflicts';
import styles from './EntityPage.module.css';
import { Identifiers } from './Identifiers';
import { chosen } from './identifier';
import split from './Split.module.css';
import { SplitDialog } from './SplitDialog';
import { Splits } from './Splits';

/** Who is this, and what else? */
export function EntityPage() {
  const params = useParams({ from: '/inside/entities/$id' });
  const id = Number(params.id);
  const query = useQuery({ ...entityQuery(id), enabled: Number.isSafeInteger(id) && id > 0 });
  if (!Number.isSafeInteger(id) || id <= 0) return <Failed error={undefined} what="entity" />;
  return (
    <Answered query={query} what="entity" rows={14}>
      {(entity) => <View key={entity.id} entity={entity} asked={id} />}
    </Answered>
  );
}

const incidentShown = incidentColumns.filter((c) =>
  ['priority', 'name', 'severity', 'status', 'alerts', 'lastActivity'].includes(c.id),
);
const alertShown = alertColumns.filter((c) =>
  ['title', 'severity', 'status', 'category', 'product', 'incident', 'lastActivity'].includes(c.id),
);

function View({ entity, asked }: { entity: EntityDetail; asked: number }) {
  const incidents = useInfiniteQuery(entityIncidentsQuery(entity.id));
  const alerts = useInfiniteQuery(entityAlertsQuery(entity.id));
  return (
    <div className={styles.page} tabIndex={0} role="region" aria-label="Entity">
      <header className={styles.header}>
        <KindIcon kind={entity.kind} size={24} />
        <h1>
          <Copyable kind={entity.kind} value={entity.label} max={160} />
        </h1>
        <span className="quiet">{word('kind', entity.kind)}</span>
        {entity.critical && <strong className={styles.critical}>Critical</strong>}
        <span className={styles.gap} />
        {hasTimeline(entity.kind) && (
          <Link to="/entities/$id/timeline" params={{ id: String(entity.id) }} search={{}}>
            <Button size="small" tabIndex={-1}>
              Timeline
            </Button>
          </Link>
        )}
        <GoHunt kind={entity.kind} id={entity.id} />
      </header>
      <p className={styles.facts}>
        <span>{count(entity.alerts, 'alert')}</span>
        <Link to="/incidents" search={{ entity: String(entity.id), status: 'any', range: 'all' }}>
          {count(entity.incidents, 'incident')}
        </Link>
        <span>
          first seen <Time at={entity.firstSeen} />
        </span>
        <span>
          last seen <Time at={entity.lastSeen} />
        </span>
        {asked !== entity.id && <span>#{asked} was found to be the same</span>}
      </p>
      <KnownAs entity={entity} />
      {entity.conflicts.length > 0 && (
        <Section title="Contradictions" className={styles.section}>
          <Conflicts conflicts={entity.conflicts} entity={entity.id} />
        </Section>
      )}
      {entity.splits.length > 0 && (
        <Section title="Splits" className={styles.section}>
          <Splits splits={entity.splits} entity={entity.id} />
        </Section>
      )}
      {entity.assets.length > 0 && (
        <Section title="Inventory" className={styles.section}>
          {entity.assets.map((a) => (
            <Asset key={a.number} asset={a} />
          ))}
        </Section>
      )}
      <Section title="Incidents" className={styles.section}>
        <Answered
          query={incidents}
          what="incidents"
          rows={3}
          isEmpty={(d) => d.pages.every((p) => p.items.length === 0)}
          empty={<Empty title="No incidents" />}
        >
          {(d) => (
            <>
              <Table
                label="Incidents"
                columns={incidentShown.map((c) => (c.id === 'name' ? { ...c, width: '' } : c))}
                rows={d.pages.flatMap((p) => p.items)}
                idOf={(i) => i.id}
                card={(i) => <IncidentCard incident={i} />}
              />
              <More query={incidents} />
            </>
          )}
        </Answered>
      </Section>
      <Section title="Alerts" className={styles.section}>
        <Answered
          query={alerts}
          what="alerts"
          rows={5}
          isEmpty={(d) => d.pages.every((p) => p.items.length === 0)}
          empty={<Empty title="No alerts" />}
        >
          {(d) => (
            <>
              <Table
                label="Alerts"
                columns={alertShown.map((c) => (c.width.startsWith('minmax') ? { ...c, width: '' } : c))}
                rows={d.pages.flatMap((p) => p.items)}
                idOf={(a) => a.id}
                card={(a) => <AlertCard alert={a} />}
              />
              <More query={alerts} />
            </>
          )}
        </Answered>
      </Section>
    </div>
  );
}

/** The identifiers; an analyst can choose those that are another one's. */
function KnownAs({ entity }: { entity: EntityDetail }) {
  const { write } = usePolicy();
  const [picking, setPicking] = useState(false);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState(false);
  const all = entity.identifiers ?? [];
  const stop = () => {
    setPicking(false);
    setPicked(new Set());
    setAsking(false);
  };
  const pick = (key: string, on: boolean) => {
    const next = new Set(picked);
    if (on) next.add(key);
    else next.delete(key);
    setPicked(next);
  };
  const names = chosen(all, picked);
  return (
    <Section title="Known as" className={styles.section}>
      <Identifiers identifiers={all} {...(picking ? { picked, onPick: pick } : {})} />
      {write && all.length > 1 && (
        <div className={split.bar}>
          {!picking && (
            <Button size="small" onClick={() => setPicking(true)}>
              Split off a wrong alias
            </Button>
          )}
          {picking && (
            <>
              <Button
                size="small"
                appearance="primary"
                disabled={names.length === 0 || names.length === all.length}
                onClick={() => setAsking(true)}
              >
                Split off the chosen
              </Button>
              <Button size="small" onClick={stop}>
                Cancel
              </Button>
              <span className="quiet">Choose the identifiers that are another one’s; some must stay.</span>
            </>
          )}
        </div>
      )}
      {asking && <SplitDialog entity={entity} identifiers={names} onClose={() => setAsking(false)} onDone={stop} />}
    </Section>
  );
}
