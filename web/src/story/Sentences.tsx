import { useState } from 'react';
import type { Sentence } from '../api/types';
import { Foreign } from '../ui/Foreign';
import { usePhone } from '../ui/media';
import styles from './Sentences.module.css';
import { proofsOf, rangesOf } from './timeline';

/** Sentences that are always shown, and on a phone; the rest is one click away. */
const [onDesk, onPhone] = [3, 1];

/** Proofs of one sentence that are shown. */
const proofsShown = 6;

interface SentencesProps {
  sentences: Sentence[];
  numbers: ReadonlyMap<string, number>;
  selected: string | undefined;
  onAlert: (id: string) => void;
  /** All of them, without a click. */
  whole?: boolean;
}

/** The story in plain sentences, each ending in its proof. */
export function Sentences({ sentences, numbers, selected, onAlert, whole = false }: SentencesProps) {
  const [open, setOpen] = useState(whole);
  const first = usePhone() ? onPhone : onDesk;
  if (sentences.length === 0) return null;
  const chosen = selected === undefined ? undefined : numbers.get(selected);
  const shown = open || sentences.length <= first + 1 ? sentences : sentences.slice(0, first);
  return (
    <section className={styles.story} aria-label="The story in short">
      <ul>
        {shown.map((sentence) => {
          const ranges = rangesOf(proofsOf(sentence.alerts, numbers));
          return (
            <li key={sentence.text}>
              <Foreign value={sentence.text} max={600} />
              {ranges.slice(0, proofsShown).map(({ from, to }) => (
                <button
                  key={from.number}
                  type="button"
                  className={styles.proof}
                  aria-pressed={chosen !== undefined && from.number <= chosen && chosen <= to}
                  aria-label={to === from.number ? `Proof ${to}` : `Proofs ${from.number}–${to}`}
                  onClick={() => onAlert(from.alert)}
                >
                  {to === from.number ? to : `${from.number}–${to}`}
                </button>
              ))}
              {ranges.length > proofsShown && <span className={styles.rest}>…</span>}
            </li>
          );
        })}
      </ul>
      {!whole && sentences.length > first + 1 && (
        <button type="button" className={styles.more} aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Show less' : `Show the whole story (${sentences.length - first} more)`}
        </button>
      )}
    </section>
  );
}
