import type { ElkNode } from 'elkjs/lib/elk-api.js';
import { type LayoutInput, layoutKey, nodeSize } from './layoutInput';
import type { Graph } from './model';

export interface Point {
  x: number;
  y: number;
}

export interface Layout {
  /** Centres of the nodes. */
  nodes: ReadonlyMap<string, Point>;
  /** Ways of the edges, from their "from" to their "to". */
  edges: ReadonlyMap<string, Point[]>;
  width: number;
  height: number;
}

/** Reads the engine's answer; edges laid against their direction are turned back. */
export function readLayout(graph: Graph, answer: ElkNode): Layout {
  const nodes = new Map<string, Point>();
  for (const child of answer.children ?? []) {
    nodes.set(child.id, { x: (child.x ?? 0) + nodeSize / 2, y: (child.y ?? 0) + nodeSize / 2 });
  }
  const from = new Map(graph.edges.map((e) => [e.id, e.from]));
  const edges = new Map<string, Point[]>();
  for (const edge of answer.edges ?? []) {
    const points = (edge.sections ?? []).flatMap((s) => [s.startPoint, ...(s.bendPoints ?? []), s.endPoint]);
    const way = gathered(points, nodes.get(edge.sources[0] ?? ''), nodes.get(edge.targets[0] ?? ''));
    edges.set(edge.id, edge.sources[0] === from.get(edge.id) ? way : way.reverse());
  }
  return { nodes, edges, width: answer.width ?? 0, height: answer.height ?? 0 };
}

/** How far the ends of edges stand apart at a node, of what the engine gives them. */
const spread = 0.3;

/** Draws the ends of an edge together at its nodes: it leaves one side of a node and parts on the way. */
function gathered(points: Point[], source: Point | undefined, target: Point | undefined): Point[] {
  const [start] = points;
  const end = points.at(-1);
  if (source === undefined || target === undefined || start === undefined || end === undefined) return points;
  // Level beginnings and ends would keep parallel lines apart: the curve takes their room.
  const inner = points.slice(1, -1).filter((p) => p.y !== start.y && p.y !== end.y);
  const at = (end: Point, node: Point): Point => ({ x: end.x, y: node.y + (end.y - node.y) * spread });
  return [at(start, source), ...inner, at(end, target)];
}

type Engine = { layout: (graph: ElkNode) => Promise<ElkNode> };

let engine: Promise<Engine> | undefined;

/** The engine runs in a worker of its own and is loaded with the first graph. */
async function start(): Promise<Engine> {
  const [{ default: ELK }, { default: url }] = await Promise.all([
    import('elkjs/lib/elk-api.js'),
    import('elkjs/lib/elk-worker.min.js?url'),
  ]);
  return new ELK({ workerFactory: () => new Worker(url) });
}

/** Loads the engine ahead of the first graph. */
export function warmUp(): void {
  engine ??= start();
  engine.catch(() => {
    engine = undefined;
  });
}

const cache = new Map<string, Promise<Layout>>();

export function computeLayout(graph: Graph, input: LayoutInput): Promise<Layout> {
  const key = layoutKey(input);
  const known = cache.get(key);
  if (known !== undefined) return known;
  engine ??= start();
  const answer = engine.then((e) => e.layout(input)).then((a) => readLayout(graph, a));
  answer.catch(() => {
    cache.delete(key);
    engine = undefined;
  });
  cache.set(key, answer);
  if (cache.size > 20) {
    const oldest = cache.keys().next().value;
    if (oldest !== undefined) cache.delete(oldest);
  }
  return answer;
}

/** A way as a flowing line: level where it leaves, bends and arrives. */
export function pathOf(points: Point[]): string {
  const [first] = points;
  if (first === undefined) return '';
  let path = `M${round(first.x)} ${round(first.y)}`;
  for (const [i, to] of points.slice(1).entries()) {
    const from = points[i] as Point;
    const half = (to.x - from.x) / 2;
    path +=
      Math.abs(to.y - from.y) < 1 || half === 0
        ? `L${round(to.x)} ${round(to.y)}`
        : `C${round(from.x + half)} ${round(from.y)} ${round(to.x - half)} ${round(to.y)} ${round(to.x)} ${round(to.y)}`;
  }
  return path;
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function towards(from: Point, to: Point, by: number): Point {
  const d = distance(from, to);
  return d === 0 ? from : { x: from.x + ((to.x - from.x) / d) * by, y: from.y + ((to.y - from.y) / d) * by };
}

/** The point at a share of a way, 0 to 1. */
export function pointAt(points: Point[], share: number): Point {
  const lengths = points.slice(1).map((p, i) => distance(points[i] as Point, p));
  let left = lengths.reduce((a, b) => a + b, 0) * share;
  for (const [i, length] of lengths.entries()) {
    if (left <= length) return towards(points[i] as Point, points[i + 1] as Point, left);
    left -= length;
  }
  return points.at(-1) ?? { x: 0, y: 0 };
}
