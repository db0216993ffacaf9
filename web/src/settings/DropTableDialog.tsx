import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
} from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Refused } from '../account/SignInPage';
import { useToast } from '../app/toast';
import { removeTable, type UserTable } from '../hunting/api';
import { count } from '../text/count';
import { isSet } from '../text/time';
import { Time } from '../ui/Time';
import styles from './SettingsPage.module.css';

/** Rows are gone for good: whoever removes a table writes its name. */
export function DropTableDialog({ table, onClose }: { table: UserTable; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const client = useQueryClient();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: () => removeTable(table.name),
    onSuccess: () => {
      toast.done(`${table.name} is deleted`);
      void client.invalidateQueries({ queryKey: ['hunting'] });
      onClose();
    },
  });
  const ready = typed === table.name && !remove.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) remove.mutate();
  };
  return (
    <Dialog open onOpenChange={(_, d) => !d.open && onClose()}>
      <DialogSurface>
        <form onSubmit={submit}>
          <DialogBody>
            <DialogTitle>Delete {table.name}?</DialogTitle>
            <DialogContent className={styles.fields}>
              <p>
                {table.rows === 0 ? 'It holds no rows.' : `Its ${count(table.rows, 'row')} are deleted for good`}
                {table.rows > 0 && isSet(table.oldest) && isSet(table.newest) && (
                  <>
                    , from <Time at={table.oldest} /> to <Time at={table.newest} />
                  </>
                )}
                {table.rows > 0 && '.'} Queries that name it fail from then on. This can't be undone.
              </p>
              <Field label={`Write ${table.name} to confirm`} size="small">
                <Input value={typed} autoFocus autoComplete="off" onChange={(_, d) => setTyped(d.value)} />
              </Field>
              {remove.isError && <Refused error={remove.error} />}
            </DialogContent>
            <DialogActions>
              <Button type="submit" appearance="primary" disabled={!ready}>
                Delete the table
              </Button>
              <Button type="button" onClick={onClose}>
                Cancel
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
