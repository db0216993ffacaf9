import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { incidentReasonsQuery, storyQuery } from '../api/queries';
import type { Bridge, Incident } from '../api/types';
import { byCount, Tags } from '../queue/columns';
import { classificationText, PriorityFactors } from '../queue/IncidentPane';
import { Sentences } from '../story/Sentences';
import { proofNumbers } from '../story/timeline';
import { Counterfact } from '../story/WithoutIt';
import { count, number } from '../text/count';
import { isSet } from '../text/time';
import { assetKinds, tacticOrder, word } from '../text/words';
import { Priority, Severity, SeverityShape, Status } from '../ui/badges';
import { Foreign } from '../ui/Foreign';
import { KindIcon } from '../ui/KindIcon';
import { Answered, Facts, Section } from '../ui/states';
import { Time } from '../ui/Time';
import styles from './SummaryTab.module.css';

/** The incident on one page, for whoever was just woken. */
export function SummaryTab({ incident: i }: { incident: Incident }) {
  const story = useQuery(storyQuery(i.id));
  const reasons = useQuery(incidentReasonsQuery(i.id));
  const navigate = useNavigate();
  const openAlert = (alert: string) => void navigate({ to: '/incidents/$id', params: { id: String(i.id) }, search: { alert } });
  const tactics = Object.entries(i.tally.tactics ?? {})
    .filter(([t]) => t !== '')
    .sort(([a], [b]) => tacticOrder(a) - tacticOrder(b));
  const kinds = Object.entries(i.scope ?? {})
    .filter(([, n]) => n > 0)
    .sort(([a], [b]) => Number(assetKinds.includes(b)) - Number(assetKinds.includes(a)) || a.localeCompare(b, 'en'));
  return (
    <div className={styles.page} tabIndex={0} role="region" aria-label="Summary">
      <div className={styles.column}>
        <Section title="What happened">
          <Answered query={story} what="story" rows={4}>
            {(whole) => (
              <div className={styles.story}>
                <Sentences
                  sentences={whole.sentences}
                  numbers={proofNumbers(whole.timeline)}
                  selected={undefined}
                  whole
                  onAlert={openAlert}
                />
              </div>
            )}
          </Answered>
        </Section>
        <Section title="Kill chain">
          <ol className={styles.chain}>
            {tactics.map(([tactic, n]) => (
              <li key={tactic}>
                <span>{word('tactic', tactic)}</span>
                <span className={styles.bar} style={{ width: `${Math.max(3, (n / Math.max(1, i.tally.alerts)) * 100)}%` }} />
                <span className="tabular quiet">{number(n)}</span>
              </li>
            ))}
          </ol>
          {tactics.length === 0 && <p className="quiet">The alerts name no tactic.</p>}
        </Section>
        <Section
          title="Alerts"
          aside={
            <Link to="/incidents/$id" params={{ id: String(i.id) }} search={{ tab: 'alerts' }}>
              {count(i.tally.alerts, 'alert')}
            </Link>
          }
        >
          <Answered query={story} what="alerts" rows={4}>
            {(s) => (
              <ul className={styles.alerts}>
                {s.timeline.slice(0, 12).map((item) => (
                  <li key={item.alertId}>
                    <Time at={item.at} />
                    <SeverityShape value={item.severity} />
                    <Link
                      to="/incidents/$id"
                      params={{ id: String(i.id) }}
                      search={{ alert: item.alertId }}
                      className={styles.title}
                    >
                      <Foreign value={item.title} max={100} />
                    </Link>
                    {item.count > 1 && <span className="quiet">×{item.count}</span>}
                  </li>
                ))}
              </ul>
            )}
          </Answered>
        </Section>
      </div>
      <div className={styles.column}>
        <Section title="Scope">
          <ul className={styles.scope}>
            {kinds.map(([kind, n]) => (
              <li key={kind}>
                <Link
                  to="/incidents/$id"
                  params={{ id: String(i.id) }}
                  search={{ tab: assetKinds.includes(kind) ? 'assets' : 'evidence' }}
                  className={styles.tile}
                >
                  <KindIcon kind={kind} size={18} />
                  <strong className="tabular">{number(n)}</strong>
                  <span>{word('kinds', kind)}</span>
                </Link>
              </li>
            ))}
          </ul>
        </Section>
        <Section title="Priority" aside={<Priority value={i.priority} />}>
          <PriorityFactors incident={i} />
        </Section>
        {i.tally.alerts > 1 && (
          <Section title="What holds it together">
            <Answered query={reasons} what="reasons" rows={3}>
              {(r) => <Holding bridges={r.bridges ?? []} onAlert={openAlert} />}
            </Answered>
          </Section>
        )}
        <Section title="Incident information">
          <Facts
            rows={[
              ['Status', <Status key="s" value={i.status} />],
              ['Severity', <Severity key="v" value={i.severity} />],
              ['Owner', i.owner === '' ? 'Nobody' : <Foreign key="o" value={i.owner} />],
              ['Classification', classificationText(i)],
              ['Tags', <Tags key="t" incident={i} max={12} />],
              ['Products', byCount(i.tally.products).join(', ') || '–'],
              [
                'Service sources',
                byCount(i.tally.sources)
                  .map((s) => word('source', s))
                  .join(', ') || '–',
              ],
              ['Techniques', byCount(i.tally.techniques).slice(0, 12).join(', ') || '–'],
              ['First activity', <Time key="f" at={i.firstActivity} />],
              ['Last activity', <Time key="l" at={i.lastActivity} />],
              ['Created', <Time key="c" at={i.createdAt} />],
              [
                'Last update',
                <span key="u">
                  <Time at={i.updatedAt} /> {i.updatedBy ? <span className="quiet">by {i.updatedBy}</span> : null}
                </span>,
              ],
              ...(isSet(i.resolvedAt) ? [['Resolved', <Time key="r" at={i.resolvedAt} />] as [string, React.ReactNode]] : []),
              ...(i.resolvingComment
                ? [['Resolution note', <Foreign key="n" value={i.resolvingComment} max={2_000} />] as [string, React.ReactNode]]
                : []),
            ]}
          />
        </Section>
      </div>
    </div>
  );
}

/** The things without which the incident would fall apart, or that there is none. */
function Holding({ bridges, onAlert }: { bridges: Bridge[]; onAlert: (id: string) => void }) {
  const telling = bridges.filter((b) => b.partsTotal > 1).slice(0, 3);
  if (bridges.length === 0) return <p className="quiet">Its alerts share nothing that two of them name.</p>;
  if (telling.length === 0)
    return <p>Several shared things hold it together: it would not fall apart without any single one of them.</p>;
  return (
    <div className={styles.bridges}>
      {telling.map((b) => (
        <Counterfact key={b.entity} bridge={b} onAlert={onAlert} />
      ))}
    </div>
  );
}
