import { Button, Checkbox, Field, Input, Select } from '@fluentui/react-components';
import { Delete16Regular } from '@fluentui/react-icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { addToken } from '../api/commands';
import { tokensQuery } from '../api/queries';
import type { Scope, Token } from '../api/types';
import { usePolicy } from '../app/session';
import { isSet } from '../text/time';
import { spaced } from '../text/words';
import { Foreign } from '../ui/Foreign';
import type { Column } from '../ui/Grid';
import { Refused } from '../ui/Refused';
import { Answered, Section } from '../ui/states';
import { ColumnCard, Table } from '../ui/Table';
import { Time } from '../ui/Time';
import { RevokeTokenDialog } from './RevokeTokenDialog';
import { Secret } from './Secret';
import styles from './SettingsPage.module.css';

const day = 86_400_000;

/** Keys for machines: to send alerts, to read, to change. */
export function TokensSection() {
  const { blocked } = usePolicy();
  const tokens = useQuery(tokensQuery);
  const [leaving, setLeaving] = useState<Token | undefined>(undefined);
  const columns: Column<Token>[] = [
    { id: 'name', name: 'Name', width: '', render: (t) => <Foreign value={t.name} max={60} /> },
    { id: 'scopes', name: 'May', width: '180px', render: (t) => t.scopes.map(spaced).join(', ') },
    { id: 'user', name: 'Made by', width: '130px', render: (t) => <Foreign value={t.user} max={30} /> },
    { id: 'created', name: 'Made', width: '120px', render: (t) => <Time at={t.createdAt} /> },
    {
      id: 'used',
      name: 'Last used',
      width: '120px',
      render: (t) => (isSet(t.lastUsed) ? <Time at={t.lastUsed} as="ago" /> : 'never'),
    },
    {
      id: 'expires',
      name: 'Expires',
      width: '120px',
      render: (t) => (isSet(t.expiresAt) ? <Time at={t.expiresAt} /> : 'never'),
    },
    {
      id: 'remove',
      name: '',
      width: '100px',
      end: true,
      render: (t) => (
        <Button
          size="small"
          appearance="subtle"
          icon={<Delete16Regular />}
          aria-label={`Revoke ${t.name}`}
          onClick={() => setLeaving(t)}
        >
          Revoke
        </Button>
      ),
    },
  ];
  return (
    <>
      {blocked === undefined && <NewToken />}
      <Section title="Tokens">
        <Answered
          query={tokens}
          what="tokens"
          rows={3}
          isEmpty={(t) => t.length === 0}
          empty={<p className="quiet">There are no tokens.</p>}
        >
          {(rows) => (
            <Table
              label="Tokens"
              columns={columns}
              rows={rows}
              idOf={(t) => t.id}
              card={(row) => <ColumnCard columns={columns} row={row} />}
            />
          )}
        </Answered>
      </Section>
      {leaving !== undefined && <RevokeTokenDialog token={leaving} onClose={() => setLeaving(undefined)} />}
    </>
  );
}

function NewToken() {
  const { admin } = usePolicy();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<Scope[]>(['ingest']);
  const [days, setDays] = useState('365');
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: () =>
      addToken(name.trim(), scopes, days === '' ? undefined : new Date(Date.now() + Number(days) * day).toISOString()),
    onSuccess: () => {
      setName('');
      void client.invalidateQueries({ queryKey: tokensQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const offered: [Scope, string][] = [
    ['ingest', 'Send alerts'],
    ['read', 'Read'],
    ['write', 'Change incidents'],
    ...(admin ? [['admin', 'Administer'] as [Scope, string]] : []),
  ];
  return (
    <Section title="New token">
      <form onSubmit={submit} className={styles.inline}>
        <Field label="Name" size="small">
          <Input value={name} maxLength={100} placeholder="What is it for?" onChange={(_, d) => setName(d.value)} />
        </Field>
        <fieldset className={styles.fieldset}>
          <legend>It may</legend>
          {offered.map(([scope, label]) => (
            <Checkbox
              key={scope}
              label={label}
              checked={scopes.includes(scope)}
              onChange={(_, d) => setScopes(d.checked ? [...scopes, scope] : scopes.filter((s) => s !== scope))}
            />
          ))}
        </fieldset>
        <Field label="Expires" size="small">
          <Select value={days} onChange={(_, d) => setDays(d.value)}>
            <option value="30">after 30 days</option>
            <option value="365">after a year</option>
            <option value="">never</option>
          </Select>
        </Field>
        <Button
          type="submit"
          size="small"
          appearance="primary"
          disabled={name.trim() === '' || scopes.length === 0 || add.isPending}
        >
          Make token
        </Button>
      </form>
      {add.isError && <Refused error={add.error} />}
      {add.data !== undefined && <Secret title="Copy the token now: it is not shown again." value={add.data.secret} />}
    </Section>
  );
}
