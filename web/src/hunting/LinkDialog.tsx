import { Field, Input, Radio, RadioGroup, Select } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { incidentQuery } from '../api/queries';
import { useToast } from '../app/toast';
import { incidentNumber } from '../incident/incidentNumber';
import { count, number } from '../text/count';
import { Foreign } from '../ui/Foreign';
import { FormDialog } from '../ui/FormDialog';
import { type LinkRequest, linkToIncident } from './api';
import type { ResultTable } from './contract';
import {
  type Combination,
  combinations,
  entityColumns,
  guessImpacted,
  type Impacted,
  type ImpactKind,
  impactKinds,
} from './impact';
import styles from './LinkDialog.module.css';

interface LinkDialogProps {
  table: ResultTable;
  /** The rows to link: the selected ones, else all that are shown. */
  rows: number[];
  query: string;
  onClose: () => void;
}

const impactNames: Record<ImpactKind, string> = {
  device: 'Device',
  user: 'User',
  mailbox: 'Mailbox',
  ip: 'IP address',
  file: 'File',
  url: 'URL',
  mail: 'Mail',
};

/** Makes alerts of the rows, one a distinct combination of impacted entities, in an incident. */
export function LinkDialog({ table, rows, query, onClose }: LinkDialogProps) {
  const chosen = useMemo<ResultTable>(
    () => ({ columns: table.columns, rows: rows.map((i) => table.rows[i] ?? []) }),
    [table, rows],
  );
  const [into, setInto] = useState<'new' | 'known'>('new');
  const [text, setText] = useState('');
  const [title, setTitle] = useState('');
  const [severity, setSeverity] = useState<LinkRequest['severity']>('medium');
  const [impacted, setImpacted] = useState<Impacted>(() => guessImpacted(chosen));
  const target = incidentNumber(text);
  const found = useQuery({ ...incidentQuery(target ?? 0), enabled: into === 'known' && target !== undefined, retry: false });
  const alerts = useMemo(
    () =>
      combinations(
        chosen,
        chosen.rows.map((_, i) => i),
        impacted,
      ),
    [chosen, impacted],
  );
  const client = useQueryClient();
  const toast = useToast();
  const navigate = useNavigate();
  const link = useMutation({
    mutationFn: () => linkToIncident(requestOf({ into, target, title: title.trim(), severity, query, table: chosen, impacted })),
    onSuccess: ({ incidentId, alerts: made }) => {
      toast.done(`${count(made, 'alert')} linked to incident #${incidentId}`);
      for (const key of ['incidents', 'incident', 'alerts', 'entity']) void client.invalidateQueries({ queryKey: [key] });
    },
  });
  if (link.isSuccess) {
    const id = link.data.incidentId ?? 0;
    return (
      <FormDialog
        title={`Linked to incident #${id}`}
        submit="Open the incident"
        cancel="Close"
        onSubmit={() => void navigate({ to: '/incidents/$id', params: { id: String(id) }, search: {} })}
        onClose={onClose}
      >
        <p>The alerts are in the incident, with the rows and the query as their proof.</p>
      </FormDialog>
    );
  }
  const ready =
    title.trim() !== '' &&
    alerts.length > 0 &&
    tooMuch(rows.length, alerts.length) === undefined &&
    (into === 'new' || found.data !== undefined);
  return (
    <FormDialog
      title={`Link ${count(rows.length, 'row')} to an incident`}
      submit={`Link ${count(alerts.length, 'alert')}`}
      ready={ready}
      request={link}
      onSubmit={() => link.mutate()}
      onClose={onClose}
    >
      <RadioGroup layout="horizontal" value={into} onChange={(_, d) => setInto(d.value as 'new' | 'known')} aria-label="Incident">
        <Radio value="new" label="A new incident" />
        <Radio value="known" label="One that exists" />
      </RadioGroup>
      {into === 'known' && (
        <Field
          label="Incident"
          validationState={found.isError ? 'error' : 'none'}
          validationMessage={
            found.isError ? (
              'There is no such incident'
            ) : found.data === undefined ? undefined : (
              <Foreign value={found.data.name} max={90} />
            )
          }
        >
          <Input value={text} placeholder="#12" onChange={(_, d) => setText(d.value)} />
        </Field>
      )}
      <div className={styles.pair}>
        <Field label="Title of the alerts" required>
          <Input value={title} maxLength={256} onChange={(_, d) => setTitle(d.value)} />
        </Field>
        <Field label="Severity">
          <Select value={severity} onChange={(_, d) => setSeverity(d.value as LinkRequest['severity'])}>
            <option value="high">High</option>
            <option value="medium">Medium</option>
            <option value="low">Low</option>
            <option value="informational">Informational</option>
          </Select>
        </Field>
      </div>
      <Impact table={chosen} impacted={impacted} onImpacted={setImpacted} />
      <Preview alerts={alerts} impacted={impacted} rows={rows.length} />
    </FormDialog>
  );
}

