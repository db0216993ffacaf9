import { describe, expect, it } from 'vitest';
import type { TimelineItem } from '../api/types';
import { readStory, writeStory } from '../incident/storyState';
import { proofNumbers, proofsOf, rangesOf, spanOf, whyInShort, within } from './timeline';
import { statement } from './WithoutIt';

const item = (id: string, at: string, end: string, folded: string[] = []): TimelineItem => ({
  at,
  end,
  alertId: id,
  title: id,
  severity: 'low',
  tactic: '',
  product: '',
  entities: [],
  count: 1 + folded.length,
  folded,
});

const timeline = [
  item('a', '2026-11-24T08:00:00Z', '2026-11-24T08:10:00Z', ['a1', 'a2']),
  item('b', '2026-11-24T09:00:00Z', '2026-11-24T09:00:00Z'),
  item('c', '2026-11-24T10:00:00Z', '2026-11-24T10:30:00Z'),
];

describe('proofs', () => {
  const numbers = proofNumbers(timeline);
  it('numbers rows in order, repeats with their row', () => {
    expect([numbers.get('a'), numbers.get('a2'), numbers.get('c')]).toEqual([1, 1, 3]);
  });
  it('gives each number once, in order, and leaves out what is not shown', () => {
    expect(proofsOf(['c', 'a2', 'a', 'gone'], numbers)).toEqual([
      { number: 1, alert: 'a2' },
      { number: 3, alert: 'c' },
    ]);
  });
  it('joins neighbours', () => {
    const proofs = [1, 2, 3, 7, 9, 10].map((number) => ({ number, alert: `x${number}` }));
    expect(rangesOf(proofs).map((r) => [r.from.number, r.to])).toEqual([
      [1, 3],
      [7, 7],
      [9, 10],
    ]);
  });
});

describe('window', () => {
  it('keeps what overlaps', () => {
    const ids = (from: string, to: string) =>
      within(timeline, { from: Date.parse(from), to: Date.parse(to) }).map((i) => i.alertId);
    expect(ids('2026-11-24T08:05:00Z', '2026-11-24T09:00:00Z')).toEqual(['a', 'b']);
    expect(ids('2026-11-24T11:00:00Z', '2026-11-24T12:00:00Z')).toEqual([]);
  });
  it('is everything when not set', () => expect(within(timeline, {})).toBe(timeline));
  it('spans the whole activity', () => {
    expect(spanOf(timeline)).toEqual({ start: Date.parse('2026-11-24T08:00:00Z'), end: Date.parse('2026-11-24T10:30:00Z') });
    expect(spanOf([]).end).toBeGreaterThan(spanOf([]).start);
  });
});

describe('the story in the address bar', () => {
  it('comes back as it went', () => {
    const state = { alert: 'x', entity: undefined, from: 1_000, to: 2_000, list: true };
    expect(readStory(writeStory(state))).toEqual(state);
  });
  it('drops nonsense', () => {
    expect(readStory({ entity: 'x', from: 'y' })).toEqual({
      alert: undefined,
      entity: undefined,
      from: undefined,
      to: undefined,
      list: false,
    });
  });
});

describe('the reason in short', () => {
  const at = (id: string, time: string, part: Partial<TimelineItem>): TimelineItem => ({ ...item(id, time, time), ...part });
  const rows = [
    at('a', '2026-03-04T08:00:00Z', {}),
    at('b', '2026-03-04T08:31:00Z', { shares: ['user', 'ip'], peer: 'a', why: 'Same user x' }),
    at('c', '2026-03-04T07:00:00Z', { shares: ['file'], peer: 'b' }),
    at('d', '2026-03-04T09:00:00Z', { why: 'The same rule' }),
    at('e', '2026-03-04T09:00:00Z', { shares: ['device'], peer: 'e' }),
    at('f', '2026-03-04T09:00:00Z', { shares: ['session'], peer: 'd' }),
  ];
  const byId = new Map(rows.map((r) => [r.alertId, r]));
  const numbers = proofNumbers(rows);
  it.each([
    ['a', ''],
    ['b', 'same user and IP address · 31 min after 1'],
    ['c', 'same file · 1 h 31 min before 2'],
    ['d', 'The same rule'],
    ['f', 'same session · with 4'],
    ['e', 'same device'],
  ])('%s: %s', (id, want) => expect(whyInShort(byId.get(id) as TimelineItem, byId, numbers)).toBe(want));
});

describe('the counter-fact', () => {
  it.each([
    [
      'Without the URL “hxxp://a[.]b:80” the incident falls into two parts: 3 alerts from “a: b” on and 1 alert “c”.',
      'Without the URL “hxxp://a[.]b:80” the incident falls into two parts:',
    ],
    ['Without the user a the 3 alerts still hang together.', 'Without the user a the 3 alerts still hang together.'],
  ])('%#', (text, want) => expect(statement(text)).toBe(want));
});
