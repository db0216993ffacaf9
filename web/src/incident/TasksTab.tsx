import { ProgressBar } from '@fluentui/react-components';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useActions } from '../actions/registry';
import { Problem } from '../api/client';
import { tasksQuery } from '../api/queries';
import type { Incident, Task } from '../api/types';
import { Keys } from '../ui/badges';
import { Foreign } from '../ui/Foreign';
import { Refused } from '../ui/Refused';
import { Answered, Empty } from '../ui/states';
import { DeleteTaskDialog } from './DeleteTaskDialog';
import { TaskForm } from './TaskForm';
import { TaskItem } from './TaskItem';
import styles from './TasksTab.module.css';
import { useTaskChanges } from './taskChange';
import { doneText, maxTasks, tallyOf } from './tasks';

/** What is to do for the incident, in the order in which it is to be done. */
export function TasksTab({ incident, blocked }: { incident: Incident; blocked: string | undefined }) {
  const query = useQuery(tasksQuery(incident.id));
  return (
    <div className={styles.tab}>
      <Answered query={query} what="tasks">
        {(tasks) => <Tasks incident={incident} tasks={tasks} blocked={blocked} />}
      </Answered>
    </div>
  );
}

interface TasksProps {
  incident: Incident;
  tasks: Task[];
  blocked: string | undefined;
}

function Tasks({ incident, tasks, blocked }: TasksProps) {
  const { add, update, edit, remove } = useTaskChanges(incident.id);
  // As it was when the form was opened: what others change meanwhile is not overwritten.
  const [editing, setEditing] = useState<Task | undefined>(undefined);
  const [deleting, setDeleting] = useState<Task | undefined>(undefined);
  const client = useQueryClient();
  const list = useRef<HTMLOListElement>(null);
  const fresh = useRef<HTMLInputElement>(null);
  const focus = useFocusKept(list, tasks);
  const done = (t: Task) => update.mutate({ task: t, patch: { status: t.status === 'completed' ? 'new' : 'completed' } });
  const move = (t: Task, by: number) => {
    const position = t.position + by;
    if (position < 1 || position > tasks.length) return;
    focus({ id: t.id, position });
    update.mutate({ task: t, patch: { position } });
  };
  const open = (t: Task) => {
    edit.reset();
    setEditing(t);
  };
  const close = (id: number) => {
    setEditing(undefined);
    focus({ id });
  };
  const save = (task: Task, title: string, description: string) =>
    edit.mutate(
      { task, patch: { title, description } },
      { onSuccess: () => close(task.id), onError: () => void rebase(task.id) },
    );
  // Who reads what it says now may save all the same.
  const rebase = async (id: number) => {
    const now = await client.fetchQuery(tasksQuery(incident.id));
    setEditing(now.find((t) => t.id === id));
  };
  const drop = (t: Task) => {
    setDeleting(undefined);
    const next = tasks[t.position] ?? tasks[t.position - 2];
    if (next === undefined) fresh.current?.focus();
    else focus({ id: next.id });
    remove.mutate(t);
  };
  useTaskKeys({ list, fresh, tasks, blocked, done, move, edit: open, ask: setDeleting });
  return (
    <>
      <Progress tasks={tasks} />
      {blocked === undefined && tasks.length < maxTasks && (
        <TaskForm
          label="New task"
          submit="Add task"
          busy={add.isPending}
          field={fresh}
          onSubmit={(title, description) => add.mutate({ title, description })}
        />
      )}
      {blocked === undefined && tasks.length >= maxTasks && (
        <p className="quiet">An incident has at most {maxTasks} tasks. Delete some to add others.</p>
      )}
      {tasks.length === 0 && <Nothing incident={incident} />}
      <ol ref={list} className={styles.list} aria-label="Tasks" hidden={tasks.length === 0}>
        {tasks.map((t, i) => (
          <li key={t.id} data-task={t.id} tabIndex={-1} className={styles.task} data-editing={editing?.id === t.id}>
            {editing?.id === t.id ? (
              <TaskForm
                label="Edit task"
                submit="Save"
                title={editing.title}
                description={editing.description}
                busy={edit.isPending}
                refusal={edit.isError && <Refusal error={edit.error} now={t} />}
                onCancel={() => close(t.id)}
                onSubmit={(title, description) => save(editing, title, description)}
              />
            ) : (
              <TaskItem
                task={t}
                last={i === tasks.length - 1}
                blocked={blocked}
                onDone={() => done(t)}
                onMove={(by) => move(t, by)}
                onEdit={() => open(t)}
                onDelete={() => setDeleting(t)}
              />
            )}
          </li>
        ))}
      </ol>
      {deleting !== undefined && (
        <DeleteTaskDialog task={deleting} onDelete={() => drop(deleting)} onClose={() => setDeleting(undefined)} />
      )}
    </>
  );
}

