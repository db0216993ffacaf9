import { describe, expect, it } from 'vitest';
import type { Activity } from '../api/types';
import { reasonOf, textOf } from './activity';

const entry = (kind: Activity['kind'], details?: Record<string, unknown>): Activity => ({
  id: 1,
  incident: 1,
  at: '2026-03-04T08:00:00Z',
  actor: { kind: 'user', name: 'ada' },
  kind,
  text: 'As the server says it.',
  ...(details === undefined ? {} : { details }),
});

describe('an activity in words', () => {
  it.each([
    [entry('statusChanged', { from: 'active', to: 'inProgress' }), 'The status was changed from New to In progress.'],
    [entry('severityChanged', { from: 'low', to: 'high' }), 'The severity was changed from Low to High.'],
    [entry('statusChanged'), 'As the server says it.'],
    [entry('nameChanged', { from: 'a', to: 'b' }), 'As the server says it.'],
  ])('%#', (activity, want) => expect(textOf(activity)).toBe(want));
});

describe('the reason of an activity', () => {
  it.each([
    [entry('merged', { reason: 'one attack' }), 'one attack'],
    [entry('merged', { reason: 'server says' }), undefined],
    [entry('merged', { reason: '' }), undefined],
    [entry('merged', { reason: 7 }), undefined],
    [entry('merged'), undefined],
  ])('%#', (activity, want) => expect(reasonOf(activity)).toBe(want));
});
