import type { StoryNode } from '../api/types';
import type { Graph } from './model';

/** Side of a node's shape and size of its label, in the picture's units. */
export const nodeSize = 40;
export const labelWidth = 126;
export const labelHeight = 17;
export const labelLength = 19;

/** What the layout engine takes (ELK JSON), as far as it is used. */
export interface LayoutInput {
  id: string;
  layoutOptions: Record<string, string>;
  children: {
    id: string;
    width: number;
    height: number;
    labels: { text: string; width: number; height: number }[];
    layoutOptions: Record<string, string>;
  }[];
  edges: { id: string; sources: string[]; targets: string[] }[];
}

const options: Record<string, string> = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  // The attack runs from left to right: the order of the input is the order of
  // its steps, and edges against it do not bend the layers.
  'elk.layered.considerModelOrder.strategy': 'PREFER_NODES',
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
  'elk.layered.spacing.nodeNodeBetweenLayers': '46',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.spacing.nodeNode': '20',
  'elk.spacing.edgeNode': '8',
  'elk.spacing.edgeEdge': '4',
  'elk.spacing.componentComponent': '56',
  'elk.separateConnectedComponents': 'true',
  'elk.aspectRatio': '1.7',
  'elk.edgeRouting': 'POLYLINE',
  'elk.padding': '[top=24,left=48,bottom=32,right=48]',
};

/** By the step of the attack, then by first sight; equals keep the server's order. */
export function inOrder(nodes: StoryNode[]): StoryNode[] {
  return [...nodes].sort((a, b) => a.layer - b.layer || a.firstSeen.localeCompare(b.firstSeen));
}

export function layoutInput(graph: Graph): LayoutInput {
  const nodes = inOrder(graph.nodes);
  const rank = new Map(nodes.map((n, i) => [n.id, i]));
  return {
    id: 'story',
    layoutOptions: options,
    children: nodes.map((n) => ({
      id: n.id,
      width: nodeSize,
      height: nodeSize,
      labels: [{ text: n.id, width: labelWidth, height: labelHeight }],
      layoutOptions: {
        'elk.nodeLabels.placement': '[H_CENTER, V_BOTTOM, OUTSIDE]',
        'elk.nodeLabels.padding': '[top=4,left=0,bottom=0,right=0]',
      },
    })),
    edges: graph.edges
      .map((e) => {
        const forward = (rank.get(e.from) ?? 0) <= (rank.get(e.to) ?? 0);
        return { id: e.id, sources: [forward ? e.from : e.to], targets: [forward ? e.to : e.from] };
      })
      .sort((a, b) => a.id.localeCompare(b.id)),
  };
}

/** Names a layout: equal graphs share one. */
export function layoutKey(input: LayoutInput): string {
  return `${input.children.map((c) => c.id).join()}|${input.edges.map((e) => `${e.sources[0]}>${e.targets[0]}`).join()}`;
}
