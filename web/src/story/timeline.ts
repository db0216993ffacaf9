import type { Story, TimelineItem } from '../api/types';

/** Proof numbers: alert id → place in the timeline, from 1. Folded alerts share their row's. */
export function proofNumbers(timeline: TimelineItem[]): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const [i, item] of timeline.entries()) {
    for (const id of [item.alertId, ...(item.folded ?? [])]) if (!numbers.has(id)) numbers.set(id, i + 1);
  }
  return numbers;
}

export interface Proof {
  number: number;
  alert: string;
}

/** The proofs of a sentence in order, each number once. */
export function proofsOf(alerts: string[], numbers: ReadonlyMap<string, number>): Proof[] {
  const proofs = new Map<number, string>();
  for (const alert of alerts) {
    const number = numbers.get(alert);
    if (number !== undefined && !proofs.has(number)) proofs.set(number, alert);
  }
  return [...proofs].map(([number, alert]) => ({ number, alert })).sort((a, b) => a.number - b.number);
}

export interface Window {
  from?: number | undefined;
  to?: number | undefined;
}

/** The rows that were active in the window, with their proof numbers kept. */
export function within(timeline: TimelineItem[], { from, to }: Window): TimelineItem[] {
  if (from === undefined && to === undefined) return timeline;
  return timeline.filter(
    (i) => Date.parse(i.at) <= (to ?? Number.POSITIVE_INFINITY) && Date.parse(i.end || i.at) >= (from ?? Number.NEGATIVE_INFINITY),
  );
}

export interface Span {
  start: number;
  end: number;
}

/** From the first activity to the last, at least a minute long. */
export function spanOf(timeline: TimelineItem[]): Span {
  if (timeline.length === 0) return { start: 0, end: 60_000 };
  const start = Math.min(...timeline.map((i) => Date.parse(i.at)));
  const end = Math.max(...timeline.map((i) => Math.max(Date.parse(i.at), Date.parse(i.end) || 0)));
  return { start, end: Math.max(end, start + 60_000) };
}

/** Names of entities for the rows of the timeline. */
export function labelsOf(story: Story): Map<number, { kind: string; label: string }> {
  const labels = new Map<number, { kind: string; label: string }>();
  for (const node of story.graph.nodes) {
    if (node.group === undefined) labels.set(node.entity, { kind: node.kind, label: node.label });
  }
  return labels;
}

/** The answer as the rest can rely on it: lists that may be null are lists. */
export function complete(story: Story): Story {
  return {
    ...story,
    timeline: (story.timeline ?? []).map((i) => ({ ...i, entities: i.entities ?? [], folded: i.folded ?? [], count: i.count ?? 1 })),
    graph: {
      nodes: (story.graph?.nodes ?? []).map((n) => ({
        ...n,
        alerts: n.alerts ?? [],
        roles: n.roles ?? [],
        verdict: n.verdict ?? 'unknown',
        group: n.group ?? undefined,
      })),
      edges: (story.graph?.edges ?? []).map((e) => ({ ...e, alerts: e.alerts ?? [] })),
      folded: story.graph?.folded ?? 0,
    },
    killChain: story.killChain ?? [],
    sentences: (story.sentences ?? []).map((s) => ({ ...s, alerts: s.alerts ?? [], entities: s.entities ?? [] })),
    scope: story.scope ?? {},
  };
}
