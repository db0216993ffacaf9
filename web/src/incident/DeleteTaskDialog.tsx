import type { Task } from '../api/types';
import { Foreign } from '../ui/Foreign';
import { FormDialog } from '../ui/FormDialog';

interface DeleteTaskDialogProps {
  task: Task;
  onDelete: () => void;
  onClose: () => void;
}

export function DeleteTaskDialog({ task, onDelete, onClose }: DeleteTaskDialogProps) {
  return (
    <FormDialog title="Delete this task?" submit="Delete" irreversible onSubmit={onDelete} onClose={onClose}>
      <p>
        <Foreign value={task.title} max={150} />
      </p>
      <p className="quiet">It is gone for good; the activities keep what it said.</p>
    </FormDialog>
  );
}
