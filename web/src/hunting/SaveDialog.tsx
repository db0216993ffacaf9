import { Checkbox, Field, Input, Textarea } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormDialog } from '../ui/FormDialog';
import { changeQuery, type QueryContent, type SavedQuery, savedQueriesQuery, saveQuery } from './api';

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
  return (
    <FormDialog
      title={known === undefined ? 'Save the query' : 'Change the saved query'}
      submit="Save"
      ready={fields.name.trim() !== ''}
      request={save}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <Field label="Name" required>
        <Input value={fields.name} maxLength={200} onChange={(_, d) => setFields({ ...fields, name: d.value })} />
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
    </FormDialog>
  );
}
