import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, api, type Query } from './client';
import type { paths } from './schema';
import type { Page, SplitIdentifier } from './types';

// Every question that the portal asks the server, with its place in the cache.
// Keys begin with what a change makes stale: "incidents", "incident", "alerts", …

const pageSize = 100;

/** The API's parameters of a list; the filters of lists.ts name them. */
type Params<P extends keyof paths> = paths[P] extends { get: { parameters: { query?: infer Q } } } ? NonNullable<Q> : never;

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/session', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
  retry: false,
});

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/session/settings', { signal }))) as Record<string, unknown>,
  staleTime: Number.POSITIVE_INFINITY,
});

export const invitationQuery = (secret: string) =>
  queryOptions({
    queryKey: ['invitation', secret],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/setup/{secret}', { params: { path: { secret } }, signal })),
    retry: false,
  });

interface PageQuery {
  limit: number;
  cursor?: string;
}

/** A list that is read page by page as the reader scrolls. */
function list<T>(key: readonly unknown[], read: (page: PageQuery, signal: AbortSignal) => Promise<Page<T>>, limit = pageSize) {
  return infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => read({ limit, ...(pageParam === '' ? {} : { cursor: pageParam }) }, signal),
    initialPageParam: '',
    getNextPageParam: (last: Page<T>) => (last.next === undefined || last.next === '' ? undefined : last.next),
  });
}

export const incidentPage = (query: Query, signal?: AbortSignal) =>
  answer(api.GET('/api/v1/incidents', { params: { query: query as Params<'/api/v1/incidents'> }, signal: signal ?? null }));

export const incidentsQuery = (query: Query) =>
  list(['incidents', query], (page, signal) => incidentPage({ ...query, ...page }, signal));

export const incidentFacetsQuery = (query: Query) =>
  queryOptions({
    queryKey: ['incidents', 'facets', query],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/incidents/facets', { params: { query: query as Params<'/api/v1/incidents/facets'> }, signal })),
    placeholderData: (previous) => previous,
  });

export const histogramQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: ['incidents', 'histogram', from, to],
    queryFn: async ({ signal }) =>
      (await answer(api.GET('/api/v1/incidents/histogram', { params: { query: { from, to } }, signal }))).hours,
  });

export const incidentQuery = (id: number) =>
  queryOptions({
    queryKey: ['incident', id],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/incidents/{id}', { params: { path: { id } }, signal })),
  });

export const storyQuery = (id: number) =>
  queryOptions({
    queryKey: ['incident', id, 'story'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/incidents/{id}/story', { params: { path: { id } }, signal })),
  });

export const incidentReasonsQuery = (id: number) =>
  queryOptions({
    queryKey: ['incident', id, 'explain'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/incidents/{id}/explain', { params: { path: { id } }, signal })),
  });

export const incidentAlertsQuery = (id: number, query: Query) =>
  list(['incident', id, 'alerts', query], (page, signal) =>
    answer(
      api.GET('/api/v1/incidents/{id}/alerts', {
        params: { path: { id }, query: { ...(query as Params<'/api/v1/incidents/{id}/alerts'>), ...page } },
        signal,
      }),
    ),
  );

export const incidentEntitiesQuery = (id: number, kinds: string[]) =>
  list(['incident', id, 'entities', kinds], (page, signal) =>
    answer(
      api.GET('/api/v1/incidents/{id}/entities', {
        params: { path: { id }, query: { kind: kinds, ...page } as Params<'/api/v1/incidents/{id}/entities'> },
        signal,
      }),
    ),
  );

export const activitiesQuery = (id: number, query: Query) =>
  list(['incident', id, 'activities', query], (page, signal) =>
    answer(
      api.GET('/api/v1/incidents/{id}/activities', {
        params: { path: { id }, query: { ...(query as Params<'/api/v1/incidents/{id}/activities'>), ...page } },
        signal,
      }),
    ),
  );

export const alertsQuery = (query: Query) =>
  list(['alerts', query], (page, signal) =>
    answer(api.GET('/api/v1/alerts', { params: { query: { ...(query as Params<'/api/v1/alerts'>), ...page } }, signal })),
  );

export const alertFacetsQuery = (query: Query) =>
  queryOptions({
    queryKey: ['alerts', 'facets', query],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/alerts/facets', { params: { query: query as Params<'/api/v1/alerts/facets'> }, signal })),
    placeholderData: (previous) => previous,
  });

export const alertQuery = (id: string) =>
  queryOptions({
    queryKey: ['alert', id],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/alerts/{id}', { params: { path: { id } }, signal })),
  });

export const entitiesQuery = (query: Query) =>
  list(['entities', query], (page, signal) =>
    answer(api.GET('/api/v1/entities', { params: { query: { ...(query as Params<'/api/v1/entities'>), ...page } }, signal })),
  );

export const entityQuery = (id: number) =>
  queryOptions({
    queryKey: ['entity', id],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/entities/{id}', { params: { path: { id } }, signal })),
  });

/** What a split would concern; nothing changes. */
export const splitPreviewQuery = (id: number, identifiers: SplitIdentifier[]) =>
  queryOptions({
    queryKey: ['entity', id, 'split', identifiers],
    queryFn: ({ signal }) =>
      answer(api.POST('/api/v1/entities/{id}/split', { params: { path: { id } }, body: { identifiers, preview: true }, signal })),
    staleTime: 0,
    gcTime: 0,
  });

export const entityAlertsQuery = (id: number) =>
  list(
    ['entity', id, 'alerts'],
    (page, signal) => answer(api.GET('/api/v1/entities/{id}/alerts', { params: { path: { id }, query: page }, signal })),
    50,
  );

export const entityIncidentsQuery = (id: number) =>
  list(
    ['entity', id, 'incidents'],
    (page, signal) => answer(api.GET('/api/v1/entities/{id}/incidents', { params: { path: { id }, query: page }, signal })),
    50,
  );

export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ['search', q],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/search', { params: { query: { q } }, signal })),
    enabled: q.trim().length >= 2,
    staleTime: 10_000,
    placeholderData: (previous) => previous,
  });

