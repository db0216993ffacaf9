import { useQuery } from '@tanstack/react-query';
import { incidentReasonsQuery } from '../api/queries';
import type { Bridge } from '../api/types';
import { count } from '../text/count';
import { Foreign } from '../ui/Foreign';
import { Answered } from '../ui/states';
import styles from './WithoutIt.module.css';

/** What the incident would be without one of its entities: the counter-fact to the links that rest on it. */
export function WithoutIt({ incident, entity, onAlert }: { incident: number; entity: number; onAlert: (id: string) => void }) {
  const query = useQuery(incidentReasonsQuery(incident));
  return (
    <Answered query={query} what="reasons" rows={2}>
      {(reasons) => {
        const bridge = reasons.bridges?.find((b) => b.entity === entity);
        if (bridge === undefined) return <p className="quiet">No link of this incident rests on it.</p>;
        return <Counterfact bridge={bridge} onAlert={onAlert} />;
      }}
    </Answered>
  );
}

/** The sentence without its list of parts, which is shown as links. */
export function statement(text: string): string {
  return /^.*? falls into \S+ parts:/s.exec(text)?.[0] ?? text;
}

/** The counter-fact in words, and the parts as links to their first alerts. */
export function Counterfact({ bridge, onAlert }: { bridge: Bridge; onAlert: (id: string) => void }) {
  const parts = bridge.parts ?? [];
  if (bridge.partsTotal < 2)
    return (
      <p>
        <Foreign value={bridge.text} max={400} />
      </p>
    );
  return (
    <div className={styles.fact}>
      <p>
        <Foreign value={statement(bridge.text)} max={400} />
      </p>
      <ul className={styles.parts}>
        {parts.map((part) => (
          <li key={part.alertId}>
            <span className="tabular">{count(part.alerts, 'alert')}</span>
            <span>
              {part.alerts > 1 && 'from '}
              <button type="button" onClick={() => onAlert(part.alertId)}>
                “<Foreign value={part.title} max={80} />”
              </button>
              {part.alerts > 1 && ' on'}
            </span>
          </li>
        ))}
      </ul>
      {bridge.partsTotal > parts.length && <p className="quiet">and {count(bridge.partsTotal - parts.length, 'smaller part')}</p>}
    </div>
  );
}
