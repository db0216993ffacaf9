import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type Fault, Problem } from '../api/client';
import { type QueryAnswer, runQuery } from './api';
import { Offsets } from './offsets';

/** How the query of a tab stands. */
export type Run =
  | { state: 'idle' }
  | { state: 'running'; query: string; since: number }
  | { state: 'done'; query: string; answer: QueryAnswer; at: number }
  | { state: 'cancelled'; query: string; after: number }
  | { state: 'failed'; query: string; error: unknown; faults: Fault[] };

export interface Asked {
  text: string;
  /** Where the text begins in the editor; faults are placed from there. */
  from: number;
  bounds: { from?: string; to?: string };
}

/** What the portal asks for at most; the server's own limit may be lower. */
export const portalRows = 30_000;

const idle: Run = { state: 'idle' };

/** Runs queries, one at a time a tab. Leaving the page cancels them on the server, too. */
export function useRuns() {
  const [runs, setRuns] = useState<ReadonlyMap<string, Run>>(new Map());
  const aborts = useRef(new Map<string, AbortController>());
  const client = useQueryClient();
  useEffect(() => {
    const all = aborts.current;
    return () => {
      for (const abort of all.values()) abort.abort();
    };
  }, []);
  const set = useCallback((tab: string, run: Run) => setRuns((old) => new Map(old).set(tab, run)), []);
  const run = useCallback(
    async (tab: string, asked: Asked) => {
      aborts.current.get(tab)?.abort();
      const abort = new AbortController();
      aborts.current.set(tab, abort);
      const since = performance.now();
      set(tab, { state: 'running', query: asked.text, since });
      const end = await outcome(asked, abort.signal, since);
      // A newer run of the tab, or its end, makes this one's outcome void.
      if (aborts.current.get(tab) !== abort) return;
      aborts.current.delete(tab);
      set(tab, end);
      void client.invalidateQueries({ queryKey: ['hunting', 'history'] });
    },
    [set, client],
  );
  const cancel = useCallback((tab: string) => aborts.current.get(tab)?.abort(), []);
  const forget = useCallback((tab: string) => {
    aborts.current.get(tab)?.abort();
    aborts.current.delete(tab);
    setRuns((old) => {
      const next = new Map(old);
      next.delete(tab);
      return next;
    });
  }, []);
  return { runOf: (tab: string): Run => runs.get(tab) ?? idle, run, cancel, forget };
}

async function outcome(asked: Asked, signal: AbortSignal, since: number): Promise<Run> {
  try {
    const answer = await runQuery({ query: asked.text, ...asked.bounds, maxRows: portalRows }, signal);
    return { state: 'done', query: asked.text, answer, at: Date.now() };
  } catch (error) {
    if (signal.aborted) return { state: 'cancelled', query: asked.text, after: performance.now() - since };
    return { state: 'failed', query: asked.text, error, faults: placed(error, asked) };
  }
}

/** The faults at their places in the editor's text. */
function placed(error: unknown, asked: Asked): Fault[] {
  if (!(error instanceof Problem)) return [];
  const offsets = new Offsets(asked.text);
  return error.faults.map((f) => ({
    ...f,
    start: asked.from + offsets.toUnits(f.start),
    end: asked.from + offsets.toUnits(f.end),
  }));
}
