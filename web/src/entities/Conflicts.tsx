import { Link } from '@tanstack/react-router';
import type { EntityConflict } from '../api/types';
import { word } from '../text/words';
import { Foreign } from '../ui/Foreign';
import { Time } from '../ui/Time';
import { identifierKey, identifierText } from './identifier';
import styles from './Split.module.css';

/** Where what is known of an entity contradicts itself. */
export function Conflicts({ conflicts, entity }: { conflicts: EntityConflict[]; entity: number }) {
  return (
    <ul className={styles.rows} aria-label="Contradictions">
      {conflicts.map((c) => {
        const other = c.other === entity ? c.entity : c.other;
        return (
          <li key={[c.by, c.has, c.says].map(identifierKey).join('|')}>
            <span className={styles.grow}>
              {word('identifier', c.by.type)} <Foreign value={identifierText(c.by)} max={90} mono /> came with two values for{' '}
              {word('identifier', c.has.type)}: <Foreign value={identifierText(c.has)} max={90} mono /> and{' '}
              <Foreign value={identifierText(c.says)} max={90} mono />.{' '}
              {c.joined ? 'Both are kept here.' : 'They were kept apart.'}
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
              )}
              {' · '}
              <Time at={c.at} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}
