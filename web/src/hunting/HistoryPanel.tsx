import { useInfiniteQuery } from '@tanstack/react-query';
import { number } from '../text/count';
import { Foreign } from '../ui/Foreign';
import { More } from '../ui/More';
import { Answered, Empty } from '../ui/states';
import { Time } from '../ui/Time';
import { historyQuery } from './api';
import styles from './Panel.module.css';
import { seconds } from './ResultsPane';
import { emptyTab, tabName } from './tabs';

const states: Record<string, string> = {
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  limited: 'Met a limit',
};

/** What was run before, newest first; a click opens it again. */
export function HistoryPanel({ onOpen }: { onOpen: (query: string) => void }) {
  const query = useInfiniteQuery(historyQuery);
  return (
    <div className={styles.panel}>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label="History">
        <Answered
          query={query}
          what="history"
          isEmpty={(d) => d.pages.every((p) => p.items.length === 0)}
          empty={<Empty title="Nothing was run yet" />}
        >
          {(d) => (
            <>
              <ul>
                {d.pages
                  .flatMap((p) => p.items)
                  .map((run) => (
                    <li key={run.id}>
                      <button
                        type="button"
                        className={styles.past}
                        title={run.query.slice(0, 1_000)}
                        onClick={() => onOpen(run.query)}
                      >
                        <span className={styles.pastText}>
                          <Foreign value={tabName(emptyTab('', { text: run.query }))} max={70} mono />
                        </span>
                        <span className={styles.pastFacts}>
                          <Time at={run.at} as="ago" />
                          <span className={run.state === 'completed' ? undefined : styles.bad}>
                            {states[run.state] ?? run.state}
                          </span>
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
              <More query={query} />
            </>
          )}
        </Answered>
      </div>
    </div>
  );
}
