import { describe, expect, it } from 'vitest';
import type { CorrelationSettings, Exclusion } from '../api/types';
import {
  exclusionFault,
  frameOf,
  frameWords,
  groupingWords,
  inUnit,
  withAsset,
  withExclusion,
  withoutAsset,
  withoutExclusion,
} from './correlation';

const settings: CorrelationSettings = {
  default: 'enabled',
  rules: [],
  excludedEntities: [{ kind: 'domain', value: 'corp.example' }],
  assetCriticality: [{ value: 'dc1', level: 'critical' }],
};

describe('time frames', () => {
  it('are shown in the largest whole unit', () => {
    expect(inUnit(300)).toEqual({ amount: 5, unit: 'minutes' });
    expect(inUnit(5 * 3600)).toEqual({ amount: 5, unit: 'hours' });
    expect(inUnit(90 * 60)).toEqual({ amount: 90, unit: 'minutes' });
    expect(frameWords(86_400)).toBe('1 day');
  });

  it('lie between five minutes and seven days', () => {
    expect(frameOf('5', 'minutes')).toBe(300);
    expect(frameOf('7', 'days')).toBe(604_800);
    for (const [amount, unit] of [
      ['4', 'minutes'],
      ['8', 'days'],
      ['', 'hours'],
      ['x', 'hours'],
      ['-5', 'hours'],
    ] as const)
      expect(frameOf(amount, unit)).toBeUndefined();
  });
});

it('says a grouping in words', () => {
  expect(groupingWords({ windowSeconds: 18_000, match: 'allEntities' })).toBe('same entities within 5 hours');
  expect(groupingWords({ windowSeconds: 300, match: 'anyAlert' })).toBe('any alert within 5 minutes');
  expect(groupingWords({ windowSeconds: 86_400, match: 'selected', kinds: ['user'], details: ['title'] })).toBe(
    'same user, title within 1 day',
  );
});

describe('exclusions', () => {
  it('are checked before they are sent', () => {
    const fault = (kind: Exclusion['kind'], value: string) => exclusionFault({ kind, value }, settings);
    expect(fault('domain', ' Corp.Example ')).toBe('It is listed already');
    expect(fault('cidr', 'ten')).toMatch(/Such as/);
    expect(fault('cidr', '10.0.0.0/8')).toBeUndefined();
    expect(fault('domain', 'a b')).toMatch(/Such as/);
    expect(fault('identifier', 'anything goes')).toBeUndefined();
    expect(fault('identifier', ' ')).toBeUndefined();
  });

  it('are added and taken out', () => {
    const more = withExclusion(settings, { kind: 'cidr', value: '10.0.0.0/8' });
    expect(more.excludedEntities).toHaveLength(2);
    expect(withoutExclusion(more, { kind: 'cidr', value: '10.0.0.0/8' })).toEqual(settings);
  });
});

it('sets and clears the criticality of an asset', () => {
  expect(withAsset(settings, { value: ' DC1 ', level: 'low' }).assetCriticality).toEqual([{ value: 'dc1', level: 'low' }]);
  expect(withoutAsset(settings, 'dc1').assetCriticality).toEqual([]);
});
