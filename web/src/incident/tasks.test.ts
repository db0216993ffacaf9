import { describe, expect, it } from 'vitest';
import type { Task } from '../api/types';
import { doneText, isLong, patched, tallyOf, unchanged, without } from './tasks';

const actor = { kind: 'user', name: 'ada' } as const;
const task = (id: number, status: Task['status'] = 'new'): Task => ({
  id,
  incident: 1,
  title: `t${id}`,
  description: '',
  status,
  position: id,
  createdAt: '2026-03-04T08:00:00Z',
  createdBy: actor,
  updatedAt: '2026-03-04T08:00:00Z',
  updatedBy: actor,
  version: 1,
});
const three = [task(1), task(2, 'completed'), task(3)];
const order = (tasks: Task[]) => tasks.map((t, i) => (t.position === i + 1 ? t.id : -1));

describe('tasks', () => {
  it('are counted', () => expect(doneText(tallyOf(three))).toBe('1 of 3 done'));
  it.each([
    [3, 1, [3, 1, 2]],
    [1, 2, [2, 1, 3]],
    [1, 99, [2, 3, 1]],
    [2, 2, [1, 2, 3]],
    [9, 1, [1, 2, 3]],
  ])('%d goes to place %d', (id, position, want) => expect(order(patched(three, id, { position }))).toEqual(want));
  it('change what they say and stay where they are', () => {
    const [, second] = patched(three, 2, { title: 'x', status: 'new' });
    expect([second?.title, second?.status, second?.position]).toEqual(['x', 'new', 2]);
    expect(three[1]?.title).toBe('t2');
  });
  it('are the same text in another state', () => {
    expect(unchanged(task(1), { ...task(1, 'completed'), position: 9, version: 5 })).toBe(true);
    expect(unchanged(task(1), { ...task(1), description: 'x' })).toBe(false);
  });
  it('close up when one goes', () => expect(order(without(three, 1))).toEqual([2, 3]));
  it('are long by their length or by their lines', () => {
    expect(isLong('one\ntwo')).toBe(false);
    expect(isLong('1\n2\n3\n4\n5')).toBe(true);
    expect(isLong('x'.repeat(321))).toBe(true);
  });
});
