import { Button, Field, Input, Textarea } from '@fluentui/react-components';
import { type FormEvent, type KeyboardEvent, type ReactNode, type RefObject, useState } from 'react';
import styles from './TasksTab.module.css';

interface TaskFormProps {
  label: string;
  title?: string;
  description?: string;
  submit: string;
  busy: boolean;
  /** Why it was not taken. */
  refusal?: ReactNode;
  field?: RefObject<HTMLInputElement | null>;
  onSubmit: (title: string, description: string) => void;
  /** Without it the form stays: it is the one for new tasks. */
  onCancel?: () => void;
}

/** What a task says. The description comes up once there is something to describe. */
export function TaskForm({ label, submit, busy, refusal, field, onSubmit, onCancel, ...initial }: TaskFormProps) {
  const [title, setTitle] = useState(initial.title ?? '');
  const [description, setDescription] = useState(initial.description ?? '');
  const ready = title.trim() !== '' && !busy;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    onSubmit(title.trim(), description.trim());
    if (onCancel === undefined) {
      setTitle('');
      setDescription('');
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && onCancel !== undefined) {
      event.stopPropagation();
      onCancel();
    }
  };
  return (
    <form onSubmit={send} onKeyDown={onKeyDown} className={styles.form} aria-label={label}>
      <Field label={onCancel === undefined ? label : 'Title'}>
        <Input
          {...(field === undefined ? {} : { input: { ref: field } })}
          value={title}
          maxLength={150}
          placeholder="What is to do?"
          autoFocus={onCancel !== undefined}
          onChange={(_, d) => setTitle(d.value)}
        />
      </Field>
      {(title.trim() !== '' || description !== '') && (
        <Field label="Description">
          <Textarea
            value={description}
            rows={onCancel === undefined ? 2 : 4}
            resize="vertical"
            maxLength={3_000}
            placeholder="Optional"
            onChange={(_, d) => setDescription(d.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(event);
            }}
          />
        </Field>
      )}
      {refusal}
      <div className={styles.buttons}>
        <Button type="submit" size="small" appearance="primary" disabled={!ready}>
          {submit}
        </Button>
        {onCancel !== undefined && (
          <Button size="small" onClick={onCancel}>
            Cancel
          </Button>
        )}
      </div>
    </form>
  );
}
