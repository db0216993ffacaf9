import { Button } from '@fluentui/react-components';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { AlertSet, BacktestFindings, Regrouping } from '../api/types';
import { count, number } from '../text/count';
import type { Column } from '../ui/Grid';
import { Section } from '../ui/states';
import { Table } from '../ui/Table';
import { Time } from '../ui/Time';
import styles from './Backtest.module.css';
import { agreement, type Compared, shownParts } from './proposal';

/** What other settings would have made of the past. */
export function Findings({ findings: f }: { findings: BacktestFindings }) {
  if (f.alerts === 0) return <p className="quiet">No alert came in this time: there is nothing to compare.</p>;
  return (
    <>
      <p className={styles.period}>
        {count(f.alerts, 'alert')} that came from <Time at={f.from} /> to <Time at={f.to} />
      </p>
      <dl className={styles.tiles}>
        <Tile name="Incidents" value={`${number(f.before.incidents)} → ${number(f.after.incidents)}`} />
        <Tile name="Stay the same" value={number(f.same)} />
        <Tile name="Merge" value={number(f.merging)} />
        <Tile name="Split" value={number(f.splitting)} />
        <Tile name="Appear" value={number(f.appeared)} />
        <Tile name="Vanish" value={number(f.vanished)} />
        <Tile name="Alerts that move" value={number(f.elsewhere)} />
        <Tile name="Largest incident" value={`${number(f.before.largest)} → ${number(f.after.largest)}`} />
      </dl>
      <Section title="Against what people decided">
        {f.inForce.decided === 0 ? (
          <p className="quiet">
            Nobody has closed, merged or moved anything in this time. Close incidents with a classification, and back-tests will
            say which settings agree with you.
          </p>
        ) : (
          <>
            <p className="quiet">
              {count(f.inForce.decided, 'alert')} that people decided about, {count(f.inForce.confirmed, 'confirmed incident')}
            </p>
            <Table
              label="Agreement with people"
              columns={agreementColumns}
              rows={agreement(f.inForce, f.proposed)}
              idOf={(r) => r.name}
              card={(r) => <AgreementCard of={r} />}
            />
          </>
        )}
      </Section>
      <Regroupings title="Would merge" all={f.merging} list={f.merges} split={false} />
      <Regroupings title="Would split" all={f.splitting} list={f.splits} split />
    </>
  );
}

function Tile({ name, value }: { name: string; value: string }) {
  return (
    <div className={styles.tile}>
      <dt>{name}</dt>
      <dd className="tabular">{value}</dd>
    </div>
  );
}

function Verdict({ better }: { better: boolean | undefined }) {
  if (better === undefined) return <span className="quiet">= same</span>;
  return <span className={better ? styles.better : styles.worse}>{better ? '▲ better' : '▼ worse'}</span>;
}

function AgreementCard({ of: r }: { of: Compared }) {
  return (
    <div className={styles.card}>
      <span>
        {r.name} <span className="quiet">· {r.hint}</span>
      </span>
      <span className="tabular">
        {r.inForce} in force → {r.proposed} proposed <Verdict better={r.better} />
      </span>
    </div>
  );
}

const agreementColumns: Column<Compared>[] = [
  {
    id: 'name',
    name: 'Measure',
    width: '',
    render: (r) => (
      <>
        {r.name} <span className="quiet">· {r.hint}</span>
      </>
    ),
  },
  { id: 'inForce', name: 'In force', width: '100px', end: true, render: (r) => <span className="tabular">{r.inForce}</span> },
  { id: 'proposed', name: 'Proposed', width: '100px', end: true, render: (r) => <span className="tabular">{r.proposed}</span> },
  {
    id: 'better',
    name: '',
    width: '100px',
    render: (r) => <Verdict better={r.better} />,
  },
];

interface RegroupingsProps {
  title: string;
  all: number;
  list: Regrouping[];
  split: boolean;
}

/** As many as one looks at before the rest of the page. */
const shownFirst = 12;

function Regroupings({ title, all, list, split }: RegroupingsProps) {
  const [whole, setWhole] = useState(false);
  if (all === 0) return null;
  const shown = whole ? list : list.slice(0, shownFirst);
  return (
    <Section title={`${title} (${number(all)})`}>
      <ul className={styles.regroupings} aria-label={title}>
        {shown.map((r) => (
          <Row key={r.whole.sample[0]} of={r} split={split} />
        ))}
      </ul>
      {shown.length < list.length && (
        <div>
          <Button size="small" onClick={() => setWhole(true)}>
            Show {number(list.length - shown.length)} more
          </Button>
        </div>
      )}
      {whole && all > list.length && <p className="quiet">The largest {number(list.length)} are shown.</p>}
    </Section>
  );
}

function Row({ of: r, split }: { of: Regrouping; split: boolean }) {
  const { parts, single } = shownParts(r.parts);
  const more = r.count - r.parts.length;
  return (
    <li>
      <span className={styles.whole}>
        {split && <IncidentLink set={r.whole} />}
        <span className="quiet">{split ? count(r.whole.alerts, 'alert') : `into one of ${count(r.whole.alerts, 'alert')}`}</span>
      </span>
      <span className={styles.parts}>
        {parts.map((p) => (
          <Part key={p.sample[0]} set={p} />
        ))}
        {single > 0 && <span>{count(single, 'new one')} of a single alert</span>}
        {more > 0 && <span className="quiet">{number(more)} more</span>}
      </span>
    </li>
  );
}

function IncidentLink({ set }: { set: AlertSet }) {
  if (set.incident === 0) return <span>a new one</span>;
  return (
    <Link to="/incidents/$id" params={{ id: String(set.incident) }} search={{}}>
      #{set.incident}
    </Link>
  );
}

/** A part of a change. Its first alert is one click away. */
function Part({ set }: { set: AlertSet }) {
  return (
    <span className={styles.part}>
      <IncidentLink set={set} />{' '}
      <Link to="/alerts/$id" params={{ id: set.sample[0] ?? '' }} search={{}} className={styles.sample} title="Its first alert">
        <span className="tabular">{count(set.alerts, 'alert')}</span>
      </Link>
    </span>
  );
}
