import { Link } from '@tanstack/react-router';
import type { Fact, SharedEntity, Link as WhyLink } from '../api/types';
import { number } from '../text/count';
import { duration } from '../text/time';
import { word } from '../text/words';
import { Foreign } from '../ui/Foreign';
import { KindIcon } from '../ui/KindIcon';
import styles from './LinkPanel.module.css';

/** "in 3 of 1,204 alerts": the rarer, the more it says. */
export function rarity(e: SharedEntity): string {
  return `in ${number(e.alerts)} of ${number(e.total)} alerts`;
}

/** The facts that decided, each said once, three at most. */
export function telling(link: WhyLink): Fact[] {
  const said = new Set<string>();
  return (link.facts ?? []).filter((f) => f.text !== '' && !said.has(f.text) && said.add(f.text)).slice(0, 3);
}

/** Why the alert is in its incident: what decided, what is shared, how rare that is. */
export function LinkPanel({ link, why }: { link: WhyLink; why?: string | undefined }) {
  const facts = telling(link);
  const shared = link.entities ?? [];
  const peers = link.alerts ?? [];
  const first = peers.length === 0 && !link.manual;
  const via = link.through;
  const most = Math.max(0.01, ...facts.map((f) => Math.abs(f.weight)));
  return (
    <div className={styles.panel}>
      {link.manual && <p>A person put this alert into the incident.</p>}
      {first && facts.length === 0 && <p className="quiet">This alert opened the incident: nothing before it was related.</p>}
      {why && !link.manual && (
        <p className={styles.why}>
          <Foreign value={why} max={600} />.
        </p>
      )}
      {!first && !link.manual && (
        <div className={styles.score}>
          <strong className="tabular">{Math.round(link.score * 100)} %</strong>
          <span className={styles.meter} aria-hidden="true">
            <span style={{ width: `${Math.round(link.score * 100)}%` }} />
          </span>
          <span className="quiet">{via === undefined ? 'sure that it belongs' : 'sure that both incidents belong together'}</span>
        </div>
      )}
      {facts.length > 0 && (
        <div>
          <h4>{via === undefined ? 'What weighed most' : 'What weighed most for the alert that tied them together'}</h4>
          <ul className={styles.facts}>
            {facts.map((f) => (
              <li key={f.feature + f.text}>
                <span
                  className={styles.weight}
                  title={`${f.weight >= 0 ? '+' : ''}${f.weight.toFixed(2)} log-odds (${f.feature})`}
                >
                  <span
                    className={f.weight >= 0 ? styles.for : styles.against}
                    style={{ width: `${(Math.abs(f.weight) / most) * 100}%` }}
                  />
                </span>
                <span>
                  <Foreign value={f.text} max={300} />
                  {f.weight < 0 && <span className="quiet"> (speaks against)</span>}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {shared.length > 0 && (
        <div>
          <h4>{via === undefined ? 'Shared' : 'What that alert shares'}</h4>
          <ul className={styles.shared}>
            {shared.map((e) => (
              <li key={e.id}>
                <KindIcon kind={e.kind} />
                <Link to="/entities/$id" params={{ id: String(e.id) }} search={{}}>
                  <Foreign kind={e.kind} value={e.label} max={40} />
                </Link>
                <span className="quiet">{rarity(e)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {via !== undefined && (
        <div>
          <h4>Tied together by</h4>
          <ul className={styles.peers}>
            <li>
              <Link to="/alerts/$id" params={{ id: via.id }} search={{}}>
                <Foreign value={via.title || via.id} max={80} />
              </Link>
            </li>
          </ul>
        </div>
      )}
      {peers.length > 0 && (
        <div>
          <h4>{via === undefined ? 'Linked to' : 'That alert is linked to'}</h4>
          <ul className={styles.peers}>
            {peers.map((p) => (
              <li key={p.id}>
                <Link to="/alerts/$id" params={{ id: p.id }} search={{}}>
                  <Foreign value={p.title} max={80} />
                </Link>
                <span className="quiet tabular">{Math.round(p.score * 100)} %</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      <p className={styles.more}>
        {link.tacticFrom && link.tacticTo && link.tacticFrom !== link.tacticTo && (
          <span>
            Step: {word('tactic', link.tacticFrom)} → {word('tactic', link.tacticTo)}
          </span>
        )}
        {shared.length > 0 && link.gapSeconds !== undefined && link.gapSeconds > 0 && (
          <span>Nearest shared thing seen {duration(link.gapSeconds * 1000)} before or after</span>
        )}
        {(link.reasons ?? []).length > 0 && <span>{(link.reasons ?? []).map((r) => word('reason', r)).join(', ')}</span>}
        {link.model && <span>Model {link.model}</span>}
      </p>
    </div>
  );
}
