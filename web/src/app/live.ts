import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useRef, useState } from 'react';
import type { ChangeEvent } from '../api/types';

export type Connection = 'connecting' | 'live' | 'lost';

type Listener = (change: ChangeEvent | 'resync') => void;

/** One stream of changes per tab, shared by all views. */
export class Live {
  private source: EventSource | undefined;
  private listeners = new Set<Listener>();
  private states = new Set<() => void>();
  state: Connection = 'connecting';

  open(): () => void {
    const source = new EventSource('/api/v1/events', { withCredentials: true });
    this.source = source;
    source.onopen = () => this.turn('live');
    source.onerror = () => this.turn('lost');
    source.addEventListener('hello', () => this.turn('live'));
    source.addEventListener('change', (event) => {
      const change = parse(event.data);
      if (change !== undefined) for (const listener of this.listeners) listener(change);
    });
    source.addEventListener('resync', () => {
      for (const listener of this.listeners) listener('resync');
    });
    return () => {
      source.close();
      if (this.source === source) this.source = undefined;
    };
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  watch = (changed: () => void): (() => void) => {
    this.states.add(changed);
    return () => this.states.delete(changed);
  };

  private turn(state: Connection): void {
    if (this.state === state) return;
    // What happened while the line was down is unknown: ask again.
    if (this.state === 'lost' && state === 'live') for (const listener of this.listeners) listener('resync');
    this.state = state;
    for (const changed of this.states) changed();
  }
}

function parse(data: unknown): ChangeEvent | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const value = JSON.parse(data) as Partial<ChangeEvent>;
    return { seq: value.seq ?? 0, incidents: value.incidents ?? [], alerts: value.alerts ?? 0, at: value.at ?? '' };
  } catch {
    return undefined;
  }
}

export const LiveContext = createContext<Live>(new Live());

/** Calls back with every change; the newest callback is used. */
export function useChanges(onChange: Listener): void {
  const live = useContext(LiveContext);
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  useEffect(() => live.listen((change) => latest.current(change)), [live]);
}

/** Keeps single records fresh: what is open is asked for again when it changed. */
export function refreshRecords(client: QueryClient, change: ChangeEvent | 'resync'): void {
  if (change === 'resync') {
    void client.invalidateQueries({ predicate: (q) => q.queryKey[0] !== 'session' });
    return;
  }
  for (const id of change.incidents) void client.invalidateQueries({ queryKey: ['incident', id] });
  if (change.alerts > 0) void client.invalidateQueries({ queryKey: ['sources'] });
}

/**
 * Live updates of a list. While the pointer is inside nothing moves: changes
 * are counted, and shown when asked for or when the pointer leaves.
 */
export function useWaitingChanges(refresh: () => void) {
  const [waiting, setWaiting] = useState<ReadonlySet<number>>(new Set());
  const inside = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const client = useQueryClient();
  const show = () => {
    setWaiting(new Set());
    refresh();
  };
  useChanges((change) => {
    if (change === 'resync') return show();
    if (inside.current) {
      setWaiting((before) => new Set([...before, ...change.incidents]));
      return;
    }
    // A burst of changes is one refresh.
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      show();
    }, 1_000);
  });
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  return {
    waiting: waiting.size,
    show,
    client,
    pointer: {
      onPointerEnter: () => {
        inside.current = true;
      },
      onPointerLeave: () => {
        inside.current = false;
      },
    },
  };
}
