import { Button, Field, Input, Select } from '@fluentui/react-components';
import { Delete16Regular } from '@fluentui/react-icons';
import { type FormEvent, useState } from 'react';
import type { CorrelationSettings, Exclusion } from '../api/types';
import { Foreign } from '../ui/Foreign';
import type { Column } from '../ui/Grid';
import { Refused } from '../ui/Refused';
import { Section } from '../ui/states';
import { Table } from '../ui/Table';
import type { Change } from './CorrelationSection';
import { exclusionFault, withExclusion, withoutExclusion } from './correlation';
import styles from './SettingsPage.module.css';

const kinds: Record<Exclusion['kind'], string> = { identifier: 'Identifier', cidr: 'Network', domain: 'Domain' };
const examples: Record<Exclusion['kind'], string> = {
  identifier: 'svc-scan@corp.example, CORP\\svc',
  cidr: '10.1.0.0/16',
  domain: 'corp.example',
};

/** Entities that never link alerts, whatever they have in common. */
export function ExclusionsSection({ settings, change }: { settings: CorrelationSettings; change: Change }) {
  const remove = (x: Exclusion) => (
    <Button
      size="small"
      appearance="subtle"
      icon={<Delete16Regular />}
      disabledFocusable={change.blocked !== undefined}
      title={change.blocked}
      aria-label={`Remove ${x.value}`}
      onClick={() => change.settings(withoutExclusion(settings, x))}
    >
      Remove
    </Button>
  );
  const columns: Column<Exclusion>[] = [
    { id: 'kind', name: 'By', width: '110px', render: (x) => kinds[x.kind] },
    { id: 'value', name: 'Entity', width: '', render: (x) => <Foreign value={x.value} max={80} /> },
    { id: 'note', name: 'Why', width: '240px', render: (x) => <Foreign value={x.note ?? ''} max={80} /> },
    { id: 'remove', name: '', width: '110px', end: true, render: remove },
  ];
  return (
    <Section title="Never link by these">
      <p className="quiet">
        Scanners, proxies, service accounts: alerts that share nothing else stay apart. The entity is still shown in incidents.
      </p>
      {settings.excludedEntities.length > 0 && (
        <Table
          label="Excluded entities"
          columns={columns}
          rows={settings.excludedEntities}
          idOf={(x) => `${x.kind} ${x.value}`}
          card={(x) => (
            <div className={styles.card}>
              <span className={styles.grow}>
                <span className="quiet">{kinds[x.kind]}</span> <Foreign value={x.value} max={80} />
                {x.note !== undefined && (
                  <span className="quiet">
                    {' · '}
                    <Foreign value={x.note} max={80} />
                  </span>
                )}
              </span>
              {remove(x)}
            </div>
          )}
        />
      )}
      <NewExclusion settings={settings} change={change} />
    </Section>
  );
}

function NewExclusion({ settings, change }: { settings: CorrelationSettings; change: Change }) {
  const [kind, setKind] = useState<Exclusion['kind']>('identifier');
  const [value, setValue] = useState('');
  const [note, setNote] = useState('');
  const entry: Exclusion = { kind, value: value.trim(), ...(note.trim() === '' ? {} : { note: note.trim() }) };
  const fault = exclusionFault(entry, settings);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (change.blocked !== undefined || fault !== undefined || entry.value === '') return;
    change.settings(withExclusion(settings, entry), () => {
      setValue('');
      setNote('');
    });
  };
  return (
    <>
      <form onSubmit={submit} className={styles.inline} aria-label="Exclude an entity">
        <Field label="By" size="small">
          <Select value={kind} onChange={(_, d) => setKind(d.value as Exclusion['kind'])}>
            {Object.entries(kinds).map(([k, name]) => (
              <option key={k} value={k}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
        <Field
          label="Entity"
          size="small"
          className={styles.wide}
          validationState={fault === undefined ? 'none' : 'error'}
          validationMessage={fault}
        >
          <Input value={value} maxLength={500} placeholder={examples[kind]} onChange={(_, d) => setValue(d.value)} />
        </Field>
        <Field label="Why" size="small" className={styles.wide}>
          <Input value={note} maxLength={500} placeholder="Optional" onChange={(_, d) => setNote(d.value)} />
        </Field>
        <Button
          type="submit"
          size="small"
          disabledFocusable={change.blocked !== undefined || entry.value === '' || fault !== undefined}
          title={change.blocked}
        >
          Exclude
        </Button>
      </form>
      {change.error != null && <Refused error={change.error} />}
    </>
  );
}
