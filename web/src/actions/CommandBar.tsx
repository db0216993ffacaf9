import { mergeClasses } from '@fluentui/react-components';
import { Search20Regular } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type ReactNode, useDeferredValue, useEffect, useRef, useState } from 'react';
import { searchQuery } from '../api/queries';
import type { SearchResult } from '../api/types';
import { Keys, SeverityShape } from '../ui/badges';
import { Foreign } from '../ui/Foreign';
import { KindIcon } from '../ui/KindIcon';
import type { Action } from './action';
import styles from './CommandBar.module.css';
import { caps } from './keys';
import { useAllActions } from './registry';

interface Entry {
  id: string;
  section: string;
  icon: ReactNode;
  name: ReactNode;
  aside?: ReactNode;
  blocked?: string | undefined;
  run: () => void;
}

/** Ctrl-K: everything that can be found or done, by name. */
export function CommandBar({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const asked = useDeferredValue(text.trim());
  const actions = useAllActions();
  const found = useQuery(searchQuery(asked));
  const navigate = useNavigate();
  useEffect(() => dialog.current?.showModal(), []);

  const go = (run: () => void) => () => {
    onClose();
    run();
  };
  const hits = asked.length >= 2 && found.data !== undefined ? resultEntries(found.data, navigate) : [];
  const entries = [...actionEntries(actions, text), ...hits].map((e) => ({ ...e, run: go(e.run) }));
  if (text.trim() !== '') entries.sort((a, b) => rank(a.section) - rank(b.section));
  const at = Math.min(chosen, entries.length - 1);

  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const by = event.key === 'ArrowDown' ? 1 : -1;
      setChosen((at + by + entries.length) % Math.max(1, entries.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const entry = entries[at];
      if (entry !== undefined && entry.blocked === undefined) entry.run();
    }
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the box closes it, as Escape does
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-label="Search everything"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div className={styles.box}>
        <div className={styles.field}>
          <Search20Regular />
          <input
            autoFocus
            role="combobox"
            aria-expanded="true"
            aria-controls="commands"
            aria-activedescendant={entries[at]?.id}
            aria-label="Search incidents, alerts, entities and commands"
            placeholder="Search incidents, alerts, entities and commands"
            value={text}
            maxLength={200}
            onChange={(event) => {
              setText(event.target.value);
              setChosen(0);
            }}
            onKeyDown={onKey}
          />
        </div>
        <div id="commands" role="listbox" aria-label="Results" className={styles.list}>
          {entries.map((entry, i) => (
            <EntryRow
              key={entry.id}
              entry={entry}
              head={entries[i - 1]?.section !== entry.section}
              chosen={i === at}
              onPoint={() => setChosen(i)}
            />
          ))}
          {entries.length === 0 && (
            <p className={styles.none}>{found.isFetching ? 'Searching…' : `Nothing found for “${text.trim().slice(0, 60)}”.`}</p>
          )}
        </div>
      </div>
    </dialog>
  );
}

const order = ['Incidents found', 'Alerts found', 'Entities found'];

function rank(section: string): number {
  const i = order.indexOf(section);
  return i < 0 ? order.length : i;
}

function EntryRow({ entry, head, chosen, onPoint }: { entry: Entry; head: boolean; chosen: boolean; onPoint: () => void }) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    <>
      {head && (
        <div className={styles.section} role="presentation">
          {entry.section}
        </div>
      )}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the text field, as in every combobox */}
      <div
        ref={row}
        id={entry.id}
        role="option"
        tabIndex={-1}
        aria-selected={chosen}
        aria-disabled={entry.blocked !== undefined}
        className={mergeClasses(styles.entry, chosen && styles.chosen)}
        title={entry.blocked}
        onMouseMove={chosen ? undefined : onPoint}
        onClick={() => entry.blocked === undefined && entry.run()}
      >
        {entry.icon}
        <span className={styles.name}>{entry.name}</span>
        {entry.aside}
      </div>
    </>
  );
}

function actionEntries(actions: Action[], text: string): Entry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return actions
    .filter((a) => !a.quiet && words.every((w) => a.name.toLowerCase().includes(w)))
    .map((a) => {
      const Icon = a.icon;
      return {
        id: `command-${a.id}`,
        section: a.section,
        icon: Icon === undefined ? <span className={styles.blank} /> : <Icon />,
        name: a.name,
        aside: a.keys === undefined ? undefined : <Keys caps={caps(a.keys)} />,
        blocked: a.blocked,
        run: a.perform,
      };
    })
    .sort((a, b) => a.section.localeCompare(b.section, 'en'));
}

function resultEntries(found: SearchResult, navigate: ReturnType<typeof useNavigate>): Entry[] {
  return [
    ...(found.incidents ?? []).map((i) => ({
      id: `incident-${i.id}`,
      section: 'Incidents found',
      icon: <SeverityShape value={i.severity} size={12} />,
      name: <Foreign value={i.name} max={90} />,
      aside: <span className="quiet">#{i.id}</span>,
      run: () => void navigate({ to: '/incidents/$id', params: { id: String(i.id) }, search: {} }),
    })),
    ...(found.alerts ?? []).map((a) => ({
      id: `alert-${a.id}`,
      section: 'Alerts found',
      icon: <SeverityShape value={a.severity} size={12} />,
      name: <Foreign value={a.title} max={90} />,
      aside: <span className="quiet">#{a.incident}</span>,
      run: () => void navigate({ to: '/alerts/$id', params: { id: a.id }, search: {} }),
    })),
    ...(found.entities ?? []).map((e) => ({
      id: `entity-${e.id}`,
      section: 'Entities found',
      icon: <KindIcon kind={e.kind} />,
      name: <Foreign kind={e.kind} value={e.label} max={90} />,
      aside: undefined,
      run: () => void navigate({ to: '/entities/$id', params: { id: String(e.id) }, search: {} }),
    })),
  ];
}
