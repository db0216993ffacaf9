import { Button, Field, Input, Radio, RadioGroup, Tab, TabList } from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { shortest } from '../account/SetupPage';
import { changePassword } from '../api/commands';
import { useAppearance } from '../app/appearance';
import { one } from '../app/search';
import { usePolicy } from '../app/session';
import type { Appearance } from '../app/theme';
import { useToast } from '../app/toast';
import queue from '../queue/Queue.module.css';
import { word } from '../text/words';
import { Refused } from '../ui/Refused';
import { Facts, Section } from '../ui/states';
import { CorrelationSection } from './CorrelationSection';
import styles from './SettingsPage.module.css';
import { TablesSection } from './TablesSection';
import { TokensSection } from './TokensSection';
import { UsersSection } from './UsersSection';

/** One's own account, API tokens, correlation, tables, and, for administrators, people. */
export function SettingsPage() {
  const search = useSearch({ from: '/inside/settings' });
  const navigate = useNavigate();
  const { admin } = usePolicy();
  const asked = one(search.tab) ?? 'account';
  const tab = asked === 'users' && !admin ? 'account' : asked;
  return (
    <div className={styles.page} tabIndex={0} role="region" aria-label="Settings">
      <div className={queue.head}>
        <h1>Settings</h1>
      </div>
      <TabList
        size="small"
        className={styles.tabs}
        selectedValue={tab}
        aria-label="Settings"
        onTabSelect={(_, d) => void navigate({ to: '/settings', search: d.value === 'account' ? {} : { tab: String(d.value) } })}
      >
        <Tab value="account">Account</Tab>
        <Tab value="tokens">API tokens</Tab>
        <Tab value="correlation">Correlation</Tab>
        <Tab value="tables">Tables</Tab>
        {admin && <Tab value="users">People</Tab>}
      </TabList>
      <div className={styles.body}>
        {tab === 'account' && <Account />}
        {tab === 'tokens' && <TokensSection />}
        {tab === 'correlation' && <CorrelationSection />}
        {tab === 'tables' && <TablesSection />}
        {tab === 'users' && <UsersSection />}
      </div>
    </div>
  );
}

function Account() {
  const { session } = usePolicy();
  const { appearance, choose } = useAppearance();
  return (
    <>
      <Section title="You">
        <Facts
          rows={[
            ['User name', session?.user.name ?? ''],
            ['Name', session?.user.displayName || '–'],
            ['Role', word('role', session?.user.role ?? '')],
            ['Workspace', session?.workspace ?? ''],
            ['Version', session?.version ?? ''],
          ]}
        />
      </Section>
      <Section title="Theme">
        <RadioGroup layout="horizontal" value={appearance} onChange={(_, d) => choose(d.value as Appearance)} aria-label="Theme">
          <Radio value="system" label="Follow the system" />
          <Radio value="light" label="Light" />
          <Radio value="dark" label="Dark" />
        </RadioGroup>
      </Section>
      <Section title="Password">
        <PasswordForm />
      </Section>
    </>
  );
}

function PasswordForm() {
  const [old, setOld] = useState('');
  const [fresh, setFresh] = useState('');
  const [again, setAgain] = useState('');
  const toast = useToast();
  const change = useMutation({
    mutationFn: () => changePassword(old, fresh),
    onSuccess: () => {
      setOld('');
      setFresh('');
      setAgain('');
      toast.done('The password is changed');
    },
  });
  const tooShort = fresh !== '' && fresh.length < shortest;
  const differs = again !== '' && again !== fresh;
  const ready = old !== '' && fresh.length >= shortest && fresh === again;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) change.mutate();
  };
  return (
    <form onSubmit={submit} className={styles.form}>
      <Field label="Present password" size="small">
        <Input type="password" autoComplete="current-password" value={old} onChange={(_, d) => setOld(d.value)} />
      </Field>
      <Field
        label="New password"
        size="small"
        validationState={tooShort ? 'error' : 'none'}
        validationMessage={tooShort ? `At least ${shortest} characters` : undefined}
      >
        <Input type="password" autoComplete="new-password" value={fresh} onChange={(_, d) => setFresh(d.value)} />
      </Field>
      <Field
        label="New password again"
        size="small"
        validationState={differs ? 'error' : 'none'}
        validationMessage={differs ? 'The two differ' : undefined}
      >
        <Input type="password" autoComplete="new-password" value={again} onChange={(_, d) => setAgain(d.value)} />
      </Field>
      {change.isError && <Refused error={change.error} />}
      <div>
        <Button type="submit" appearance="primary" disabled={!ready || change.isPending}>
          Change password
        </Button>
      </div>
    </form>
  );
}
