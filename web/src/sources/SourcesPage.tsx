import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { rejectsQuery, sourcesQuery } from '../api/queries';
import type { Reject, SourceBalance } from '../api/types';
import queue from '../queue/Queue.module.css';
import { bytes, number } from '../text/count';
import { visibleLines } from '../text/hostile';
import { CopyButton, Foreign } from '../ui/Foreign';
import type { Column } from '../ui/Grid';
import { More } from '../ui/More';
import { useNarrow } from '../ui/media';
import { SidePane } from '../ui/SidePane';
import { Answered, Empty, Facts, Section } from '../ui/states';
import { Table } from '../ui/Table';
import { Time } from '../ui/Time';
import styles from './SourcesPage.module.css';

const figure = (id: string, name: string, pick: (s: SourceBalance) => number): Column<SourceBalance> => ({
  id,
  name,
  width: '100px',
  end: true,
  render: (s) => <span className={pick(s) === 0 ? 'tabular quiet' : 'tabular'}>{number(pick(s))}</span>,
});

const columns: Column<SourceBalance>[] = [
  {
    id: 'source',
    name: 'Source',
    width: '',
    render: (s) => (
      <strong className={styles.source}>
        <Foreign value={s.source || 'unnamed'} max={60} />
      </strong>
    ),
  },
  figure('received', 'Received', (s) => s.received),
  figure('new', 'New', (s) => s.new),
  figure('updated', 'Updated', (s) => s.updated),
  figure('unchanged', 'Unchanged', (s) => s.unchanged),
  figure('rejected', 'Rejected', (s) => s.rejected),
  figure('folded', 'Folded', (s) => s.folded),
  {
    id: 'balance',
    name: 'Balance',
    width: '120px',
    render: (s) =>
      s.balanced ? <span className={styles.even}>✓ even</span> : <span className={styles.odd}>✕ does not add up</span>,
  },
  { id: 'last', name: 'Last record', width: '130px', render: (s) => <Time at={s.last} as="ago" /> },
];

/** The bytes of a dead letter as text. */
export function rejectText(raw: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(raw), (c) => c.charCodeAt(0)));
  } catch {
    return raw;
  }
}

/** What came in, what became of it, and what was refused and why. */
export function SourcesPage() {
  const sources = useQuery(sourcesQuery);
  const rejects = useInfiniteQuery(rejectsQuery);
  const [open, setOpen] = useState<Reject | undefined>(undefined);
  const narrow = useNarrow();
  const rejectColumns: Column<Reject>[] = [
    { id: 'at', name: 'When', width: '120px', render: (r) => <Time at={r.at} /> },
    { id: 'source', name: 'Source', width: '150px', render: (r) => <Foreign value={r.source} max={32} /> },
    {
      id: 'origin',
      name: 'Record',
      width: '200px',
      render: (r) => (
        <>
          <Foreign value={r.origin} max={24} /> <span className="quiet">№ {r.record}</span>
        </>
      ),
    },
    { id: 'field', name: 'Field', width: '160px', render: (r) => <Foreign value={r.field || '–'} max={32} mono /> },
    {
      id: 'reason',
      name: 'Reason',
      width: '',
      render: (r) => (
        <button type="button" className={styles.reason} onClick={() => setOpen(r)}>
          <Foreign value={r.reason} max={140} />
        </button>
      ),
    },
    {
      id: 'size',
      name: 'Size',
      width: '90px',
      end: true,
      render: (r) => <span className="tabular">{bytes(r.rawBytes)}</span>,
    },
  ];
  return (
    <div className={queue.split}>
      <div className={styles.page} tabIndex={0} role="region" aria-label="Data sources">
        <div className={queue.head}>
          <h1>Data sources</h1>
        </div>
        <Answered
          query={sources}
          what="sources"
          isEmpty={(d) => d.items.length === 0}
          empty={
            <Empty title="Nothing has come in yet">
              Send alerts to <code>/api/v1/ingest/auto</code> with a token, or load a file with <code>clew import</code>.
            </Empty>
          }
        >
          {({ items: rows }) => (
            <Table
              label="Sources"
              columns={columns}
              rows={rows}
              idOf={(s) => s.source}
              card={(s) => (
                <div className={styles.card}>
                  <strong>
                    <Foreign value={s.source} max={40} />
                  </strong>
                  <span className="quiet">
                    {number(s.received)} received = {number(s.new)} new + {number(s.updated)} updated + {number(s.unchanged)}{' '}
                    unchanged + {number(s.rejected)} rejected; {number(s.folded)} of the new ones folded
                  </span>
                  <span className="quiet">
                    last record <Time at={s.last} as="ago" />
                  </span>
                </div>
              )}
            />
          )}
        </Answered>
        <Section title="Dead letters" className={styles.section}>
          <Answered
            query={rejects}
            what="dead letters"
            rows={3}
            isEmpty={(d) => d.pages.every((p) => p.items.length === 0)}
            empty={<p className={styles.none}>Every record was accepted.</p>}
          >
            {(d) => (
              <>
                <Table
                  label="Dead letters"
                  columns={rejectColumns}
                  rows={d.pages.flatMap((p) => p.items)}
                  idOf={(r) => r.id}
                  card={(r) => (
                    <button type="button" className={styles.reason} onClick={() => setOpen(r)}>
                      <Foreign value={r.reason} max={140} />
                      <span className="quiet">
                        {' '}
                        · <Foreign value={r.source} max={30} /> · <Time at={r.at} />
                      </span>
                    </button>
                  )}
                />
                <More query={rejects} />
              </>
            )}
          </Answered>
        </Section>
      </div>
      {open !== undefined && (
        <SidePane label="Dead letter" title="Dead letter" over={narrow} onClose={() => setOpen(undefined)}>
          <Facts
            rows={[
              ['Reason', <Foreign key="r" value={open.reason} max={1_000} />],
              ['Field', <Foreign key="f" value={open.field || '–'} max={200} mono />],
              ['Source', <Foreign key="s" value={open.source} max={80} />],
              ['Origin', <Foreign key="o" value={open.origin} max={200} />],
              ['Record', number(open.record)],
              ['Size', bytes(open.rawBytes)],
              ['When', <Time key="w" at={open.at} />],
            ]}
          />
          <Section title="As it was received" aside={<CopyButton value={rejectText(open.raw ?? '')} />}>
            <pre className={styles.raw}>{visibleLines(rejectText(open.raw ?? '')).slice(0, 20_000)}</pre>
          </Section>
        </SidePane>
      )}
    </div>
  );
}
