import { describe, expect, it } from 'vitest';
import type { LearntIdentifier } from '../api/types';
import { chosen, factName, factsInOrder, identifierKey, identifierText, shownFacts } from './identifier';

const upn: LearntIdentifier = { kind: 'user', type: 'upn', value: 'ada@x.example', at: '2026-03-01T00:00:00Z', alert: 'a' };
const sam: LearntIdentifier = {
  kind: 'user',
  type: 'sam',
  scope: 'x',
  value: 'ada',
  at: '2026-03-01T00:00:00Z',
  inventory: 'f, row 1',
};

describe('identifiers', () => {
  it('are told apart by type, scope and value', () => {
    expect(new Set([identifierKey(upn), identifierKey(sam), identifierKey({ ...sam, scope: 'y' })]).size).toBe(3);
    expect(identifierText(sam)).toBe('x\\ada');
  });

  it('are sent without their proof, and only those that were chosen', () => {
    expect(chosen([upn, sam], new Set([identifierKey(sam)]))).toEqual([{ type: 'sam', scope: 'x', value: 'ada' }]);
    expect(chosen([upn], new Set([identifierKey(upn)]))).toEqual([{ type: 'upn', value: 'ada@x.example' }]);
    expect(chosen([upn], new Set())).toEqual([]);
  });
});

describe('facts', () => {
  it('say the criticality once', () => {
    expect(shownFacts({ criticality: 'critical', facts: { Criticality: 'critical', os: 'w' } })).toEqual({ os: 'w' });
    expect(shownFacts({ facts: { criticality: 'odd', os: 'w' } })).toEqual({ criticality: 'odd', os: 'w' });
  });

  it('come in the order in which people ask', () => {
    expect(factsInOrder({ zone: 'b', os: 'w', alpha: 'a', department: 'd' }).map(([n]) => n)).toEqual([
      'department',
      'os',
      'alpha',
      'zone',
    ]);
  });

  it('are named in words', () => {
    expect(factName('jobTitle')).toBe('Job title');
    expect(factName('service_account')).toBe('Service account');
  });
});
