import { Tab, TabList } from '@fluentui/react-components';
import { Play16Filled } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useActions } from '../actions/registry';
import { usePolicy } from '../app/session';
import { useToast } from '../app/toast';
import { useNarrow } from '../ui/media';
import { SidePane } from '../ui/SidePane';
import { huntingSchemaQuery, type SavedQuery, savedQueriesQuery, watchlistsQuery } from './api';
import type { Diagnostic } from './contract';
import { Editor, type EditorHandle } from './Editor';
import { HistoryPanel } from './HistoryPanel';
import styles from './HuntingPage.module.css';
import { type Language, languageService } from './languageClient';
import { languageSchema } from './languageSchema';
import { withClause } from './literal';
import { QueriesPanel } from './QueriesPanel';
import { QueryTools } from './QueryTools';
import { ResultsPane } from './ResultsPane';
import { type Asked, useRuns } from './run';
import { SaveDialog } from './SaveDialog';
import { SchemaPanel } from './SchemaPanel';
import { Splitter } from './Splitter';
import { TabStrip } from './TabStrip';
import { boundsOf } from './timeRange';
import { useTabs } from './useTabs';

type Panel = 'schema' | 'queries' | 'history';

/** What else is out there? Questions to all tables, and their answers. */
export function HuntingPage() {
  const { session } = usePolicy();
  return session === undefined ? null : <View key={session.user.name} user={session.user.name} />;
}

function View({ user }: { user: string }) {
  const { tabs, front, edit, open, add, close, choose } = useTabs(user);
  const { runOf, run, cancel, forget } = useRuns();
  const [panel, setPanel] = useState<Panel>('schema');
  const narrow = useNarrow();
  const [aside, setAside] = useState(false);
  const [height, setHeight] = useState(() => (window.innerWidth <= 640 ? 150 : 220));
  const [found, setFound] = useState<Diagnostic[]>([]);
  const [saving, setSaving] = useState<{ known?: SavedQuery; text: string } | undefined>(undefined);
  const editor = useRef<EditorHandle>(null);
  const service = useMemo(() => languageService(), []);
  const learnt = useLearning(service);
  const toast = useToast();
  const current = runOf(front.id);

  const start = useCallback(
    (asked?: { text: string; from: number }) => {
      const chosen = asked ?? editor.current?.chosen() ?? { text: front.text, from: 0 };
      if (chosen.text.trim() === '') return;
      const whole: Asked = { ...chosen, bounds: boundsOf(front.range, Date.now()) };
      void run(front.id, whole);
    },
    [front, run],
  );
  useRunOnArrival(front.text, () => start({ text: front.text, from: 0 }));
  const format = useCallback(async () => {
    const before = front.text;
    const after = await service.format(before).catch(() => before);
    if (after !== before) editor.current?.replace(after);
  }, [front.text, service]);
  const bring = (text: string, part?: Parameters<typeof open>[1]) => {
    open(text, part);
    setAside(false);
  };
  const clause = (text: string) => {
    if (current.state !== 'done') return;
    const next = withClause(front.text, current.query, text);
    edit({ text: next.text });
    start({ text: next.text.slice(next.from, next.to), from: next.from });
  };

  useHuntingActions({
    run: () => start(),
    edit: () => editor.current?.focus(),
    add,
    save: () => setSaving({ text: front.text }),
    format: () => void format(),
    cancel: () => cancel(front.id),
  });

  const panels = (
    <Panels
      panel={panel}
      onPanel={setPanel}
      onInsert={(text) => editor.current?.insert(text)}
      onOpen={(query) => bring(query.query, { name: query.name, saved: String(query.id) })}
      onEdit={(query) => setSaving({ known: query, text: query.query })}
      onPast={(query) => bring(query)}
    />
  );
  return (
    <div className={styles.page}>
      <h1 className="visually-hidden">Advanced hunting</h1>
      {!narrow && <div className={styles.side}>{panels}</div>}
      <div className={styles.main}>
        <TabStrip
          tabs={tabs}
          runOf={runOf}
          onChoose={choose}
          onAdd={add}
          onClose={(id) => {
            forget(id);
            close(id);
          }}
        />
        <QueryTools
          running={current.state === 'running'}
          errors={found.filter((d) => d.severity === 'error').length}
          range={front.range}
          onRange={(range) => edit({ range })}
          onRun={() => start()}
          onCancel={() => cancel(front.id)}
          onSave={() => setSaving({ text: front.text })}
          onFormat={() => void format()}
          onSchema={narrow ? () => setAside(true) : undefined}
        />
        <div className={styles.editor} style={{ height }}>
          <Editor
            key={front.id}
            text={front.text}
            service={service}
            learnt={learnt}
            onText={(text) => edit({ text }, front.id)}
            onRun={() => start()}
            onFormat={() => void format()}
            onFound={setFound}
            handle={editor}
          />
        </div>
        <Splitter height={height} min={80} max={640} onHeight={setHeight} />
        <section className={styles.results} aria-label="Results">
          <ResultsPane
            run={current}
            onCancel={() => cancel(front.id)}
            onFault={(f) => editor.current?.select(f.start, f.end)}
            onClause={clause}
            onRunAgain={() => start()}
          />
        </section>
      </div>
      {narrow && aside && (
        <SidePane label="Schema and queries" title="Schema and queries" over onClose={() => setAside(false)}>
          {panels}
        </SidePane>
      )}
      {saving !== undefined && (
        <SaveDialog
          known={saving.known}
          text={saving.text}
          onClose={() => setSaving(undefined)}
          onSaved={(query) => {
            toast.done(`Saved as “${query.name}”`);
            if (saving.known === undefined) edit({ name: query.name, saved: String(query.id) });
            setSaving(undefined);
          }}
        />
      )}
    </div>
  );
}

