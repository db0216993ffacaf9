import { describe, expect, it } from 'vitest';
import type { StoryEdge, StoryNode, TimelineItem } from '../api/types';
import { bundleGraph } from './bundle';
import { filterGraph } from './filter';
import { foldGraph, importance } from './fold';
import { groupGraph } from './group';
import { highlight } from './highlight';
import { placeLabels } from './labels';
import { pathOf, pointAt, readLayout } from './layout';
import { layoutInput, layoutKey } from './layoutInput';
import { entitiesOf, type Graph, isTrace } from './model';
import { reveal, revealAll } from './reveal';
import { centred, fitted, opening, overview, readable, revealing, revealingAll, zoomed } from './view';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 24, 8, minute)).toISOString();

function node(entity: number, kind: string, minute = 0, part: Partial<StoryNode> = {}): StoryNode {
  return {
    id: `e${entity}`,
    entity,
    kind,
    label: `${kind}-${entity}`,
    impacted: false,
    asset: false,
    critical: false,
    stopped: false,
    verdict: 'unknown',
    roles: [],
    layer: 0,
    firstSeen: at(minute),
    lastSeen: at(minute + 1),
    alerts: [`a${minute}`],
    alertCount: 1,
    ...part,
  };
}

function edge(from: string, to: string, minute = 0, kind = 'ran'): StoryEdge {
  return {
    id: `${from}-${kind}-${to}`,
    from,
    to,
    kind,
    label: kind,
    alerts: [`a${minute}`],
    alertCount: 1,
    firstSeen: at(minute),
  };
}

function item(minute: number, entities: number[], part: Partial<TimelineItem> = {}): TimelineItem {
  return {
    at: at(minute),
    end: at(minute + 1),
    alertId: `a${minute}`,
    title: `alert ${minute}`,
    severity: 'high',
    tactic: 'Execution',
    product: 'p',
    entities,
    count: 1,
    ...part,
  };
}

const chain: Graph = {
  nodes: [node(1, 'ip', 0), node(2, 'user', 1, { impacted: true }), node(3, 'device', 2, { impacted: true })],
  edges: [edge('e1', 'e2', 1, 'logon'), edge('e2', 'e3', 2, 'logon')],
};

describe('filter', () => {
  it('hides kinds and the edges that lose an end', () => {
    const graph = filterGraph(chain, { hiddenKinds: new Set(['user']) });
    expect(graph.nodes.map((n) => n.id)).toEqual(['e1', 'e3']);
    expect(graph.edges).toEqual([]);
  });
  it('keeps what was active in the window', () => {
    const graph = filterGraph(chain, { hiddenKinds: new Set(), from: Date.parse(at(2)), to: Date.parse(at(9)) });
    expect(graph.nodes.map((n) => n.id)).toEqual(['e2', 'e3']);
  });
  it('gives the same graph when nothing is hidden', () => expect(filterGraph(chain, { hiddenKinds: new Set() })).toBe(chain));
});

describe('group', () => {
  const files = [4, 5, 6].map((id) => node(id, 'file', id));
  const graph: Graph = {
    nodes: [...chain.nodes, ...files],
    edges: [...chain.edges, ...files.map((f) => edge('e3', f.id, 4, 'wrote'))],
  };

  it('folds nodes that play the same part', () => {
    const grouped = groupGraph(graph);
    const group = grouped.nodes.find((n) => n.group !== undefined);
    expect(group?.label).toBe('3 files');
    expect(group?.group?.members).toEqual([4, 5, 6]);
    expect(group?.alerts).toEqual(['a4', 'a5', 'a6']);
    expect(grouped.edges.filter((e) => e.kind === 'wrote')).toHaveLength(1);
    expect(group?.firstSeen).toBe(at(4));
  });
  it('keeps apart what differs in standing', () => {
    const marked = { ...graph, nodes: graph.nodes.map((n) => (n.id === 'e4' ? { ...n, verdict: 'malicious' } : n)) };
    expect(groupGraph(marked).nodes).toHaveLength(6);
  });
  it('leaves what stands alone', () => {
    const loose: Graph = { nodes: [1, 2, 3, 4].map((id) => node(id, 'file')), edges: [] };
    expect(groupGraph(loose)).toBe(loose);
  });
});

