import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { Action } from './action';
import { match, nothing } from './keys';

/** Holds the actions of everything that is on screen, innermost last. */
class Registry {
  private groups: { current: Action[] }[] = [];
  private listeners = new Set<() => void>();
  private version = 0;

  add(group: { current: Action[] }): () => void {
    this.groups.push(group);
    this.changed();
    return () => {
      this.groups = this.groups.filter((g) => g !== group);
      this.changed();
    };
  }

  /** The newest group comes first: a page's key wins over the shell's. */
  all(): Action[] {
    return [...this.groups].reverse().flatMap((g) => g.current);
  }

  changed(): void {
    this.version++;
    for (const listener of this.listeners) listener();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): number => this.version;
}

const Context = createContext<Registry>(new Registry());

export function ActionProvider({ children }: { children: ReactNode }) {
  const registry = useMemo(() => new Registry(), []);
  useEffect(() => {
    let pending = nothing;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const ctrl = event.ctrlKey || event.metaKey;
      if (!ctrl && typing(event.target)) return;
      if (insideDialog(event.target) && !(ctrl && event.key === 'k')) return;
      const press = { key: event.key, ctrl, shift: event.shiftKey, alt: event.altKey };
      const result = match(registry.all(), pending, press, event.timeStamp);
      pending = result.pending;
      if (result.action === undefined || pressesItself(event)) return;
      event.preventDefault();
      if (result.action.blocked === undefined) result.action.perform();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [registry]);
  return <Context.Provider value={registry}>{children}</Context.Provider>;
}

/** Enter and Space on a focused control work the control, not a shortcut. */
function pressesItself(event: KeyboardEvent): boolean {
  if (event.key !== 'Enter' && event.key !== ' ') return false;
  return event.target instanceof Element && event.target.closest('button, a, summary, [role="checkbox"]') !== null;
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button'].includes(target.type);
}

function insideDialog(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="dialog"], [role="menu"], [role="listbox"]') !== null;
}

/** Offers actions for as long as the calling component is on screen. */
export function useActions(actions: Action[]): void {
  const registry = useContext(Context);
  const group = useRef(actions);
  useEffect(() => {
    const shape = (list: Action[]) => list.map((a) => `${a.id}\n${a.name}\n${a.blocked ?? ''}`).join('\n');
    const same = shape(group.current) === shape(actions);
    group.current = actions;
    if (!same) registry.changed();
  }, [actions, registry]);
  useEffect(() => registry.add(group), [registry]);
}

/** The actions that are on offer now. */
export function useAllActions(): Action[] {
  const registry = useContext(Context);
  useSyncExternalStore(registry.subscribe, registry.snapshot);
  return registry.all();
}
