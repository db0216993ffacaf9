import { useMutation, useQueryClient } from '@tanstack/react-query';
import { updateAlerts } from '../api/commands';
import type { AlertPatch } from '../api/types';
import { useToast } from '../app/toast';
import { count } from '../text/count';

/** Changes the case work of alerts. */
export function useAlertChange() {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: ({ ids, patch }: { ids: string[]; patch: AlertPatch }) => updateAlerts(ids, patch),
    onSuccess: ({ updated }) => toast.done(`${count(updated, 'alert')} changed`),
    onError: (error) => toast.failed('The change was not made', error),
    onSettled: () => {
      for (const key of ['alerts', 'alert', 'incident', 'incidents', 'entity'])
        void client.invalidateQueries({ queryKey: [key] });
    },
  });
}
