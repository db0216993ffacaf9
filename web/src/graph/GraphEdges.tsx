import { mergeClasses } from '@fluentui/react-components';
import type { StoryEdge } from '../api/types';
import { clipMiddle } from '../text/clip';
import { count } from '../text/count';
import { visible } from '../text/hostile';
import { spaced } from '../text/words';
import styles from './Graph.module.css';
import { type Layout, middleOf, pathOf } from './layout';

interface GraphEdgesProps {
  edges: StoryEdge[];
  layout: Layout;
  shown: ReadonlySet<string>;
  lit: ReadonlySet<string>;
  dim: boolean;
  onSelect: (edge: StoryEdge) => void;
}

/** What joins the entities; the words appear under the pointer or with the selection. */
export function GraphEdges({ edges, layout, shown, lit, dim, onSelect }: GraphEdgesProps) {
  return (
    <g>
      {edges.map((edge) => {
        const points = layout.edges.get(edge.id);
        if (points === undefined || !shown.has(edge.id)) return null;
        const path = pathOf(points);
        const label = visible(edge.label || spaced(edge.kind).toLowerCase());
        const middle = middleOf(points);
        const width = Math.min(30, label.length) * 6 + 12;
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: the list view offers the same to the keyboard
          <g
            key={edge.id}
            className={mergeClasses(styles.edge, lit.has(edge.id) && styles.lit, dim && !lit.has(edge.id) && styles.dimmed)}
            onClick={() => onSelect(edge)}
          >
            <title>{`${label} · ${count(edge.alertCount, 'alert')}`}</title>
            <path d={path} className={styles.wide} />
            <path d={path} className={styles.line} markerEnd={lit.has(edge.id) ? 'url(#arrow-lit)' : 'url(#arrow)'} />
            <g transform={`translate(${middle.x} ${middle.y})`} className={styles.edgeLabel}>
              <rect x={-width / 2} y="-9" width={width} height="18" rx="5" />
              <text y="4" textAnchor="middle">
                {clipMiddle(label, 30)}
              </text>
            </g>
          </g>
        );
      })}
    </g>
  );
}

export function Arrows() {
  return (
    <defs>
      {['arrow', 'arrow-lit'].map((id) => (
        <marker
          key={id}
          id={id}
          viewBox="0 0 8 8"
          refX="7.500"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          orient="auto-start-reverse"
        >
          <path d="M0 0.800 7.500 4 0 7.200Z" className={id === 'arrow' ? styles.head : styles.headLit} />
        </marker>
      ))}
    </defs>
  );
}
