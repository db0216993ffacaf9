import type { StoryNode } from '../api/types';
import { word } from '../text/words';
import { contract, type Graph, grouped, isTrace, standIn } from './model';

/** The fewest alike nodes that become one. */
export const alike = 3;

/**
 * Folds nodes that play the same part: same kind, same standing, and joined to
 * the same others in the same way.
 */
export function groupGraph(graph: Graph): Graph {
  const ties = new Map<string, string[]>();
  const tie = (id: string, text: string) => ties.set(id, [...(ties.get(id) ?? []), text]);
  for (const e of graph.edges) {
    tie(e.from, `>${e.kind}>${e.to}`);
    tie(e.to, `<${e.kind}<${e.from}`);
  }
  const part = (n: StoryNode): string => {
    const mine = [...new Set(ties.get(n.id) ?? [])].sort();
    // What stands alone is no group: two strangers share nothing.
    return mine.length === 0 ? n.id : [n.kind, n.impacted, n.critical, isTrace(n), ...mine].join('|');
  };
  const standsFor = new Map<string, StoryNode>();
  for (const members of grouped(graph.nodes, part).values()) {
    const [first] = members;
    if (members.length < alike || first === undefined) continue;
    const count = members.reduce((n, m) => n + (m.group?.count ?? 1), 0);
    const node = standIn(`group:${first.id}`, `${count} ${word('kinds', first.kind).toLowerCase()}`, members, true);
    for (const member of members) standsFor.set(member.id, node);
  }
  return standsFor.size === 0 ? graph : contract(graph, standsFor);
}
