import { useEffect, useRef } from 'react';
import { Problem } from '../api/client';
import styles from './Refused.module.css';

/** Why something was not taken, and what can be done about it. */
export function Refused({ error }: { error: unknown }) {
  const line = useRef<HTMLParagraphElement>(null);
  // What was sent may be longer than the screen: the answer comes into view.
  useEffect(() => {
    line.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <p ref={line} role="alert" className={styles.error}>
      {error instanceof Problem ? `${error.message} ${error.next}`.trim() : 'Something unexpected happened in the portal.'}
    </p>
  );
}
