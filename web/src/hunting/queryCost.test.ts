import { describe, expect, it } from 'vitest';
import type { PastRun } from './api';
import { costs, heaviest } from './queryCost';

describe('what a query took', () => {
  it('is said as far as it is known', () => {
    const plain = costs({ elapsedMs: 48, queuedMs: 0, readTables: [] }, 1_234);
    expect(plain.map((c) => `${c.name} ${c.value}`)).toEqual(['Rows 1,234', 'Time 48 ms']);
    const whole = costs(
      { elapsedMs: 1_200, queuedMs: 30, readTables: ['A', 'B'], processorMs: 2_300, readRows: 1, memoryBytes: 3 << 20 },
      1,
    );
    expect(whole.map((c) => `${c.name} ${c.value}`)).toEqual([
      'Rows 1',
      'Time 1.2 s',
      'Waited 30 ms',
      'Processor 2.3 s',
      'Read 1 row',
      'Memory 3.0 MiB',
      'Tables A, B',
    ]);
  });
  it('puts the longest of the latest runs first', () => {
    const runs = [5, 900, 20].map((elapsedMs, id) => ({ id, elapsedMs }) as PastRun);
    expect(heaviest(runs, 2).map((r) => r.id)).toEqual([1, 2]);
    expect(runs.map((r) => r.id)).toEqual([0, 1, 2]);
  });
});
