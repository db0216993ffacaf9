import { Button, Select } from '@fluentui/react-components';
import { ArrowLeft16Regular, SearchSquare16Regular } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { entityQuery } from '../api/queries';
import type { EntityDetail } from '../api/types';
import { many, one } from '../app/search';
import incident from '../incident/IncidentPage.module.css';
import queue from '../queue/Queue.module.css';
import { count, number } from '../text/count';
import { word } from '../text/words';
import { Foreign } from '../ui/Foreign';
import { type Column, Grid } from '../ui/Grid';
import { KindIcon } from '../ui/KindIcon';
import { useNarrow } from '../ui/media';
import { Answered, Empty, Failed, Waiting } from '../ui/states';
import { entityTimelineQuery, timelineEventsQuery } from './api';
import { cellShown } from './cell';
import styles from './EntityTimelinePage.module.css';
import { RecordPane } from './RecordPane';
import { around, eventsOf, filterEvents, type TimelineEvent, tally, timelineRows } from './timeline';
import { presets, rangeLabel } from './timeRange';

/** Everything that the tables hold about one entity, newest first. */
export function EntityTimelinePage() {
  const params = useParams({ from: '/inside/entities/$id/timeline' });
  const id = Number(params.id);
  const valid = Number.isSafeInteger(id) && id > 0;
  const query = useQuery({ ...entityQuery(id), enabled: valid });
  if (!valid) return <Failed error={undefined} what="entity" />;
  return (
    <Answered query={query} what="entity" rows={14}>
      {(entity) => <View key={entity.id} entity={entity} />}
    </Answered>
  );
}

interface State {
  at?: string | undefined;
  range: string;
  table: string[];
  action: string[];
  open?: string | undefined;
}

function useTimelineState(id: number) {
  const search = useSearch({ from: '/inside/entities/$id/timeline' });
  const navigate = useNavigate();
  const state: State = {
    at: one(search.at),
    range: one(search.range) ?? '24h',
    table: many(search.table) ?? [],
    action: many(search.action) ?? [],
    open: one(search.open),
  };
  const change = (part: Partial<State>) => {
    const next = { ...state, ...part };
    void navigate({
      to: '/entities/$id/timeline',
      params: { id: String(id) },
      search: {
        ...(next.at === undefined ? {} : { at: next.at }),
        ...(next.range === '24h' ? {} : { range: next.range }),
        ...(next.table.length === 0 ? {} : { table: next.table }),
        ...(next.action.length === 0 ? {} : { action: next.action }),
        ...(next.open === undefined ? {} : { open: next.open }),
      },
      replace: true,
    });
  };
  return { state, change };
}

/** The window: around a moment, else the last hours before the entity was last seen. */
function windowOf(state: State, entity: EntityDetail): { from: string; to: string } {
  if (state.at !== undefined && !Number.isNaN(Date.parse(state.at))) return around(state.at);
  const hours = presets.find((p) => p.value === state.range)?.hours || 24;
  const last = Math.max(Date.parse(entity.lastSeen) || 0, 0);
  // The day ends after the last sign of it: events come on after the alert.
  const to = Math.min(Date.now(), last + 24 * 3_600_000) || Date.now();
  const end = Math.ceil(to / 60_000) * 60_000;
  return { from: new Date(end - hours * 3_600_000).toISOString(), to: new Date(end).toISOString() };
}

function View({ entity }: { entity: EntityDetail }) {
  const { state, change } = useTimelineState(entity.id);
  const span = windowOf(state, entity);
  const asked = useQuery(entityTimelineQuery(entity.id, span.from, span.to));
  const text = asked.data?.query;
  const answer = useQuery({ ...timelineEventsQuery(text ?? ''), enabled: text !== undefined && text !== '' });
  const events = useMemo(
    () => (answer.data === undefined ? [] : eventsOf(answer.data, answer.data.stats.readTables)),
    [answer.data],
  );
  const shown = filterEvents(events, state.table, state.action);
  const open = shown.find((e) => e.id === state.open);
  const at = open === undefined ? -1 : shown.indexOf(open);
  const narrow = useNarrow();
  return (
    <div className={queue.split}>
      <div className={queue.main}>
        <Head entity={entity} text={text} />
        <div className={styles.tools} role="search" aria-label="Filters">
          <Select
            size="small"
            aria-label="Time range"
            value={state.at === undefined ? state.range : 'at'}
            onChange={(_, d) => change({ at: undefined, range: d.value, open: undefined })}
          >
            {state.at !== undefined && <option value="at">30 min either side</option>}
            {presets
              .filter((p) => p.hours > 0)
              .map((p) => (
                <option key={p.value} value={p.value}>
                  {p.label.replace('Last', 'Latest')}
                </option>
              ))}
          </Select>
          <span className="quiet">{rangeLabel({ preset: 'custom', ...span }, Date.now())}</span>
          <Choice
            label="Table"
            events={events}
            of={(e) => e.table}
            chosen={state.table}
            onChoose={(table) => change({ table })}
          />
          <Choice
            label="Action"
            events={events}
            of={(e) => e.action}
            chosen={state.action}
            onChoose={(action) => change({ action })}
          />
          <span className={queue.gap} />
          <span className="quiet tabular">
            {answer.isSuccess && count(shown.length, 'event')}
            {events.length >= timelineRows && ' (the newest)'}
          </span>
        </div>
        <div className={queue.list}>
          <Body
            waiting={asked.isPending || (text !== '' && answer.isPending)}
            error={asked.error ?? answer.error}
            retry={() => void (asked.isError ? asked.refetch() : answer.refetch())}
            nowhere={text === ''}
            events={shown}
            open={open?.id}
            onOpen={(id) => change({ open: id })}
          />
        </div>
      </div>
      {open !== undefined && (
        <EventPane
          event={open}
          place={`${number(at + 1)} of ${number(shown.length)}`}
          over={narrow}
          onClose={() => change({ open: undefined })}
          onPrevious={shown[at - 1] === undefined ? undefined : () => change({ open: shown[at - 1]?.id })}
          onNext={shown[at + 1] === undefined ? undefined : () => change({ open: shown[at + 1]?.id })}
          onAround={() => change({ at: open.at, open: undefined, table: [], action: [] })}
        />
      )}
    </div>
  );
}

