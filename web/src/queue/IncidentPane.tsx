import { Button } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { incidentQuery, suggestionsQuery } from '../api/queries';
import type { Incident } from '../api/types';
import { doneText } from '../incident/tasks';
import { count } from '../text/count';
import { duration, millis } from '../text/time';
import { word } from '../text/words';
import { Priority, Severity, Status } from '../ui/badges';
import { Foreign } from '../ui/Foreign';
import { KindIcon } from '../ui/KindIcon';
import { SidePane } from '../ui/SidePane';
import { Answered, Facts, Section } from '../ui/states';
import { Time } from '../ui/Time';
import { byCount, Tags, tacticsOf } from './columns';
import styles from './IncidentPane.module.css';

interface IncidentPaneProps {
  id: number;
  over: boolean;
  blocked: string | undefined;
  onClose: () => void;
  onPrevious?: (() => void) | undefined;
  onNext?: (() => void) | undefined;
  onManage: (incident: Incident) => void;
}

/** What one needs to know before opening an incident. */
export function IncidentPane({ id, over, blocked, onClose, onPrevious, onNext, onManage }: IncidentPaneProps) {
  const query = useQuery(incidentQuery(id));
  return (
    <SidePane
      label={`Incident ${id}`}
      title={`Incident #${id}`}
      over={over}
      onClose={onClose}
      onPrevious={onPrevious}
      onNext={onNext}
      actions={
        <>
          <Link to="/incidents/$id" params={{ id: String(id) }} search={{}}>
            <Button appearance="primary" size="small" tabIndex={-1}>
              Open incident
            </Button>
          </Link>
          <Button
            size="small"
            disabledFocusable={blocked !== undefined || query.data === undefined}
            title={blocked}
            onClick={() => query.data !== undefined && onManage(query.data)}
          >
            Manage
          </Button>
        </>
      }
    >
      <Answered query={query} what="incident">
        {(incident) => <PaneBody incident={incident} />}
      </Answered>
    </SidePane>
  );
}

function PaneBody({ incident: i }: { incident: Incident }) {
  const span = millis(i.lastActivity) - millis(i.firstActivity);
  return (
    <>
      <div className={styles.head}>
        <h2>
          <Foreign value={i.name} />
        </h2>
        <div className={styles.line}>
          <Severity value={i.severity} />
          <Status value={i.status} />
          <Tags incident={i} max={4} />
        </div>
      </div>
      <Section title="Priority" aside={<Priority value={i.priority} />}>
        <PriorityFactors incident={i} />
      </Section>
      <Section title="Details">
        <Facts
          rows={[
            ['Owner', i.owner === '' ? 'Nobody' : <Foreign key="o" value={i.owner} />],
            ['Classification', classificationText(i)],
            ['First activity', <Time key="f" at={i.firstActivity} />],
            [
              'Last activity',
              <span key="l">
                <Time at={i.lastActivity} /> <span className="quiet">({duration(span)})</span>
              </span>,
            ],
            ['Tactics', tacticsOf(i.tally.tactics).join(', ') || '–'],
            ['Products', byCount(i.tally.products).join(', ') || '–'],
            ['Alerts', <AlertCounts key="a" incident={i} />],
            ['Tasks', <TaskCount key="t" incident={i} />],
          ]}
        />
      </Section>
      <Related id={i.id} />
      <Section title="Impacted assets">
        {(i.topAssets ?? []).length === 0 && <p className="quiet">No asset is named by its alerts.</p>}
        <ul className={styles.assets}>
          {(i.topAssets ?? []).map((a) => (
            <li key={a.id}>
              <KindIcon kind={a.kind} />
              <Link to="/entities/$id" params={{ id: String(a.id) }} search={{}}>
                <Foreign value={a.label} max={48} />
              </Link>
              <span className="quiet">
                {a.criticality !== undefined && a.criticality !== '' && `${word('criticality', a.criticality)} · `}
                {word('kind', a.kind)}
              </span>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}

/** How many other incidents may be related; nothing while there are none. */
function Related({ id }: { id: number }) {
  const found = useQuery(suggestionsQuery(id)).data ?? [];
  const [first] = found;
  if (first === undefined) return null;
  return (
    <Section title="Maybe related">
      <p>
        <Link to="/incidents/$id" params={{ id: String(id) }} search={{ tab: 'related' }}>
          {count(found.length, 'incident')}
        </Link>
        <span className="quiet"> · most likely </span>#{first.other.id} <Foreign value={first.other.name} max={70} />{' '}
        <span className="quiet">({Math.round(first.score * 100)} %)</span>
      </p>
    </Section>
  );
}

function TaskCount({ incident: i }: { incident: Incident }) {
  if (i.tasks.total === 0) return <span className="quiet">None</span>;
  return (
    <Link to="/incidents/$id" params={{ id: String(i.id) }} search={{ tab: 'tasks' }}>
      {doneText(i.tasks)}
    </Link>
  );
}

export function classificationText(i: Incident): string {
  const base = word('classification', i.classification);
  return i.determination === 'unknown' ? base : `${base}: ${word('determination', i.determination)}`;
}

function AlertCounts({ incident: i }: { incident: Incident }) {
  const levels = ['high', 'medium', 'low', 'informational'].filter((s) => (i.tally.severities[s] ?? 0) > 0);
  return (
    <span className={styles.line}>
      <Link to="/incidents/$id" params={{ id: String(i.id) }} search={{ tab: 'alerts' }}>
        {count(i.tally.alerts, 'alert')}
      </Link>
      {levels.map((s) => (
        <span key={s} className={styles.level} title={word('severity', s)}>
          <Severity value={s} label={false} />
          {i.tally.severities[s]}
        </span>
      ))}
    </span>
  );
}

/** Each reason of the score with its points as a bar. */
export function PriorityFactors({ incident: i }: { incident: Incident }) {
  const factors = i.priorityFactors ?? [];
  if (factors.length === 0) return <p className="quiet">No factors are recorded.</p>;
  const most = Math.max(1, ...factors.map((f) => Math.abs(f.points)));
  return (
    <ul className={styles.factors}>
      {factors.map((f) => (
        <li key={f.name + f.text}>
          <span className={styles.points}>{f.points > 0 ? `+${f.points}` : f.points}</span>
          <span className={styles.track}>
            <span className={styles.fill} style={{ width: `${(Math.abs(f.points) / most) * 100}%` }} />
          </span>
          <span className={styles.reason}>
            <Foreign value={f.text} max={160} />
          </span>
        </li>
      ))}
    </ul>
  );
}
