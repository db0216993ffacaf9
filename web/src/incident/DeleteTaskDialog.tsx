import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle } from '@fluentui/react-components';
import type { Task } from '../api/types';
import { Foreign } from '../ui/Foreign';

interface DeleteTaskDialogProps {
  task: Task;
  onDelete: () => void;
  onClose: () => void;
}

export function DeleteTaskDialog({ task, onDelete, onClose }: DeleteTaskDialogProps) {
  return (
    <Dialog open onOpenChange={(_, d) => !d.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>Delete this task?</DialogTitle>
          <DialogContent>
            <p>
              <Foreign value={task.title} max={150} />
            </p>
            <p className="quiet">It is gone for good; the activities keep what it said.</p>
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" autoFocus onClick={onDelete}>
              Delete
            </Button>
            <Button onClick={onClose}>Cancel</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
