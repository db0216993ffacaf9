import { describe, expect, it } from 'vitest';
import { Offsets } from './offsets';

describe('positions', () => {
  const text = 'aé€😀b';
  const bytes = new TextEncoder();
  it('are the same in plain text', () => {
    const o = new Offsets('abc');
    expect([o.toBytes(2), o.toUnits(2), o.toUnits(9), o.toBytes(-1)]).toEqual([2, 2, 3, 0]);
  });
  it('count bytes as the encoder does', () => {
    const o = new Offsets(text);
    for (const unit of [0, 1, 2, 3, 5, 6]) {
      const byte = bytes.encode(text.slice(0, unit)).length;
      expect(o.toBytes(unit)).toBe(byte);
      expect(o.toUnits(byte)).toBe(unit);
    }
  });
  it('never point into a character', () => {
    const o = new Offsets(text);
    expect(o.toUnits(2)).toBe(1);
    expect(o.toUnits(7)).toBe(3);
    expect(new Offsets('\ud800x').toBytes(1)).toBe(3);
  });
});
