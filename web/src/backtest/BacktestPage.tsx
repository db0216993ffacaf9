import { Button, ProgressBar } from '@fluentui/react-components';
import { Delete16Regular } from '@fluentui/react-icons';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { putCorrelation, removeBacktest, startBacktest } from '../api/commands';
import { backtestQuery, backtestsQuery, correlationQuery, modelsQuery, rulesQuery } from '../api/queries';
import type { Backtest, CorrelationSettings, CorrelationVersion, KeptModel, RuleRow } from '../api/types';
import { positive, whole } from '../app/search';
import { usePolicy } from '../app/session';
import { useToast } from '../app/toast';
import queue from '../queue/Queue.module.css';
import { count } from '../text/count';
import { Foreign } from '../ui/Foreign';
import { FormDialog } from '../ui/FormDialog';
import type { Column } from '../ui/Grid';
import { Refused } from '../ui/Refused';
import { Answered, Empty, Section } from '../ui/states';
import { Table } from '../ui/Table';
import { Time } from '../ui/Time';
import styles from './Backtest.module.css';
import { Findings } from './Findings';
import { ModelDetails } from './ModelDetails';
import { ModelShelf } from './ModelShelf';
import { ProposalForm } from './ProposalForm';
import { changes, type Draft, draftOf, inShort, type Names, proposed } from './proposal';

const under = (b: Backtest) => b.state === 'queued' || b.state === 'running';

/** Tries other correlation settings on the past, and takes them over if wanted. */
export function BacktestPage() {
  const search = useSearch({ from: '/inside/backtests' });
  const navigate = useNavigate();
  const run = positive(search.run);
  const model = whole(search.model);
  const now = useQuery(correlationQuery);
  const models = useQuery(modelsQuery);
  const show = (run: number | undefined, model: number | undefined) =>
    void navigate({
      to: '/backtests',
      search: { ...(run === undefined ? {} : { run: String(run) }), ...(model === undefined ? {} : { model: String(model) }) },
    });
  const open = (id: number | undefined) => show(id, model);
  const openModel = (id: number | undefined) => show(run, id);
  const rules = useInfiniteQuery(rulesQuery({ limit: 500 }));
  const names = { models: models.data ?? [], rules: rules.data?.pages.flatMap((p) => p.items) ?? [] };
  return (
    <div className={styles.page} tabIndex={0} role="region" aria-label="Time machine">
      <div className={queue.head}>
        <h1>Time machine</h1>
      </div>
      <div className={styles.body}>
        <p className={styles.lead}>
          Replays the alerts of the past with other correlation settings, and shows which incidents would merge, split, appear and
          vanish. Nothing changes until you use the settings from now on.
        </p>
        <Answered query={now} what="settings in force" rows={4}>
          {(settings) => (
            <>
              <TryOut now={settings.settings} names={names} onStarted={open} />
              {run !== undefined && <Run id={run} now={settings} names={names} onGone={() => open(undefined)} />}
              <Runs now={settings.settings} names={names} chosen={run} onOpen={open} />
              <ModelShelf chosen={model} onOpen={openModel} />
              {model !== undefined && <ModelDetails id={model} onClose={() => openModel(undefined)} />}
            </>
          )}
        </Answered>
      </div>
    </div>
  );
}

interface TryProps {
  now: CorrelationSettings;
  names: { models: KeptModel[]; rules: RuleRow[] };
  onStarted: (id: number) => void;
}

function TryOut({ now, names, onStarted }: TryProps) {
  const { blocked } = usePolicy();
  const [draft, setDraft] = useState<Draft>(() => draftOf(now));
  const runs = useQuery(backtestsQuery);
  const client = useQueryClient();
  const start = useMutation({
    mutationFn: () => startBacktest(draft.days, proposed(now, draft)),
    onSuccess: ({ id }) => {
      onStarted(id);
      void client.invalidateQueries({ queryKey: backtestsQuery.queryKey });
    },
  });
  const busy = runs.data?.some(under) ? 'A back-test is under way.' : undefined;
  return (
    <Section title="What if …">
      <ProposalForm
        now={now}
        rules={names.rules}
        models={names.models}
        draft={draft}
        onDraft={setDraft}
        onRun={() => start.mutate()}
        blocked={blocked ?? busy ?? (start.isPending ? 'Starting …' : undefined)}
      />
      {start.isError && <Refused error={start.error} />}
    </Section>
  );
}

interface RunProps {
  id: number;
  now: CorrelationVersion;
  names: Names;
  onGone: () => void;
}

/** One back-test: how far it is, or what came out. */
function Run({ id, now, names, onGone }: RunProps) {
  const query = useQuery(backtestQuery(id));
  const { admin, blocked } = usePolicy();
  const [using, setUsing] = useState(false);
  const client = useQueryClient();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: () => removeBacktest(id),
    onSuccess: onGone,
    onError: (error) => toast.failed('The back-test was not removed', error),
    onSettled: () => client.invalidateQueries({ queryKey: backtestsQuery.queryKey }),
  });
  return (
    <Answered query={query} what="back-test" rows={4}>
      {(b) => {
        const told = changes(now.settings, b.proposal.settings, names);
        return (
          <Section
            title={
              <>
                Back-test #{b.id} <span className="quiet">of the last {b.proposal.days} days</span>
              </>
            }
            aside={
              <span className={styles.buttons}>
                {b.state === 'done' && admin && told.length > 0 && (
                  <Button size="small" appearance="primary" onClick={() => setUsing(true)}>
                    Use from now on
                  </Button>
                )}
                {blocked === undefined && (
                  <Button size="small" icon={<Delete16Regular />} disabled={remove.isPending} onClick={() => remove.mutate()}>
                    {under(b) ? 'Stop' : 'Remove'}
                  </Button>
                )}
              </span>
            }
          >
            <Tried told={told} />
            {under(b) && <Progress of={b} />}
            {b.state === 'failed' && (
              <p role="alert" className={styles.worse}>
                {b.error}
              </p>
            )}
            {b.findings !== undefined && <Findings findings={b.findings} />}
            {using && <UseDialog now={now} tried={b} told={told} onClose={() => setUsing(false)} />}
          </Section>
        );
      }}
    </Answered>
  );
}

