import { Field, Input } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { moveAlerts } from '../api/commands';
import { incidentQuery } from '../api/queries';
import type { Reason } from '../api/types';
import { useToast } from '../app/toast';
import { ReasonFields } from '../queue/MergeDialog';
import { count } from '../text/count';
import { Foreign } from '../ui/Foreign';
import { FormDialog } from '../ui/FormDialog';
import { incidentNumber } from './incidentNumber';

interface MoveDialogProps {
  /** Into a new incident instead of an existing one. */
  split: boolean;
  from: number;
  alerts: string[];
  onClose: () => void;
  onDone: () => void;
}

export function MoveDialog({ split, from, alerts, onClose, onDone }: MoveDialogProps) {
  const [text, setText] = useState('');
  const [reasons, setReasons] = useState<Reason[]>([]);
  const [comment, setComment] = useState('');
  const client = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const target = incidentNumber(text);
  const found = useQuery({
    ...incidentQuery(target ?? 0),
    enabled: !split && target !== undefined && target !== from,
    retry: false,
  });
  const move = useMutation({
    mutationFn: () => moveAlerts(alerts, split ? undefined : target, comment.trim(), reasons),
    onSuccess: ({ incident }) => {
      const id = typeof incident === 'number' ? incident : incident.id;
      toast.done(`${count(alerts.length, 'alert')} moved to #${id}`);
      for (const key of ['incidents', 'incident', 'alerts', 'alert', 'entity'])
        void client.invalidateQueries({ queryKey: [key] });
      onDone();
      if (split) void navigate({ to: '/incidents/$id', params: { id: String(id) }, search: {} });
    },
  });
  return (
    <FormDialog
      title={split ? `Split ${count(alerts.length, 'alert')} off` : `Move ${count(alerts.length, 'alert')} to another incident`}
      submit={split ? 'Split off' : 'Move'}
      ready={split || (target !== undefined && target !== from && found.data !== undefined)}
      request={move}
      onSubmit={() => move.mutate()}
      onClose={onClose}
    >
      <p className="quiet">
        {split ? 'They get an incident of their own. ' : ''}
        The engine never puts them back by itself.
      </p>
      {!split && (
        <Field
          label="Incident"
          validationState={target === from || found.isError ? 'error' : 'none'}
          validationMessage={
            target === from ? (
              'They are in this incident already'
            ) : found.isError ? (
              'There is no such incident'
            ) : found.data === undefined ? undefined : (
              <Foreign value={found.data.name} max={90} />
            )
          }
        >
          <Input value={text} placeholder="#12" onChange={(_, d) => setText(d.value)} />
        </Field>
      )}
      {!split && <ReasonFields reasons={reasons} onReasons={setReasons} text={comment} onText={setComment} />}
      {split && (
        <Field label="Comment">
          <Input value={comment} placeholder="Optional" maxLength={2_000} onChange={(_, d) => setComment(d.value)} />
        </Field>
      )}
    </FormDialog>
  );
}
