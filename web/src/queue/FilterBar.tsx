import {
  Button,
  Menu,
  MenuDivider,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  mergeClasses,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  SearchBox,
} from '@fluentui/react-components';
import { Add16Regular, CalendarLtr16Regular, ChevronDown12Regular, Dismiss12Regular } from '@fluentui/react-icons';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import type { Facet, Facets } from '../api/types';
import { number } from '../text/count';
import { dayOf, ranges } from '../text/time';
import { word } from '../text/words';
import { Foreign } from '../ui/Foreign';
import styles from './FilterBar.module.css';
import { type Field, isNarrowed, type ListSpec, type ListState, withField, withValue } from './filters';

interface FilterBarProps {
  spec: ListSpec;
  state: ListState;
  facets: Facets | undefined;
  onChange: (state: ListState) => void;
  placeholder: string;
  searchBox: RefObject<HTMLInputElement | null>;
  children?: ReactNode;
}

export function FilterBar({ spec, state, facets, onChange, placeholder, searchBox, children }: FilterBarProps) {
  const [added, setAdded] = useState<string | undefined>(undefined);
  const visible = spec.fields.filter((f) => f.pinned || f.id in state.filters || f.id === added);
  const hidden = spec.fields.filter((f) => !visible.includes(f));
  return (
    <div className={styles.bar} role="search" aria-label="Filters">
      <DelayedSearch value={state.q} onChange={(q) => onChange({ ...state, q })} placeholder={placeholder} box={searchBox} />
      <RangeMenu spec={spec} state={state} onChange={onChange} />
      {visible.map((field) => (
        <FieldChip
          key={field.id}
          field={field}
          values={state.filters[field.id] ?? []}
          facets={facets?.fields[field.id]}
          startOpen={field.id === added}
          onToggle={(value) => onChange(withValue(state, field.id, value))}
          onClear={() => {
            if (added === field.id) setAdded(undefined);
            onChange(withField(state, field.id, []));
          }}
        />
      ))}
      {hidden.length > 0 && (
        <Menu>
          <MenuTrigger disableButtonEnhancement>
            <Button size="small" appearance="subtle" icon={<Add16Regular />}>
              Filter
            </Button>
          </MenuTrigger>
          <MenuPopover>
            <MenuList>
              {hidden.map((field) => (
                <MenuItem key={field.id} onClick={() => setAdded(field.id)}>
                  {field.name}
                </MenuItem>
              ))}
            </MenuList>
          </MenuPopover>
        </Menu>
      )}
      {isNarrowed(spec, state) && (
        <Button
          size="small"
          appearance="subtle"
          onClick={() => {
            setAdded(undefined);
            onChange({ filters: { ...spec.defaults }, q: '', range: spec.range, sort: state.sort, asc: state.asc });
          }}
        >
          Reset
        </Button>
      )}
      <span className={styles.gap} />
      {children}
    </div>
  );
}

/** Writes into the address a moment after the last key. */
function DelayedSearch({
  value,
  onChange,
  placeholder,
  box,
}: {
  value: string;
  onChange: (value: string) => void;
  placeholder: string;
  box: RefObject<HTMLInputElement | null>;
}) {
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  if (seen !== value) {
    setSeen(value);
    setText(value);
  }
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => latest.current(text), 250);
    return () => clearTimeout(timer);
  }, [text, value]);
  return (
    <SearchBox
      size="small"
      className={styles.search}
      value={text}
      input={{ ref: box }}
      placeholder={placeholder}
      aria-label={placeholder}
      onChange={(_, data) => setText(data.value)}
    />
  );
}