describe('fold', () => {
  const many: Graph = {
    nodes: Array.from({ length: 1_000 }, (_, i) =>
      node(i + 1, i % 2 === 0 ? 'file' : 'process', i % 50, { impacted: i === 999 }),
    ),
    edges: Array.from({ length: 999 }, (_, i) => edge(`e${i + 1}`, `e${i + 2}`)),
  };
  it('keeps the budget and loses no entity', () => {
    const folded = foldGraph(many, 150);
    expect(folded.nodes.length).toBeLessThanOrEqual(150);
    expect(new Set(folded.nodes.flatMap(entitiesOf)).size).toBe(1_000);
  });
  it('keeps the most telling ones', () => expect(foldGraph(many, 150).nodes.some((n) => n.id === 'e1000')).toBe(true));
  it('never leaves an edge without an end', () => {
    const folded = foldGraph(many, 150);
    const ids = new Set(folded.nodes.map((n) => n.id));
    expect(folded.edges.every((e) => ids.has(e.from) && ids.has(e.to) && e.from !== e.to)).toBe(true);
  });
  it('leaves small graphs alone', () => expect(foldGraph(chain)).toBe(chain));
  it('ranks critical over impacted over malicious over the rest', () => {
    const ranks = [{ critical: true }, { impacted: true }, { verdict: 'malicious' }, {}].map((part) =>
      importance(node(1, 'file', 0, part)),
    );
    expect([...ranks].sort((a, b) => b - a)).toEqual(ranks);
  });
});

describe('bundle', () => {
  it('joins ties of one direction and keeps the others', () => {
    const graph: Graph = {
      nodes: chain.nodes,
      edges: [edge('e1', 'e2', 3, 'connected'), edge('e1', 'e2', 1, 'logon'), edge('e2', 'e1', 2, 'sent')],
    };
    const bundled = bundleGraph(graph);
    expect(bundled.edges).toHaveLength(2);
    expect(bundled.edges[0]).toMatchObject({ label: 'logon, connected', alerts: ['a1', 'a3'], firstSeen: at(1) });
  });
  it('gives the same graph when there is nothing to join', () => expect(bundleGraph(chain)).toBe(chain));
});

describe('layout', () => {
  it('runs edges forwards and in a stable order', () => {
    const graph: Graph = {
      nodes: [node(2, 'device', 5, { layer: 1 }), node(1, 'ip', 9)],
      edges: [edge('e2', 'e1')],
    };
    const input = layoutInput(graph);
    expect(input.children.map((c) => c.id)).toEqual(['e1', 'e2']);
    expect(input.edges[0]).toMatchObject({ sources: ['e1'], targets: ['e2'] });
    expect(layoutKey(input)).toBe(layoutKey(layoutInput({ nodes: [...graph.nodes].reverse(), edges: graph.edges })));
  });
  it('turns the ways of reversed edges back', () => {
    const graph: Graph = { nodes: [node(1, 'ip'), node(2, 'device')], edges: [edge('e2', 'e1')] };
    const section = { id: 's', startPoint: { x: 0, y: 0 }, endPoint: { x: 9, y: 0 } };
    const layout = readLayout(graph, {
      id: 'g',
      width: 100,
      height: 50,
      children: [{ id: 'e1', x: 0, y: 0 }],
      edges: [{ id: 'e2-ran-e1', sources: ['e1'], targets: ['e2'], sections: [section] }],
    });
    expect(layout.edges.get('e2-ran-e1')).toEqual([section.endPoint, section.startPoint]);
    expect(layout.nodes.get('e1')).toEqual({ x: 20, y: 20 });
  });
  it('draws flowing lines and finds places on them', () => {
    const way = [
      { x: 0, y: 0 },
      { x: 100, y: 0 },
      { x: 200, y: 100 },
    ];
    expect(pathOf(way)).toBe('M0 0L100 0C150 0 150 100 200 100');
    expect(pathOf([])).toBe('');
    expect(pointAt(way.slice(0, 2), 0.5)).toEqual({ x: 50, y: 0 });
    expect(pointAt(way, 1)).toEqual({ x: 200, y: 100 });
  });
});

describe('labels of edges', () => {
  const star: Graph = {
    nodes: [0, 1, 2, 3].map((n) => node(n, 'device')),
    edges: [1, 2, 3].map((n) => edge('e0', `e${n}`)),
  };
  const place = (points: { x: number; y: number }[][], nodes: [string, { x: number; y: number }][] = []) =>
    placeLabels(star.edges, {
      nodes: new Map(nodes),
      edges: new Map(star.edges.map((e, i) => [e.id, points[i] ?? []])),
      width: 0,
      height: 0,
    });
  const line = (to: number) => [
    { x: 0, y: 0 },
    { x: 400, y: to },
  ];
  it('stand apart, over no other words', () => {
    const labels = place([line(0), line(0), line(200)]);
    expect(labels).toHaveLength(3);
    for (const a of labels)
      for (const b of labels)
        expect(a === b || Math.abs(a.x - b.x) >= (a.width + b.width) / 2 || Math.abs(a.y - b.y) >= 18).toBe(true);
  });
  it('stay away from nodes and their names', () => {
    const [label] = place([line(0)], [['e9', { x: 200, y: 0 }]]);
    expect(Math.abs((label?.x ?? 200) - 200)).toBeGreaterThan(20);
  });
  it('are left out where there is no room', () => {
    const short = [
      { x: 0, y: 0 },
      { x: 30, y: 0 },
    ];
    expect(place([short, short, short])).toHaveLength(1);
  });
});

