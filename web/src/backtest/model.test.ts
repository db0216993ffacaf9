import { describe, expect, it } from 'vitest';
import type { KeptModel, Learnable } from '../api/types';
import { decidedText, freshName, missing, originText, probability, trainedPart, undeletable, unusable } from './model';

const learnable = (decided: number, confirmed: number): Learnable => ({
  decided,
  confirmed,
  needDecided: 100,
  needConfirmed: 3,
  enough: decided >= 100 && confirmed >= 3,
});

const model = (of: Partial<KeptModel>): KeptModel => ({
  id: 1,
  version: 'strict',
  origin: 'uploaded',
  state: 'ready',
  size: 1,
  inUse: false,
  ...of,
});

describe('a training', () => {
  it('says what is missing', () => {
    expect(missing(learnable(100, 3))).toBeUndefined();
    expect(missing(learnable(99, 3))).toBe('Needs 1 more alert that people decided about.');
    expect(missing(learnable(500, 1))).toBe('Needs 2 more incidents closed as true positive.');
    expect(missing(learnable(0, 0))).toBe(
      'Needs 100 more alerts that people decided about and 3 more incidents closed as true positive.',
    );
    expect(decidedText(learnable(1, 2))).toBe(
      'People decided about 1 alert and closed 2 incidents as true positive; a training needs at least 100 and 3.',
    );
  });

  it('tells how far it is', () => {
    expect([trainedPart({}), trainedPart({ total: 4 }), trainedPart({ done: 3, total: 4 })]).toEqual([0, 0, 0.75]);
  });

  it('proposes a name that is free', () => {
    expect(freshName([])).toBe('ours-1');
    expect(freshName([model({ version: 'ours-1' }), model({ version: 'ours-2' })])).toBe('ours-3');
  });
});

it('says what a model can be used for', () => {
  expect(unusable(model({}))).toBeUndefined();
  expect(unusable(model({ state: 'training' }))).toBe('It is not trained yet.');
  expect(undeletable(model({ id: 0, inUse: true }))).toContain('starts with');
  expect(undeletable(model({ inUse: true }))).toContain('decides at present');
  expect(undeletable(model({ state: 'failed' }))).toBeUndefined();
  const origins = ['shipped', 'given', 'uploaded', 'trained'] as const;
  expect(new Set(origins.map((origin) => originText({ origin }))).size).toBe(4);
});

it('turns log-odds into probabilities as the model does', () => {
  const scorer = { trees: 1, nodes: 1, features: [] };
  expect(probability(scorer, 0)).toBe(0.5);
  expect(probability({ ...scorer, calibration: { slope: 2, offset: 1 } }, -0.5)).toBe(0.5);
});
