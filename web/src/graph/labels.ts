import type { StoryEdge } from '../api/types';
import { clipMiddle } from '../text/clip';
import { visible } from '../text/hostile';
import { spaced } from '../text/words';
import { type Layout, type Point, pointAt } from './layout';
import { labelHeight, labelWidth, nodeSize } from './layoutInput';

/** Words on a line, with the place and size of their box. */
export interface EdgeLabel extends Point {
  id: string;
  text: string;
  width: number;
}

const height = 18;
const shares = [0.5, 0.62, 0.38, 0.75, 0.25, 0.85, 0.15];

/** What a tie says. */
export function wordsOf(edge: StoryEdge): string {
  return visible(edge.label || spaced(edge.kind).toLowerCase());
}

/**
 * Finds a free place on its line for the words of each edge: over no node, no
 * name of a node and no other words. Those that find none have no label; they
 * still say all under the pointer.
 */
export function placeLabels(edges: StoryEdge[], layout: Layout): EdgeLabel[] {
  const taken = [...layout.nodes.values()].flatMap(boxesOf);
  const labels: EdgeLabel[] = [];
  for (const edge of edges) {
    const points = layout.edges.get(edge.id);
    if (points === undefined) continue;
    const text = clipMiddle(wordsOf(edge), 30);
    const width = text.length * 6.5 + 12;
    const at = shares
      .map((share) => pointAt(points, share))
      .find((p) => !taken.some((box) => meet(boxAt(p, width, height), box)));
    if (at === undefined) continue;
    taken.push(boxAt(at, width, height));
    labels.push({ id: edge.id, text, width, ...at });
  }
  return labels;
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

function boxAt(at: Point, width: number, tall: number): Box {
  return { left: at.x - width / 2, right: at.x + width / 2, top: at.y - tall / 2, bottom: at.y + tall / 2 };
}

/** A node's shape and its name under it. */
function boxesOf(at: Point): Box[] {
  return [
    boxAt(at, nodeSize, nodeSize),
    boxAt({ x: at.x, y: at.y + nodeSize / 2 + 4 + labelHeight / 2 }, labelWidth * 0.8, labelHeight),
  ];
}

function meet(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
