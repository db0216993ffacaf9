import type { Story, TimelineItem } from '../api/types';
import { count } from '../text/count';
import { duration } from '../text/time';
import { word } from '../text/words';

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

/** Proofs that follow each other are one: 1, 2, 3, 7 gives 1–3 and 7. */
export interface ProofRange {
  from: Proof;
  to: number;
}

export function rangesOf(proofs: Proof[]): ProofRange[] {
  const ranges: ProofRange[] = [];
  for (const proof of proofs) {
    const last = ranges.at(-1);
    if (last !== undefined && last.to + 1 === proof.number) last.to = proof.number;
    else ranges.push({ from: proof, to: proof.number });
  }
  return ranges;
}

export interface Window {
  from?: number | undefined;
  to?: number | undefined;
}

/** The rows that were active in the window, with their proof numbers kept. */
export function within(timeline: TimelineItem[], { from, to }: Window): TimelineItem[] {
  if (from === undefined && to === undefined) return timeline;
  return timeline.filter(
    (i) =>
      Date.parse(i.at) <= (to ?? Number.POSITIVE_INFINITY) && Date.parse(i.end || i.at) >= (from ?? Number.NEGATIVE_INFINITY),
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
    if (node.group === undefined && node.entity !== undefined) labels.set(node.entity, { kind: node.kind, label: node.label });
  }
  return labels;
}

/** What the picture leaves to the lists, in words; empty when it shows all. */
export function foldedText(story: Story): string {
  const { entities, context = 0 } = story.graph.folded;
  const parts = [
    ...(entities > 0 ? [`${count(entities, 'entity', 'entities')} shown in groups`] : []),
    ...(context > 0 ? [`${count(context, 'entity', 'entities')} of context left out`] : []),
    ...((story.truncated.edges ?? 0) > 0 ? [`${count(story.truncated.edges ?? 0, 'connection')} left out`] : []),
  ];
  return parts.length === 0 ? '' : `${parts.join(', ')}`;
}

/** The reason of a row's link in few words: "same user, IP address · 31 min after 2". */
export function whyInShort(
  item: TimelineItem,
  rows: ReadonlyMap<string, TimelineItem>,
  numbers: ReadonlyMap<string, number>,
): string {
  const shares = (item.shares ?? []).map((kind) => inSentence(word('kind', kind))).join(' and ');
  const number = item.peer === undefined ? undefined : numbers.get(item.peer);
  if (shares === '' && item.why === undefined) return '';
  const parts = [shares === '' ? (item.why ?? '') : `same ${shares}`];
  if (shares !== '' && number !== undefined && number !== numbers.get(item.alertId)) {
    const peer = rows.get(item.peer ?? '');
    const gap = peer === undefined ? undefined : Date.parse(item.at) - Date.parse(peer.at);
    parts.push(gap === undefined || gap === 0 ? `with ${number}` : `${duration(gap)} ${gap < 0 ? 'before' : 'after'} ${number}`);
  }
  return parts.join(' · ');
}

/** A word as it is written inside a sentence; abbreviations keep their capitals. */
function inSentence(text: string): string {
  return /^[A-Z]{2}/.test(text) ? text : text.toLowerCase();
}
