import { mergeClasses } from '@fluentui/react-components';
import type { StoryEdge, StoryNode } from '../api/types';
import { count } from '../text/count';
import { shortLabel } from '../text/short';
import { Foreign } from '../ui/Foreign';
import { KindIcon } from '../ui/KindIcon';
import { Time } from '../ui/Time';
import styles from './EdgeCard.module.css';
import { wordsOf } from './labels';

interface EdgeCardProps {
  edge: StoryEdge;
  from: StoryNode | undefined;
  to: StoryNode | undefined;
  /** At the lower side: the edge is in the upper half. */
  low: boolean;
}

/** What joins two entities, from which alerts that is known, and what linked them. */
export function EdgeCard({ edge, from, to, low }: EdgeCardProps) {
  return (
    <div className={mergeClasses(styles.card, low && styles.low)} role="status" data-edge-card="">
      <div className={styles.tie}>
        <End node={from} />
        <span className={styles.verb}>
          <Foreign value={wordsOf(edge)} max={60} />
        </span>
        <End node={to} />
      </div>
      <div className="quiet">
        {count(edge.alertCount, 'alert')}, first <Time at={edge.firstSeen} />
      </div>
      {edge.why && (
        <div>
          <span className="quiet">Linked by:</span> <Foreign value={edge.why} max={260} />
        </div>
      )}
    </div>
  );
}

function End({ node }: { node: StoryNode | undefined }) {
  if (node === undefined) return null;
  return (
    <span className={styles.end}>
      <KindIcon kind={node.kind} size={14} />
      <Foreign kind={node.kind} value={shortLabel(node.kind, node.label)} max={32} />
    </span>
  );
}
