import { Button } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { entityQuery } from '../api/queries';
import type { StoryNode, TimelineItem } from '../api/types';
import { Identifiers } from '../entities/Identifiers';
import { entitiesOf, isTrace } from '../graph/model';
import { GoHunt } from '../hunting/GoHunt';
import { count } from '../text/count';
import { word } from '../text/words';
import { SeverityShape, Verdict } from '../ui/badges';
import { Foreign } from '../ui/Foreign';
import { KindIcon } from '../ui/KindIcon';
import { SidePane } from '../ui/SidePane';
import { Answered, Facts, Section } from '../ui/states';
import { Time } from '../ui/Time';
import styles from './Pane.module.css';
import { WithoutIt } from './WithoutIt';

interface EntityPaneProps {
  id: number;
  incident: number;
  node: StoryNode | undefined;
  timeline: TimelineItem[];
  labels: ReadonlyMap<number, { kind: string; label: string }>;
  over: boolean;
  onClose: () => void;
  onAlert: (id: string) => void;
  onEntity: (id: number) => void;
}

/** The selected entity: who it is, what it did here, where else it was seen. */
export function EntityPane({ id, incident, node, timeline, labels, over, onClose, onAlert, onEntity }: EntityPaneProps) {
  const query = useQuery(entityQuery(id));
  const members = node?.group === undefined ? [] : entitiesOf(node);
  const here = timeline.filter((i) => i.entities.includes(id));
  return (
    <SidePane
      label="Entity"
      title={node === undefined ? 'Entity' : word('kind', node.kind)}
      over={over}
      onClose={onClose}
      actions={
        <>
          <Link to="/entities/$id" params={{ id: String(id) }} search={{}}>
            <Button size="small" appearance="primary" tabIndex={-1}>
              Open entity page
            </Button>
          </Link>
          {query.data !== undefined && <GoHunt kind={query.data.kind} id={query.data.id} at={here[0]?.at} />}
        </>
      }
    >
      <Answered query={query} what="entity">
        {(entity) => (
          <>
            <div className={styles.head}>
              <h2>
                <KindIcon kind={entity.kind} size={20} /> <Foreign kind={entity.kind} value={entity.label} max={160} />
              </h2>
              <div className={styles.line}>
                {node?.impacted && <span>Impacted asset</span>}
                {node !== undefined && isTrace(node) && <span>Attacker’s trace</span>}
                {node !== undefined && <Verdict value={node.verdict} />}
                {entity.critical && <strong>Critical</strong>}
              </div>
            </div>
            {members.length > 1 && (
              <Section title={`Shown together (${members.length})`}>
                <ul className={styles.members}>
                  {members.slice(0, 50).map((m) => (
                    <li key={m}>
                      <button type="button" aria-pressed={m === id} onClick={() => onEntity(m)}>
                        <Foreign kind={labels.get(m)?.kind ?? ''} value={labels.get(m)?.label ?? `#${m}`} max={52} />
                      </button>
                    </li>
                  ))}
                </ul>
                {members.length > 50 && <p className="quiet">and {members.length - 50} more, on the Assets and Evidence tabs</p>}
              </Section>
            )}
            <Section title="In this incident">
              {here.length === 0 && <p className="quiet">No alert of the shown timeline names it.</p>}
              <ul className={styles.alerts}>
                {here.slice(0, 30).map((i) => (
                  <li key={i.alertId}>
                    <button type="button" onClick={() => onAlert(i.alertId)}>
                      <SeverityShape value={i.severity} />
                      <span className={styles.entityName}>
                        <Foreign value={i.title} max={70} />
                      </span>
                      <Time at={i.at} />
                    </button>
                  </li>
                ))}
              </ul>
            </Section>
            <Section title="Without it">
              <WithoutIt incident={incident} entity={id} onAlert={onAlert} />
            </Section>
            <Section title="Known as">
              <Identifiers identifiers={entity.identifiers ?? []} />
            </Section>
            <Section title="Everywhere">
              <Facts
                rows={[
                  ['Seen in', `${count(entity.alerts, 'alert')}, ${count(entity.incidents, 'incident')}`],
                  ['First seen', <Time key="f" at={entity.firstSeen} />],
                  ['Last seen', <Time key="l" at={entity.lastSeen} />],
                  ['Roles here', (node?.roles ?? []).map((r) => word('tactic', r)).join(', ') || '–'],
                ]}
              />
            </Section>
          </>
        )}
      </Answered>
    </SidePane>
  );
}
