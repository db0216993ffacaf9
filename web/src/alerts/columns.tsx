import { Link } from '@tanstack/react-router';
import type { AlertRow } from '../api/types';
import { shortProduct } from '../queue/columns';
import { shortLabel } from '../text/short';
import { tacticOrder, word } from '../text/words';
import { Several, Severity, Status } from '../ui/badges';
import { Foreign } from '../ui/Foreign';
import type { Column } from '../ui/Grid';
import { KindIcon } from '../ui/KindIcon';
import { Time } from '../ui/Time';
import styles from './columns.module.css';

export function AlertLink({ alert, max = 220 }: { alert: AlertRow; max?: number }) {
  return (
    <Link to="/alerts/$id" params={{ id: alert.id }} search={{}} className={styles.name}>
      <Foreign value={alert.title} max={max} />
    </Link>
  );
}

function Mentions({ alert, max = 2 }: { alert: AlertRow; max?: number }) {
  const all = alert.entities ?? [];
  if (all.length === 0) return <span className="quiet">–</span>;
  return (
    <span className={styles.mentions}>
      {all.slice(0, max).map((e) => (
        <span key={e.id} className={styles.mention}>
          <KindIcon kind={e.kind} size={14} />
          <span className={styles.clip}>
            <Foreign kind={e.kind} value={shortLabel(e.kind, e.label)} max={24} />
          </span>
        </span>
      ))}
      {all.length > max && <span className={styles.rest}>+{all.length - max}</span>}
    </span>
  );
}

function tacticsOf(alert: AlertRow): string[] {
  const tactics = alert.tactics?.length ? alert.tactics : alert.category ? [alert.category] : [];
  return [...tactics].sort((a, b) => tacticOrder(a) - tacticOrder(b)).map((t) => word('tactic', t));
}

/** The entities of an alert where room is scarce. */
export const mainEntity: Column<AlertRow> = {
  id: 'entities',
  name: 'Entities',
  width: 'minmax(130px, 1.6fr)',
  render: (a) => <Mentions alert={a} max={1} />,
};

export const alertColumns: Column<AlertRow>[] = [
  { id: 'title', name: 'Alert', width: 'minmax(230px, 4fr)', sort: 'title', render: (a) => <AlertLink alert={a} /> },
  { id: 'severity', name: 'Severity', width: '114px', sort: 'severity', render: (a) => <Severity value={a.severity} /> },
  { id: 'status', name: 'Status', width: '102px', render: (a) => <Status value={a.status} /> },
  {
    id: 'category',
    name: 'Tactics',
    width: 'minmax(116px, 1.2fr)',
    render: (a) => <Several values={tacticsOf(a)} max={1} />,
  },
  { id: 'entities', name: 'Entities', width: 'minmax(150px, 2.2fr)', render: (a) => <Mentions alert={a} /> },
  {
    id: 'product',
    name: 'Product',
    width: 'minmax(120px, 1.3fr)',
    render: (a) => <Foreign value={shortProduct(a.product) || word('source', a.serviceSource)} max={60} />,
  },
  {
    id: 'detection',
    name: 'Detection source',
    width: 'minmax(130px, 1.2fr)',
    render: (a) => word('source', a.detectionSource) || <span className="quiet">–</span>,
  },
  {
    id: 'incident',
    name: 'Incident',
    width: '84px',
    render: (a) => (
      <Link to="/incidents/$id" params={{ id: String(a.incident) }} search={{ alert: a.id }}>
        #{a.incident}
      </Link>
    ),
  },
  {
    id: 'owner',
    name: 'Owner',
    width: '110px',
    render: (a) => (a.owner === '' ? <span className="quiet">–</span> : <Foreign value={a.owner} max={22} />),
  },
  {
    id: 'classification',
    name: 'Classification',
    width: '140px',
    render: (a) => word('classification', a.classification),
  },
  {
    id: 'firstActivity',
    name: 'First activity',
    width: '112px',
    sort: 'firstActivity',
    render: (a) => <Time at={a.firstActivity} />,
  },
  {
    id: 'lastActivity',
    name: 'Last activity',
    width: '112px',
    sort: 'lastActivity',
    render: (a) => <Time at={a.lastActivity} as="ago" />,
  },
  {
    id: 'received',
    name: 'Received',
    width: '112px',
    sort: 'received',
    render: (a) => <Time at={a.received} as="ago" />,
  },
];

/** What is left of the columns while a pane takes a third of the page. */
export const besidePane = ['title', 'severity', 'status', 'incident', 'reason', 'firstActivity', 'lastActivity'];

export const standardAlertColumns = [
  'title',
  'severity',
  'status',
  'category',
  'entities',
  'product',
  'incident',
  'lastActivity',
];

export function AlertCard({ alert: a, why }: { alert: AlertRow; why?: string }) {
  return (
    <div className={styles.card}>
      <div className={styles.cardTop}>
        <Severity value={a.severity} />
        <Status value={a.status} />
        <span className={styles.push}>
          <Time at={a.lastActivity} as="ago" />
        </span>
      </div>
      <div className={styles.cardName}>
        <AlertLink alert={a} max={140} />
      </div>
      <div className={styles.cardTop}>
        {why === undefined && (
          <Link to="/incidents/$id" params={{ id: String(a.incident) }} search={{ alert: a.id }}>
            #{a.incident}
          </Link>
        )}
        <Mentions alert={a} max={1} />
      </div>
      {why !== undefined && (
        <p className={styles.cardWhy}>
          <Foreign value={why} max={140} />
        </p>
      )}
    </div>
  );
}
