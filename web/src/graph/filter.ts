import { type Graph, withNodes } from './model';

export interface GraphFilter {
  hiddenKinds: ReadonlySet<string>;
  /** Time window in milliseconds, both ends included. */
  from?: number | undefined;
  to?: number | undefined;
}

/** Leaves what the legend shows and what was active in the time window. */
export function filterGraph(graph: Graph, filter: GraphFilter): Graph {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = filter;
  const kept = graph.nodes.filter(
    (n) => !filter.hiddenKinds.has(n.kind) && Date.parse(n.firstSeen) <= to && Date.parse(n.lastSeen) >= from,
  );
  if (kept.length === graph.nodes.length) return graph;
  const next = withNodes(graph, kept);
  return { ...next, edges: next.edges.filter((e) => Date.parse(e.firstSeen) <= to) };
}
