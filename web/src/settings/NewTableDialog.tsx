import { Button, Field, Input, Select, Textarea } from '@fluentui/react-components';
import { Add16Regular, Dismiss16Regular } from '@fluentui/react-icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useToast } from '../app/toast';
import { createTable, type NewColumn, sampleColumns } from '../hunting/api';
import { count } from '../text/count';
import { FormDialog } from '../ui/FormDialog';
import { Refused } from '../ui/Refused';
import styles from './SettingsPage.module.css';
import { columnsFault, columnTypes, nameFault, tableName } from './tables';

/** Defines a table: its name, and its columns by hand or from a sample. */
export function NewTableDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [sample, setSample] = useState('');
  const [columns, setColumns] = useState<NewColumn[]>([]);
  const client = useQueryClient();
  const toast = useToast();
  const look = useMutation({ mutationFn: () => sampleColumns(sample), onSuccess: setColumns });
  const make = useMutation({
    mutationFn: () =>
      createTable({ name: tableName(name), ...(description.trim() === '' ? {} : { description: description.trim() }), columns }),
    onSuccess: (made) => {
      toast.done(`${made.name} is there, with ${count(made.columns.length, 'column')}`);
      void client.invalidateQueries({ queryKey: ['hunting'] });
      onClose();
    },
  });
  const fault = nameFault(name);
  const wrong = columnsFault(columns);
  return (
    <FormDialog
      title="New table"
      submit="Make the table"
      ready={name.trim() !== '' && fault === undefined && wrong === undefined}
      request={make}
      onSubmit={() => make.mutate()}
      onClose={onClose}
    >
      <Field label="Name" size="small" validationState={fault ? 'error' : 'none'} validationMessage={fault}>
        <Input
          value={name}
          autoComplete="off"
          placeholder="Badge"
          contentAfter={/_CL$/.test(name.trim()) ? undefined : <span className="quiet">_CL</span>}
          onChange={(_, d) => setName(d.value)}
        />
      </Field>
      <Field label="What a row is" size="small">
        <Input value={description} maxLength={500} placeholder="Optional" onChange={(_, d) => setDescription(d.value)} />
      </Field>
      <Field
        label="A few records, as JSON"
        size="small"
        hint="Their keys and values say which columns there are. They are not kept."
      >
        <Textarea
          value={sample}
          rows={3}
          className="mono"
          placeholder={'{"time": "2026-11-01T10:00:00Z", "door": "east", "badge": 4711}'}
          onChange={(_, d) => setSample(d.value)}
        />
      </Field>
      <div>
        <Button
          type="button"
          size="small"
          disabledFocusable={sample.trim() === '' || look.isPending}
          onClick={() => sample.trim() !== '' && !look.isPending && look.mutate()}
        >
          Find the columns
        </Button>
      </div>
      {look.isError && <Refused error={look.error} />}
      <ColumnList columns={columns} onColumns={setColumns} />
      {columns.length > 0 && wrong !== undefined && <p role="alert">{wrong}</p>}
    </FormDialog>
  );
}

function ColumnList({ columns, onColumns }: { columns: NewColumn[]; onColumns: (columns: NewColumn[]) => void }) {
  const change = (at: number, part: Partial<NewColumn>) => onColumns(columns.map((c, i) => (i === at ? { ...c, ...part } : c)));
  return (
    <fieldset className={styles.columns}>
      <legend>Columns</legend>
      <p className="quiet">TimeGenerated, TenantId, Type and AdditionalFields are there by themselves.</p>
      {columns.map((c, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a column that is being named has no other identity
        <div key={at} className={styles.column}>
          <Input
            size="small"
            aria-label={`Name of column ${at + 1}`}
            value={c.name}
            maxLength={128}
            onChange={(_, d) => change(at, { name: d.value })}
          />
          <Select
            size="small"
            aria-label={`Type of column ${at + 1}`}
            value={c.type}
            onChange={(_, d) => change(at, { type: d.value as NewColumn['type'] })}
          >
            {columnTypes.map((t) => (
              <option key={t}>{t}</option>
            ))}
          </Select>
          <Button
            type="button"
            size="small"
            appearance="subtle"
            icon={<Dismiss16Regular />}
            aria-label={`Leave out column ${at + 1}`}
            onClick={() => onColumns(columns.filter((_, i) => i !== at))}
          />
        </div>
      ))}
      <div>
        <Button
          type="button"
          size="small"
          appearance="subtle"
          icon={<Add16Regular />}
          onClick={() => onColumns([...columns, { name: '', type: 'string' }])}
        >
          Add a column
        </Button>
      </div>
    </fieldset>
  );
}
