import { useMutation, useQueryClient } from '@tanstack/react-query';
import { addTask, deleteTask, updateTask } from '../api/commands';
import { tasksQuery } from '../api/queries';
import type { Task, TaskPatch } from '../api/types';
import { useToast } from '../app/toast';
import { patched, unchanged, without } from './tasks';

interface Change {
  task: Task;
  patch: TaskPatch;
}

/** Changes of an incident's tasks, one after the other. */
export function useTaskChanges(id: number) {
  const client = useQueryClient();
  const toast = useToast();
  const { queryKey } = tasksQuery(id);
  const shared = {
    mutationKey: ['tasks', id],
    scope: { id: `tasks of ${id}` },
    onSettled: () => {
      // What is under way would be overwritten by an answer from before it.
      if (client.isMutating({ mutationKey: ['tasks', id] }) > 1) return;
      for (const key of [['incident', id], ['incidents']]) void client.invalidateQueries({ queryKey: key });
    },
  };
  const write = (change: (tasks: Task[]) => Task[]) =>
    client.setQueryData(queryKey, (old) => (old === undefined ? old : change(old)));
  /** Shows a change at once. */
  const paint = async (change: (tasks: Task[]) => Task[]) => {
    await client.cancelQueries({ queryKey });
    const before = client.getQueryData(queryKey);
    write(change);
    return { before };
  };
  const failed = (title: string) => (error: unknown, _: unknown, context: { before: Task[] | undefined } | undefined) => {
    if (context?.before !== undefined) client.setQueryData(queryKey, context.before);
    toast.failed(title, error);
  };
  const add = useMutation({
    ...shared,
    mutationFn: ({ title, description }: { title: string; description: string }) => addTask(id, title, description),
    onSuccess: (task) => write((tasks) => [...without(tasks, task.id), task]),
    onError: (error) => toast.failed('The task was not added', error),
  });
  const update = useMutation({
    ...shared,
    mutationFn: ({ task, patch }: Change) => updateTask(id, task.id, patch, undefined),
    onMutate: ({ task, patch }) => paint((tasks) => patched(tasks, task.id, patch)),
    onSuccess: (task) => write((tasks) => patched(tasks, task.id, { version: task.version })),
    onError: failed('The task was not changed'),
  });
  /** Refused when someone else changed what the task says meanwhile; the form tells. */
  const edit = useMutation({
    ...shared,
    mutationFn: ({ task, patch }: Change) => {
      const now = client.getQueryData(queryKey)?.find((t) => t.id === task.id);
      return updateTask(id, task.id, patch, now !== undefined && unchanged(task, now) ? now.version : task.version);
    },
    onSuccess: (task) => write((tasks) => patched(tasks, task.id, task)),
  });
  const remove = useMutation({
    ...shared,
    mutationFn: (task: Task) => deleteTask(id, task.id),
    onMutate: (task) => paint((tasks) => without(tasks, task.id)),
    onSuccess: () => toast.done('The task is deleted'),
    onError: failed('The task was not deleted'),
  });
  return { add, update, edit, remove };
}
