import type { Query } from '../api/client';
import type { Incident, Page } from '../api/types';
import { toCSV } from '../text/csv';
import { visible } from '../text/hostile';
import { word } from '../text/words';
import { byCount, tacticsOf } from './columns';

/** The most rows of one export. */
export const exportLimit = 10_000;

const head = [
  'Id',
  'Name',
  'Priority',
  'Severity',
  'Status',
  'Classification',
  'Determination',
  'Owner',
  'Tags',
  'Tactics',
  'Products',
  'Impacted assets',
  'Alerts',
  'First activity (UTC)',
  'Last activity (UTC)',
  'Last update (UTC)',
];

export function incidentCSV(rows: Incident[]): string {
  return toCSV(
    head,
    rows.map((i) =>
      [
        String(i.id),
        i.name,
        String(i.priority),
        word('severity', i.severity),
        word('status', i.status),
        word('classification', i.classification),
        word('determination', i.determination),
        i.owner,
        [...(i.systemTags ?? []), ...(i.tags ?? [])].join('; '),
        tacticsOf(i.tally.tactics).join('; '),
        byCount(i.tally.products).join('; '),
        (i.topAssets ?? []).map((a) => a.label).join('; '),
        String(i.tally.alerts),
        i.firstActivity,
        i.lastActivity,
        i.updatedAt,
      ].map(visible),
    ),
  );
}

/** Reads every row of the query, page by page, up to the limit. */
export async function collectAll<T>(read: (query: Query) => Promise<Page<T>>, query: Query, limit = exportLimit): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<T> = await read({ ...query, limit: 500, ...(cursor === undefined ? {} : { cursor }) });
    rows.push(...page.items);
    cursor = page.next === '' ? undefined : page.next;
  } while (cursor !== undefined && rows.length < limit);
  return rows.slice(0, limit);
}

/** Hands a text to the browser as a file. */
export function download(name: string, text: string, type = 'text/csv;charset=utf-8'): void {
  const url = URL.createObjectURL(new Blob(['\ufeff', text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
