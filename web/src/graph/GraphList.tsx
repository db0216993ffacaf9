import type { StoryNode } from '../api/types';
import { count } from '../text/count';
import { spaced, word } from '../text/words';
import { Verdict } from '../ui/badges';
import { Foreign } from '../ui/Foreign';
import { KindIcon } from '../ui/KindIcon';
import styles from './GraphList.module.css';
import { inOrder } from './layoutInput';
import { type Graph, isTrace } from './model';

/** The same picture as a list: every entity with what joins it to others. */
export function GraphList({
  graph,
  selected,
  onNode,
}: {
  graph: Graph;
  selected: number | undefined;
  onNode: (node: StoryNode) => void;
}) {
  const byId = new Map(graph.nodes.map((n) => [n.id, n]));
  return (
    <div className={styles.list} tabIndex={0} role="group" aria-label="Attack graph as a list">
      <ul>
        {inOrder(graph.nodes).map((node) => {
          const out = graph.edges.filter((e) => e.from === node.id);
          return (
            <li key={node.id} className={styles.item}>
              <button type="button" className={styles.node} aria-pressed={selected === node.entity} onClick={() => onNode(node)}>
                <KindIcon kind={node.kind} />
                <Foreign kind={node.kind} value={node.label} max={60} />
              </button>
              <span className={styles.about}>
                {node.impacted && <span>impacted asset</span>}
                {isTrace(node) && <Verdict value={node.verdict} />}
                <span className="quiet">{count(node.alertCount, 'alert')}</span>
              </span>
              {out.length > 0 && (
                <ul className={styles.edges}>
                  {out.map((e) => {
                    const to = byId.get(e.to);
                    return to === undefined ? null : (
                      <li key={e.id}>
                        <span className="quiet">
                          <Foreign value={e.label || spaced(e.kind).toLowerCase()} max={60} /> →
                        </span>{' '}
                        {word('kind', to.kind)} <Foreign kind={to.kind} value={to.label} max={60} />
                      </li>
                    );
                  })}
                </ul>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
