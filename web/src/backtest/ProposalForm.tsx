import { Button, Combobox, Field, Input, Option, Select, Slider, Tag, TagGroup } from '@fluentui/react-components';
import { type FormEvent, useId, useState } from 'react';
import type { CorrelationSettings, KeptModel, RuleRow } from '../api/types';
import { clipMiddle } from '../text/clip';
import { visible } from '../text/hostile';
import { Foreign } from '../ui/Foreign';
import styles from './Backtest.module.css';
import { unusable } from './model';
import { changes, type Draft, exclusionOf, maxShift, odds, proposed } from './proposal';

interface FormProps {
  now: CorrelationSettings;
  rules: RuleRow[];
  models: KeptModel[];
  draft: Draft;
  onDraft: (draft: Draft) => void;
  onRun: () => void;
  /** Why it can't be run; undefined when it can. */
  blocked: string | undefined;
}

/** What to try, beginning with the settings in force. */
export function ProposalForm({ now, rules, models, draft, onDraft, onRun, blocked }: FormProps) {
  const told = changes(now, proposed(now, draft), { models, rules });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onRun();
  };
  return (
    <form onSubmit={submit} className={styles.form} aria-label="What to try">
      <Threshold label="Linking alerts" value={draft.join} onValue={(join) => onDraft({ ...draft, join })} />
      <Threshold label="Merging incidents" value={draft.merge} onValue={(merge) => onDraft({ ...draft, merge })} />
      <RulePicker rules={rules} chosen={draft.rules} onChosen={(r) => onDraft({ ...draft, rules: r })} />
      <Exclusions values={draft.entities} onValues={(entities) => onDraft({ ...draft, entities })} />
      <Field label="Model" size="small" className={styles.days}>
        <Select value={String(draft.model)} onChange={(_, d) => onDraft({ ...draft, model: Number(d.value) })}>
          {models.map((m) => (
            <option key={m.id} value={m.id} disabled={unusable(m) !== undefined}>
              {clipMiddle(visible(m.version), 40)}
              {m.inUse ? ' (decides now)' : ''}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Replay" size="small" className={styles.days}>
        <Select value={String(draft.days)} onChange={(_, d) => onDraft({ ...draft, days: Number(d.value) })}>
          {[3, 7, 14, 30, 90, 365].map((days) => (
            <option key={days} value={days}>
              the last {days} days
            </option>
          ))}
        </Select>
      </Field>
      <div className={styles.run}>
        <Button type="submit" appearance="primary" disabled={blocked !== undefined} title={blocked ?? ''}>
          Run back-test
        </Button>
        <p className="quiet">
          {blocked ?? (told.length === 0 ? 'Nothing differs from the settings in force yet.' : 'Nothing changes by a back-test.')}
        </p>
      </div>
      {told.length > 0 && (
        <ul className={styles.changes} aria-label="Changes to try">
          {told.map((text) => (
            <li key={text}>
              <Foreign value={text} max={160} />
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}

function Threshold({ label, value, onValue }: { label: string; value: number; onValue: (value: number) => void }) {
  const id = useId();
  return (
    <div className={styles.threshold}>
      <label htmlFor={id}>{label}</label>
      <Slider
        id={id}
        size="small"
        min={-maxShift}
        max={maxShift}
        step={0.5}
        value={value}
        aria-valuetext={odds(value)}
        onChange={(_, d) => onValue(Math.round(d.value * 10) / 10)}
      />
      <div className={styles.ends}>
        <span className="quiet">more readily</span>
        <span>{odds(value)}</span>
        <span className="quiet">more cautiously</span>
      </div>
    </div>
  );
}

interface PickerProps {
  rules: RuleRow[];
  chosen: string[];
  onChosen: (rules: string[]) => void;
}

/** Rules to exclude; those that are excluded already are not offered. */
function RulePicker({ rules, chosen, onChosen }: PickerProps) {
  const [typed, setTyped] = useState('');
  const fitting = rules
    .filter((r) => r.effective === 'enabled' && `${r.title} ${r.rule}`.toLowerCase().includes(typed.toLowerCase()))
    .slice(0, 50);
  const titleOf = (rule: string) => rules.find((r) => r.rule === rule)?.title || rule;
  return (
    <div className={styles.picker}>
      <Field label="Exclude rules" size="small">
        <Combobox
          multiselect
          placeholder="Search rules"
          value={typed}
          selectedOptions={chosen}
          onInput={(e) => setTyped(e.currentTarget.value)}
          onOpenChange={(_, d) => !d.open && setTyped('')}
          onOptionSelect={(_, d) => onChosen(d.selectedOptions)}
        >
          {fitting.map((r) => (
            <Option key={r.rule} value={r.rule} text={r.title || r.rule}>
              <Foreign value={r.title || r.rule} max={60} />
              <span className={styles.ruleCount}>{r.alerts}</span>
            </Option>
          ))}
        </Combobox>
      </Field>
      <Chosen label="Excluded rules" values={chosen} textOf={titleOf} onValues={onChosen} />
    </div>
  );
}

/** Identifiers, networks and domains that must not link. */
function Exclusions({ values, onValues }: { values: string[]; onValues: (values: string[]) => void }) {
  const [typed, setTyped] = useState('');
  const add = () => {
    const value = typed.trim();
    if (value !== '' && !values.includes(value)) onValues([...values, value]);
    setTyped('');
  };
  return (
    <div className={styles.picker}>
      <Field label="Never link by" size="small">
        <Input
          value={typed}
          maxLength={500}
          placeholder="Name, address, 10.0.0.0/8 or *.domain"
          onChange={(_, d) => setTyped(d.value)}
          onKeyDown={(e) => {
            if (e.key !== 'Enter') return;
            e.preventDefault();
            add();
          }}
          contentAfter={
            <Button size="small" appearance="transparent" onClick={add} disabled={typed.trim() === ''}>
              Add
            </Button>
          }
        />
      </Field>
      <Chosen label="Never linked by" values={values} textOf={(v) => exclusionOf(v).value} onValues={onValues} />
    </div>
  );
}

interface ChosenProps {
  label: string;
  values: string[];
  textOf: (value: string) => string;
  onValues: (values: string[]) => void;
}

function Chosen({ label, values, textOf, onValues }: ChosenProps) {
  if (values.length === 0) return null;
  return (
    <TagGroup aria-label={label} size="small" onDismiss={(_, d) => onValues(values.filter((v) => v !== d.value))}>
      {values.map((value) => (
        <Tag key={value} value={value} dismissible dismissIcon={{ 'aria-label': `Remove ${textOf(value)}` }}>
          <Foreign value={textOf(value)} max={40} />
        </Tag>
      ))}
    </TagGroup>
  );
}
