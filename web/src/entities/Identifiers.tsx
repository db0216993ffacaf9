import { Checkbox } from '@fluentui/react-components';
import { Link } from '@tanstack/react-router';
import type { LearntIdentifier } from '../api/types';
import { word } from '../text/words';
import { Copyable, Foreign } from '../ui/Foreign';
import { Time } from '../ui/Time';
import styles from './Identifiers.module.css';
import { identifierKey } from './identifier';

interface IdentifiersProps {
  identifiers: LearntIdentifier[];
  /** Keys of those that are chosen; without it nothing can be chosen. */
  picked?: ReadonlySet<string>;
  onPick?: (key: string, picked: boolean) => void;
}

/** Every name of an entity, with the alert or the row of the inventory that proved it. */
export function Identifiers({ identifiers, picked, onPick }: IdentifiersProps) {
  if (identifiers.length === 0) return <p className="quiet">No identifiers are recorded.</p>;
  return (
    <ul className={styles.list}>
      {identifiers.map((i) => {
        const key = identifierKey(i);
        return (
          <li key={key}>
            <span className={styles.type}>
              {picked === undefined ? (
                word('identifier', i.type)
              ) : (
                <Checkbox
                  className={styles.pick}
                  checked={picked.has(key)}
                  label={word('identifier', i.type)}
                  aria-label={`Choose ${word('identifier', i.type)} ${i.value.slice(0, 80)}`}
                  onChange={(_, d) => onPick?.(key, d.checked === true)}
                />
              )}
            </span>
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
              <Origin identifier={i} /> · <Time at={i.at} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Origin({ identifier: i }: { identifier: LearntIdentifier }) {
  if (i.alert)
    return (
      <Link to="/alerts/$id" params={{ id: i.alert }} search={{}}>
        alert
      </Link>
    );
  return (
    <span>
      inventory <Foreign value={i.inventory ?? ''} max={40} />
    </span>
  );
}
