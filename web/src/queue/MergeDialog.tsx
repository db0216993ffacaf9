import { Checkbox, Field, Textarea } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { mergeIncidents } from '../api/commands';
import type { Incident, Reason } from '../api/types';
import { useToast } from '../app/toast';
import { count } from '../text/count';
import { word } from '../text/words';
import { Severity } from '../ui/badges';
import { Foreign } from '../ui/Foreign';
import { FormDialog } from '../ui/FormDialog';
import styles from './MergeDialog.module.css';

/** The reasons that people give; the engine's own are more. */
export const offeredReasons: Reason[] = [
  'sameActor',
  'sameAsset',
  'sameCampaign',
  'sharedIndicators',
  'similarTTPsOrBehavior',
  'lateralMovementPath',
  'temporalProximity',
  'repeatedAlertOccurrence',
];

export function ReasonFields({
  reasons,
  onReasons,
  text,
  onText,
}: {
  reasons: Reason[];
  onReasons: (reasons: Reason[]) => void;
  text: string;
  onText: (text: string) => void;
}) {
  return (
    <>
      <fieldset className={styles.reasons}>
        <legend>Why do they belong together?</legend>
        {offeredReasons.map((reason) => (
          <Checkbox
            key={reason}
            label={word('reason', reason)}
            checked={reasons.includes(reason)}
            onChange={(_, d) => onReasons(d.checked ? [...reasons, reason] : reasons.filter((r) => r !== reason))}
          />
        ))}
      </fieldset>
      <Field label="Comment" size="small">
        <Textarea value={text} rows={2} maxLength={2_000} placeholder="Optional" onChange={(_, d) => onText(d.value)} />
      </Field>
    </>
  );
}

/** Merges two to five incidents into one. It can be undone from the log. */
export function MergeDialog({
  incidents,
  onClose,
  onMerged,
}: {
  incidents: Incident[];
  onClose: () => void;
  onMerged: (target: number) => void;
}) {
  const [reasons, setReasons] = useState<Reason[]>([]);
  const [text, setText] = useState('');
  const client = useQueryClient();
  const toast = useToast();
  const merge = useMutation({
    mutationFn: () =>
      mergeIncidents(
        incidents.map((i) => i.id),
        text.trim(),
        reasons,
      ),
    onSuccess: ({ target }) => {
      toast.done(`Merged into #${target}. It can be undone from its activities.`);
      for (const key of ['incidents', 'incident', 'alerts', 'alert', 'entity'])
        void client.invalidateQueries({ queryKey: [key] });
      onMerged(target);
    },
  });
  return (
    <FormDialog
      title={`Merge ${count(incidents.length, 'incident')}`}
      submit="Merge"
      request={merge}
      onSubmit={() => merge.mutate()}
      onClose={onClose}
    >
      <p className="quiet">
        All alerts, comments and activities move into one incident; the others lead to it from then on. The merge is kept in the
        log and can be undone.
      </p>
      <ul className={styles.list}>
        {incidents.map((i) => (
          <li key={i.id}>
            <Severity value={i.severity} label={false} />
            <span className={styles.name}>
              <Foreign value={i.name} max={160} />
            </span>
            <span className="quiet">
              #{i.id} · {count(i.tally.alerts, 'alert')}
            </span>
          </li>
        ))}
      </ul>
      <ReasonFields reasons={reasons} onReasons={setReasons} text={text} onText={setText} />
    </FormDialog>
  );
}
