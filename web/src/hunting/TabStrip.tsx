import { mergeClasses } from '@fluentui/react-components';
import { Add16Regular, Dismiss12Regular } from '@fluentui/react-icons';
import type { KeyboardEvent } from 'react';
import { Foreign } from '../ui/Foreign';
import styles from './HuntingPage.module.css';
import type { Run } from './run';
import { type Tabs, tabName } from './tabs';

interface TabStripProps {
  tabs: Tabs;
  runOf: (tab: string) => Run;
  onChoose: (id: string) => void;
  onClose: (id: string) => void;
  onAdd: () => void;
}

/** The open queries; arrows move between them, Delete closes one. */
export function TabStrip({ tabs, runOf, onChoose, onClose, onAdd }: TabStripProps) {
  const onKey = (event: KeyboardEvent, at: number) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = tabs.list[(at + by + tabs.list.length) % tabs.list.length];
    if (by !== 0 && next !== undefined) {
      event.preventDefault();
      onChoose(next.id);
      const strip = event.currentTarget.parentElement;
      requestAnimationFrame(() => strip?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
    } else if (event.key === 'Delete') onClose(tabs.list[at]?.id ?? '');
  };
  return (
    <div className={styles.tabs}>
      <div role="tablist" aria-label="Open queries" className={styles.strip}>
        {tabs.list.map((tab, at) => {
          const front = tab.id === tabs.front;
          return (
            <div
              key={tab.id}
              role="tab"
              aria-selected={front}
              tabIndex={front ? 0 : -1}
              className={mergeClasses(styles.tab, front && styles.front)}
              onClick={() => onChoose(tab.id)}
              onKeyDown={(event) => onKey(event, at)}
              onAuxClick={(event) => event.button === 1 && onClose(tab.id)}
            >
              {runOf(tab.id).state === 'running' && <span className={styles.busy} title="Running" />}
              <span className={styles.tabName}>
                <Foreign value={tabName(tab)} max={32} />
              </span>
              {(tabs.list.length > 1 || tab.text !== '') && (
                // The tab itself closes by the Delete key.
                <span
                  className={styles.close}
                  aria-hidden="true"
                  title="Close"
                  onClick={(event) => {
                    event.stopPropagation();
                    onClose(tab.id);
                  }}
                >
                  <Dismiss12Regular />
                </span>
              )}
            </div>
          );
        })}
      </div>
      <button type="button" className={styles.add} aria-label="New query" title="New query" onClick={onAdd}>
        <Add16Regular />
      </button>
    </div>
  );
}
