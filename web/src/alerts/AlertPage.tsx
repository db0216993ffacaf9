import { Button, Tab, TabList } from '@fluentui/react-components';
import { Edit20Regular } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useActions } from '../actions/registry';
import { alertQuery } from '../api/queries';
import type { AlertDetail } from '../api/types';
import { one } from '../app/search';
import { usePolicy } from '../app/session';
import { normalForm, textOf } from '../story/AlertPane';
import { EntityLines } from '../story/EntityLines';
import { LinkPanel } from '../story/LinkPanel';
import { visibleLines } from '../text/hostile';
import { spaced, word } from '../text/words';
import { Severity, Status, Verdict } from '../ui/badges';
import { Copyable, CopyButton, Foreign } from '../ui/Foreign';
import { KindIcon } from '../ui/KindIcon';
import { useNarrow } from '../ui/media';
import { Answered, Empty, Facts, Section } from '../ui/states';
import { Time } from '../ui/Time';
import styles from './AlertPage.module.css';
import { type EvidenceView, evidenceOf } from './evidence';
import { ManageAlertsPane } from './ManageAlertsPane';

const tabs = { details: 'Details', evidence: 'Evidence', why: 'Why linked', raw: 'Raw' } as const;
type TabName = keyof typeof tabs;

/** What exactly? One alert with its proof down to the record as it came. */
export function AlertPage() {
  const { id } = useParams({ from: '/inside/alerts/$id' });
  const query = useQuery(alertQuery(id));
  return (
    <Answered query={query} what="alert" rows={14}>
      {(detail) => <View detail={detail} />}
    </Answered>
  );
}

function View({ detail }: { detail: AlertDetail }) {
  const { row } = detail;
  const search = useSearch({ from: '/inside/alerts/$id' });
  const navigate = useNavigate();
  const narrow = useNarrow();
  const { blocked } = usePolicy();
  const [managing, setManaging] = useState(false);
  const asked = one(search.tab);
  const tab: TabName = asked !== undefined && asked in tabs ? (asked as TabName) : 'details';
  const evidence = evidenceOf(normalForm(detail));
  const manage = () => setManaging(true);
  useActions([
    { id: 'manage', name: 'Manage the alert', section: 'Alerts', keys: 's', blocked, perform: manage },
    { id: 'classify', name: 'Classify the alert', section: 'Alerts', keys: 'c', blocked, perform: manage },
    {
      id: 'up',
      name: 'Open its incident',
      section: 'Alerts',
      keys: 'u',
      perform: () => void navigate({ to: '/incidents/$id', params: { id: String(row.incident) }, search: { alert: row.id } }),
    },
  ]);
  return (
    <div className={styles.split}>
      <div className={styles.page}>
        <header className={styles.header}>
          <div className={styles.top}>
            <Severity value={row.severity} />
            <h1>
              <Foreign value={row.title} max={200} />
            </h1>
            <span className={styles.gap} />
            <Button
              size="small"
              icon={<Edit20Regular />}
              disabledFocusable={blocked !== undefined}
              title={blocked}
              onClick={manage}
            >
              Manage
            </Button>
          </div>
          <div className={styles.facts}>
            <Status value={row.status} />
            <span>
              Part of{' '}
              <Link to="/incidents/$id" params={{ id: String(row.incident) }} search={{ alert: row.id }}>
                incident #{row.incident}
              </Link>
            </span>
            <span>
              <Foreign value={row.product} max={60} />
            </span>
            <Time at={row.firstActivity} />
            <span className="mono">
              <Copyable value={row.id} max={48} />
            </span>
          </div>
        </header>
        <TabList
          size="small"
          className={styles.tabs}
          selectedValue={tab}
          aria-label="Alert"
          onTabSelect={(_, d) =>
            void navigate({
              to: '/alerts/$id',
              params: { id: row.id },
              search: d.value === 'details' ? {} : { tab: String(d.value) },
              replace: true,
            })
          }
        >
          {Object.entries(tabs).map(([name, title]) => (
            <Tab key={name} value={name}>
              {title}
              {name === 'evidence' && evidence.length > 0 && <span className={styles.count}>{evidence.length}</span>}
            </Tab>
          ))}
        </TabList>
        <div className={styles.body} tabIndex={0} role="region" aria-label={tabs[tab]}>
          {tab === 'details' && <Details detail={detail} />}
          {tab === 'evidence' && <Evidence items={evidence} />}
          {tab === 'why' && (
            <div className={styles.narrow}>
              <LinkPanel link={row.link ?? { score: 0 }} why={row.why} />
            </div>
          )}
          {tab === 'raw' && <Raw detail={detail} />}
        </div>
      </div>
      {managing && <ManageAlertsPane alerts={[row]} over={narrow} onClose={() => setManaging(false)} />}
    </div>
  );
}

