import { useNavigate } from '@tanstack/react-router';
import type { AlertEntityRef } from '../api/types';
import { GoHunt } from '../hunting/GoHunt';
import { word } from '../text/words';
import { Verdict } from '../ui/badges';
import { Foreign } from '../ui/Foreign';
import { KindIcon } from '../ui/KindIcon';
import styles from './Pane.module.css';

/** Entities one a line; a click selects in the story, elsewhere it opens the page. */
export function EntityLines({
  entities,
  onEntity,
}: {
  entities: AlertEntityRef[];
  onEntity?: ((id: number) => void) | undefined;
}) {
  const navigate = useNavigate();
  const open = onEntity ?? ((id: number) => void navigate({ to: '/entities/$id', params: { id: String(id) }, search: {} }));
  if (entities.length === 0) return <p className="quiet">It mentions nothing that could be resolved.</p>;
  return (
    <ul className={styles.entities}>
      {entities.map((e) => (
        <li key={e.id}>
          <button type="button" onClick={() => open(e.id)}>
            <KindIcon kind={e.kind} />
            <span className={styles.entityName}>
              <Foreign kind={e.kind} value={e.label} max={44} />
            </span>
          </button>
          <span className={styles.entitySide}>
            {e.impacted && <span>impacted</span>}
            {e.verdict && e.verdict !== 'unknown' ? (
              <Verdict value={e.verdict} />
            ) : (
              !e.impacted && <span>{word('kind', e.kind)}</span>
            )}
          </span>
          <GoHunt kind={e.kind} id={e.id} small />
        </li>
      ))}
    </ul>
  );
}
