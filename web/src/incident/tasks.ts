import type { Task, TaskTally } from '../api/types';

/** How many tasks can be added to one incident. */
export const maxTasks = 100;

/** "2 of 5 done" */
export function doneText(tally: TaskTally): string {
  return `${tally.completed} of ${tally.total} done`;
}

export function tallyOf(tasks: Task[]): TaskTally {
  return { total: tasks.length, completed: tasks.filter((t) => t.status === 'completed').length };
}

/** The list as it will be once the server has taken the change of one task. */
export function patched(tasks: Task[], id: number, patch: Partial<Task>): Task[] {
  const at = tasks.findIndex((t) => t.id === id);
  const task = tasks[at];
  if (task === undefined) return tasks;
  const { position, ...says } = patch;
  const rest = tasks.filter((t) => t.id !== id);
  const to = position === undefined ? at : Math.min(Math.max(position - 1, 0), rest.length);
  return rest.toSpliced(to, 0, { ...task, ...says }).map((t, i) => ({ ...t, position: i + 1 }));
}

/** Whether a task still says what it said, however its state and place changed. */
export function unchanged(before: Task, now: Task): boolean {
  return before.title === now.title && before.description === now.description;
}

/** The list without one task. */
export function without(tasks: Task[], id: number): Task[] {
  return tasks.filter((t) => t.id !== id).map((t, i) => ({ ...t, position: i + 1 }));
}

/** Whether a description takes more room than a list should give it unasked. */
export function isLong(description: string): boolean {
  return description.length > 320 || description.split('\n').length > 4;
}