function FieldChip({
  field,
  values,
  facets,
  startOpen,
  onToggle,
  onClear,
}: {
  field: Field;
  values: string[];
  facets: Facet[] | undefined;
  startOpen: boolean;
  onToggle: (value: string) => void;
  onClear: () => void;
}) {
  const [open, setOpen] = useState(startOpen);
  const label = (value: string) => labelOf(field, value);
  const options = merged(facets ?? [], values);
  return (
    <span className={mergeClasses(styles.chip, values.length > 0 && styles.active)}>
      <Popover open={open} onOpenChange={(_, data) => setOpen(data.open)} positioning="below-start" trapFocus>
        <PopoverTrigger disableButtonEnhancement>
          <button type="button" className={styles.chipButton}>
            <span className="visually-hidden">Filter by </span>
            <span className={styles.chipName}>{field.name}</span>
            {values.length > 0 && <span className={styles.chipValue}>{summary(values.map(label))}</span>}
            {values.length === 0 && <ChevronDown12Regular />}
          </button>
        </PopoverTrigger>
        <PopoverSurface className={styles.surface} aria-label={field.name}>
          {options.length === 0 && <p className="quiet">Nothing to choose from.</p>}
          <ul className={styles.options}>
            {options.map((option) => (
              <li key={option.value}>
                <label className={styles.option}>
                  <input type="checkbox" checked={values.includes(option.value)} onChange={() => onToggle(option.value)} />
                  <span className={styles.optionName}>
                    <Foreign value={label(option.value)} max={42} />
                  </span>
                  <span className={styles.optionCount}>{number(option.count)}</span>
                </label>
              </li>
            ))}
          </ul>
        </PopoverSurface>
      </Popover>
      {values.length > 0 && (
        <button type="button" className={styles.clear} aria-label={`Remove the filter ${field.name}`} onClick={onClear}>
          <Dismiss12Regular />
        </button>
      )}
    </span>
  );
}

export function labelOf(field: Field, value: string): string {
  if (field.id === 'owner' && (value === '' || value === 'none')) return 'Nobody';
  return field.vocabulary === undefined ? value || 'None' : word(field.vocabulary, value);
}

function summary(labels: string[]): string {
  const [first = '', second] = labels;
  if (labels.length <= 2) return second === undefined ? first : `${first}, ${second}`;
  return `${first} +${labels.length - 1}`;
}

/** The counted values, and chosen ones that nothing matches now. */
function merged(facets: Facet[], values: string[]): Facet[] {
  const known = new Set(facets.map((f) => f.value));
  return [...facets, ...values.filter((v) => !known.has(v)).map((value) => ({ value, count: 0 }))];
}

function RangeMenu({ spec, state, onChange }: Pick<FilterBarProps, 'spec' | 'state' | 'onChange'>) {
  const custom = state.from !== undefined || state.to !== undefined;
  const label = custom
    ? `${state.from === undefined ? 'Start' : dayOf(state.from)} – ${state.to === undefined ? 'now' : dayOf(state.to)}`
    : (ranges.find((r) => r.value === state.range)?.label ?? state.range);
  const choose = (range: string) => {
    const { from: _from, to: _to, ...rest } = state;
    onChange({ ...rest, range });
  };
  return (
    <Menu checkedValues={{ range: custom ? [] : [state.range] }}>
      <MenuTrigger disableButtonEnhancement>
        <Button
          size="small"
          appearance="outline"
          icon={<CalendarLtr16Regular />}
          className={mergeClasses(styles.range, (custom || state.range !== spec.range) && styles.rangeActive)}
        >
          {label}
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {ranges.map((range) => (
            <MenuItemRadio key={range.value} name="range" value={range.value} onClick={() => choose(range.value)}>
              {range.label}
            </MenuItemRadio>
          ))}
          <MenuDivider />
          <div className={styles.dates}>
            <DateField label="From" value={state.from} onChange={(from) => onChange(withBound(state, 'from', from))} />
            <DateField label="To" value={state.to} onChange={(to) => onChange(withBound(state, 'to', to))} />
          </div>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function withBound(state: ListState, bound: 'from' | 'to', value: string | undefined): ListState {
  const { [bound]: _, ...rest } = state;
  return value === undefined ? rest : { ...rest, [bound]: value };
}

function DateField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (iso: string | undefined) => void;
}) {
  return (
    <label className={styles.date}>
      {label}
      <input
        type="datetime-local"
        value={value === undefined ? '' : localInput(value)}
        onKeyDown={(event) => event.stopPropagation()}
        onChange={(event) => {
          const at = new Date(event.target.value);
          onChange(event.target.value === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString());
        }}
      />
    </label>
  );
}

function localInput(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
