import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { get, type Query } from './http';
import type {
  Activity,
  AlertDetail,
  AlertRow,
  Entity,
  Facets,
  HourCount,
  Incident,
  IncidentEntity,
  Intake,
  Invitation,
  Link,
  MergeRecord,
  Page,
  Reject,
  SearchResult,
  SessionInfo,
  Story,
  Token,
  User,
} from './types';

// Every question that the portal asks the server, with its place in the cache.
// Keys begin with what a change makes stale: "incidents", "incident", "alerts", …

const pageSize = 100;

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => get<SessionInfo>('/session', {}, signal),
  staleTime: Number.POSITIVE_INFINITY,
  retry: false,
});

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => get<Record<string, unknown>>('/session/settings', {}, signal),
  staleTime: Number.POSITIVE_INFINITY,
});

export const invitationQuery = (secret: string) =>
  queryOptions({
    queryKey: ['invitation', secret],
    queryFn: ({ signal }) => get<Invitation>(`/setup/${encodeURIComponent(secret)}`, {}, signal),
    retry: false,
  });

/** A list that is read page by page as the reader scrolls. */
function list<T>(key: readonly unknown[], path: string, query: Query, limit = pageSize) {
  return infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      get<Page<T>>(path, { ...query, limit, cursor: pageParam === '' ? undefined : pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: (last: Page<T>) => (last.next === undefined || last.next === '' ? undefined : last.next),
  });
}

export const incidentsQuery = (query: Query) => list<Incident>(['incidents', query], '/incidents', query);

export const incidentFacetsQuery = (query: Query) =>
  queryOptions({
    queryKey: ['incidents', 'facets', query],
    queryFn: ({ signal }) => get<Facets>('/incidents/facets', query, signal),
    placeholderData: (previous) => previous,
  });

export const histogramQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: ['incidents', 'histogram', from, to],
    queryFn: async ({ signal }) => (await get<{ hours: HourCount[] | null }>('/incidents/histogram', { from, to }, signal)).hours ?? [],
  });

export const incidentQuery = (id: number) =>
  queryOptions({
    queryKey: ['incident', id],
    queryFn: ({ signal }) => get<Incident>(`/incidents/${id}`, {}, signal),
  });

export const storyQuery = (id: number) =>
  queryOptions({
    queryKey: ['incident', id, 'story'],
    queryFn: ({ signal }) => get<Story>(`/incidents/${id}/story`, {}, signal),
  });

export const incidentAlertsQuery = (id: number, query: Query) =>
  list<AlertRow>(['incident', id, 'alerts', query], `/incidents/${id}/alerts`, query);

export const incidentEntitiesQuery = (id: number, kinds: string[]) =>
  list<IncidentEntity>(['incident', id, 'entities', kinds], `/incidents/${id}/entities`, { kind: kinds });

export const activitiesQuery = (id: number, query: Query) =>
  list<Activity>(['incident', id, 'activities', query], `/incidents/${id}/activities`, query);

export const mergesQuery = (id: number) =>
  queryOptions({
    queryKey: ['incident', id, 'merges'],
    queryFn: ({ signal }) => get<Page<MergeRecord>>(`/incidents/${id}/merges`, {}, signal),
  });

export const alertsQuery = (query: Query) => list<AlertRow>(['alerts', query], '/alerts', query);

export const alertFacetsQuery = (query: Query) =>
  queryOptions({
    queryKey: ['alerts', 'facets', query],
    queryFn: ({ signal }) => get<Facets>('/alerts/facets', query, signal),
    placeholderData: (previous) => previous,
  });

export const alertQuery = (id: string) =>
  queryOptions({
    queryKey: ['alert', id],
    queryFn: ({ signal }) => get<AlertDetail>(`/alerts/${encodeURIComponent(id)}`, {}, signal),
  });

export interface Explanation {
  link: Link;
  sentences: { text: string }[] | string[] | null;
}

export const explainQuery = (id: string) =>
  queryOptions({
    queryKey: ['alert', id, 'explain'],
    queryFn: ({ signal }) => get<Explanation>(`/alerts/${encodeURIComponent(id)}/explain`, {}, signal),
  });

export const entitiesQuery = (query: Query) => list<Entity>(['entities', query], '/entities', query);

export const entityQuery = (id: number) =>
  queryOptions({
    queryKey: ['entity', id],
    queryFn: ({ signal }) => get<Entity>(`/entities/${id}`, {}, signal),
  });

export const entityAlertsQuery = (id: number) => list<AlertRow>(['entity', id, 'alerts'], `/entities/${id}/alerts`, {}, 50);

export const entityIncidentsQuery = (id: number) =>
  list<Incident>(['entity', id, 'incidents'], `/entities/${id}/incidents`, {}, 50);

export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ['search', q],
    queryFn: ({ signal }) => get<SearchResult>('/search', { q }, signal),
    enabled: q.trim().length >= 2,
    staleTime: 10_000,
    placeholderData: (previous) => previous,
  });

export const sourcesQuery = queryOptions({
  queryKey: ['sources'],
  queryFn: ({ signal }) => get<Record<string, unknown>>('/sources', {}, signal).then(intakes),
});

export interface SourceIntake extends Intake {
  source: string;
}

/** Reads the balance per source, by name. */
function intakes(body: Record<string, unknown>): SourceIntake[] {
  const inner = (body.sources ?? body.items ?? body) as Record<string, Intake> | SourceIntake[];
  const rows = Array.isArray(inner) ? inner : Object.entries(inner).map(([source, intake]) => ({ ...intake, source }));
  return rows.sort((a, b) => a.source.localeCompare(b.source, 'en'));
}

export const rejectsQuery = list<Reject>(['rejects'], '/rejects', {}, 50);

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: async ({ signal }) => (await get<Page<User>>('/users', {}, signal)).items,
});

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async ({ signal }) => (await get<Page<Token>>('/tokens', {}, signal)).items,
});

export const activityQuery = queryOptions({
  queryKey: ['activity'],
  queryFn: ({ signal }) => get<Page<Activity>>('/activity', {}, signal),
});
