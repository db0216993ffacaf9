import { Field, Input } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { splitEntity } from '../api/commands';
import { splitPreviewQuery } from '../api/queries';
import type { EntityDetail, EntitySplit, SplitIdentifier } from '../api/types';
import { useToast } from '../app/toast';
import { count } from '../text/count';
import { Foreign } from '../ui/Foreign';
import { FormDialog } from '../ui/FormDialog';
import { Answered } from '../ui/states';
import styles from './Split.module.css';

interface SplitDialogProps {
  entity: EntityDetail;
  identifiers: SplitIdentifier[];
  onClose: () => void;
  onDone: () => void;
}

/** What to refresh after an entity was taken apart or joined again. */
export const touched = ['entity', 'entities', 'incidents', 'incident', 'alerts', 'alert', 'activity'];

/** Confirms that some identifiers are another one's, with what that concerns. */
export function SplitDialog({ entity, identifiers, onClose, onDone }: SplitDialogProps) {
  const [reason, setReason] = useState('');
  const client = useQueryClient();
  const toast = useToast();
  const preview = useQuery(splitPreviewQuery(entity.id, identifiers));
  const split = useMutation({
    mutationFn: () => splitEntity(entity.id, identifiers, reason.trim()),
    onSuccess: (s) => {
      toast.done(s.moves.length === 0 ? 'The entity was taken apart' : `Taken apart; ${count(s.moves.length, 'alert')} moved`);
      for (const key of touched) void client.invalidateQueries({ queryKey: [key] });
      onDone();
    },
  });
  return (
    <FormDialog
      title={`Split ${count(identifiers.length, 'identifier')} off`}
      submit="Split off"
      ready={preview.data !== undefined}
      request={split}
      onSubmit={() => split.mutate()}
      onClose={onClose}
    >
      <ul className={styles.names}>
        {identifiers.map((i) => (
          <li key={`${i.type}|${i.scope ?? ''}|${i.value}`}>
            <Foreign value={i.value} max={72} mono />
          </li>
        ))}
      </ul>
      <p className="quiet">
        What is split off becomes an entity of its own. The engine never joins the two again by itself; the entity page can undo
        it.
      </p>
      <Answered query={preview} what="effect" rows={3}>
        {(p) => <Effect split={p} />}
      </Answered>
      <Field label="Reason">
        <Input value={reason} placeholder="Optional" maxLength={2_000} onChange={(_, d) => setReason(d.value)} />
      </Field>
    </FormDialog>
  );
}

/** Which incidents a split concerns, before it is made. */
function Effect({ split }: { split: EntitySplit }) {
  if (split.incidents.length === 0) return <p>No alert names it by these; no incident is concerned.</p>;
  return (
    <>
      <p>
        {count(split.alerts, 'alert')} will mention the new entity, in {count(split.incidents.length, 'incident')}:
      </p>
      <ul className={styles.incidents} aria-label="Incidents concerned" tabIndex={0}>
        {split.incidents.map((i) => (
          <li key={i.id}>
            <Link to="/incidents/$id" params={{ id: String(i.id) }} search={{}}>
              #{i.id} <Foreign value={i.name} max={70} />
            </Link>
            <span className="quiet">{fate(i)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function fate(i: EntitySplit['incidents'][number]): string {
  if (i.closed) return `${count(i.alerts, 'alert')}; resolved, so they stay`;
  if (i.both) return `${count(i.alerts, 'alert')}; weighed anew, because it mentions both`;
  return `${count(i.alerts, 'alert')}; nothing moves`;
}
