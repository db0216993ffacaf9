import { Button } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { undoSplit } from '../api/commands';
import type { EntitySplit } from '../api/types';
import { usePolicy } from '../app/session';
import { useToast } from '../app/toast';
import { count } from '../text/count';
import { Foreign } from '../ui/Foreign';
import { Time } from '../ui/Time';
import { identifierText } from './identifier';
import styles from './Split.module.css';
import { touched } from './SplitDialog';

/** What was taken apart, and how to take that back. */
export function Splits({ splits, entity }: { splits: EntitySplit[]; entity: number }) {
  return (
    <ul className={styles.rows} aria-label="Splits">
      {splits.map((s) => (
        <Row key={s.id} split={s} entity={entity} />
      ))}
    </ul>
  );
}

function Row({ split: s, entity }: { split: EntitySplit; entity: number }) {
  const client = useQueryClient();
  const toast = useToast();
  const policy = usePolicy();
  const undo = useMutation({
    mutationFn: () => undoSplit(s.id),
    onSuccess: () => {
      toast.done('They are one entity again');
      for (const key of touched) void client.invalidateQueries({ queryKey: [key] });
    },
    onError: (error) => toast.failed('The split was not undone', error),
  });
  const other = s.part === entity ? s.entity : s.part;
  return (
    <li>
      <span className={styles.grow}>
        <Foreign value={s.identifiers.map(identifierText).join(', ')} max={140} mono />{' '}
        {s.part === entity ? 'were split off ' : 'became '}
        <Link to="/entities/$id" params={{ id: String(other) }} search={{}}>
          {s.part === entity ? 'this entity’s former self' : 'an entity of their own'}
        </Link>
        ; {count(s.alerts, 'alert')} mention it, {count(s.moves.length, 'alert')} moved.
        {s.reason && (
          <>
            {' '}
            Reason: <Foreign value={s.reason} max={200} />
          </>
        )}
      </span>
      <span className="quiet">
        <Foreign value={s.actor.name} max={40} /> <Time at={s.at} />
      </span>
      {s.undoneAt ? (
        <span className="quiet">
          undone by <Foreign value={s.undoneBy ?? ''} max={40} /> <Time at={s.undoneAt} />
        </span>
      ) : (
        policy.write && (
          <Button size="small" disabled={undo.isPending} onClick={() => undo.mutate()}>
            Undo the split
          </Button>
        )
      )}
    </li>
  );
}
