import { Dialog, DialogSurface, mergeClasses } from '@fluentui/react-components';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import styles from './Modal.module.css';

/** What asks first. A radio group comes with its answer. */
const firstField = 'input:enabled:not([type="radio"]), select:enabled, textarea:enabled';
/** What has no field at all asks for a decision. */
const decision = '[data-first-focus]';

/** The element that opened a dialog; of a menu, which is gone by then, its button. */
function openerOf(active: Element | null): HTMLElement | undefined {
  const button = active?.closest('[role="menu"]')?.getAttribute('aria-labelledby');
  const opener = button == null ? active : document.getElementById(button);
  return opener instanceof HTMLElement && opener !== document.body ? opener : undefined;
}

interface ModalProps {
  /** What it asks. The focus starts anew when it asks something else. */
  asks: string;
  onClose: () => void;
  className?: string | undefined;
  children: ReactNode;
}

/**
 * A dialog over everything else, for as long as it is rendered. The focus goes
 * to its first field and, when it is gone, back to what opened it; Escape and a
 * click beside it close it.
 */
export function Modal({ asks, onClose, className, children }: ModalProps) {
  const surface = useRef<HTMLDivElement>(null);
  const [opener] = useState(() => openerOf(document.activeElement));
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it asks says when the fields are other ones
  useEffect(() => {
    const field =
      surface.current?.querySelector<HTMLElement>(firstField) ?? surface.current?.querySelector<HTMLElement>(decision);
    field?.focus();
  }, [asks]);
  useEffect(
    () => () => {
      const moved = document.activeElement !== null && document.activeElement !== document.body;
      if (moved) return;
      const back = opener?.isConnected === true ? opener : document.getElementById('page');
      back?.focus();
    },
    [opener],
  );
  return (
    <Dialog open onOpenChange={(_, d) => !d.open && onClose()}>
      <DialogSurface ref={surface} className={mergeClasses(styles.surface, className)}>
        {children}
      </DialogSurface>
    </Dialog>
  );
}
