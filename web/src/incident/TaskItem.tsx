import { Button, Checkbox } from '@fluentui/react-components';
import { ArrowDown16Regular, ArrowUp16Regular, Delete16Regular, Edit16Regular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { Task } from '../api/types';
import { visible } from '../text/hostile';
import { Foreign, ForeignLines } from '../ui/Foreign';
import { Time } from '../ui/Time';
import styles from './TasksTab.module.css';
import { isLong } from './tasks';

interface TaskItemProps {
  task: Task;
  last: boolean;
  blocked: string | undefined;
  onDone: () => void;
  onMove: (by: number) => void;
  onEdit: () => void;
  onDelete: () => void;
}

export function TaskItem({ task: t, last, blocked, onDone, onMove, onEdit, onDelete }: TaskItemProps) {
  const done = t.status === 'completed';
  const name = visible(t.title);
  const button = (label: string, icon: React.ReactElement, act: () => void, idle = false) => (
    <Button
      size="small"
      appearance="subtle"
      icon={icon}
      aria-label={`${label}: ${name}`}
      title={blocked ?? label}
      disabledFocusable={blocked !== undefined || idle}
      onClick={act}
    />
  );
  return (
    <>
      <Checkbox
        className={styles.check}
        checked={done}
        disabled={blocked !== undefined}
        title={blocked ?? (done ? 'Reopen' : 'Complete')}
        aria-label={`Done: ${name}`}
        onChange={onDone}
      />
      <div className={styles.body}>
        <p className={done ? styles.done : styles.title}>
          <Foreign value={t.title} max={150} />
        </p>
        {t.description !== '' && <Description text={t.description} />}
        <p className={styles.about}>
          <span>
            Added by <Foreign value={t.createdBy.name} max={40} /> <Time at={t.createdAt} />
          </span>
          {done && t.completedAt !== undefined && (
            <span>
              Completed by <Foreign value={t.completedBy?.name ?? ''} max={40} /> <Time at={t.completedAt} />
            </span>
          )}
        </p>
      </div>
      <div className={styles.actions}>
        {button('Move up', <ArrowUp16Regular />, () => onMove(-1), t.position === 1)}
        {button('Move down', <ArrowDown16Regular />, () => onMove(1), last)}
        {button('Edit', <Edit16Regular />, onEdit)}
        {button('Delete', <Delete16Regular />, onDelete)}
      </div>
    </>
  );
}

function Description({ text }: { text: string }) {
  const [open, setOpen] = useState(false);
  const long = isLong(text);
  return (
    <>
      <p className={styles.words} data-short={long && !open}>
        <ForeignLines value={text} />
      </p>
      {long && (
        <button type="button" className={styles.more} aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Show less' : 'Show all'}
        </button>
      )}
    </>
  );
}
