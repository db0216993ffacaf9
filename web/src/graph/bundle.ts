import type { StoryEdge } from '../api/types';
import type { Graph } from './model';

/**
 * Draws several ties between the same two as one line: their words are joined,
 * in the order of time. Opposite directions stay apart.
 */
export function bundleGraph(graph: Graph): Graph {
  const bundles = new Map<string, StoryEdge[]>();
  for (const edge of graph.edges) {
    const key = `${edge.from}>${edge.to}`;
    bundles.set(key, [...(bundles.get(key) ?? []), edge]);
  }
  if (bundles.size === graph.edges.length) return graph;
  return { nodes: graph.nodes, edges: [...bundles.values()].map(bundled) };
}

function bundled(edges: StoryEdge[]): StoryEdge {
  const sorted = [...edges].sort((a, b) => a.firstSeen.localeCompare(b.firstSeen) || a.id.localeCompare(b.id));
  const first = sorted[0] as StoryEdge;
  if (sorted.length === 1) return first;
  const alerts = [...new Set(sorted.flatMap((e) => e.alerts))];
  return {
    ...first,
    label: [...new Set(sorted.map((e) => e.label))].join(', '),
    alerts,
    // Ties may rest on the same alerts, so the largest is a lower bound that never overstates.
    alertCount: Math.max(alerts.length, ...sorted.map((e) => e.alertCount)),
  };
}
