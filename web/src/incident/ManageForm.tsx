import { Button, Dropdown, Field, Input, Option, OptionGroup, Select, Tag, TagGroup, Textarea } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { peopleQuery } from '../api/queries';
import type { IncidentPatch } from '../api/types';
import { usePolicy } from '../app/session';
import { determinations, word } from '../text/words';
import { difference } from './difference';
import styles from './ManageForm.module.css';

export interface Draft {
  name: string;
  status: string;
  severity: string;
  owner: string;
  tags: string[];
  classification: string;
  determination: string;
}

interface ManageFormProps {
  /** Present values; a field that is missing is "keep as it is" (many incidents). */
  initial: Partial<Draft>;
  focus?: keyof Draft | undefined;
  busy?: boolean;
  onSave: (patch: IncidentPatch) => void;
  onCancel: () => void;
  knownTags: string[];
}

const keep = '\u0000keep';

export function ManageForm({ initial, focus, busy = false, onSave, onCancel, knownTags }: ManageFormProps) {
  const [draft, setDraft] = useState<Partial<Draft>>(initial);
  const [comment, setComment] = useState('');
  const single = initial.name !== undefined;
  const set = (part: Partial<Draft>) => setDraft((d) => ({ ...d, ...part }));
  const classification = draft.classification;
  const resolving = draft.status === 'resolved' && initial.status !== 'resolved';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const patch = difference(initial, draft);
    const text = comment.trim();
    if (text !== '') Object.assign(patch, resolving ? { resolvingComment: text } : { comment: text });
    onSave(patch);
  };
  const empty = Object.keys(difference(initial, draft)).length === 0 && comment.trim() === '';
  return (
    <form onSubmit={submit} className={styles.form}>
      {single && (
        <Field label="Name" size="small">
          <Input
            value={draft.name ?? ''}
            maxLength={300}
            autoFocus={focus === 'name'}
            onChange={(_, d) => set({ name: d.value })}
          />
        </Field>
      )}
      <div className={styles.pair}>
        <Choice
          label="Status"
          vocabulary="status"
          members={['active', 'inProgress', 'resolved']}
          value={draft.status}
          single={single}
          focus={focus === 'status'}
          onChange={(status) => set({ status })}
        />
        <Choice
          label="Severity"
          vocabulary="severity"
          members={['high', 'medium', 'low', 'informational']}
          value={draft.severity}
          single={single}
          focus={focus === 'severity'}
          onChange={(severity) => set({ severity })}
        />
      </div>
      <OwnerField value={draft.owner} single={single} focus={focus === 'owner'} onChange={(owner) => set({ owner })} />
      <TagsField value={draft.tags} single={single} known={knownTags} onChange={(tags) => set({ tags })} />
      <Choice
        label="Classification"
        vocabulary="classification"
        members={['unknown', 'truePositive', 'informationalExpectedActivity', 'falsePositive']}
        value={classification}
        single={single}
        focus={focus === 'classification'}
        onChange={(value) => {
          const fits = determinations[value ?? '']?.includes(draft.determination ?? '');
          set({
            classification: value,
            determination: value === undefined ? undefined : fits ? draft.determination : 'unknown',
          });
        }}
      />
      {classification !== undefined && classification !== 'unknown' && classification !== '' && (
        <Choice
          label="Determination"
          vocabulary="determination"
          members={['unknown', ...(determinations[classification] ?? [])]}
          value={draft.determination}
          single
          onChange={(determination) => set({ determination })}
        />
      )}
      <Field label={resolving ? 'Resolution note' : 'Comment'} size="small">
        <Textarea
          value={comment}
          rows={3}
          maxLength={30_000}
          placeholder={resolving ? 'What was it, what was done?' : 'Optional'}
          onChange={(_, d) => setComment(d.value)}
        />
      </Field>
      <div className={styles.buttons}>
        <Button type="submit" appearance="primary" disabled={empty || busy}>
          Save
        </Button>
        <Button type="button" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

function Choice({
  label,
  vocabulary,
  members,
  value,
  single,
  focus = false,
  onChange,
}: {
  label: string;
  vocabulary: 'status' | 'severity' | 'classification' | 'determination';
  members: string[];
  value: string | undefined;
  single: boolean;
  focus?: boolean;
  onChange: (value: string | undefined) => void;
}) {
  return (
    <Field label={label} size="small">
      <Select value={value ?? keep} autoFocus={focus} onChange={(_, d) => onChange(d.value === keep ? undefined : d.value)}>
        {!single && <option value={keep}>Keep as it is</option>}
        {value !== undefined && !members.includes(value) && <option value={value}>{word(vocabulary, value)}</option>}
        {members.map((m) => (
          <option key={m} value={m}>
            {word(vocabulary, m)}
          </option>
        ))}
      </Select>
    </Field>
  );
}

function OwnerField({
  value,
  single,
  focus,
  onChange,
}: {
  value: string | undefined;
  single: boolean;
  focus: boolean;
  onChange: (owner: string | undefined) => void;
}) {
  const { session } = usePolicy();
  const people = useQuery(peopleQuery);
  const me = session?.user.name ?? '';
  const names = [...new Set([me, ...(people.data ?? []).map((p) => p.name), ...(value ? [value] : [])])].filter(Boolean);
  const display = (name: string) => people.data?.find((p) => p.name === name)?.displayName || name;
  return (
    <Field label="Owner" size="small">
      <Select value={value ?? keep} autoFocus={focus} onChange={(_, d) => onChange(d.value === keep ? undefined : d.value)}>
        {!single && <option value={keep}>Keep as it is</option>}
        <option value="">Nobody</option>
        {names.map((name) => (
          <option key={name} value={name}>
            {name === me ? `${display(name)} (me)` : display(name)}
          </option>
        ))}
      </Select>
    </Field>
  );
}

function TagsField({
  value,
  single,
  known,
  onChange,
}: {
  value: string[] | undefined;
  single: boolean;
  known: string[];
  onChange: (tags: string[] | undefined) => void;
}) {
  const [text, setText] = useState('');
  const tags = value ?? [];
  const add = (tag: string) => {
    const clean = tag.trim().slice(0, 100);
    if (clean !== '' && !tags.includes(clean)) onChange([...tags, clean].sort());
    setText('');
  };
  const offered = known.filter((t) => !tags.includes(t)).slice(0, 12);
  return (
    <Field label={single ? 'Tags' : 'Tags (replaces those there are)'} size="small">
      <div className={styles.tags}>
        {tags.length > 0 && (
          <TagGroup size="extra-small" onDismiss={(_, d) => onChange(tags.filter((t) => t !== d.value))} aria-label="Tags">
            {tags.map((tag) => (
              <Tag key={tag} value={tag} dismissible dismissIcon={{ 'aria-label': `Remove ${tag}` }}>
                {tag}
              </Tag>
            ))}
          </TagGroup>
        )}
        <div className={styles.addTag}>
          <Input
            size="small"
            value={text}
            placeholder="New tag"
            aria-label="New tag"
            maxLength={100}
            onChange={(_, d) => setText(d.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || text.trim() === '') return;
              event.preventDefault();
              add(text);
            }}
            contentAfter={
              <Button size="small" appearance="transparent" disabled={text.trim() === ''} onClick={() => add(text)}>
                Add
              </Button>
            }
          />
          {offered.length > 0 && (
            <Dropdown
              size="small"
              placeholder="Used before"
              aria-label="Tags used before"
              selectedOptions={[]}
              value=""
              onOptionSelect={(_, d) => d.optionValue !== undefined && add(d.optionValue)}
              className={styles.known}
            >
              <OptionGroup>
                {offered.map((tag) => (
                  <Option key={tag} value={tag}>
                    {tag}
                  </Option>
                ))}
              </OptionGroup>
            </Dropdown>
          )}
        </div>
      </div>
    </Field>
  );
}
