import { useMutation, useQueryClient } from '@tanstack/react-query';
import { updateAlerts } from '../api/commands';
import { Problem } from '../api/http';
import type { AlertPatch } from '../api/types';
import { useToast } from '../app/toast';
import { count } from '../text/count';

/** Changes the case work of alerts. */
export function useAlertChange() {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: async ({ ids, patch }: { ids: string[]; patch: AlertPatch }) => {
      const answer = await updateAlerts(ids, patch);
      const failed = (answer?.items ?? []).filter((i) => !i.ok);
      if (failed.length > 0) {
        throw new Problem(409, `${count(failed.length, 'alert')} could not be changed`, failed[0]?.error ?? '', '');
      }
    },
    onSuccess: (_, { ids }) => toast.done(`${count(ids.length, 'alert')} changed`),
    onError: (error) => toast.failed('The change was not made', error),
    onSettled: () => {
      for (const key of ['alerts', 'alert', 'incident', 'incidents', 'entity']) void client.invalidateQueries({ queryKey: [key] });
    },
  });
}
