import { bytes, count, number } from '../text/count';
import type { PastRun, QueryStats } from './api';

/** A span of time as people say it: "48 ms", "1.2 s", "3 min 5 s". */
export function seconds(ms: number): string {
  return ms < 1_000
    ? `${Math.round(ms)} ms`
    : ms < 60_000
      ? `${(ms / 1_000).toFixed(1)} s`
      : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

/** What a run took, in the order of how often it is asked; only what is known. */
export function costs(stats: QueryStats, rows: number): { name: string; value: string; title?: string }[] {
  const { queuedMs, processorMs, readRows, memoryBytes, readTables } = stats;
  return [
    { name: 'Rows', value: number(rows) },
    { name: 'Time', value: seconds(stats.elapsedMs) },
    ...(queuedMs > 0 ? [{ name: 'Waited', value: seconds(queuedMs) }] : []),
    ...(processorMs === undefined
      ? []
      : [{ name: 'Processor', value: seconds(processorMs), title: 'Of all threads of the engine together' }]),
    ...(readRows === undefined ? [] : [{ name: 'Read', value: count(readRows, 'row') }]),
    ...(memoryBytes === undefined
      ? []
      : [
          {
            name: 'Memory',
            value: bytes(memoryBytes),
            title: 'What the engine held at most while the query ran, for all queries together',
          },
        ]),
    ...(readTables.length === 0 ? [] : [{ name: 'Tables', value: readTables.join(', ') }]),
  ];
}

/** The runs that took longest, the longest first. */
export const heaviest = (runs: PastRun[], most: number): PastRun[] =>
  [...runs].sort((a, b) => b.elapsedMs - a.elapsedMs).slice(0, most);
