import { Field, Input } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useToast } from '../app/toast';
import { removeTable, type UserTable } from '../hunting/api';
import { count } from '../text/count';
import { isSet } from '../text/time';
import { FormDialog } from '../ui/FormDialog';
import { Time } from '../ui/Time';

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
  return (
    <FormDialog
      title={`Delete ${table.name}?`}
      submit="Delete the table"
      ready={typed === table.name}
      request={remove}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
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
        <Input value={typed} autoComplete="off" onChange={(_, d) => setTyped(d.value)} />
      </Field>
    </FormDialog>
  );
}
