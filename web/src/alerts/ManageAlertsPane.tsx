import { Button, Field, Select, Textarea } from '@fluentui/react-components';
import { type FormEvent, useState } from 'react';
import type { AlertPatch, AlertRow } from '../api/types';
import { usePolicy } from '../app/session';
import { count } from '../text/count';
import { determinations, word } from '../text/words';
import { SidePane } from '../ui/SidePane';
import { useAlertChange } from './change';

const keep = '\u0000keep';

/** Status, owner, classification and a comment for one or many alerts. */
export function ManageAlertsPane({ alerts, over, onClose }: { alerts: AlertRow[]; over: boolean; onClose: () => void }) {
  const change = useAlertChange();
  const { session } = usePolicy();
  const [patch, setPatch] = useState<AlertPatch>({});
  const [comment, setComment] = useState('');
  const title = `Manage ${count(alerts.length, 'alert')}`;
  const me = session?.user.name ?? '';
  const set = (field: keyof AlertPatch, value: string) => {
    const { [field]: _, ...rest } = patch;
    setPatch(value === keep ? rest : { ...rest, [field]: value });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const text = comment.trim();
    change.mutate({ ids: alerts.map((a) => a.id), patch: { ...patch, ...(text === '' ? {} : { comment: text }) } });
    onClose();
  };
  const owners = [...new Set([me, ...alerts.map((a) => a.owner)])].filter(Boolean);
  return (
    <SidePane label={title} title={title} over={over} onClose={onClose}>
      <form onSubmit={submit} style={{ display: 'flex', flexDirection: 'column', gap: 12 }}>
        <Field label="Status" size="small">
          <Select value={patch.status ?? keep} autoFocus onChange={(_, d) => set('status', d.value)}>
            <option value={keep}>Keep as it is</option>
            {['new', 'inProgress', 'resolved'].map((s) => (
              <option key={s} value={s}>
                {word('status', s)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Owner" size="small">
          <Select value={patch.owner ?? keep} onChange={(_, d) => set('owner', d.value)}>
            <option value={keep}>Keep as it is</option>
            <option value="">Nobody</option>
            {owners.map((o) => (
              <option key={o} value={o}>
                {o === me ? `${o} (me)` : o}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Classification" size="small">
          <Select
            value={patch.classification ?? keep}
            onChange={(_, d) => {
              const { classification: _c, determination: _d, ...rest } = patch;
              setPatch(d.value === keep ? rest : ({ ...rest, classification: d.value, determination: 'unknown' } as AlertPatch));
            }}
          >
            <option value={keep}>Keep as it is</option>
            {Object.keys(determinations).map((c) => (
              <option key={c} value={c}>
                {word('classification', c)}
              </option>
            ))}
          </Select>
        </Field>
        {(determinations[patch.classification ?? ''] ?? []).length > 0 && (
          <Field label="Determination" size="small">
            <Select value={patch.determination ?? 'unknown'} onChange={(_, d) => set('determination', d.value)}>
              {['unknown', ...(determinations[patch.classification ?? ''] ?? [])].map((v) => (
                <option key={v} value={v}>
                  {word('determination', v)}
                </option>
              ))}
            </Select>
          </Field>
        )}
        <Field label="Comment" size="small">
          <Textarea value={comment} rows={3} maxLength={30_000} placeholder="Optional" onChange={(_, d) => setComment(d.value)} />
        </Field>
        <div style={{ display: 'flex', gap: 8 }}>
          <Button type="submit" appearance="primary" disabled={Object.keys(patch).length === 0 && comment.trim() === ''}>
            Save
          </Button>
          <Button type="button" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </SidePane>
  );
}
