import type { StoryNode } from '../api/types';
import { word } from '../text/words';
import { contract, type Graph, grouped, isTrace, standIn } from './model';

/** The most nodes that can be read at once. */
export const budget = 150;

/** How much a node says: assets and critical things first, then the attacker's, then the busy. */
export function importance(node: StoryNode): number {
  return (
    (node.critical ? 400 : 0) +
    (node.impacted ? 300 : 0) +
    (node.verdict === 'malicious' ? 200 : node.verdict === 'suspicious' ? 120 : 0) +
    (isTrace(node) ? 60 : 0) +
    Math.min(50, node.alertCount)
  );
}

/**
 * Brings a large graph under the budget: the most telling nodes stay, the rest
 * become one node a kind with their count. Nothing is cut silently.
 */
export function foldGraph(graph: Graph, most = budget): Graph {
  if (graph.nodes.length <= most) return graph;
  const ranked = [...graph.nodes].sort(
    (a, b) => importance(b) - importance(a) || a.firstSeen.localeCompare(b.firstSeen) || a.id.localeCompare(b.id),
  );
  const kinds = new Set(ranked.map((n) => n.kind)).size;
  const rest = ranked.slice(Math.max(1, most - kinds));
  const byKind = grouped(rest, (n) => n.kind);
  const standsFor = new Map<string, StoryNode>();
  for (const [kind, members] of byKind) {
    if (members.length < 2) continue;
    const count = members.reduce((n, m) => n + (m.group?.count ?? 1), 0);
    const node = standIn(`fold:${kind}`, `${count} more ${word('kinds', kind).toLowerCase()}`, members);
    for (const member of members) standsFor.set(member.id, node);
  }
  return contract(graph, standsFor);
}