function Details({ detail }: { detail: AlertDetail }) {
  const { row } = detail;
  const description = textOf(detail, 'description');
  const advice = textOf(detail, 'recommendedActions');
  return (
    <div className={styles.columns}>
      <div className={styles.column}>
        <Section title="What happened">
          <p className={styles.prose}>
            {description === '' ? (
              <span className="quiet">The source gives no description.</span>
            ) : (
              <Foreign value={description} max={8_000} />
            )}
          </p>
        </Section>
        {advice !== '' && (
          <Section title="Recommended actions">
            <p className={styles.prose}>
              <Foreign value={advice} max={8_000} />
            </p>
          </Section>
        )}
        <Section title="Entities">
          <EntityLines entities={detail.entities ?? []} />
        </Section>
      </div>
      <div className={styles.column}>
        <Section title="Details">
          <Facts
            rows={[
              ['Category', word('tactic', row.category) || '–'],
              ['Tactics', (row.tactics ?? []).map((t) => word('tactic', t)).join(', ') || '–'],
              ['Techniques', (row.techniques ?? []).join(', ') || '–'],
              ['Service source', word('source', row.serviceSource) || '–'],
              ['Detection source', word('source', row.detectionSource) || '–'],
              ['Rule', <Foreign key="r" value={row.rule || '–'} max={80} />],
              ['Actor', <Foreign key="a" value={textOf(detail, 'actorDisplayName') || '–'} max={80} />],
              ['Threat', <Foreign key="t" value={textOf(detail, 'threatDisplayName') || '–'} max={80} />],
              ['Owner', row.owner === '' ? 'Nobody' : <Foreign key="o" value={row.owner} max={60} />],
              ['Classification', word('classification', row.classification)],
              ['Determination', word('determination', row.determination)],
              ['First activity', <Time key="f" at={row.firstActivity} />],
              ['Last activity', <Time key="l" at={row.lastActivity} />],
              ['Received', <Time key="c" at={row.received} />],
            ]}
          />
        </Section>
        <Section title="Why it is in its incident">
          <LinkPanel link={row.link ?? { score: 0 }} why={row.why} />
        </Section>
      </div>
    </div>
  );
}

function Evidence({ items }: { items: EvidenceView[] }) {
  if (items.length === 0) return <Empty title="No evidence">The alert names no entity.</Empty>;
  return (
    <ul className={styles.evidence}>
      {items.map((item, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: evidence is known by its place in the alert
        <li key={i}>
          <div className={styles.evidenceHead}>
            <KindIcon kind={item.kind} size={18} />
            <strong>
              <Foreign kind={item.kind} value={item.title} max={120} />
            </strong>
            <span className={styles.gap} />
            <Verdict value={item.verdict} />
            {item.remediation !== '' && item.remediation !== 'none' && <span className="quiet">{spaced(item.remediation)}</span>}
            {item.roles.length > 0 && <span className="quiet">{item.roles.map(spaced).join(', ')}</span>}
          </div>
          <dl className={styles.fields}>
            {item.fields.map((f) => (
              <div key={f.path}>
                <dt>
                  <Foreign value={f.path} max={60} />
                </dt>
                <dd>
                  <Copyable kind={f.path === 'url' ? 'url' : ''} value={f.value} max={240} mono />
                </dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}

/** The most characters of a payload that are drawn. */
const rawLimit = 200_000;

function Raw({ detail }: { detail: AlertDetail }) {
  const normal = JSON.stringify(detail.alert, null, 2);
  return (
    <div className={styles.raw}>
      <Payload title="Normal form" text={normal} />
      {detail.raw !== undefined && detail.raw !== '' && <Payload title="As it was received" text={indented(detail.raw)} />}
    </div>
  );
}

function indented(raw: string): string {
  try {
    return JSON.stringify(JSON.parse(raw), null, 2);
  } catch {
    return raw;
  }
}

function Payload({ title, text }: { title: string; text: string }) {
  return (
    <Section title={title} aside={<CopyButton value={text} label={`Copy: ${title}`} />}>
      <pre className={styles.payload}>{visibleLines(text.slice(0, rawLimit))}</pre>
      {text.length > rawLimit && <p className="quiet">Only the beginning is shown; copy gives all of it.</p>}
    </Section>
  );
}
