import { Button, Field, Input } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { acceptInvitation } from '../api/commands';
import { invitationQuery, sessionQuery } from '../api/queries';
import type { Invited } from '../api/types';
import { word } from '../text/words';
import { Refused } from '../ui/Refused';
import { Answered } from '../ui/states';
import { Entrance } from './Entrance';
import styles from './Entrance.module.css';

/** The fewest characters of a password. */
export const shortest = 12;

/** Behind a one-time link: the first administrator, a new colleague, a forgotten password. */
export function SetupPage() {
  const { secret } = useParams({ from: '/setup/$secret' });
  const invitation = useQuery(invitationQuery(secret));
  return (
    <Entrance title="Set up your account">
      <Answered query={invitation} what="invitation" rows={4}>
        {(found) => <SetupForm secret={secret} invitation={found} />}
      </Answered>
    </Entrance>
  );
}

function SetupForm({ secret, invitation }: { secret: string; invitation: Invited }) {
  const named = invitation.user !== '';
  const [user, setUser] = useState(invitation.user);
  const [displayName, setDisplayName] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const client = useQueryClient();
  const navigate = useNavigate();
  const accept = useMutation({
    mutationFn: () => {
      const shown = displayName.trim();
      return acceptInvitation(secret, {
        ...(named ? {} : { user: user.trim() }),
        ...(shown === '' ? {} : { displayName: shown }),
        password,
      });
    },
    onSuccess: async () => {
      client.clear();
      await client.fetchQuery(sessionQuery);
      await navigate({ to: '/incidents', search: {} });
    },
  });
  const tooShort = password !== '' && password.length < shortest;
  const differs = again !== '' && again !== password;
  const ready = user.trim() !== '' && password.length >= shortest && again === password;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) accept.mutate();
  };
  return (
    <form onSubmit={submit} className={styles.form}>
      <p className="quiet">You will be {word('role', invitation.role).toLowerCase()}.</p>
      <Field label="User name">
        <Input
          value={user}
          name="username"
          autoComplete="username"
          readOnly={named}
          required
          onChange={(_, d) => setUser(d.value)}
        />
      </Field>
      <Field label="Name to show">
        <Input
          value={displayName}
          name="name"
          autoComplete="name"
          maxLength={100}
          placeholder="Optional"
          onChange={(_, d) => setDisplayName(d.value)}
        />
      </Field>
      <Field
        label="Password"
        validationState={tooShort ? 'error' : 'none'}
        validationMessage={tooShort ? `At least ${shortest} characters` : undefined}
      >
        <Input
          type="password"
          name="new-password"
          value={password}
          autoComplete="new-password"
          required
          onChange={(_, d) => setPassword(d.value)}
        />
      </Field>
      <Field
        label="Password again"
        validationState={differs ? 'error' : 'none'}
        validationMessage={differs ? 'The two differ' : undefined}
      >
        <Input
          type="password"
          name="repeat-password"
          value={again}
          autoComplete="new-password"
          required
          onChange={(_, d) => setAgain(d.value)}
        />
      </Field>
      {accept.isError && <Refused error={accept.error} />}
      <Button type="submit" appearance="primary" disabled={!ready || accept.isPending}>
        Set the password and sign in
      </Button>
    </form>
  );
}
