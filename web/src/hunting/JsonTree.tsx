import { ChevronRight12Regular } from '@fluentui/react-icons';
import { useState } from 'react';
import { Copyable, Foreign } from '../ui/Foreign';
import type { Cell } from './contract';
import styles from './JsonTree.module.css';

/** The most members of one level that are drawn before "more". */
const step = 100;

/** A dynamic value as a tree; the first levels are open. */
export function JsonTree({ value, open = 2 }: { value: Cell; open?: number }) {
  if (typeof value !== 'object' || value === null) return <Leaf value={value} />;
  return (
    <ul className={styles.tree}>
      <Members value={value} open={open} />
    </ul>
  );
}

function Members({ value, open }: { value: Cell; open: number }) {
  const [most, setMost] = useState(step);
  const members: [string, Cell][] = Array.isArray(value)
    ? value.map((v, i) => [String(i), v])
    : Object.entries(value as Record<string, Cell>);
  return (
    <>
      {members.slice(0, most).map(([name, member]) => (
        <Member key={name} name={name} value={member} open={open} />
      ))}
      {members.length > most && (
        <li>
          <button type="button" className={styles.more} onClick={() => setMost(most + step)}>
            {members.length - most} more
          </button>
        </li>
      )}
    </>
  );
}

function Member({ name, value, open }: { name: string; value: Cell; open: number }) {
  const [unfolded, setUnfolded] = useState(open > 0);
  const nested = typeof value === 'object' && value !== null;
  if (!nested) {
    return (
      <li className={styles.member}>
        <span className={styles.name}>
          <Foreign value={name} max={80} />
        </span>{' '}
        <Leaf value={value} />
      </li>
    );
  }
  const size = Array.isArray(value) ? value.length : Object.keys(value).length;
  return (
    <li>
      <button type="button" className={styles.fold} aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
        <ChevronRight12Regular className={unfolded ? styles.turned : undefined} />
        <span className={styles.name}>
          <Foreign value={name} max={80} />
        </span>
        <span className={styles.size}>{Array.isArray(value) ? `[${size}]` : `{${size}}`}</span>
      </button>
      {unfolded && (
        <ul className={styles.tree}>
          <Members value={value} open={open - 1} />
        </ul>
      )}
    </li>
  );
}

function Leaf({ value }: { value: Cell }) {
  if (value === null) return <span className="quiet">null</span>;
  const text = String(value);
  return <Copyable kind={/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? 'url' : ''} value={text} max={400} mono />;
}
