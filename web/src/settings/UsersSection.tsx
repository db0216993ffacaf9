import { Button, Field, Input, Select } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { addUser, inviteUser, updateUser } from '../api/commands';
import { usersQuery } from '../api/queries';
import type { Role, User } from '../api/types';
import { usePolicy } from '../app/session';
import { useToast } from '../app/toast';
import { isSet } from '../text/time';
import { word } from '../text/words';
import { Foreign } from '../ui/Foreign';
import type { Column } from '../ui/Grid';
import { Refused } from '../ui/Refused';
import { Answered, Section } from '../ui/states';
import { ColumnCard, Table } from '../ui/Table';
import { Time } from '../ui/Time';
import { invitationLink } from './invitationLink';
import { RemoveUserDialog } from './RemoveUserDialog';
import { Secret } from './Secret';
import styles from './SettingsPage.module.css';

const roles: Role[] = ['viewer', 'analyst', 'admin'];

/** The people of the portal, for administrators. */
export function UsersSection() {
  const client = useQueryClient();
  const toast = useToast();
  const { session } = usePolicy();
  const users = useQuery(usersQuery);
  const [link, setLink] = useState<{ user: string; link: string } | undefined>(undefined);
  const refresh = () => client.invalidateQueries({ queryKey: usersQuery.queryKey });
  const failed = (error: unknown) => toast.failed('The change was not made', error);
  const invite = useMutation({
    mutationFn: inviteUser,
    onSuccess: (answer, user) => setLink({ user, link: invitationLink(answer.link, location.origin) }),
    onError: failed,
  });
  const update = useMutation({
    mutationFn: ({ name, ...patch }: { name: string; role?: Role; disabled?: boolean }) => updateUser(name, patch),
    onError: failed,
    onSettled: refresh,
  });
  const [leaving, setLeaving] = useState<User | undefined>(undefined);
  const me = session?.user.name;
  const columns: Column<User>[] = [
    {
      id: 'name',
      name: 'Name',
      width: '',
      render: (u) => (
        <>
          <Foreign value={u.displayName || u.name} max={50} /> <span className="quiet">{u.name}</span>
          {u.disabled && <span className="quiet"> · disabled</span>}
        </>
      ),
    },
    {
      id: 'role',
      name: 'Role',
      width: '170px',
      render: (u) => (
        <Select
          size="small"
          aria-label={`Role of ${u.name}`}
          value={u.role}
          disabled={u.name === me}
          onChange={(_, d) => update.mutate({ name: u.name, role: d.value as Role })}
        >
          {roles.map((r) => (
            <option key={r} value={r}>
              {word('role', r)}
            </option>
          ))}
        </Select>
      ),
    },
    {
      id: 'seen',
      name: 'Last sign-in',
      width: '130px',
      render: (u) => (isSet(u.lastSignIn) ? <Time at={u.lastSignIn} as="ago" /> : 'never'),
    },
    {
      id: 'do',
      name: '',
      width: '290px',
      end: true,
      render: (u) => (
        <span className={styles.actions}>
          <Button size="small" appearance="subtle" onClick={() => invite.mutate(u.name)}>
            Password link
          </Button>
          {u.name !== me && (
            <>
              <Button size="small" appearance="subtle" onClick={() => update.mutate({ name: u.name, disabled: !u.disabled })}>
                {u.disabled ? 'Enable' : 'Disable'}
              </Button>
              <Button size="small" appearance="subtle" aria-label={`Remove ${u.name}`} onClick={() => setLeaving(u)}>
                Remove
              </Button>
            </>
          )}
        </span>
      ),
    },
  ];
  return (
    <>
      <NewUser onAdded={(user, given) => setLink({ user, link: invitationLink(given, location.origin) })} />
      {link !== undefined && <Secret title={`Give this link to ${link.user}. It sets the password, once.`} value={link.link} />}
      <Section title="People">
        <Answered query={users} what="people" rows={3}>
          {(rows) => (
            <Table
              label="People"
              columns={columns}
              rows={rows}
              idOf={(u) => u.name}
              card={(row) => <ColumnCard columns={columns} row={row} />}
            />
          )}
        </Answered>
      </Section>
      {leaving !== undefined && <RemoveUserDialog user={leaving} onClose={() => setLeaving(undefined)} />}
    </>
  );
}

function NewUser({ onAdded }: { onAdded: (user: string, invitation: string) => void }) {
  const [name, setName] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [role, setRole] = useState<Role>('analyst');
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: () => addUser(name.trim(), displayName.trim(), role),
    onSuccess: (answer) => {
      onAdded(answer.user.name, answer.invitation.link);
      setName('');
      setDisplayName('');
      void client.invalidateQueries({ queryKey: usersQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Section title="Invite someone">
      <form onSubmit={submit} className={styles.inline}>
        <Field label="User name" size="small">
          <Input value={name} maxLength={64} autoComplete="off" onChange={(_, d) => setName(d.value)} />
        </Field>
        <Field label="Name to show" size="small">
          <Input value={displayName} maxLength={100} autoComplete="off" onChange={(_, d) => setDisplayName(d.value)} />
        </Field>
        <Field label="Role" size="small">
          <Select value={role} onChange={(_, d) => setRole(d.value as Role)}>
            {roles.map((r) => (
              <option key={r} value={r}>
                {word('role', r)}
              </option>
            ))}
          </Select>
        </Field>
        <Button type="submit" size="small" appearance="primary" disabled={name.trim() === '' || add.isPending}>
          Invite
        </Button>
      </form>
      {add.isError && <Refused error={add.error} />}
    </Section>
  );
}
