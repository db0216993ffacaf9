import {
  Button,
  Checkbox,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  Textarea,
} from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Problem } from '../api/client';
import { changeQuery, type QueryContent, type SavedQuery, savedQueriesQuery, saveQuery } from './api';
import styles from './LinkDialog.module.css';

interface SaveDialogProps {
  /** The query that is changed; a new one without. */
  known?: SavedQuery | undefined;
  /** The text that is kept. */
  text: string;
  onClose: () => void;
  onSaved: (query: SavedQuery) => void;
}

/** Keeps a query under a name, for oneself or for everybody. */
export function SaveDialog({ known, text, onClose, onSaved }: SaveDialogProps) {
  const [fields, setFields] = useState<Required<Pick<QueryContent, 'name' | 'description' | 'folder' | 'shared'>>>({
    name: known?.name ?? '',
    description: known?.description ?? '',
    folder: known?.folder ?? '',
    shared: known?.shared ?? false,
  });
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => {
      const whole = { ...fields, name: fields.name.trim(), folder: fields.folder.trim(), query: text };
      return known === undefined ? saveQuery(whole) : changeQuery(known, whole);
    },
    onSuccess: (saved) => {
      void client.invalidateQueries({ queryKey: savedQueriesQuery.queryKey });
      onSaved(saved);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (fields.name.trim() !== '') save.mutate();
  };
  return (
    <Dialog open onOpenChange={(_, d) => !d.open && onClose()}>
      <DialogSurface>
        <form onSubmit={submit}>
          <DialogBody>
            <DialogTitle>{known === undefined ? 'Save the query' : 'Change the saved query'}</DialogTitle>
            <DialogContent className={styles.content}>
              <Field label="Name" required>
                <Input
                  value={fields.name}
                  maxLength={200}
                  autoFocus
                  onChange={(_, d) => setFields({ ...fields, name: d.value })}
                />
              </Field>
              <Field label="Folder">
                <Input
                  value={fields.folder}
                  maxLength={200}
                  placeholder="Optional"
                  onChange={(_, d) => setFields({ ...fields, folder: d.value })}
                />
              </Field>
              <Field label="What it finds">
                <Textarea
                  value={fields.description}
                  rows={2}
                  maxLength={2_000}
                  placeholder="Optional"
                  onChange={(_, d) => setFields({ ...fields, description: d.value })}
                />
              </Field>
              <Checkbox
                label="Everybody can see and run it"
                checked={fields.shared}
                onChange={(_, d) => setFields({ ...fields, shared: d.checked === true })}
              />
              {save.isError && (
                <p role="alert" className={styles.error}>
                  {save.error instanceof Problem ? `${save.error.message} ${save.error.next}` : 'Saving failed.'}
                </p>
              )}
            </DialogContent>
            <DialogActions>
              <Button type="submit" appearance="primary" disabled={fields.name.trim() === '' || save.isPending}>
                Save
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
