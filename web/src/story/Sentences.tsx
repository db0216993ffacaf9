import type { Sentence } from '../api/types';
import { Foreign } from '../ui/Foreign';
import styles from './Sentences.module.css';
import { proofsOf } from './timeline';

/** The story in plain sentences, each ending in its proof. */
export function Sentences({
  sentences,
  numbers,
  selected,
  onAlert,
}: {
  sentences: Sentence[];
  numbers: ReadonlyMap<string, number>;
  selected: string | undefined;
  onAlert: (id: string) => void;
}) {
  if (sentences.length === 0) return null;
  const chosen = selected === undefined ? undefined : numbers.get(selected);
  return (
    <section className={styles.story} aria-label="The story in short">
      <p>
        {sentences.map((sentence) => {
          const proofs = proofsOf(sentence.alerts, numbers);
          return (
            <span key={sentence.text} className={styles.sentence}>
              <Foreign value={sentence.text} max={600} />
              {proofs.slice(0, 8).map((p) => (
                <button
                  key={p.number}
                  type="button"
                  className={styles.proof}
                  aria-pressed={chosen === p.number}
                  aria-label={`Proof ${p.number}`}
                  onClick={() => onAlert(p.alert)}
                >
                  {p.number}
                </button>
              ))}
              {proofs.length > 8 && <span className={styles.rest}>+{proofs.length - 8}</span>}{' '}
            </span>
          );
        })}
      </p>
    </section>
  );
}
