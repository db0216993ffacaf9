import { describe, expect, it } from 'vitest';
import type { CorrelationSettings, Judgement, KeptModel } from '../api/types';
import { agreement, changes, draftOf, emptyDraft, exclusionOf, inShort, odds, proposed, shownParts } from './proposal';

const now: CorrelationSettings = {
  default: 'enabled',
  rules: [
    { rule: 'Port scan', state: 'disabled' },
    { rule: 'Brute force', state: 'enabled', grouping: { windowSeconds: 3600, match: 'anyAlert' } },
  ],
  excludedEntities: [{ kind: 'cidr', value: '10.0.0.0/8' }],
  assetCriticality: [],
  thresholds: { join: 0.5, merge: 0 },
};

const kept = (id: number, version: string): KeptModel => ({
  id,
  version,
  origin: id === 0 ? 'shipped' : 'uploaded',
  state: 'ready',
  size: 1,
  inUse: id === 0,
});
const names = {
  models: [kept(0, 'trees-4'), kept(3, 'strict')],
  rules: [
    { rule: 'Brute force', title: 'Many failed sign-ins' },
    { rule: 'Port scan', title: '' },
  ],
};

describe('proposed', () => {
  it('changes nothing without a draft', () => {
    expect(proposed(now, draftOf(now))).toEqual(now);
    expect(changes(now, proposed(now, draftOf(now)), names)).toEqual([]);
  });

  it('excludes rules and entities on top of what holds, and keeps a rule’s grouping', () => {
    const then = proposed(now, {
      ...emptyDraft,
      join: 0.5,
      rules: ['Brute force'],
      entities: ['192.0.2.0/24', '*.corp.example', 'svc'],
    });
    expect(then.rules).toEqual([
      { rule: 'Port scan', state: 'disabled' },
      { rule: 'Brute force', state: 'disabled', grouping: { windowSeconds: 3600, match: 'anyAlert' } },
    ]);
    expect(changes(now, then, names)).toEqual([
      'Rule “Many failed sign-ins” is excluded',
      'Nothing is linked by 192.0.2.0/24',
      'Nothing is linked by corp.example',
      'Nothing is linked by svc',
    ]);
  });

  it('tells of the model, by number when it is gone', () => {
    const then = proposed(now, { ...draftOf(now), model: 3 });
    expect(then).toEqual({ ...now, model: 3 });
    expect(changes(now, then, names)).toEqual(['The model strict decides instead of trees-4']);
    expect(changes(then, proposed(then, { ...draftOf(then), model: 0 }), names)).toEqual([
      'The model trees-4 decides instead of strict',
    ]);
    expect(changes(then, then, { models: [], rules: [] })).toEqual([]);
    expect(changes(now, { ...now, model: 9 }, names)).toEqual(['The model #9 (deleted) decides instead of trees-4']);
  });

  it('tells of thresholds and of what is taken back', () => {
    expect(changes(now, { ...now, rules: [], excludedEntities: [], thresholds: { join: -1, merge: 0.7 } }, names)).toEqual([
      'Linking an alert needs odds 2.7 times lower',
      'Merging incidents needs odds 2.0 times higher',
      'Rule Port scan follows the default',
      'Rule “Many failed sign-ins” follows the default',
      'Links by 10.0.0.0/8 are allowed again',
    ]);
  });
});

it('tells of the default, and of many changes in short', () => {
  expect(changes(now, { ...now, default: 'disabled' }, names)).toEqual(['Only rules that are enabled are correlated']);
  expect(changes({ ...now, default: 'disabled' }, now, names)).toEqual(['Every rule that is not excluded is correlated']);
  expect([[], ['A'], ['A', 'B'], ['A', 'B', 'C']].map(inShort)).toEqual([
    '',
    'A',
    'A, and 1 more change',
    'A, and 2 more changes',
  ]);
});

it('names excluded things by their form', () => {
  expect(
    ['10.1.0.0/16', '2001:db8::/32', '*.corp.example', 'amy@corp.example', ' fin-01 '].map((t) => exclusionOf(t).kind),
  ).toEqual(['cidr', 'cidr', 'domain', 'identifier', 'identifier']);
  expect(exclusionOf(' fin-01 ').value).toBe('fin-01');
});

it('puts shifts into words', () => {
  expect([0, 0.7, -0.7].map(odds)).toEqual([
    'as the model was trained',
    'needs odds 2.0 times higher',
    'needs odds 2.0 times lower',
  ]);
});

it('says which figures get better', () => {
  const judged = (bestF1: number, contamination: number, rejoined: number): Judgement => ({
    decided: 9,
    confirmed: 1,
    bestF1,
    captured: 1,
    purity: 1,
    contamination,
    parted: 4,
    rejoined,
  });
  expect(agreement(judged(0.5, 0.2, 3), judged(0.6, 0.3, 1)).map((r) => [r.name, r.better])).toEqual([
    ['Best F1', true],
    ['Captured', undefined],
    ['Purity', undefined],
    ['Contamination', false],
    ['Put together again', true],
  ]);
});

it('counts new incidents of one alert instead of listing them', () => {
  const part = (incident: number, alerts: number) => ({ incident, alerts, sample: ['a'] });
  expect(shownParts([part(3, 9), part(0, 2), part(0, 1)])).toEqual({ parts: [part(3, 9), part(0, 2), part(0, 1)], single: 0 });
  expect(shownParts([part(3, 9), part(0, 1), part(0, 1)])).toEqual({ parts: [part(3, 9)], single: 2 });
});
