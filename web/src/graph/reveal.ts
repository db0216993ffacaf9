import type { TimelineItem } from '../api/types';
import { entitiesOf, type Graph } from './model';

export interface Revealed {
  nodes: ReadonlySet<string>;
  edges: ReadonlySet<string>;
  /** What the present step shows for the first time or again. */
  current: ReadonlySet<string>;
}

/** Everything, for when nothing plays. */
export function revealAll(graph: Graph): Revealed {
  return {
    nodes: new Set(graph.nodes.map((n) => n.id)),
    edges: new Set(graph.edges.map((e) => e.id)),
    current: new Set(),
  };
}

/**
 * What is visible after the alerts up to and including step (0-based) have been
 * played. Positions never change: playing only reveals.
 */
export function reveal(graph: Graph, timeline: TimelineItem[], step: number): Revealed {
  const now = timeline[step];
  if (now === undefined) return { nodes: new Set(), edges: new Set(), current: new Set() };
  const at = Date.parse(now.at);
  const played = new Set(timeline.slice(0, step + 1).flatMap((i) => [i.alertId, ...(i.folded ?? [])]));
  // Lists of alerts are bounded, so first sight decides where they run out.
  const seen = (alerts: string[], count: number, first: string) =>
    alerts.some((a) => played.has(a)) || (count > alerts.length && Date.parse(first) <= at);
  const nodes = new Set(graph.nodes.filter((n) => seen(n.alerts, n.alertCount, n.firstSeen)).map((n) => n.id));
  const edges = graph.edges.filter((e) => nodes.has(e.from) && nodes.has(e.to) && seen(e.alerts, e.alertCount, e.firstSeen));
  const present = new Set([now.alertId, ...(now.folded ?? [])]);
  const entities = new Set(now.entities);
  const current = graph.nodes.filter(
    (n) => nodes.has(n.id) && (n.alerts.some((a) => present.has(a)) || entitiesOf(n).some((e) => entities.has(e))),
  );
  return { nodes, edges: new Set(edges.map((e) => e.id)), current: new Set(current.map((n) => n.id)) };
}
