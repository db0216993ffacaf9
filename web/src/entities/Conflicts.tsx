import { Link } from '@tanstack/react-router';
import type { EntityConflict } from '../api/types';
import { word } from '../text/words';
import { Foreign } from '../ui/Foreign';
import { Time } from '../ui/Time';
import styles from './Split.module.css';

/** Where what is known of an entity contradicts itself. */
export function Conflicts({ conflicts, entity }: { conflicts: EntityConflict[]; entity: number }) {
  return (
    <ul className={styles.rows} aria-label="Contradictions">
      {conflicts.map((c) => {
        const other = c.other === entity ? c.entity : c.other;
        return (
          <li key={`${c.by.value}|${c.has.value}|${c.says.value}`}>
            <span className={styles.grow}>
              {word('identifier', c.by.type)} <Foreign value={c.by.value} max={60} mono /> names both{' '}
              <Foreign value={c.has.value} max={60} mono /> and <Foreign value={c.says.value} max={60} mono /> (
              {word('identifier', c.has.type)}). {c.joined ? 'Both are kept here.' : 'They were kept apart.'}
              {other !== undefined && other !== entity && (
                <>
                  {' '}
                  <Link to="/entities/$id" params={{ id: String(other) }} search={{}}>
                    The other entity
                  </Link>
                </>
              )}
            </span>
            <span className="quiet">
              {c.alert ? (
                <Link to="/alerts/$id" params={{ id: c.alert }} search={{}}>
                  alert
                </Link>
              ) : (
                <Foreign value={c.inventory ?? 'inventory'} max={40} />
              )}{' '}
              <Time at={c.at} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}
