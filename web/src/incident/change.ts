import { type InfiniteData, type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { Problem } from '../api/client';
import { updateIncident, updateIncidents } from '../api/commands';
import { incidentQuery } from '../api/queries';
import type { Incident, IncidentPatch, Page } from '../api/types';
import { useToast } from '../app/toast';
import { count } from '../text/count';

/** An incident as it will look once the server has taken the patch. */
export function patched(incident: Incident, patch: IncidentPatch): Incident {
  const { comment: _, ...fields } = patch;
  const defined = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { ...incident, ...defined };
}

type Pages = InfiniteData<Page<Incident>, string>;

/** Puts new values of some incidents into every cached list and record. */
function paint(client: QueryClient, change: (incident: Incident) => Incident, ids: ReadonlySet<number>): void {
  const each = (i: Incident) => (ids.has(i.id) ? change(i) : i);
  client.setQueriesData<Pages | unknown>({ queryKey: ['incidents'] }, (old: unknown) => {
    const pages = (old as Pages | undefined)?.pages;
    if (pages === undefined) return old;
    return { ...(old as Pages), pages: pages.map((p) => ({ ...p, items: p.items.map(each) })) };
  });
  for (const id of ids) {
    client.setQueryData(incidentQuery(id).queryKey, (old) => (old === undefined ? old : change(old)));
  }
}

/** Changes one or many incidents: shown at once, taken back with a message when refused. */
export function useIncidentChange() {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: async ({ ids, patch }: { ids: number[]; patch: IncidentPatch }) => {
      const [only] = ids;
      if (ids.length === 1 && only !== undefined) {
        await updateIncident(only, patch);
        return;
      }
      const failed: string[] = [];
      for (let i = 0; i < ids.length; i += 500) {
        const { items } = await updateIncidents(ids.slice(i, i + 500), patch);
        failed.push(...items.filter((r) => !r.ok).map((r) => `#${r.id}: ${r.error ?? 'refused'}`));
      }
      if (failed.length > 0) {
        throw new Problem(409, `${count(failed.length, 'incident')} could not be changed`, failed.slice(0, 3).join('; '), '');
      }
    },
    onMutate: async ({ ids, patch }) => {
      await client.cancelQueries({ queryKey: ['incidents'] });
      const before = new Map(ids.map((id) => [id, client.getQueryData<Incident>(incidentQuery(id).queryKey)] as const));
      paint(client, (i) => patched(i, patch), new Set(ids));
      return { before };
    },
    onSuccess: (_, { ids }) => {
      toast.done(ids.length === 1 ? `Incident #${ids[0]} changed` : `${count(ids.length, 'incident')} changed`);
    },
    onError: (error, { ids }, context) => {
      for (const id of ids) client.setQueryData(incidentQuery(id).queryKey, context?.before.get(id));
      toast.failed('The change was not made', error);
    },
    onSettled: (_data, _error, { ids }) => {
      for (const id of ids) void client.invalidateQueries({ queryKey: ['incident', id] });
      void client.invalidateQueries({ queryKey: ['incidents'] });
      void client.invalidateQueries({ queryKey: ['alerts'] });
    },
  });
}