function Tried({ told }: { told: string[] }) {
  if (told.length === 0) return <p className="quiet">The settings that it tried are those in force now.</p>;
  return (
    <ul className={styles.changes} aria-label="What it tried">
      {told.map((text) => (
        <li key={text}>
          <Foreign value={text} max={160} />
        </li>
      ))}
    </ul>
  );
}

function Progress({ of: b }: { of: Backtest }) {
  const part = b.total > 0 ? b.done / b.total : 0;
  return (
    <div className={styles.progress} role="status">
      <ProgressBar value={part} aria-label="Replayed" />
      <span className="tabular">{b.state === 'queued' ? 'waiting' : `${Math.floor(100 * part)} %`}</span>
    </div>
  );
}

interface UseProps {
  now: CorrelationVersion;
  tried: Backtest;
  told: string[];
  onClose: () => void;
}

/** Asks once more before settings hold from now on. */
function UseDialog({ now, tried, told, onClose }: UseProps) {
  const client = useQueryClient();
  const toast = useToast();
  const use = useMutation({
    mutationFn: () => putCorrelation(tried.proposal.settings, now.version, `Back-test #${tried.id}`),
    onSuccess: () => {
      toast.done('The settings hold from now on. Their history can put the earlier ones back.');
      onClose();
    },
    // After a refusal too: somebody else may have changed them.
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['correlation'] });
      void client.invalidateQueries({ queryKey: modelsQuery.queryKey });
    },
  });
  return (
    <FormDialog
      title="Use these settings from now on?"
      submit="Use from now on"
      request={use}
      onSubmit={() => use.mutate()}
      onClose={onClose}
    >
      <p className="quiet">They hold for alerts that come from now on. Incidents that exist stay as they are.</p>
      <Tried told={told} />
    </FormDialog>
  );
}

interface RunsProps {
  now: CorrelationSettings;
  names: Names;
  chosen: number | undefined;
  onOpen: (id: number) => void;
}

function Runs({ now, names, chosen, onOpen }: RunsProps) {
  const runs = useQuery(backtestsQuery);
  const columns: Column<Backtest>[] = [
    {
      id: 'run',
      name: 'Back-test',
      width: '110px',
      render: (b) => (
        <button type="button" className={styles.row} aria-current={b.id === chosen} onClick={() => onOpen(b.id)}>
          #{b.id}
        </button>
      ),
    },
    { id: 'at', name: 'When', width: '130px', render: (b) => <Time at={b.createdAt} as="ago" /> },
    { id: 'by', name: 'By', width: '130px', render: (b) => <Foreign value={b.by} max={24} /> },
    { id: 'days', name: 'Days', width: '70px', end: true, render: (b) => b.proposal.days },
    { id: 'what', name: 'Tried', width: '', render: (b) => <Differences now={now} then={b.proposal.settings} names={names} /> },
    { id: 'state', name: 'State', width: '120px', render: (b) => <State of={b} /> },
  ];
  return (
    <Section title="Back-tests">
      <Answered
        query={runs}
        what="back-tests"
        rows={3}
        isEmpty={(all) => all.length === 0}
        empty={<Empty title="No back-test yet">Change something above and run it on the past.</Empty>}
      >
        {(all) => (
          <Table
            label="Back-tests"
            columns={columns}
            rows={all}
            idOf={(b) => b.id}
            card={(b) => (
              <div className={styles.card}>
                <span>
                  <button type="button" className={styles.row} aria-current={b.id === chosen} onClick={() => onOpen(b.id)}>
                    Back-test #{b.id}
                  </button>{' '}
                  of {count(b.proposal.days, 'day')} · <State of={b} />
                </span>
                <Differences now={now} then={b.proposal.settings} names={names} />
                <span className="quiet">
                  <Foreign value={b.by} max={24} /> <Time at={b.createdAt} as="ago" />
                </span>
              </div>
            )}
          />
        )}
      </Answered>
    </Section>
  );
}

interface DifferencesProps {
  now: CorrelationSettings;
  then: CorrelationSettings;
  names: Names;
}

function Differences({ now, then, names }: DifferencesProps) {
  const told = changes(now, then, names);
  if (told.length === 0) return <span className="quiet">the settings in force</span>;
  return <Foreign value={inShort(told)} max={110} />;
}

function State({ of: b }: { of: Backtest }) {
  if (b.state === 'done') return <>done</>;
  if (b.state === 'failed') return <span className={styles.worse}>✕ failed</span>;
  return <>{b.state === 'queued' ? 'waiting' : `${b.total > 0 ? Math.floor((100 * b.done) / b.total) : 0} %`}</>;
}
