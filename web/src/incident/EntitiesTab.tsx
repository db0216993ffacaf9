import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { incidentEntitiesQuery } from '../api/queries';
import type { IncidentEntity } from '../api/types';
import { count, number } from '../text/count';
import { assetKinds, word } from '../text/words';
import { Verdict } from '../ui/badges';
import { CopyButton, Foreign } from '../ui/Foreign';
import type { Column } from '../ui/Grid';
import { KindIcon } from '../ui/KindIcon';
import { More } from '../ui/More';
import { Answered, Empty } from '../ui/states';
import { Table } from '../ui/Table';
import { Time } from '../ui/Time';
import styles from './IncidentPage.module.css';

function name(e: IncidentEntity) {
  return (
    <span className={styles.label}>
      <KindIcon kind={e.kind} />
      <Link to="/entities/$id" params={{ id: String(e.id) }} search={{}}>
        <Foreign kind={e.kind} value={e.label} max={72} mono={e.kind === 'file' || e.kind === 'process'} />
      </Link>
    </span>
  );
}

const common: Column<IncidentEntity>[] = [
  {
    id: 'alerts',
    name: 'Alerts',
    width: '70px',
    end: true,
    render: (e) => <span className="tabular">{number(e.alerts)}</span>,
  },
  { id: 'first', name: 'First seen', width: '130px', render: (e) => <Time at={e.firstSeen} /> },
  { id: 'last', name: 'Last seen', width: '130px', render: (e) => <Time at={e.lastSeen} /> },
];
const roles: Column<IncidentEntity> = {
  id: 'roles',
  name: 'Roles',
  width: '180px',
  render: (e) =>
    (e.roles ?? []).length === 0 ? <span className="quiet">–</span> : (e.roles ?? []).map((r) => word('tactic', r)).join(', '),
};
const verdict: Column<IncidentEntity> = {
  id: 'verdict',
  name: 'Verdict',
  width: '130px',
  render: (e) => <Verdict value={e.verdict} />,
};
const kind: Column<IncidentEntity> = { id: 'kind', name: 'Kind', width: '120px', render: (e) => word('kind', e.kind) };
const impacted: Column<IncidentEntity> = {
  id: 'impacted',
  name: 'Impacted',
  width: '90px',
  render: (e) => (e.impacted ? 'Yes' : <span className="quiet">No</span>),
};

const assetColumns: Column<IncidentEntity>[] = [
  { id: 'name', name: 'Asset', width: '', render: name },
  kind,
  impacted,
  verdict,
  roles,
  ...common,
];
const evidenceColumns: Column<IncidentEntity>[] = [
  {
    id: 'name',
    name: 'Evidence',
    width: '',
    render: (e) => (
      <span className={styles.label}>
        {name(e)}
        <CopyButton value={e.label} />
      </span>
    ),
  },
  kind,
  verdict,
  roles,
  ...common,
];

/** What the attack hit. */
export function AssetsTab({ id, scope }: { id: number; scope: Record<string, number> }) {
  return <Entities id={id} scope={scope} kinds={assetKinds} columns={assetColumns} what="assets" />;
}

/** What the attack left. */
export function EvidenceTab({ id, scope }: { id: number; scope: Record<string, number> }) {
  const kinds = Object.keys(scope).filter((k) => !assetKinds.includes(k));
  return <Entities id={id} scope={scope} kinds={kinds} columns={evidenceColumns} what="evidence" />;
}

function Entities({
  id,
  scope,
  kinds,
  columns,
  what,
}: {
  id: number;
  scope: Record<string, number>;
  kinds: string[];
  columns: Column<IncidentEntity>[];
  what: string;
}) {
  const [kind, setKind] = useState<string | undefined>(undefined);
  const present = kinds.filter((k) => (scope[k] ?? 0) > 0);
  const chosen = kind === undefined ? present : [kind];
  const query = useInfiniteQuery({ ...incidentEntitiesQuery(id, chosen), enabled: present.length > 0 });
  const empty = <Empty title={`No ${what}`}>The alerts of this incident name none.</Empty>;
  if (present.length === 0) return empty;
  return (
    <>
      <div className={styles.bar} role="group" aria-label="Kinds">
        <button type="button" className={styles.pill} aria-pressed={kind === undefined} onClick={() => setKind(undefined)}>
          All <span className="tabular">{present.reduce((n, k) => n + (scope[k] ?? 0), 0)}</span>
        </button>
        {present.map((k) => (
          <button key={k} type="button" className={styles.pill} aria-pressed={kind === k} onClick={() => setKind(k)}>
            <KindIcon kind={k} size={14} />
            {word('kinds', k)} <span className="tabular">{scope[k]}</span>
          </button>
        ))}
      </div>
      <div className={styles.scroll}>
        <Answered query={query} what={what} isEmpty={(d) => d.pages.every((p) => p.items.length === 0)} empty={empty}>
          {(data) => (
            <>
              <Table
                label={what}
                columns={columns}
                rows={data.pages.flatMap((p) => p.items)}
                idOf={(e) => e.id}
                card={(e) => (
                  <div className={styles.card}>
                    {name(e)}
                    <span className={styles.cardLine}>
                      <Verdict value={e.verdict} />
                      {e.impacted && <span>impacted</span>}
                      <span className="quiet">{count(e.alerts, 'alert')}</span>
                    </span>
                  </div>
                )}
              />
              <More query={query} />
            </>
          )}
        </Answered>
      </div>
    </>
  );
}