interface Commands {
  run: () => void;
  edit: () => void;
  add: () => void;
  save: () => void;
  format: () => void;
  cancel: () => void;
}

/** What can be done with the query in front, by key and in the command bar. */
function useHuntingActions(does: Commands): void {
  const section = 'Hunting' as const;
  useActions([
    { id: 'hunt.run', name: 'Run the query', section, keys: 'Shift+Enter', icon: Play16Filled, perform: does.run },
    { id: 'hunt.edit', name: 'Write in the query', section, keys: 'e', perform: does.edit },
    { id: 'hunt.new', name: 'New query', section, keys: 'n', perform: does.add },
    { id: 'hunt.save', name: 'Save the query', section, keys: 'Mod+s', perform: does.save },
    { id: 'hunt.format', name: 'Format the query', section, keys: 'f', perform: does.format },
    { id: 'hunt.cancel', name: 'Cancel the running query', section, keys: 'c', perform: does.cancel },
  ]);
}

/** Teaches the checker what the workspace holds; the number grows with every lesson. */
function useLearning(service: Language): number {
  const { data: schema } = useQuery(huntingSchemaQuery);
  const { data: saved } = useQuery(savedQueriesQuery);
  const { data: watchlists } = useQuery(watchlistsQuery);
  const [learnt, setLearnt] = useState(0);
  useEffect(() => {
    if (schema === undefined) return;
    service.learn(languageSchema(schema, saved ?? [], watchlists ?? [])).then(
      () => setLearnt((n) => n + 1),
      () => undefined, // without the language the editor is a plain one
    );
  }, [service, schema, saved, watchlists]);
  return learnt;
}

/** "Go hunt" leads here with a query that is to be run at once; a plain link never runs anything. */
function useRunOnArrival(text: string, start: () => void): void {
  const asked = useRouterState({ select: (s) => (s.location.state as { run?: string }).run });
  const done = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (asked === undefined || asked !== text || done.current === asked) return;
    const timer = setTimeout(() => {
      done.current = asked;
      start();
    });
    return () => clearTimeout(timer);
  }, [asked, text, start]);
}

interface PanelsProps {
  panel: Panel;
  onPanel: (panel: Panel) => void;
  onInsert: (text: string) => void;
  onOpen: (query: SavedQuery) => void;
  onEdit: (query: SavedQuery) => void;
  onPast: (query: string) => void;
}

function Panels({ panel, onPanel, onInsert, onOpen, onEdit, onPast }: PanelsProps) {
  return (
    <>
      <TabList size="small" className={styles.panelTabs} selectedValue={panel} onTabSelect={(_, d) => onPanel(d.value as Panel)}>
        <Tab value="schema">Schema</Tab>
        <Tab value="queries">Queries</Tab>
        <Tab value="history">History</Tab>
      </TabList>
      {panel === 'schema' && <SchemaPanel onInsert={onInsert} />}
      {panel === 'queries' && <QueriesPanel onOpen={onOpen} onEdit={onEdit} />}
      {panel === 'history' && <HistoryPanel onOpen={onPast} />}
    </>
  );
}