interface Asked {
  into: 'new' | 'known';
  target: number | undefined;
  title: string;
  severity: LinkRequest['severity'];
  query: string;
  table: ResultTable;
  impacted: Impacted;
}

function requestOf(a: Asked): LinkRequest {
  return {
    ...(a.into === 'known' && a.target !== undefined ? { incidentId: a.target } : {}),
    title: a.title,
    severity: a.severity,
    query: a.query,
    columns: a.table.columns.map((c) => c.name),
    rows: a.table.rows,
    impacted: a.impacted,
  };
}

/** Which column tells which kind of impacted entity. */
function Impact({ table, impacted, onImpacted }: { table: ResultTable; impacted: Impacted; onImpacted: (i: Impacted) => void }) {
  const offered = entityColumns(table.columns);
  const choose = (kind: ImpactKind, name: string) => {
    const next = { ...impacted };
    if (name === '') delete next[kind];
    else next[kind] = name;
    onImpacted(next);
  };
  return (
    <fieldset className={styles.impact}>
      <legend>Columns that name impacted entities</legend>
      {impactKinds.map((kind) => (
        <Field key={kind} label={impactNames[kind]} size="small" className={styles.choice}>
          <Select size="small" value={impacted[kind] ?? ''} onChange={(_, d) => choose(kind, d.value)}>
            <option value="">None</option>
            {offered.map((c) => (
              <option key={c.name} value={c.name}>
                {c.name}
              </option>
            ))}
          </Select>
        </Field>
      ))}
    </fieldset>
  );
}

/** The most that one request may link. */
const most = { rows: 10_000, alerts: 500 };

/** Why it is too much for one go; undefined when it is not. */
function tooMuch(rows: number, alerts: number): string | undefined {
  if (rows > most.rows)
    return `${number(rows)} rows are too many for one go: the limit is ${number(most.rows)}. Select or filter some.`;
  if (alerts > most.alerts)
    return `${number(alerts)} alerts are too many for one go: the limit is ${number(most.alerts)}. Filter, or choose fewer columns.`;
  return undefined;
}

function Preview({ alerts, impacted, rows }: { alerts: Combination[]; impacted: Impacted; rows: number }) {
  const reason = tooMuch(rows, alerts.length);
  if (reason !== undefined) return <p className={styles.error}>{reason}</p>;
  if (Object.keys(impacted).length === 0)
    return <p>Choose at least one column: an alert needs somebody or something that was hit.</p>;
  if (alerts.length === 0) return <p>The chosen columns are empty in all rows.</p>;
  return (
    <section aria-label="Alerts to be made">
      <p className="quiet">{count(alerts.length, 'alert')}: one for each distinct combination.</p>
      <ul className={styles.alerts} tabIndex={0} aria-label="Combinations">
        {alerts.slice(0, 20).map((a) => (
          <li key={JSON.stringify(a.entities)}>
            <span className={styles.entities}>
              {a.entities.map(([kind, value]) => (
                <span key={kind}>
                  <span className="quiet">{impactNames[kind]}</span> <Foreign kind={kind} value={value} max={44} />
                </span>
              ))}
            </span>
            <span className="quiet">{count(a.rows, 'row')}</span>
          </li>
        ))}
        {alerts.length > 20 && <li className="quiet">and {alerts.length - 20} more</li>}
      </ul>
    </section>
  );
}