export const sourcesQuery = queryOptions({
  queryKey: ['sources'],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/sources', { signal })),
});

export const rejectsQuery = list(
  ['rejects'],
  (page, signal) => answer(api.GET('/api/v1/rejects', { params: { query: page }, signal })),
  50,
);

/** Those who can own an incident. */
export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/people', { signal }))).items,
});

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/users', { signal }))).items,
});

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/tokens', { signal }))).items,
});

export const tasksQuery = (id: number) =>
  queryOptions({
    queryKey: ['incident', id, 'tasks'],
    queryFn: async ({ signal }) =>
      (await answer(api.GET('/api/v1/incidents/{id}/tasks', { params: { path: { id } }, signal }))).items,
  });

export const suggestionsQuery = (id: number) =>
  queryOptions({
    queryKey: ['incident', id, 'suggestions'],
    queryFn: async ({ signal }) =>
      (await answer(api.GET('/api/v1/incidents/{id}/suggestions', { params: { path: { id } }, signal }))).items,
  });

export const correlationQuery = queryOptions({
  queryKey: ['correlation'],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/correlation/settings', { signal })),
});

export const rulesQuery = (query: Query) =>
  list(['correlation', 'rules', query], (page, signal) =>
    answer(
      api.GET('/api/v1/correlation/rules', {
        params: { query: { ...(query as Params<'/api/v1/correlation/rules'>), ...page } },
        signal,
      }),
    ),
  );

export const correlationHistoryQuery = list(
  ['correlation', 'history'],
  (page, signal) => answer(api.GET('/api/v1/correlation/history', { params: { query: page }, signal })),
  20,
);

const underWay = (b: { state: string }) => b.state === 'queued' || b.state === 'running' || b.state === 'training';

/** Looked at again while one is under way. */
export const backtestsQuery = queryOptions({
  queryKey: ['backtests'],
  queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/backtests', { signal }))).items,
  refetchInterval: (query) => (query.state.data?.some(underWay) ? 1_000 : false),
});

export const backtestQuery = (backtestId: number) =>
  queryOptions({
    queryKey: ['backtests', backtestId],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/backtests/{backtestId}', { params: { path: { backtestId } }, signal })),
    refetchInterval: (query) => (query.state.data !== undefined && underWay(query.state.data) ? 1_000 : false),
  });

/** Looked at again while one is being trained. */
export const modelsQuery = queryOptions({
  queryKey: ['models'],
  queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/correlation/models', { signal }))).items,
  refetchInterval: (query) => (query.state.data?.some(underWay) ? 1_000 : false),
});

export const modelQuery = (modelId: number) =>
  queryOptions({
    queryKey: ['models', modelId],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/correlation/models/{modelId}', { params: { path: { modelId } }, signal })),
    refetchInterval: (query) => (query.state.data !== undefined && underWay(query.state.data) ? 1_000 : false),
  });

export const learnableQuery = queryOptions({
  queryKey: ['learnable'],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/correlation/learnable', { signal })),
});
