import type { PointerEvent } from 'react';
import type { StoryNode } from '../api/types';
import styles from './Graph.module.css';
import type { Layout, Point } from './layout';
import { isTrace } from './model';
import { centred, overview, type View } from './view';

interface MinimapProps {
  nodes: StoryNode[];
  layout: Layout;
  view: View;
  width: number;
  height: number;
  onView: (view: View) => void;
}

/** Where one is in a picture that is larger than its frame. A click or drag goes there. */
export function Minimap({ nodes, layout, view, width, height, onView }: MinimapProps) {
  const map = overview(layout, view, width, height);
  if (map === undefined) return null;
  const go = (event: PointerEvent<SVGSVGElement>) => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    const at: Point = { x: (event.clientX - box.left) / map.scale, y: (event.clientY - box.top) / map.scale };
    onView(centred(view, at, width, height));
  };
  return (
    <svg
      className={styles.minimap}
      width={layout.width * map.scale}
      height={layout.height * map.scale}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      aria-hidden="true"
      data-minimap=""
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={go}
    >
      {nodes.map((node) => {
        const at = layout.nodes.get(node.id);
        if (at === undefined) return null;
        return (
          <circle
            key={node.id}
            cx={at.x}
            cy={at.y}
            r="20"
            className={isTrace(node) ? styles.dotTrace : node.impacted ? styles.dotAsset : styles.dot}
          />
        );
      })}
      <rect {...map.window} className={styles.window} />
    </svg>
  );
}
