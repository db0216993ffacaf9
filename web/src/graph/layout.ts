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
    edges.set(edge.id, edge.sources[0] === from.get(edge.id) ? points : points.reverse());
  }
  return { nodes, edges, width: answer.width ?? 0, height: answer.height ?? 0 };
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

/** A way with round corners, as an SVG path. */
export function pathOf(points: Point[], radius = 8): string {
  const [first] = points;
  if (first === undefined) return '';
  let path = `M${round(first.x)} ${round(first.y)}`;
  for (let i = 1; i < points.length; i++) {
    const at = points[i] as Point;
    const next = points[i + 1];
    if (next === undefined) {
      path += `L${round(at.x)} ${round(at.y)}`;
      continue;
    }
    const before = points[i - 1] as Point;
    const r = Math.min(radius, distance(before, at) / 2, distance(at, next) / 2);
    const a = towards(at, before, r);
    const b = towards(at, next, r);
    path += `L${round(a.x)} ${round(a.y)}Q${round(at.x)} ${round(at.y)} ${round(b.x)} ${round(b.y)}`;
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

/** The middle of a way, for what is written on it. */
export function middleOf(points: Point[]): Point {
  const lengths = points.slice(1).map((p, i) => distance(points[i] as Point, p));
  let left = lengths.reduce((a, b) => a + b, 0) / 2;
  for (const [i, length] of lengths.entries()) {
    if (left <= length) return towards(points[i] as Point, points[i + 1] as Point, left);
    left -= length;
  }
  return points[0] ?? { x: 0, y: 0 };
}
