import { Select } from '@fluentui/react-components';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { usePolicy } from '../app/session';
import { number } from '../text/count';
import { Foreign } from '../ui/Foreign';
import { More } from '../ui/More';
import { Answered, Empty } from '../ui/states';
import { Time } from '../ui/Time';
import { everybodysRunsQuery, historyQuery, latestRuns, type PastRun } from './api';
import styles from './Panel.module.css';
import { heaviest, seconds } from './queryCost';
import { emptyTab, tabName } from './tabs';

const states: Record<string, string> = {
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  limited: 'Met a limit',
};

interface HistoryPanelProps {
  onOpen: (query: string) => void;
}

/** What was run before, newest first; administrators also see what weighs on the server. */
export function HistoryPanel({ onOpen }: HistoryPanelProps) {
  const { admin } = usePolicy();
  const [whose, setWhose] = useState<'mine' | 'heaviest'>('mine');
  return (
    <div className={styles.panel}>
      {admin && (
        <Select
          size="small"
          className={styles.search}
          aria-label="Which runs"
          value={whose}
          onChange={(_, d) => setWhose(d.value as 'mine' | 'heaviest')}
        >
          <option value="mine">My own, newest first</option>
          <option value="heaviest">Heaviest of everybody, of late</option>
        </Select>
      )}
      <div className={styles.scroll} tabIndex={0} role="region" aria-label="History">
        {whose === 'mine' ? <Mine onOpen={onOpen} /> : <Heaviest onOpen={onOpen} />}
      </div>
    </div>
  );
}

function Mine({ onOpen }: HistoryPanelProps) {
  const query = useInfiniteQuery(historyQuery);
  return (
    <Answered
      query={query}
      what="history"
      isEmpty={(d) => d.pages.every((p) => p.items.length === 0)}
      empty={<Empty title="Nothing was run yet" />}
    >
      {(d) => (
        <>
          <Runs runs={d.pages.flatMap((p) => p.items)} onOpen={onOpen} />
          <More query={query} />
        </>
      )}
    </Answered>
  );
}

function Heaviest({ onOpen }: HistoryPanelProps) {
  const query = useQuery(everybodysRunsQuery);
  return (
    <Answered query={query} what="history" isEmpty={(d) => d.length === 0} empty={<Empty title="Nothing was run yet" />}>
      {(runs) => (
        <>
          <p className={styles.family}>What took longest of the latest {number(Math.min(latestRuns, runs.length))} runs</p>
          <Runs runs={heaviest(runs, 50)} onOpen={onOpen} named />
        </>
      )}
    </Answered>
  );
}

interface RunsProps extends HistoryPanelProps {
  runs: PastRun[];
  /** Says who ran each. */
  named?: boolean;
}

function Runs({ runs, named = false, onOpen }: RunsProps) {
  return (
    <ul>
      {runs.map((run) => (
        <li key={run.id}>
          <button type="button" className={styles.past} title={run.query.slice(0, 1_000)} onClick={() => onOpen(run.query)}>
            <span className={styles.pastText}>
              <Foreign value={tabName(emptyTab('', { text: run.query }))} max={70} mono />
            </span>
            <span className={styles.pastFacts}>
              {named && <Foreign value={run.user} max={30} />}
              <Time at={run.at} as="ago" />
              <span className={run.state === 'completed' ? undefined : styles.bad}>{states[run.state] ?? run.state}</span>
              <span>{number(run.rows)} rows</span>
              <span>{seconds(run.elapsedMs)}</span>
            </span>
            {run.message !== undefined && run.message !== '' && (
              <span className={styles.bad}>
                <Foreign value={run.message} max={120} />
              </span>
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}
