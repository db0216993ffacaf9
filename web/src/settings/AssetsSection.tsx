import { Button, Field, Input, Select } from '@fluentui/react-components';
import { Delete16Regular } from '@fluentui/react-icons';
import { type FormEvent, useState } from 'react';
import type { AssetCriticality, CorrelationSettings } from '../api/types';
import { word } from '../text/words';
import { Foreign } from '../ui/Foreign';
import type { Column } from '../ui/Grid';
import { Section } from '../ui/states';
import { Table } from '../ui/Table';
import type { Change } from './CorrelationSection';
import { withAsset, withoutAsset } from './correlation';
import styles from './SettingsPage.module.css';

const levels: AssetCriticality['level'][] = ['critical', 'high', 'normal', 'low'];

/** How much assets matter: it goes into the priority of their incidents. */
export function AssetsSection({ settings, change }: { settings: CorrelationSettings; change: Change }) {
  const level = (a: AssetCriticality) => (
    <Level
      label={`Criticality of ${a.value}`}
      value={a.level}
      disabled={change.blocked !== undefined}
      onChange={(level) => change.settings(withAsset(settings, { ...a, level }))}
    />
  );
  const remove = (a: AssetCriticality) => (
    <Button
      size="small"
      appearance="subtle"
      icon={<Delete16Regular />}
      disabledFocusable={change.blocked !== undefined}
      title={change.blocked}
      aria-label={`Remove the criticality of ${a.value}`}
      onClick={() => change.settings(withoutAsset(settings, a.value))}
    >
      Remove
    </Button>
  );
  const columns: Column<AssetCriticality>[] = [
    { id: 'value', name: 'Asset', width: '', render: (a) => <Foreign value={a.value} max={80} /> },
    { id: 'level', name: 'Criticality', width: '170px', render: level },
    { id: 'remove', name: '', width: '110px', end: true, render: remove },
  ];
  return (
    <Section title="Criticality of assets">
      <p className="quiet">
        An incident on a critical asset gains 12 points of priority, on one of high criticality 6; one on assets of low
        criticality alone loses 6. Open incidents are scored anew at once.
      </p>
      {settings.assetCriticality.length > 0 && (
        <Table
          label="Criticality of assets"
          columns={columns}
          rows={settings.assetCriticality}
          idOf={(a) => a.value}
          card={(a) => (
            <div className={styles.card}>
              <span className={styles.grow}>
                <Foreign value={a.value} max={80} />
              </span>
              {level(a)}
              {remove(a)}
            </div>
          )}
        />
      )}
      <NewAsset settings={settings} change={change} />
    </Section>
  );
}

interface LevelProps {
  label: string;
  value: AssetCriticality['level'];
  disabled: boolean;
  onChange: (level: AssetCriticality['level']) => void;
}

function Level({ label, value, disabled, onChange }: LevelProps) {
  return (
    <Select
      size="small"
      aria-label={label}
      value={value}
      disabled={disabled}
      onChange={(_, d) => onChange(d.value as AssetCriticality['level'])}
    >
      {levels.map((l) => (
        <option key={l} value={l}>
          {word('criticality', l)}
        </option>
      ))}
    </Select>
  );
}

function NewAsset({ settings, change }: { settings: CorrelationSettings; change: Change }) {
  const [value, setValue] = useState('');
  const [level, setLevel] = useState<AssetCriticality['level']>('critical');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (change.blocked !== undefined || value.trim() === '') return;
    change.settings(withAsset(settings, { value, level }), () => setValue(''));
  };
  return (
    <form onSubmit={submit} className={styles.inline} aria-label="Set the criticality of an asset">
      <Field label="Asset" size="small" className={styles.wide}>
        <Input
          value={value}
          maxLength={500}
          placeholder="dc1.corp.example, amy@corp.example"
          onChange={(_, d) => setValue(d.value)}
        />
      </Field>
      <Level label="Criticality of the new asset" value={level} disabled={false} onChange={setLevel} />
      <Button
        type="submit"
        size="small"
        disabledFocusable={change.blocked !== undefined || value.trim() === ''}
        title={change.blocked}
      >
        Set
      </Button>
    </form>
  );
}
