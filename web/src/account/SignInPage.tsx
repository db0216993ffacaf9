import { Button, Field, Input } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { signIn } from '../api/commands';
import { sessionQuery } from '../api/queries';
import { one } from '../app/search';
import { Refused } from '../ui/Refused';
import { Entrance } from './Entrance';
import styles from './Entrance.module.css';
import { safeNext } from './next';

export function SignInPage() {
  const search = useSearch({ from: '/sign-in' });
  const router = useRouter();
  const client = useQueryClient();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const enter = useMutation({
    mutationFn: () => signIn(user.trim(), password),
    onSuccess: async () => {
      client.clear();
      await client.fetchQuery(sessionQuery);
      router.history.push(safeNext(one(search.next)));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <Entrance title="Sign in">
      <form onSubmit={submit} className={styles.form}>
        <Field label="User name">
          <Input value={user} name="username" autoComplete="username" autoFocus required onChange={(_, d) => setUser(d.value)} />
        </Field>
        <Field label="Password">
          <Input
            type="password"
            name="password"
            value={password}
            autoComplete="current-password"
            required
            onChange={(_, d) => setPassword(d.value)}
          />
        </Field>
        {enter.isError && <Refused error={enter.error} />}
        <Button type="submit" appearance="primary" disabled={enter.isPending || user === '' || password === ''}>
          Sign in
        </Button>
      </form>
    </Entrance>
  );
}
