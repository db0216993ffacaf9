import { Button, mergeClasses } from '@fluentui/react-components';
import { ChevronDown20Regular, ChevronUp20Regular, Dismiss20Regular } from '@fluentui/react-icons';
import { type ReactNode, useEffect, useRef } from 'react';
import styles from './SidePane.module.css';

interface SidePaneProps {
  label: string;
  title: ReactNode;
  onClose: () => void;
  onPrevious?: (() => void) | undefined;
  onNext?: (() => void) | undefined;
  actions?: ReactNode;
  children: ReactNode;
  /** Lies over the page instead of beside its content. */
  over?: boolean;
}

/** The pane at the right edge; Esc closes it, the arrows step through the list. */
export function SidePane({ label, title, onClose, onPrevious, onNext, actions, children, over = false }: SidePaneProps) {
  const pane = useRef<HTMLElement>(null);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useEffect(() => {
    const before = document.activeElement;
    if (over) pane.current?.focus();
    return () => {
      if (over && before instanceof HTMLElement) before.focus();
    };
  }, [over]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      if (document.querySelector('[role="dialog"], [role="menu"], [role="listbox"]') !== null) return;
      event.preventDefault();
      close.current();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <aside ref={pane} tabIndex={-1} aria-label={label} className={mergeClasses(styles.pane, over && styles.over)}>
      <header className={styles.head}>
        <div className={styles.title}>{title}</div>
        {(onPrevious !== undefined || onNext !== undefined) && (
          <>
            <Button
              size="small"
              appearance="subtle"
              icon={<ChevronUp20Regular />}
              aria-label="Previous"
              disabled={onPrevious === undefined}
              onClick={onPrevious}
            />
            <Button
              size="small"
              appearance="subtle"
              icon={<ChevronDown20Regular />}
              aria-label="Next"
              disabled={onNext === undefined}
              onClick={onNext}
            />
          </>
        )}
        <Button size="small" appearance="subtle" icon={<Dismiss20Regular />} aria-label="Close" onClick={onClose} />
      </header>
      <div className={styles.body} tabIndex={0} role="group" aria-label={`${label}: content`}>
        {children}
      </div>
      {actions !== undefined && <footer className={styles.foot}>{actions}</footer>}
    </aside>
  );
}
