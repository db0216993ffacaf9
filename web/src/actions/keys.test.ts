import { describe, expect, it } from 'vitest';
import { caps, match, nameOf, nothing, type Pending, type Press } from './keys';

const press = (key: string, part: Partial<Press> = {}): Press => ({ key, ctrl: false, shift: false, alt: false, ...part });
const actions = [
  { id: 'i', keys: 'g i' },
  { id: 'a', keys: 'a' },
  { id: 'k', keys: 'Mod+k' },
  { id: 'help', keys: '?' },
  { id: 'x', keys: 'x' },
];

function type(...keys: (Press | number)[]): (string | undefined)[] {
  let pending: Pending = nothing;
  let now = 0;
  const hits: (string | undefined)[] = [];
  for (const key of keys) {
    if (typeof key === 'number') {
      now += key;
      continue;
    }
    const result = match(actions, pending, key, now);
    pending = result.pending;
    hits.push(result.action?.id);
  }
  return hits;
}

describe('shortcuts', () => {
  it('finds single keys, sequences and chords', () => {
    expect(type(press('a'))).toEqual(['a']);
    expect(type(press('g'), press('i'))).toEqual([undefined, 'i']);
    expect(type(press('k', { ctrl: true }))).toEqual(['k']);
    expect(type(press('?', { shift: true }))).toEqual(['help']);
  });
  it('starts over with a key that does not fit', () => {
    expect(type(press('g'), press('x'))).toEqual([undefined, 'x']);
    expect(type(press('g'), press('x'), press('i'))).toEqual([undefined, 'x', undefined]);
  });
  it('forgets a sequence that takes too long', () => expect(type(press('g'), 2_000, press('i'))).toEqual([undefined, undefined]));
  it('ignores lone modifiers in a sequence', () =>
    expect(type(press('g'), press('Shift'), press('i'))).toEqual([undefined, undefined, 'i']));
  it('does not take Ctrl+a for a', () => expect(type(press('a', { ctrl: true }))).toEqual([undefined]));
  it('names presses', () => {
    expect(nameOf(press('K', { ctrl: true, shift: true }))).toBe('Mod+k');
    expect(nameOf(press('ArrowUp', { shift: true }))).toBe('Shift+ArrowUp');
  });
  it('writes caps', () => {
    expect(caps('Mod+k')).toEqual([['Ctrl', 'k']]);
    expect(caps('g i')).toEqual([['g'], ['i']]);
  });
});
