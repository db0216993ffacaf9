import { MessageBar, MessageBarBody, Tab, TabList } from '@fluentui/react-components';
import { Edit20Regular } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useActions } from '../actions/registry';
import { incidentQuery, suggestionsQuery } from '../api/queries';
import type { Incident } from '../api/types';
import { one } from '../app/search';
import { usePolicy } from '../app/session';
import { ManagePane } from '../queue/IncidentQueuePage';
import { StoryTab } from '../story/StoryTab';
import { assetKinds } from '../text/words';
import { useNarrow } from '../ui/media';
import { Answered, Failed } from '../ui/states';
import { ActivitiesTab } from './ActivitiesTab';
import { AlertsTab } from './AlertsTab';
import { useIncidentChange } from './change';
import { AssetsTab, EvidenceTab } from './EntitiesTab';
import { IncidentHeader } from './IncidentHeader';
import styles from './IncidentPage.module.css';
import type { Draft } from './ManageForm';
import { SuggestionsTab } from './SuggestionsTab';
import { SummaryTab } from './SummaryTab';
import { readStory, writeStory } from './storyState';
import { TasksTab } from './TasksTab';

const tabs = ['story', 'alerts', 'assets', 'evidence', 'activities', 'summary', 'related', 'tasks'] as const;
type TabName = (typeof tabs)[number];

export function IncidentPage() {
  const params = useParams({ from: '/inside/incidents/$id' });
  const id = Number(params.id);
  if (!Number.isSafeInteger(id) || id <= 0) return <Failed error={undefined} what="incident" />;
  return <Loaded key={id} id={id} />;
}

function Loaded({ id }: { id: number }) {
  const query = useQuery(incidentQuery(id));
  return (
    <Answered query={query} what="incident" rows={16}>
      {(incident) => <View incident={incident} />}
    </Answered>
  );
}

function View({ incident }: { incident: Incident }) {
  const search = useSearch({ from: '/inside/incidents/$id' });
  const navigate = useNavigate();
  const narrow = useNarrow();
  const { blocked, session } = usePolicy();
  const change = useIncidentChange();
  const [managing, setManaging] = useState<{ focus?: keyof Draft } | undefined>(undefined);
  const id = String(incident.id);
  const redirected = incident.status === 'redirected' && incident.redirectTo !== undefined;
  const asked = one(search.tab) as TabName | undefined;
  const tab: TabName = asked !== undefined && tabs.includes(asked) ? asked : redirected ? 'activities' : 'story';
  const open = (next: TabName) =>
    void navigate({ to: '/incidents/$id', params: { id }, search: next === 'story' ? {} : { tab: next } });
  const manage = (focus?: keyof Draft) => () => setManaging(focus === undefined ? {} : { focus });
  const cannot = blocked ?? (redirected ? 'It was merged into another incident' : undefined);
  // On a phone the chosen tab may lie outside of the bar.
  const bar = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab is another place
  useEffect(() => {
    bar.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [tab]);
  const section = 'Incidents' as const;
  useActions([
    { id: 'assign', name: 'Assign', section, keys: 'a', blocked: cannot, perform: manage('owner') },
    {
      id: 'take',
      name: 'Assign to me',
      section,
      keys: 'i',
      blocked: cannot,
      perform: () => change.mutate({ ids: [incident.id], patch: { owner: session?.user.name ?? '' } }),
    },
    { id: 'status', name: 'Change the status', section, keys: 's', blocked: cannot, perform: manage('status') },
    { id: 'classify', name: 'Classify', section, keys: 'c', blocked: cannot, perform: manage('classification') },
    ...tabs.map((name, i) => ({
      id: `tab.${name}`,
      name: `Open ${titleOf(name)}`,
      section,
      keys: String(i + 1),
      perform: () => open(name),
    })),
  ]);

  const evidence = Object.entries(incident.scope ?? {}).reduce(
    (n, [kind, count]) => (assetKinds.includes(kind) ? n : n + count),
    0,
  );
  const assets = Object.entries(incident.scope ?? {}).reduce(
    (n, [kind, count]) => (assetKinds.includes(kind) ? n + count : n),
    0,
  );
  const related = useQuery(suggestionsQuery(incident.id)).data?.length;
  const counts: Partial<Record<TabName, number | string | undefined>> = {
    alerts: incident.tally.alerts,
    assets,
    evidence,
    related: related === 0 ? undefined : related,
    tasks: incident.tasks.total === 0 ? undefined : `${incident.tasks.completed}/${incident.tasks.total}`,
  };

  return (
    <div className={styles.page}>
      {redirected && (
        <MessageBar intent="warning" className={styles.banner}>
          <MessageBarBody>
            This incident was merged into{' '}
            <Link to="/incidents/$id" params={{ id: String(incident.redirectTo) }} search={{}}>
              incident #{incident.redirectTo}
            </Link>
            . Its alerts are there; its log stays here.
          </MessageBarBody>
        </MessageBar>
      )}
      <IncidentHeader
        incident={incident}
        onManage={manage()}
        onField={(field) => manage(field)()}
        blocked={cannot}
        icon={<Edit20Regular />}
      />
      <TabList
        ref={bar}
        size="small"
        className={styles.tabs}
        selectedValue={tab}
        onTabSelect={(_, d) => open(d.value as TabName)}
        aria-label="Incident"
      >
        {tabs.map((name) => (
          <Tab key={name} value={name}>
            {titleOf(name)}
            {counts[name] !== undefined && <span className={styles.count}>{counts[name]}</span>}
          </Tab>
        ))}
      </TabList>
      <div className={styles.split}>
        <div className={styles.body}>
          {tab === 'story' && (
            <StoryTab
              id={incident.id}
              state={readStory(search)}
              onState={(state) =>
                void navigate({ to: '/incidents/$id', params: { id }, search: writeStory(state), replace: true })
              }
            />
          )}
          {tab === 'alerts' && <AlertsTab incident={incident} blocked={cannot} />}
          {tab === 'assets' && <AssetsTab id={incident.id} scope={incident.scope ?? {}} />}
          {tab === 'evidence' && <EvidenceTab id={incident.id} scope={incident.scope ?? {}} />}
          {tab === 'activities' && <ActivitiesTab id={incident.id} blocked={blocked} />}
          {tab === 'summary' && <SummaryTab incident={incident} />}
          {tab === 'tasks' && <TasksTab incident={incident} blocked={cannot} />}
          {tab === 'related' && <SuggestionsTab incident={incident} blocked={cannot} />}
        </div>
        {managing !== undefined && (
          <ManagePane
            incidents={[incident]}
            focus={managing.focus}
            over={narrow || tab === 'story'}
            knownTags={[]}
            onClose={() => setManaging(undefined)}
          />
        )}
      </div>
    </div>
  );
}

function titleOf(tab: TabName): string {
  return {
    story: 'Attack story',
    alerts: 'Alerts',
    assets: 'Assets',
    evidence: 'Evidence',
    activities: 'Activities',
    summary: 'Summary',
    related: 'Maybe related',
    tasks: 'Tasks',
  }[tab];
}
