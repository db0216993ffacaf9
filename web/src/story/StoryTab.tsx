import { Switch, Tab, TabList } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { storyQuery } from '../api/queries';
import type { Story, StoryNode } from '../api/types';
import { bundleGraph } from '../graph/bundle';
import { filterGraph } from '../graph/filter';
import { foldGraph } from '../graph/fold';
import { groupGraph } from '../graph/group';
import { highlight } from '../graph/highlight';
import { Legend } from '../graph/Legend';
import { entitiesOf } from '../graph/model';
import { reveal, revealAll } from '../graph/reveal';
import { useNarrow, usePhone } from '../ui/media';
import { stepped, toggled } from '../ui/selection';
import { Answered, Empty } from '../ui/states';
import { AlertPane } from './AlertPane';
import { EntityPane } from './EntityPane';
import { KillChain } from './KillChain';
import { Player, usePlayer } from './Player';
import { Sentences } from './Sentences';
import styles from './StoryTab.module.css';
import { Timeline } from './Timeline';
import { foldedText, labelsOf, proofNumbers, type Window, within } from './timeline';

const GraphCanvas = lazy(() => import('../graph/GraphCanvas').then((m) => ({ default: m.GraphCanvas })));
const GraphList = lazy(() => import('../graph/GraphList').then((m) => ({ default: m.GraphList })));

export interface StoryState {
  alert?: string | undefined;
  entity?: number | undefined;
  from?: number | undefined;
  to?: number | undefined;
  /** The graph as a list. */
  list?: boolean | undefined;
}

interface StoryTabProps {
  id: number;
  state: StoryState;
  onState: (state: StoryState) => void;
}

/** What happened, how far, what now. */
export function StoryTab({ id, state, onState }: StoryTabProps) {
  const query = useQuery(storyQuery(id));
  // The graph's code and engine load while the story is on its way.
  useEffect(() => {
    void import('../graph/layout').then((m) => m.warmUp());
    void import('../graph/GraphCanvas');
  }, []);
  return (
    <Answered
      query={query}
      what="attack story"
      rows={14}
      isEmpty={(s) => s.timeline.length === 0}
      empty={<Empty title="No alerts to tell of">Its alerts may have been moved to another incident.</Empty>}
    >
      {(story) => <StoryView id={id} story={story} state={state} onState={onState} />}
    </Answered>
  );
}

function StoryView({ id, story, state, onState }: StoryTabProps & { story: Story }) {
  const narrow = useNarrow();
  const phone = usePhone();
  const [grouped, setGrouped] = useState(true);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const window: Window = { from: state.from, to: state.to };
  const { from, to } = window;
  const numbers = useMemo(() => proofNumbers(story.timeline), [story]);
  const labels = useMemo(() => labelsOf(story), [story]);
  const items = useMemo(() => within(story.timeline, { from, to }), [story, from, to]);
  const player = usePlayer(items.length);

  // The pipeline: filter → group → fold → bundle → (layout) → reveal.
  const filtered = useMemo(() => filterGraph(story.graph, { hiddenKinds: hidden, from, to }), [story, hidden, from, to]);
  const graph = useMemo(() => bundleGraph(foldGraph(grouped ? groupGraph(filtered) : filtered)), [filtered, grouped]);
  const revealed = useMemo(
    () => (player.step === undefined ? revealAll(graph) : reveal(graph, items, player.step)),
    [graph, items, player.step],
  );
  const lit = useMemo(
    () => highlight(graph, story.timeline, { alert: state.alert, entity: state.entity }),
    [graph, story, state.alert, state.entity],
  );

  const select = (selection: { alert?: string; entity?: number }) =>
    onState({ ...state, alert: undefined, entity: undefined, ...selection });
  const selectAlert = (alert: string) => select(alert === state.alert ? {} : { alert });
  const selectNode = (node: StoryNode) => {
    const [entity] = entitiesOf(node);
    select(entity === undefined || entity === state.entity ? {} : { entity });
  };
  const ids = items.map((i) => i.alertId);
  const at = state.alert === undefined ? -1 : ids.indexOf(state.alert);
  const stepTo = (by: 1 | -1) => () => {
    const next = stepped(ids, state.alert, by);
    if (next !== undefined) select({ alert: next });
  };
  const chosenNode = graph.nodes.find((n) => state.entity !== undefined && entitiesOf(n).includes(state.entity));

  return (
    <div className={styles.split}>
      <div className={styles.main}>
        <Sentences sentences={story.sentences} numbers={numbers} selected={state.alert} onAlert={(alert) => select({ alert })} />
        <KillChain
          steps={story.killChain}
          timeline={story.timeline}
          window={window}
          onWindow={(w) => onState({ ...state, from: w.from, to: w.to })}
        />
        <div className={styles.work}>
          <Timeline
            items={items}
            total={story.timelineTotal}
            numbers={numbers}
            labels={labels}
            selected={state.alert}
            lit={lit.nodes === undefined ? undefined : lit.alerts}
            playing={player.step}
            onSelect={selectAlert}
          />
          <section className={styles.graph} aria-label="Graph">
            <div className={styles.tools}>
              <TabList
                size="small"
                selectedValue={state.list ? 'list' : 'graph'}
                onTabSelect={(_, d) => onState({ ...state, list: d.value === 'list' })}
              >
                <Tab value="graph">Graph</Tab>
                <Tab value="list">List</Tab>
              </TabList>
              <Switch
                className={styles.group}
                label={phone ? 'Group' : 'Group similar'}
                checked={grouped}
                onChange={(_, d) => setGrouped(d.checked)}
              />
              <span className={styles.gap} />
              <Player player={player} steps={items.length} />
            </div>
            <Suspense fallback={<div className={styles.canvas} data-graph="waiting" />}>
              {state.list ? (
                <GraphList graph={graph} selected={state.entity} onNode={selectNode} />
              ) : (
                <GraphCanvas
                  graph={graph}
                  revealed={revealed}
                  lit={lit}
                  selected={state.entity}
                  onNode={selectNode}
                  onEdge={(edge) => edge.alerts[0] !== undefined && select({ alert: edge.alerts[0] })}
                  onNothing={() => select({})}
                />
              )}
            </Suspense>
            <Legend
              nodes={story.graph.nodes}
              hidden={hidden}
              onToggle={(kind) => setHidden(toggled(hidden, kind))}
              note={foldedText(story)}
            />
          </section>
        </div>
      </div>
      {state.alert !== undefined && (
        <AlertPane
          key={state.alert}
          id={state.alert}
          over={narrow}
          onClose={() => select({})}
          onPrevious={at > 0 ? stepTo(-1) : undefined}
          onNext={at >= 0 && at < ids.length - 1 ? stepTo(1) : undefined}
          onEntity={(entity) => select({ entity })}
        />
      )}
      {state.entity !== undefined && (
        <EntityPane
          key={state.entity}
          id={state.entity}
          incident={id}
          node={chosenNode}
          timeline={story.timeline}
          labels={labels}
          over={narrow}
          onClose={() => select({})}
          onAlert={(alert) => select({ alert })}
          onEntity={(entity) => select({ entity })}
        />
      )}
    </div>
  );
}
