import { Link } from '@tanstack/react-router';
import type { Incident } from '../api/types';
import { doneText } from '../incident/tasks';
import { number } from '../text/count';
import { visible } from '../text/hostile';
import { shortLabel } from '../text/short';
import { tacticOrder, word } from '../text/words';
import { Priority, Several, Severity, Status, Tag } from '../ui/badges';
import { Foreign } from '../ui/Foreign';
import type { Column } from '../ui/Grid';
import { KindIcon } from '../ui/KindIcon';
import { Time } from '../ui/Time';
import styles from './columns.module.css';

/** The names of a multiset, most frequent first. */
export function byCount(counts: Record<string, number> | undefined): string[] {
  return Object.entries(counts ?? {})
    .sort(([a, n], [b, m]) => m - n || a.localeCompare(b, 'en'))
    .map(([name]) => name);
}

/** The tactics of a multiset in kill-chain order, as words. */
export function tacticsOf(counts: Record<string, number> | undefined): string[] {
  return Object.keys(counts ?? {})
    .filter((t) => t !== '')
    .sort((a, b) => tacticOrder(a) - tacticOrder(b) || a.localeCompare(b, 'en'))
    .map((t) => word('tactic', t));
}

/** One or two tactics by name, more as the way from the first to the last. */
function Tactics({ values }: { values: string[] }) {
  const [first, second] = values;
  if (first === undefined) return <span className="quiet">–</span>;
  const last = values.at(-1);
  return (
    <span title={values.join(', ')}>
      {second === undefined ? first : values.length === 2 ? `${first}, ${second}` : `${first} → ${last}`}
    </span>
  );
}

export function Assets({ incident, max = 2 }: { incident: Incident; max?: number }) {
  const assets = incident.topAssets ?? [];
  const all = ['device', 'user', 'mailbox', 'app', 'cloudResource'].reduce((n, k) => n + (incident.scope?.[k] ?? 0), 0);
  if (assets.length === 0) return <span className="quiet">–</span>;
  const rest = Math.max(all, assets.length) - Math.min(max, assets.length);
  return (
    <span className={styles.assets}>
      {assets.slice(0, max).map((a) => (
        <span key={a.id} className={styles.asset}>
          <KindIcon kind={a.kind} size={14} />
          <span className={styles.clip} title={visible(a.label)}>
            <Foreign value={shortLabel(a.kind, a.label)} max={26} />
          </span>
        </span>
      ))}
      {rest > 0 && <span className={styles.rest}>+{rest}</span>}
    </span>
  );
}

export function Tags({ incident, max = 3 }: { incident: Incident; max?: number }) {
  const system = (incident.systemTags ?? []).map((value) => ({ value, system: true }));
  const all = [...system, ...(incident.tags ?? []).map((value) => ({ value, system: false }))];
  if (all.length === 0) return null;
  return (
    <span className={styles.tags}>
      {all.slice(0, max).map((t) => (
        <Tag key={`${t.system}${t.value}`} value={t.value} system={t.system} />
      ))}
      {all.length > max && <span className={styles.rest}>+{all.length - max}</span>}
    </span>
  );
}

export function IncidentLink({ incident, max = 220 }: { incident: Incident; max?: number }) {
  return (
    <Link to="/incidents/$id" params={{ id: String(incident.id) }} search={{}} className={styles.name}>
      <Foreign value={incident.name} max={max} />
    </Link>
  );
}

/** A product without its maker, where the maker says least. */
export function shortProduct(product: string): string {
  return product.replace(/^Microsoft (?=\S)/, '');
}

/** The name, and under it how far it came, who reports it, and its tags. */
function Named({ incident: i }: { incident: Incident }) {
  return (
    <span className={styles.named}>
      <span className={styles.clip} title={visible(i.name)}>
        <IncidentLink incident={i} />
      </span>
      <span className={styles.about}>
        <Tactics values={tacticsOf(i.tally.tactics)} />
        <span className={styles.clip}>
          <Several values={byCount(i.tally.products).map(shortProduct)} max={1} />
        </span>
        <Tags incident={i} max={2} />
      </span>
    </span>
  );
}

/** What is left of the columns while a pane takes a third of the page. */
export const besidePane = ['priority', 'id', 'name', 'severity', 'status', 'alerts', 'lastActivity'];

