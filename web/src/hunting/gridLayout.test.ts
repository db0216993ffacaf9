import { describe, expect, it } from 'vitest';
import type { ResultTable } from './contract';
import {
  columnsInView,
  hide,
  moveCursor,
  naturalWidths,
  placeColumns,
  resized,
  startColumns,
  togglePin,
  totalWidth,
} from './gridLayout';

const narrow: ResultTable = {
  columns: ['b', 'Timestamp', 'c'].map((name) => ({ name, type: 'string' })),
  rows: [['x', 'y', '']],
};
const wide: ResultTable = {
  columns: [...'abcdefghijklm', 'FileName', 'Timestamp'].map((name) => ({ name, type: 'string' })),
  rows: [[...'abcdefghijklm'].map((c) => (c === 'd' ? '' : c)).concat('cmd.exe', 'now')],
};
const widths = (t: ResultTable) => t.columns.map(() => 100);

describe('the columns of a result', () => {
  it('stand as the query laid them out', () => {
    expect(startColumns(narrow)).toEqual({ pinned: [], hidden: [], order: [0, 1, 2], widths: {} });
  });
  it('of whole records begin with what tells most, without what is empty', () => {
    const state = startColumns(wide);
    expect(state.order.slice(0, 3)).toEqual([14, 13, 0]);
    expect(state.hidden).toEqual([3]);
  });
  it('are pinned to the left, hidden and widened', () => {
    const state = resized(togglePin(hide(startColumns(narrow), 0), 2), 2, 5_000);
    const placed = placeColumns(state, widths(narrow));
    expect(placed).toEqual([
      { at: 2, left: 0, width: 900, pinned: true },
      { at: 1, left: 900, width: 100, pinned: false },
    ]);
    expect(totalWidth(placed)).toBe(1000);
    expect(togglePin(state, 2).pinned).toEqual([]);
    expect(resized(state, 1, 3).widths[1]).toBe(56);
  });
  it('exist only where they are seen', () => {
    const many = { ...wide, columns: Array.from({ length: 1_000 }, (_, i) => ({ name: `c${i}`, type: 'string' })) };
    const placed = placeColumns(togglePin({ ...startColumns(narrow), order: many.columns.map((_, i) => i) }, 999), widths(many));
    const seen = columnsInView(placed, 50_000, 1_000);
    expect(seen.length).toBeLessThan(20);
    expect(seen[0]?.at).toBe(999);
  });
  it('are as wide as what they hold, within reason', () => {
    const table: ResultTable = {
      columns: [
        { name: 'x', type: 'string' },
        { name: 'y', type: 'string' },
      ],
      rows: [['z'.repeat(500), 'a']],
    };
    expect(naturalWidths(table)).toEqual([420, 84]);
  });
});

describe('the cursor', () => {
  const move = (key: string) => moveCursor({ row: 5, column: 1 }, key, 100, 3, 10);
  it('moves by the keys and stays inside', () => {
    expect(move('j')).toEqual({ row: 6, column: 1 });
    expect(move('PageUp')).toEqual({ row: 0, column: 1 });
    expect(move('End')).toEqual({ row: 5, column: 2 });
    expect(move('Mod+End')).toEqual({ row: 99, column: 1 });
    expect(move('q')).toBeUndefined();
  });
});