function Head({ entity, text }: { entity: EntityDetail; text: string | undefined }) {
  return (
    <div className={`${queue.head} ${styles.head}`}>
      <Link to="/entities/$id" params={{ id: String(entity.id) }} search={{}} aria-label="Back to the entity">
        <ArrowLeft16Regular />
      </Link>
      <KindIcon kind={entity.kind} />
      <h1>
        Timeline of <Foreign kind={entity.kind} value={entity.label} max={60} />
      </h1>
      <span className="quiet">{word('kind', entity.kind)}</span>
      <span className={queue.gap} />
      {text !== undefined && text !== '' && (
        <Link to="/hunting" search={{ q: text, range: 'query' }} className={styles.query}>
          <Button size="small" icon={<SearchSquare16Regular />} tabIndex={-1}>
            Open as a query
          </Button>
        </Link>
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  events: TimelineEvent[];
  of: (e: TimelineEvent) => string;
  chosen: string[];
  onChoose: (chosen: string[]) => void;
}

/** One value of many, each with how often it is there. */
function Choice({ label, events, of, chosen, onChoose }: ChoiceProps) {
  const values = tally(events, of).filter((t) => t.value !== '');
  return (
    <Select
      size="small"
      aria-label={label}
      value={chosen[0] ?? ''}
      onChange={(_, d) => onChoose(d.value === '' ? [] : [d.value])}
    >
      <option value="">{label}: all</option>
      {values.map((t) => (
        <option key={t.value} value={t.value}>
          {t.value} ({t.count})
        </option>
      ))}
    </Select>
  );
}

const summary = (e: TimelineEvent) => (
  <span className={styles.summary}>
    {e.facts.map(([name, value]) => (
      <span key={name} title={name}>
        <Foreign value={cellShown(value, { name, type: 'string' })} max={110} mono={name.endsWith('CommandLine')} />
      </span>
    ))}
  </span>
);

const columns: Column<TimelineEvent>[] = [
  {
    id: 'at',
    name: 'Time (UTC)',
    width: '200px',
    render: (e) => <span className="tabular">{cellShown(e.at, { name: 'At', type: 'datetime' })}</span>,
  },
  { id: 'table', name: 'Table', width: '190px', render: (e) => <Foreign value={e.table} max={28} /> },
  { id: 'action', name: 'Action', width: '190px', render: (e) => <Foreign value={e.action || '–'} max={28} /> },
  { id: 'summary', name: 'What', width: 'minmax(300px, 1fr)', render: summary },
];

interface BodyProps {
  waiting: boolean;
  error: unknown;
  retry: () => void;
  nowhere: boolean;
  events: TimelineEvent[];
  open: string | undefined;
  onOpen: (id: string) => void;
}

function Body({ waiting, error, retry, nowhere, events, open, onOpen }: BodyProps) {
  if (error !== null && error !== undefined) return <Failed error={error} what="timeline" retry={retry} />;
  if (nowhere) return <Empty title="No table holds events of such a thing" />;
  if (waiting) return <Waiting rows={14} height={36} label="Loading the timeline" />;
  if (events.length === 0) return <Empty title="No events">A longer time range or fewer filters may help.</Empty>;
  return (
    <Grid
      label="Events"
      columns={columns}
      rows={events}
      idOf={(e) => e.id}
      open={open}
      onOpen={(e) => onOpen(e.id)}
      card={(e) => (
        <div className={incident.card}>
          <span className={incident.cardLine}>
            <span className="tabular">{cellShown(e.at, { name: 'At', type: 'datetime' })}</span>
            <span className="quiet">{e.action || e.table}</span>
          </span>
          {summary(e)}
        </div>
      )}
    />
  );
}

interface EventPaneProps {
  event: TimelineEvent;
  place: string;
  over: boolean;
  onClose: () => void;
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
  onAround: () => void;
}

function EventPane({ event, onAround, ...rest }: EventPaneProps) {
  const names = Object.keys(event.record);
  const table = {
    columns: names.map((name) => ({ name, type: typeof event.record[name] === 'object' ? 'dynamic' : 'string' })),
    rows: [names.map((name) => event.record[name] ?? null)],
  };
  return (
    <RecordPane
      {...rest}
      table={table}
      row={0}
      extra={
        <Button size="small" onClick={onAround}>
          30 min either side
        </Button>
      }
    />
  );
}
