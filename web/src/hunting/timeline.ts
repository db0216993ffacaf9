import type { Cell, ResultTable } from './contract';

// The events of an entity's timeline, from the rows of the query that the server made for it.

export interface Span {
  /** ISO times. */
  from: string;
  to: string;
}

/** The most events that one timeline asks for. */
export const timelineRows = 1_000;

const kinds = new Set([
  'device',
  'user',
  'ip',
  'file',
  'process',
  'url',
  'domain',
  'mailbox',
  'mail',
  'app',
  'cloudResource',
  'registry',
]);

/** Whether the tables of the telemetry can name such an entity. */
export const hasTimeline = (kind: string): boolean => kinds.has(kind);

export interface TimelineEvent {
  id: string;
  at: string;
  table: string;
  action: string;
  /** What it says in short, by name; empty values are left out. */
  facts: [string, string][];
  record: Record<string, Cell>;
}

/** Rows of several tables come in the same few columns with the whole event beside; those of one table as they are. */
export function eventsOf(result: ResultTable, tables: string[]): TimelineEvent[] {
  const rows = result.rows.map((row) => Object.fromEntries(result.columns.map((c, at) => [c.name, row[at] ?? null])));
  return rows.flatMap((row, i) => {
    const record = isRecord(row.Event) ? row.Event : row;
    const at = row.At ?? row.Timestamp ?? row.TimeGenerated;
    if (typeof at !== 'string') return [];
    const whole = record === row ? row : { ...record, ...short(row) };
    return [
      {
        id: String(i),
        at,
        table: text(row.SourceTable) || (tables.length === 1 ? (tables[0] as string) : ''),
        action: actionOf(row, record),
        facts: tellingFields(whole),
        record,
      },
    ];
  });
}

/** What happened; of Windows events that have no name their number. */
function actionOf(row: Record<string, Cell>, record: Record<string, Cell>): string {
  const named = text(row.Action) || text(record.ActionType ?? record.OperationName ?? record.Operation);
  const number = text(record.EventID);
  return named !== '' || number === '' ? named : `Event ${number}`;
}

const text = (cell: Cell | undefined): string => (cell === null || cell === undefined ? '' : String(cell));

function isRecord(cell: Cell | undefined): cell is Record<string, Cell> {
  return typeof cell === 'object' && cell !== null && !Array.isArray(cell);
}

/** The columns that every table is brought to, under names that the record does not have. */
function short(row: Record<string, Cell>): Record<string, Cell> {
  return Object.fromEntries(['CommandLine', 'Subject', 'Address', 'Account', 'Device'].map((name) => [name, row[name] ?? null]));
}

/** What a reader wants to know of an event first, by how much it tells. */
const telling = [
  'CommandLine',
  'ProcessCommandLine',
  'RegistryKey',
  'RemoteUrl',
  'Url',
  'QueryName',
  'FileName',
  'Subject',
  'Address',
  'RemoteIP',
  'IPAddress',
  'AppDisplayName',
  'Application',
  'Account',
  'AccountUpn',
  'AccountName',
  'UserPrincipalName',
  'Device',
  'DeviceName',
  'Message',
  'Channel',
  'Description',
];

/** The first few things that an event says, each once. */
export function tellingFields(record: Record<string, Cell>, most = 3): [string, string][] {
  const out: [string, string][] = [];
  for (const name of telling) {
    const value = text(record[name]);
    if (value !== '' && !out.some(([, known]) => known === value)) out.push([name, value]);
    if (out.length === most) break;
  }
  return out;
}

export interface Tally {
  value: string;
  count: number;
}

/** How often each value is there, the most frequent first. */
export function tally(events: TimelineEvent[], of: (e: TimelineEvent) => string): Tally[] {
  const counts = new Map<string, number>();
  for (const e of events) counts.set(of(e), (counts.get(of(e)) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}

export function filterEvents(events: TimelineEvent[], tables: string[], actions: string[]): TimelineEvent[] {
  return events.filter(
    (e) => (tables.length === 0 || tables.includes(e.table)) && (actions.length === 0 || actions.includes(e.action)),
  );
}

const halfHour = 30 * 60_000;

/** The half hour before and after a moment. */
export function around(at: string): Span {
  const middle = Date.parse(at);
  return { from: new Date(middle - halfHour).toISOString(), to: new Date(middle + halfHour).toISOString() };
}
