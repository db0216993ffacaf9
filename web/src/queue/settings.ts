import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { saveSettings } from '../api/commands';
import { settingsQuery } from '../api/queries';

export interface FilterSet {
  name: string;
  list: 'incidents' | 'alerts';
  /** The query string of the list. */
  search: string;
}

export interface Preferences {
  filterSets: FilterSet[];
  /** The chosen columns, in order, by list; a missing list shows its standard ones. */
  columns: Record<string, string[]>;
  histogram: boolean;
}

/** Reads what was kept; anything that does not fit is left out. */
export function readPreferences(kept: Record<string, unknown> | undefined): Preferences {
  const sets = Array.isArray(kept?.filterSets) ? (kept.filterSets as unknown[]) : [];
  const columns: Record<string, string[]> = {};
  if (typeof kept?.columns === 'object' && kept.columns !== null) {
    for (const [list, ids] of Object.entries(kept.columns)) {
      if (Array.isArray(ids)) columns[list] = ids.filter((id): id is string => typeof id === 'string');
    }
  }
  return { filterSets: sets.filter(isFilterSet).slice(0, 50), columns, histogram: kept?.histogram !== false };
}

function isFilterSet(value: unknown): value is FilterSet {
  if (typeof value !== 'object' || value === null) return false;
  const set = value as Record<string, unknown>;
  return typeof set.name === 'string' && typeof set.search === 'string' && (set.list === 'incidents' || set.list === 'alerts');
}

/** The signed-in person's preferences, kept on the server. */
export function usePreferences() {
  const client = useQueryClient();
  const { data } = useQuery(settingsQuery);
  const mutation = useMutation({
    mutationFn: saveSettings,
    onMutate: (next) => {
      const before = client.getQueryData(settingsQuery.queryKey);
      client.setQueryData(settingsQuery.queryKey, next);
      return { before };
    },
    onError: (_error, _next, context) => client.setQueryData(settingsQuery.queryKey, context?.before),
  });
  const preferences = readPreferences(data);
  return {
    preferences,
    change: (part: Partial<Preferences>) => mutation.mutate({ ...data, ...preferences, ...part }),
  };
}
