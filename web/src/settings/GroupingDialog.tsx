import { Button, Checkbox, Field, Input, Radio, RadioGroup, Select } from '@fluentui/react-components';
import { useState } from 'react';
import type { Grouping, RuleControl, RuleRow } from '../api/types';
import { spaced, word } from '../text/words';
import { Foreign } from '../ui/Foreign';
import { FormDialog } from '../ui/FormDialog';
import type { Change } from './CorrelationSection';
import styles from './CorrelationSection.module.css';
import { frameOf, inUnit, type Unit } from './correlation';

type Kind = NonNullable<Grouping['kinds']>[number];
type Detail = NonNullable<Grouping['details']>[number];

const kinds: Kind[] = ['user', 'device', 'ip', 'file', 'process', 'url', 'domain', 'mailbox', 'mail', 'app', 'cloudResource'];
const details: Detail[] = ['title', 'severity'];

interface GroupingDialogProps {
  rule: RuleRow;
  state: RuleControl['state'];
  change: Change;
  onClose: () => void;
}

/** How the alerts of an excluded rule make incidents. */
export function GroupingDialog({ rule, state, change, onClose }: GroupingDialogProps) {
  const start = inUnit(rule.grouping.windowSeconds);
  const [amount, setAmount] = useState(String(start.amount));
  const [unit, setUnit] = useState<Unit>(start.unit);
  const [match, setMatch] = useState(rule.grouping.match);
  const [chosenKinds, setKinds] = useState<Kind[]>(rule.grouping.kinds ?? []);
  const [chosenDetails, setDetails] = useState<Detail[]>(rule.grouping.details ?? []);
  const frame = frameOf(amount, unit);
  const nothing = match === 'selected' && chosenKinds.length + chosenDetails.length === 0;
  const save = () => {
    if (frame === undefined) return;
    const selected = match === 'selected' ? { kinds: chosenKinds, details: chosenDetails } : {};
    change.rule({ rule: rule.rule, state, grouping: { windowSeconds: frame, match, ...selected } });
    onClose();
  };
  const clear = () => {
    change.rule({ rule: rule.rule, state });
    onClose();
  };
  return (
    <FormDialog
      title="Grouping while excluded"
      submit="Save"
      ready={frame !== undefined && !nothing}
      blocked={change.blocked}
      onSubmit={save}
      onClose={onClose}
      actions={
        rule.ownGrouping && (
          <Button disabledFocusable={change.blocked !== undefined} title={change.blocked} onClick={clear}>
            Use the default
          </Button>
        )
      }
    >
      <p className="quiet">
        <Foreign value={rule.title || rule.rule} max={120} />: while this rule is excluded from correlation, its alerts are
        grouped by what is set here and by nothing else, at most 150 in one incident.
      </p>
      <Field
        label="Time frame of one incident"
        validationState={frame === undefined ? 'error' : 'none'}
        validationMessage={frame === undefined ? 'Between 5 minutes and 7 days' : undefined}
      >
        <span className={styles.frame}>
          <Input
            value={amount}
            inputMode="numeric"
            aria-label="Length of the time frame"
            onChange={(_, d) => setAmount(d.value)}
          />
          <Select aria-label="Unit of the time frame" value={unit} onChange={(_, d) => setUnit(d.value as Unit)}>
            <option value="minutes">minutes</option>
            <option value="hours">hours</option>
            <option value="days">days</option>
          </Select>
        </span>
      </Field>
      <Field label="Alerts go into one incident when they have">
        <RadioGroup value={match} onChange={(_, d) => setMatch(d.value as Grouping['match'])}>
          <Radio value="allEntities" label="exactly the same entities" />
          <Radio value="anyAlert" label="the rule in common, whatever they name" />
          <Radio value="selected" label="the same of what is selected below" />
        </RadioGroup>
      </Field>
      {match === 'selected' && (
        <>
          <Choice legend="Entities" all={kinds} chosen={chosenKinds} onChange={setKinds} name={(k) => word('kind', k)} />
          <Choice legend="Details of the alert" all={details} chosen={chosenDetails} onChange={setDetails} name={spaced} />
          {nothing && <p role="alert">Select at least one.</p>}
        </>
      )}
    </FormDialog>
  );
}

interface ChoiceProps<T extends string> {
  legend: string;
  all: T[];
  chosen: T[];
  onChange: (chosen: T[]) => void;
  name: (value: T) => string;
}

function Choice<T extends string>({ legend, all, chosen, onChange, name }: ChoiceProps<T>) {
  return (
    <fieldset className={styles.checks}>
      <legend>{legend}</legend>
      {all.map((value) => (
        <Checkbox
          key={value}
          label={name(value)}
          checked={chosen.includes(value)}
          onChange={(_, d) => onChange(d.checked ? [...chosen, value] : chosen.filter((c) => c !== value))}
        />
      ))}
    </fieldset>
  );
}