describe('reveal', () => {
  const timeline = [item(0, [1]), item(1, [1, 2]), item(2, [2, 3])];
  it('grows step by step and never shows an edge without its ends', () => {
    const sizes = timeline.map((_, step) => reveal(chain, timeline, step)).map((r) => [r.nodes.size, r.edges.size]);
    expect(sizes).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ]);
  });
  it('shows everything in the end', () => {
    const all = revealAll(chain);
    const last = reveal(chain, timeline, 2);
    expect(last.nodes).toEqual(all.nodes);
    expect(last.edges).toEqual(all.edges);
  });
  it('brings out what the step is about', () => expect([...reveal(chain, timeline, 2).current]).toEqual(['e2', 'e3']));
  it('goes by first sight where the list of alerts was cut', () => {
    const busy: Graph = { nodes: [node(7, 'ip', 1, { alerts: ['other'], alertCount: 80 })], edges: [] };
    expect(reveal(busy, timeline, 0).nodes.size).toBe(0);
    expect(reveal(busy, timeline, 1).nodes.size).toBe(1);
  });
  it('counts folded repeats as played', () => {
    const folded = [item(0, [1], { folded: ['a2'] })];
    expect([...reveal(chain, folded, 0).nodes]).toContain('e3');
  });
});

describe('highlight', () => {
  const timeline = [item(1, [1, 2]), item(2, [2, 3])];
  it('shows what an alert names and joins', () => {
    const lit = highlight(chain, timeline, { alert: 'a1' });
    expect([...(lit.nodes ?? [])]).toEqual(['e1', 'e2']);
    expect([...lit.edges]).toEqual(['e1-logon-e2']);
  });
  it('shows an entity with its neighbours and its alerts', () => {
    const lit = highlight(chain, timeline, { entity: 2 });
    expect(lit.nodes?.size).toBe(3);
    expect([...lit.alerts]).toEqual(['a1', 'a2']);
  });
  it('leaves all as it is without a selection', () => expect(highlight(chain, timeline, {}).nodes).toBeUndefined());
});

describe('view', () => {
  const layout = { nodes: new Map(), edges: new Map(), width: 4_000, height: 1_000 };
  it('fits everything, or opens readable at the beginning', () => {
    expect(fitted(layout, 800, 600).scale).toBeCloseTo(0.2);
    const view = opening(layout, 800, 600, { x: 40, y: 900 });
    expect(view.scale).toBe(readable);
    expect(view.x).toBe(0);
    expect(900 * view.scale + view.y).toBeLessThan(600);
  });
  it('zooms around the pointer', () => {
    const view = zoomed({ x: 10, y: 20, scale: 1 }, { x: 110, y: 220 }, 2);
    expect([(110 - view.x) / view.scale, (220 - view.y) / view.scale]).toEqual([100, 200]);
  });
  it('has a small map only while something is out of view', () => {
    expect(overview(layout, fitted(layout, 800, 600), 800, 600)).toBeUndefined();
    const map = overview(layout, { x: -500, y: 0, scale: 1 }, 800, 600);
    expect(map?.window).toEqual({ x: 500, y: 0, width: 800, height: 600 });
    expect(centred({ x: 0, y: 0, scale: 2 }, { x: 100, y: 50 }, 800, 600)).toEqual({ x: 200, y: 200, scale: 2 });
  });
  it('moves no further than needed', () => {
    const view = { x: 0, y: 0, scale: 1 };
    expect(revealing(view, { x: 200, y: 200 }, 800, 600)).toBe(view);
    expect(revealing(view, { x: 900, y: 200 }, 800, 600)).toEqual({ x: -170, y: 0, scale: 1 });
    expect(revealingAll(view, [], 800, 600)).toBe(view);
    const far = revealingAll(
      view,
      [
        { x: 0, y: 0 },
        { x: 4_000, y: 0 },
      ],
      800,
      600,
    );
    expect(2_000 * far.scale + far.x).toBe(400);
  });
});

describe('standing', () => {
  it.each([
    [{ verdict: 'malicious' }, true],
    [{ roles: ['attacker'] }, true],
    [{ verdict: 'malicious', impacted: true }, false],
    [{ verdict: 'noThreatsFound' }, false],
    [{ roles: ['compromised'] }, false],
  ])('%j', (part, want) => expect(isTrace(node(1, 'file', 0, part))).toBe(want));
});
