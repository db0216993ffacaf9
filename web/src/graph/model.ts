import type { StoryEdge, StoryNode } from '../api/types';

/**
 * The picture of an attack on its way through the pipeline:
 * filter → group → fold → bundle → layout → reveal. Every step is a pure function from
 * one graph to the next; React only draws the end.
 */
export interface Graph {
  nodes: StoryNode[];
  edges: StoryEdge[];
}

/** Whether a node is something of the attacker's: it gets the red ring. */
export function isTrace(node: StoryNode): boolean {
  if (node.impacted) return false;
  if (node.roles.some((r) => /attack|source|commandAndControl|malicious/i.test(r))) return true;
  return node.verdict === 'malicious' || node.verdict === 'suspicious';
}

/** Every entity that a node stands for. */
export function entitiesOf(node: StoryNode): number[] {
  return node.group?.members ?? (node.entity === undefined ? [] : [node.entity]);
}

/** Keeps the edges whose ends are both there. */
export function withNodes(graph: Graph, nodes: StoryNode[]): Graph {
  const ids = new Set(nodes.map((n) => n.id));
  return { nodes, edges: graph.edges.filter((e) => ids.has(e.from) && ids.has(e.to)) };
}

/**
 * Replaces nodes by the nodes that stand for them. Edges between the same two
 * nodes of the same kind become one, edges inside a node go away.
 */
export function contract(graph: Graph, standsFor: ReadonlyMap<string, StoryNode>): Graph {
  const nodes = new Map<string, StoryNode>();
  for (const node of graph.nodes) {
    const target = standsFor.get(node.id) ?? node;
    nodes.set(target.id, target);
  }
  const edges = new Map<string, StoryEdge>();
  for (const edge of graph.edges) {
    const from = standsFor.get(edge.from)?.id ?? edge.from;
    const to = standsFor.get(edge.to)?.id ?? edge.to;
    if (from === to) continue;
    const key = `${from}>${to}:${edge.kind}`;
    const known = edges.get(key);
    edges.set(
      key,
      known === undefined ? { ...edge, id: from === edge.from && to === edge.to ? edge.id : key, from, to } : joined(known, edge),
    );
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

function joined(a: StoryEdge, b: StoryEdge): StoryEdge {
  return {
    ...a,
    alerts: [...new Set([...a.alerts, ...b.alerts])],
    alertCount: a.alertCount + b.alertCount,
    firstSeen: [a.firstSeen, b.firstSeen].sort()[0] ?? a.firstSeen,
  };
}

/** Nodes by what a function says of them, in their order. */
export function grouped(nodes: StoryNode[], by: (node: StoryNode) => string): Map<string, StoryNode[]> {
  const groups = new Map<string, StoryNode[]>();
  for (const node of nodes) {
    const key = by(node);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [node]);
    else group.push(node);
  }
  return groups;
}

const verdicts = ['malicious', 'suspicious'];

/** One node for several; it is as bad, as early and as late as any of them. */
export function standIn(id: string, label: string, members: StoryNode[], alike = false): StoryNode {
  const [first] = members;
  if (first === undefined) throw new Error('a group without members');
  const times = (pick: (n: StoryNode) => string) => members.map(pick).sort();
  return {
    ...first,
    id,
    label,
    impacted: members.some((m) => m.impacted),
    critical: members.some((m) => m.critical),
    verdict: verdicts.find((v) => members.some((m) => m.verdict === v)) ?? first.verdict,
    roles: [...new Set(members.flatMap((m) => m.roles))],
    firstSeen: times((n) => n.firstSeen)[0] ?? first.firstSeen,
    lastSeen: times((n) => n.lastSeen).at(-1) ?? first.lastSeen,
    alerts: [...new Set(members.flatMap((m) => m.alerts))],
    layer: Math.min(...members.map((m) => m.layer)),
    stopped: members.every((m) => m.stopped),
    alertCount: Math.max(...members.map((m) => m.alertCount)),
    group: {
      alike,
      count: members.reduce((n, m) => n + (m.group?.count ?? 1), 0),
      members: members.flatMap(entitiesOf),
    },
  };
}
