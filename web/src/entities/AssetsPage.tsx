import { SearchBox } from '@fluentui/react-components';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useActions } from '../actions/registry';
import { entitiesQuery } from '../api/queries';
import type { Entity } from '../api/types';
import { useLateAddress } from '../app/lateAddress';
import { one } from '../app/search';
import incident from '../incident/IncidentPage.module.css';
import styles from '../queue/Queue.module.css';
import { count, number } from '../text/count';
import { assetKinds, word } from '../text/words';
import { Foreign } from '../ui/Foreign';
import { type Column, Grid } from '../ui/Grid';
import { KindIcon } from '../ui/KindIcon';
import { Empty, Failed, Waiting } from '../ui/states';
import { Time } from '../ui/Time';

const everything = [
  'device',
  'user',
  'mailbox',
  'app',
  'cloudResource',
  'ip',
  'file',
  'process',
  'url',
  'domain',
  'mail',
  'registry',
  'container',
];

function name(e: Entity) {
  return (
    <span className={incident.label}>
      <KindIcon kind={e.kind} />
      <Link to="/entities/$id" params={{ id: String(e.id) }} search={{}}>
        <Foreign kind={e.kind} value={e.label} max={80} />
      </Link>
      {e.critical && <strong>Critical</strong>}
    </span>
  );
}

const columns: Column<Entity>[] = [
  { id: 'name', name: 'Name', width: 'minmax(260px, 4fr)', render: name },
  { id: 'kind', name: 'Kind', width: '140px', render: (e) => word('kind', e.kind) },
  {
    id: 'incidents',
    name: 'Incidents',
    width: '90px',
    end: true,
    render: (e) => <span className="tabular">{number(e.incidents)}</span>,
  },
  {
    id: 'alerts',
    name: 'Alerts',
    width: '90px',
    end: true,
    render: (e) => <span className="tabular">{number(e.alerts)}</span>,
  },
  { id: 'first', name: 'First seen', width: '130px', render: (e) => <Time at={e.firstSeen} /> },
  { id: 'last', name: 'Last seen', width: '130px', render: (e) => <Time at={e.lastSeen} as="ago" /> },
];

/** Everything that alerts ever named, assets first. */
export function AssetsPage() {
  const search = useSearch({ from: '/inside/assets' });
  const navigate = useNavigate();
  const lead = useLateAddress('/assets');
  const kind = one(search.kind);
  const q = one(search.q) ?? '';
  const [text, setText] = useState(q);
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (text === q) return;
    const timer = setTimeout(() => lead({ ...search, q: text }), 250);
    return () => clearTimeout(timer);
  }, [text, q, search, lead]);
  useActions([{ id: 'find', name: 'Search in the list', section: 'List', keys: '/', perform: () => box.current?.focus() }]);
  const kinds = kind === undefined ? assetKinds : kind === 'all' ? [] : [kind];
  const query = useInfiniteQuery({
    ...entitiesQuery({ kind: kinds, q: q === '' ? undefined : q }),
    placeholderData: (before) => before,
  });
  const rows = query.data?.pages.flatMap((p) => p.items) ?? [];
  const choose = (next: string | undefined) =>
    void navigate({
      to: '/assets',
      search: { ...(q === '' ? {} : { q }), ...(next === undefined ? {} : { kind: next }) },
      replace: true,
    });
  return (
    <div className={styles.main}>
      <div className={styles.head}>
        <h1>Assets</h1>
      </div>
      <div className={incident.bar} role="search" aria-label="Filters">
        <SearchBox
          size="small"
          value={text}
          input={{ ref: box }}
          placeholder="Name or identifier"
          aria-label="Search by name or identifier"
          onChange={(_, d) => setText(d.value)}
        />
        <button type="button" className={incident.pill} aria-pressed={kind === undefined} onClick={() => choose(undefined)}>
          Assets
        </button>
        {everything.map((k) => (
          <button key={k} type="button" className={incident.pill} aria-pressed={kind === k} onClick={() => choose(k)}>
            <KindIcon kind={k} size={14} />
            {word('kinds', k)}
          </button>
        ))}
        <button type="button" className={incident.pill} aria-pressed={kind === 'all'} onClick={() => choose('all')}>
          Everything
        </button>
      </div>
      <div className={styles.list}>
        {query.isPending && <Waiting rows={14} height={36} label="Loading the assets" />}
        {query.isError && rows.length === 0 && <Failed error={query.error} what="assets" retry={() => void query.refetch()} />}
        {query.isSuccess && rows.length === 0 && <Empty title="Nothing found">No alert has named such a thing yet.</Empty>}
        {rows.length > 0 && (
          <Grid
            label="Assets"
            columns={columns}
            rows={rows}
            idOf={(e) => String(e.id)}
            onOpen={(e) => void navigate({ to: '/entities/$id', params: { id: String(e.id) }, search: {} })}
            card={(e) => (
              <div className={incident.card}>
                {name(e)}
                <span className={incident.cardLine}>
                  <span className="quiet">{word('kind', e.kind)}</span>
                  <span className="quiet">{count(e.alerts, 'alert')}</span>
                  <span className="quiet">{count(e.incidents, 'incident')}</span>
                </span>
              </div>
            )}
            more={query.hasNextPage && !query.isFetchingNextPage ? () => void query.fetchNextPage() : undefined}
          />
        )}
      </div>
    </div>
  );
}
