import { Button, Spinner } from '@fluentui/react-components';
import { Dismiss16Regular, WarningRegular } from '@fluentui/react-icons';
import { useEffect, useState } from 'react';
import { type Fault, Problem } from '../api/client';
import { count } from '../text/count';
import { Foreign } from '../ui/Foreign';
import { Empty } from '../ui/states';
import type { QueryAnswer } from './api';
import { chartOf } from './chart';
import { seconds } from './queryCost';
import styles from './Results.module.css';
import { ResultsView } from './ResultsView';
import type { Run } from './run';

interface ResultsPaneProps {
  run: Run;
  onCancel: () => void;
  onFault: (fault: Fault) => void;
  onClause: (clause: string) => void;
  onRunAgain: () => void;
}

/** What became of the query: nothing yet, running, failed, cancelled, empty, or rows. */
export function ResultsPane(props: ResultsPaneProps) {
  const { run } = props;
  switch (run.state) {
    case 'idle':
      return (
        <Empty title="No results yet">
          Write a query above, or take one from the left, then press <kbd>Shift</kbd> <kbd>Enter</kbd>.
        </Empty>
      );
    case 'running':
      return <Running since={run.since} onCancel={props.onCancel} />;
    case 'cancelled':
      return (
        <Empty
          title={`Cancelled after ${seconds(run.after)}`}
          action={
            <Button size="small" onClick={props.onRunAgain}>
              Run it again
            </Button>
          }
        >
          The server has stopped working on it.
        </Empty>
      );
    case 'failed':
      return <FailedRun {...props} run={run} />;
    case 'done':
      return (
        <>
          <Notices answer={run.answer} />
          {run.answer.rows.length === 0 ? (
            <Empty title="No rows">
              The query ran in {seconds(run.answer.stats.elapsedMs)} and found nothing. A wider time range may help.
            </Empty>
          ) : (
            <ResultsView key={run.at} answer={run.answer} query={run.query} at={run.at} onClause={props.onClause} />
          )}
        </>
      );
  }
}

function Running({ since, onCancel }: { since: number; onCancel: () => void }) {
  const [now, setNow] = useState(since);
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 100);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className={styles.running}>
      <Spinner size="small" label="Running" />
      <span className="tabular" data-elapsed="">
        {seconds(Math.max(0, now - since))}
      </span>
      <Button size="small" icon={<Dismiss16Regular />} onClick={onCancel}>
        Cancel
      </Button>
    </div>
  );
}

function FailedRun({ run, onFault, onRunAgain }: ResultsPaneProps & { run: Extract<Run, { state: 'failed' }> }) {
  const problem = run.error instanceof Problem ? run.error : undefined;
  return (
    <div role="alert" className={styles.failed}>
      <strong>
        {run.faults.length > 0 ? `The query has ${count(run.faults.length, 'error')}` : (problem?.title ?? 'The query failed')}
      </strong>
      {run.faults.length === 0 && (
        <p>
          <Foreign value={problem?.message ?? 'Something unexpected happened in the portal.'} max={2_000} /> {problem?.next}
        </p>
      )}
      <ul>
        {run.faults.map((f) => (
          <li key={`${f.start}-${f.code}-${f.message}`}>
            <button type="button" className={styles.fault} onClick={() => onFault(f)}>
              <Foreign value={f.message} max={600} />
            </button>
          </li>
        ))}
      </ul>
      {problem?.passing && (
        <Button size="small" onClick={onRunAgain}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Limits that were met, and what the engine wants to have said. */
function Notices({ answer }: { answer: QueryAnswer }) {
  const notes = [
    ...(answer.truncated === undefined ? [] : [`Cut off: ${answer.truncated.message} (limit: ${answer.truncated.limit}).`]),
    ...answer.warnings.map((w) => w.message),
    ...(answer.render === undefined || answer.render.kind === 'table' || chartOf(answer.render) !== undefined
      ? []
      : [`There is no chart “${answer.render.kind}” here: the rows are shown as a table.`]),
  ];
  if (notes.length === 0) return null;
  return (
    <ul className={styles.notices} aria-label="Notes about the result">
      {notes.slice(0, 5).map((note) => (
        <li key={note}>
          <WarningRegular aria-hidden="true" /> <Foreign value={note} max={600} />
        </li>
      ))}
    </ul>
  );
}
