import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../api/client';
import type { components } from '../api/schema';
import type { RenderHint, ResultColumn, Row } from './contract';
import type { Impacted } from './impact';

// Everything that the hunting pages ask the server.

type Schemas = components['schemas'];

export type SavedQuery = Schemas['SavedQuery'];
export type QueryContent = Schemas['QueryContent'];
export type PastRun = Schemas['Run'];
export type Watchlist = Schemas['Watchlist'];
export type Finding = Schemas['Finding'];

export interface QueryAnswer {
  columns: ResultColumn[];
  rows: Row[];
  rowCount: number;
  truncated?: { limit: string; message: string } | undefined;
  render?: RenderHint | undefined;
  stats: QueryStats;
  warnings: Finding[];
}

/** What a run took; what the engine does not tell is left out. */
export interface QueryStats {
  elapsedMs: number;
  queuedMs: number;
  readTables: string[];
  processorMs?: number | undefined;
  readRows?: number | undefined;
  memoryBytes?: number | undefined;
}

export interface QueryRequest {
  query: string;
  from?: string;
  to?: string;
  maxRows?: number;
}

/** Runs a query; giving the request up stops it on the server. */
export const runQuery = async (body: QueryRequest, signal: AbortSignal): Promise<QueryAnswer> =>
  (await answer(api.POST('/api/v1/hunting/query', { body, signal }))) as QueryAnswer;

export const huntingSchemaQuery = queryOptions({
  queryKey: ['hunting', 'schema'],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/hunting/schema', { signal })),
  staleTime: 300_000,
});

export const savedQueriesQuery = queryOptions({
  queryKey: ['hunting', 'queries'],
  queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/hunting/queries', { signal }))).items,
});

export const watchlistsQuery = queryOptions({
  queryKey: ['hunting', 'watchlists'],
  queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/hunting/watchlists', { signal }))).items,
  staleTime: 300_000,
});

export type UserTable = Schemas['HuntingTable'];
export type NewColumn = Schemas['NewColumn'];

export const userTablesQuery = queryOptions({
  queryKey: ['hunting', 'tables'],
  queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/hunting/tables', { signal }))).items,
});

export const createTable = (body: { name: string; description?: string; columns: NewColumn[] }) =>
  answer(api.POST('/api/v1/hunting/tables', { body }));

/** The columns that records ask for. */
export const sampleColumns = async (sample: string): Promise<NewColumn[]> =>
  (await answer(api.POST('/api/v1/hunting/tables/sample', { body: { sample } }))).columns as NewColumn[];

export const removeTable = (table: string) =>
  answer(api.DELETE('/api/v1/hunting/tables/{table}', { params: { path: { table } } }));

export const historyQuery = infiniteQueryOptions({
  queryKey: ['hunting', 'history'],
  queryFn: ({ pageParam, signal }) =>
    answer(
      api.GET('/api/v1/hunting/history', {
        params: { query: { limit: 50, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
        signal,
      }),
    ),
  initialPageParam: '',
  getNextPageParam: (last: { next?: string }) => (last.next === undefined || last.next === '' ? undefined : last.next),
  staleTime: 0,
});

/** How many of the latest runs are looked at for the heaviest. */
export const latestRuns = 200;

/** The latest runs of everybody; administrators only. */
export const everybodysRunsQuery = queryOptions({
  queryKey: ['hunting', 'history', 'everybody'],
  queryFn: async ({ signal }) =>
    (await answer(api.GET('/api/v1/hunting/history', { params: { query: { all: true, limit: latestRuns } }, signal }))).items,
  staleTime: 0,
});

export const goHuntQuery = (entity: number, at: string | undefined) =>
  queryOptions({
    queryKey: ['hunting', 'go', entity, at],
    queryFn: async ({ signal }) =>
      (
        await answer(
          api.GET('/api/v1/hunting/go', { params: { query: { entity, ...(at === undefined ? {} : { at }) } }, signal }),
        )
      ).items,
  });

export const saveQuery = (body: QueryContent) => answer(api.POST('/api/v1/hunting/queries', { body }));

/** Changes a saved query; made on the version that was read. */
export const changeQuery = (query: SavedQuery, part: Partial<QueryContent>) => {
  const { name, description, folder, query: text, function: called, parameters, shared, version, id } = query;
  const kept = {
    name,
    query: text,
    shared,
    ...(description === undefined ? {} : { description }),
    ...(folder === undefined ? {} : { folder }),
    ...(called === undefined ? {} : { function: called }),
    ...(parameters === undefined ? {} : { parameters }),
  };
  return answer(
    api.PUT('/api/v1/hunting/queries/{queryId}', { params: { path: { queryId: id } }, body: { ...kept, ...part, version } }),
  );
};

export const removeQuery = (queryId: number) =>
  answer(api.DELETE('/api/v1/hunting/queries/{queryId}', { params: { path: { queryId } } }));

export interface LinkRequest {
  /** Without it the alerts get a new incident. */
  incidentId?: number;
  title: string;
  severity: 'informational' | 'low' | 'medium' | 'high';
  query: string;
  columns: string[];
  rows: Row[];
  impacted: Impacted;
}

export const linkToIncident = ({ impacted, ...body }: LinkRequest) =>
  answer(api.POST('/api/v1/hunting/link', { body: { ...body, impacted: { ...impacted } } }));

/** The query that gives the events about an entity. */
export const entityTimelineQuery = (id: number, from: string, to: string) =>
  queryOptions({
    queryKey: ['entity', id, 'timeline', from, to],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/entities/{id}/timeline', { params: { path: { id }, query: { from, to, limit: 1_000 } }, signal })),
  });

/** The events themselves; the query has its own time range. */
export const timelineEventsQuery = (query: string) =>
  queryOptions({
    queryKey: ['hunting', 'timeline', query],
    queryFn: ({ signal }) => runQuery({ query, maxRows: 1_000 }, signal),
    retry: false,
  });