function Progress({ tasks }: { tasks: Task[] }) {
  const tally = tallyOf(tasks);
  if (tally.total === 0) return null;
  return (
    <div className={styles.progress}>
      <strong className="tabular" role="status">
        {doneText(tally)}
      </strong>
      <ProgressBar className={styles.meter} value={tally.completed / tally.total} aria-label="Tasks that are done" />
      <span className={styles.hint}>
        <Keys caps={[['J']]} /> <Keys caps={[['K']]} /> choose, <Keys caps={[['X']]} /> completes, <Keys caps={[['Alt', '↑']]} />{' '}
        moves
      </span>
    </div>
  );
}

/** Why an edit was not taken, and what the task says in the meantime. */
function Refusal({ error, now }: { error: unknown; now: Task }) {
  return (
    <>
      <Refused error={error} />
      {error instanceof Problem && error.status === 412 && (
        <p className="quiet">
          It says “<Foreign value={now.title} max={150} />” now. Saving again replaces that.
        </p>
      )}
    </>
  );
}

function Nothing({ incident }: { incident: Incident }) {
  if (incident.status === 'redirected')
    return <Empty title="No tasks here">What was to do went along to the incident that this one was merged into.</Empty>;
  return <Empty title="No tasks yet">Write down what is to be done for this incident, and tick it off.</Empty>;
}

function rows(list: RefObject<HTMLOListElement | null>): HTMLElement[] {
  return [...(list.current?.querySelectorAll<HTMLElement>('[data-task]') ?? [])];
}

/**
 * Gives the focus to a task once the list is drawn with it, and in its new place
 * if it moves: a row that moved has lost the focus.
 */
function useFocusKept(list: RefObject<HTMLOListElement | null>, tasks: Task[]) {
  const [wanted, want] = useState<{ id: number; position?: number } | undefined>(undefined);
  useEffect(() => {
    const task = tasks.find((t) => t.id === wanted?.id);
    if (wanted === undefined || task === undefined || (wanted.position ?? task.position) !== task.position) return;
    want(undefined);
    rows(list)
      .find((r) => r.dataset.task === String(task.id))
      ?.focus();
  }, [list, tasks, wanted]);
  return want;
}

interface TaskKeys {
  list: RefObject<HTMLOListElement | null>;
  fresh: RefObject<HTMLInputElement | null>;
  tasks: Task[];
  blocked: string | undefined;
  done: (t: Task) => void;
  move: (t: Task, by: number) => void;
  edit: (t: Task) => void;
  ask: (t: Task) => void;
}

/** The keys of the list: they work on the task that has the focus. */
function useTaskKeys({ list, fresh, tasks, blocked, done, move, edit, ask }: TaskKeys) {
  const focused = () => rows(list).findIndex((row) => row.contains(document.activeElement));
  const step = (by: number) => () => rows(list)[Math.min(Math.max(focused() + by, 0), tasks.length - 1)]?.focus();
  const onFocused = (act: (t: Task) => void) => () => {
    const t = tasks[focused()];
    if (t !== undefined) act(t);
  };
  const section = 'Incidents' as const;
  useActions([
    { id: 'task.next', name: 'Next task', section, keys: 'j', quiet: true, perform: step(1) },
    { id: 'task.previous', name: 'Previous task', section, keys: 'k', quiet: true, perform: step(-1) },
    { id: 'task.new', name: 'Add a task', section, keys: 'n', blocked, perform: () => fresh.current?.focus() },
    { id: 'task.done', name: 'Complete or reopen the task', section, keys: 'x', blocked, perform: onFocused(done) },
    { id: 'task.edit', name: 'Edit the task', section, keys: 'e', blocked, perform: onFocused(edit) },
    { id: 'task.up', name: 'Move the task up', section, keys: 'Alt+ArrowUp', blocked, perform: onFocused((t) => move(t, -1)) },
    {
      id: 'task.down',
      name: 'Move the task down',
      section,
      keys: 'Alt+ArrowDown',
      blocked,
      perform: onFocused((t) => move(t, 1)),
    },
    { id: 'task.delete', name: 'Delete the task', section, keys: 'Delete', blocked, perform: onFocused(ask) },
  ]);
}
