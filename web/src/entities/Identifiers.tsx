import { Link } from '@tanstack/react-router';
import type { LearntIdentifier } from '../api/types';
import { word } from '../text/words';
import { Copyable, Foreign } from '../ui/Foreign';
import { Time } from '../ui/Time';
import styles from './Identifiers.module.css';

/** Every name of an entity, with the alert that proved it. */
export function Identifiers({ identifiers }: { identifiers: LearntIdentifier[] }) {
  if (identifiers.length === 0) return <p className="quiet">No identifiers are recorded.</p>;
  return (
    <ul className={styles.list}>
      {identifiers.map((i) => (
        <li key={`${i.type}|${i.scope ?? ''}|${i.value}`}>
          <span className={styles.type}>{word('identifier', i.type)}</span>
          <span className={styles.value}>
            <Copyable kind={i.kind} value={i.value} max={72} mono />
            {i.scope && (
              <span className="quiet">
                {' '}
                in <Foreign value={i.scope} max={40} />
              </span>
            )}
          </span>
          <span className={styles.from}>
            {i.alert ? (
              <Link to="/alerts/$id" params={{ id: i.alert }} search={{}}>
                learnt
              </Link>
            ) : (
              <span>
                inventory: <Foreign value={i.inventory ?? ''} max={40} />
              </span>
            )}{' '}
            <Time at={i.at} />
          </span>
        </li>
      ))}
    </ul>
  );
}