export const incidentColumns: Column<Incident>[] = [
  { id: 'priority', name: 'Priority', width: '78px', sort: 'priority', render: (i) => <Priority value={i.priority} /> },
  { id: 'id', name: 'Id', width: '72px', sort: 'id', render: (i) => <span className="quiet tabular">#{i.id}</span> },
  {
    id: 'name',
    name: 'Incident',
    width: 'minmax(240px, 10fr)',
    sort: 'name',
    tall: true,
    render: (i) => <Named incident={i} />,
  },
  { id: 'severity', name: 'Severity', width: '110px', sort: 'severity', render: (i) => <Severity value={i.severity} /> },
  { id: 'status', name: 'Status', width: '106px', sort: 'status', render: (i) => <Status value={i.status} /> },
  {
    id: 'tactics',
    name: 'Tactics',
    width: 'minmax(148px, 4fr)',
    render: (i) => <Tactics values={tacticsOf(i.tally.tactics)} />,
  },
  {
    id: 'assets',
    name: 'Impacted assets',
    width: 'minmax(150px, 3fr)',
    render: (i) => <Assets incident={i} max={1} />,
  },
  {
    id: 'alerts',
    name: 'Alerts',
    width: '62px',
    sort: 'alerts',
    end: true,
    render: (i) => <span className="tabular">{number(i.tally.alerts)}</span>,
  },
  {
    id: 'products',
    name: 'Products',
    width: 'minmax(110px, 3fr)',
    render: (i) => <Several values={byCount(i.tally.products).map(shortProduct)} max={1} />,
  },
  {
    id: 'sources',
    name: 'Service sources',
    width: 'minmax(140px, 1.2fr)',
    render: (i) => <Several values={byCount(i.tally.sources).map((s) => word('source', s))} max={1} />,
  },
  {
    id: 'detections',
    name: 'Detection sources',
    width: 'minmax(140px, 1.2fr)',
    render: (i) => <Several values={byCount(i.tally.detections).map((s) => word('source', s))} max={1} />,
  },
  {
    id: 'owner',
    name: 'Owner',
    width: '84px',
    sort: 'owner',
    render: (i) => (i.owner === '' ? <span className="quiet">–</span> : <Foreign value={i.owner} max={24} />),
  },
  { id: 'tags', name: 'Tags', width: 'minmax(64px, 1fr)', render: (i) => <Tags incident={i} max={2} /> },
  {
    id: 'classification',
    name: 'Classification',
    width: '150px',
    render: (i) => word('classification', i.classification),
  },
  {
    id: 'tasks',
    name: 'Tasks',
    width: '68px',
    end: true,
    render: (i) =>
      i.tasks.total === 0 ? (
        <span className="quiet">–</span>
      ) : (
        <span className="tabular" title={doneText(i.tasks)}>
          {i.tasks.completed}/{i.tasks.total}
        </span>
      ),
  },
  {
    id: 'lastActivity',
    name: 'Last activity',
    width: '96px',
    sort: 'lastActivity',
    render: (i) => <Time at={i.lastActivity} as="ago" />,
  },
  {
    id: 'updated',
    name: 'Last update',
    width: '104px',
    sort: 'updated',
    render: (i) => <Time at={i.updatedAt} as="ago" />,
  },
  { id: 'created', name: 'Created', width: '112px', sort: 'created', render: (i) => <Time at={i.createdAt} /> },
];

export const standardColumns = ['priority', 'name', 'severity', 'status', 'assets', 'alerts', 'owner', 'lastActivity'];

export function IncidentCard({ incident: i }: { incident: Incident }) {
  return (
    <div className={styles.card}>
      <div className={styles.cardTop}>
        <Priority value={i.priority} />
        <Severity value={i.severity} />
        <Status value={i.status} />
        <span className={styles.push}>
          <Time at={i.lastActivity} as="ago" />
        </span>
      </div>
      <div className={styles.cardName}>
        <IncidentLink incident={i} max={140} />
      </div>
      <div className={styles.cardFoot}>
        <span className="quiet tabular">#{i.id}</span>
        <span className="quiet">
          {number(i.tally.alerts)} {i.tally.alerts === 1 ? 'alert' : 'alerts'}
        </span>
        <Assets incident={i} max={1} />
      </div>
    </div>
  );
}
