import { mergeClasses } from '@fluentui/react-components';
import type { StoryEdge } from '../api/types';
import styles from './Graph.module.css';
import type { EdgeLabel } from './labels';
import { wordsOf } from './labels';
import { type Layout, pathOf } from './layout';

interface GraphEdgesProps {
  edges: StoryEdge[];
  layout: Layout;
  shown: ReadonlySet<string>;
  lit: ReadonlySet<string>;
  dim: boolean;
  onSelect: (edge: StoryEdge) => void;
  /** The edge under the pointer. */
  onPoint: (edge: StoryEdge | undefined) => void;
}

/** What joins the entities. */
export function GraphEdges({ edges, layout, shown, lit, dim, onSelect, onPoint }: GraphEdgesProps) {
  return (
    <g>
      {edges.map((edge) => {
        const points = layout.edges.get(edge.id);
        if (points === undefined || !shown.has(edge.id)) return null;
        const path = pathOf(points);
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: the list view offers the same to the keyboard
          <g
            key={edge.id}
            data-edge={edge.id}
            className={mergeClasses(styles.edge, lit.has(edge.id) && styles.lit, dim && !lit.has(edge.id) && styles.dimmed)}
            onClick={() => onSelect(edge)}
            onPointerEnter={() => onPoint(edge)}
            onPointerLeave={() => onPoint(undefined)}
          >
            <path d={path} className={styles.wide} />
            <path d={path} className={styles.line} markerEnd={lit.has(edge.id) ? 'url(#arrow-lit)' : 'url(#arrow)'}>
              <desc>{wordsOf(edge)}</desc>
            </path>
          </g>
        );
      })}
    </g>
  );
}

/** The words of the edges that are brought out, above all else. */
export function EdgeLabels({ labels }: { labels: EdgeLabel[] }) {
  return (
    <g className={styles.edgeLabels}>
      {labels.map((label) => (
        <g key={label.id} transform={`translate(${label.x} ${label.y})`}>
          <rect x={-label.width / 2} y="-9" width={label.width} height="18" rx="5" />
          <text y="4" textAnchor="middle">
            {label.text}
          </text>
        </g>
      ))}
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
          markerUnits="userSpaceOnUse"
          orient="auto-start-reverse"
        >
          <path d="M0 0.800 7.500 4 0 7.200Z" className={id === 'arrow' ? styles.head : styles.headLit} />
        </marker>
      ))}
    </defs>
  );
}
