import { Button, mergeClasses } from '@fluentui/react-components';
import { ArrowClockwise16Regular } from '@fluentui/react-icons';
import type { ReactNode } from 'react';
import { Problem } from '../api/client';
import styles from './states.module.css';

/** Placeholder rows of the final size. */
export function Waiting({ rows = 8, height = 32, label = 'Loading' }: { rows?: number; height?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className={styles.waiting}>
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders are all alike
        <div key={i} className={styles.row} style={{ height }}>
          <span className={styles.bar} style={{ width: `${30 + ((i * 37) % 55)}%` }} />
        </div>
      ))}
    </div>
  );
}

export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.message}>
      <svg width="56" height="56" viewBox="0 0 56 56" aria-hidden="true" className={styles.picture}>
        <circle cx="28" cy="28" r="17" />
        <path d="M14 22c9-4 20 3 28 16M22 12.500c10 1.500 18 9.500 22 19.500M11.500 31c8-1 15 4 20 13M42 42c3 4 6 5.500 11 6" />
      </svg>
      <strong>{title}</strong>
      {children !== undefined && <p>{children}</p>}
      {action}
    </div>
  );
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** What went wrong, what it means, and a way on. */
export function Failed({ error, retry, what }: { error: unknown; retry?: () => void; what: string }) {
  const problem = error instanceof Problem ? error : undefined;
  return (
    <div className={styles.message} role="alert">
      <strong>{problem?.status === 404 ? `No such ${what}` : `Could not load the ${what}`}</strong>
      <p>
        {problem === undefined ? 'Something unexpected happened in the portal.' : sentence(problem.message)}
        {problem?.next ? ` ${problem.next}` : ''}
      </p>
      {retry !== undefined && problem?.status !== 404 && (
        <Button icon={<ArrowClockwise16Regular />} onClick={retry} size="small">
          Try again
        </Button>
      )}
    </div>
  );
}

interface Answer<T> {
  data: T | undefined;
  isPending: boolean;
  isError: boolean;
  error: unknown;
  refetch: () => unknown;
}

interface AnsweredProps<T> {
  query: Answer<T>;
  what: string;
  rows?: number;
  isEmpty?: (data: T) => boolean;
  empty?: ReactNode;
  children: (data: T) => ReactNode;
}

/** The four states of a view: loading, failed, empty, full. */
export function Answered<T>({ query, what, rows = 6, isEmpty, empty, children }: AnsweredProps<T>) {
  if (query.data !== undefined) return isEmpty?.(query.data) ? empty : children(query.data);
  if (query.isError) return <Failed error={query.error} what={what} retry={() => void query.refetch()} />;
  return <Waiting rows={rows} label={`Loading the ${what}`} />;
}

export function Section({
  title,
  aside,
  children,
  className,
}: {
  title: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  className?: string | undefined;
}) {
  return (
    <section className={mergeClasses(styles.section, className)}>
      <div className={styles.sectionHead}>
        <h3>{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** Names and values in two columns. */
export function Facts({ rows }: { rows: [string, ReactNode][] }) {
  return (
    <dl className={styles.facts}>
      {rows.map(([name, value]) => (
        <div key={name} className={styles.fact}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
