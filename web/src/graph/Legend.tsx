import { mergeClasses } from '@fluentui/react-components';
import type { StoryNode } from '../api/types';
import { word } from '../text/words';
import { KindIcon } from '../ui/KindIcon';
import styles from './Legend.module.css';

/** What the signs mean; a click on a kind hides it. */
export function Legend({
  nodes,
  hidden,
  onToggle,
  note,
}: {
  nodes: StoryNode[];
  hidden: ReadonlySet<string>;
  onToggle: (kind: string) => void;
  /** What the picture does not show. */
  note: string;
}) {
  const counts = new Map<string, number>();
  for (const n of nodes) counts.set(n.kind, (counts.get(n.kind) ?? 0) + (n.group?.count ?? 1));
  const kinds = [...counts].sort(([a], [b]) => word('kinds', a).localeCompare(word('kinds', b), 'en'));
  return (
    <div className={styles.legend} role="group" aria-label="Legend and filter by kind">
      {kinds.map(([kind, count]) => (
        <button
          key={kind}
          type="button"
          aria-pressed={!hidden.has(kind)}
          className={mergeClasses(styles.kind, hidden.has(kind) && styles.off)}
          title={hidden.has(kind) ? 'Show' : 'Hide'}
          onClick={() => onToggle(kind)}
        >
          <KindIcon kind={kind} size={14} />
          {word('kinds', kind)} <span className="tabular">{count}</span>
        </button>
      ))}
      <span className={styles.sign}>
        <i className={styles.trace} /> attacker’s trace
      </span>
      <span className={styles.sign}>
        <i className={styles.asset} /> impacted asset
      </span>
      {note !== '' && <span className={styles.note}>{note}</span>}
    </div>
  );
}
