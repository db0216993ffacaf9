import { cellShown, cellText, isNumber } from './cell';
import type { ResultTable } from './contract';

// Which columns stand where, and how wide they are.

export interface ColumnState {
  /** Numbers of the columns that stay at the left edge, in order. */
  pinned: number[];
  hidden: number[];
  /** Columns in the order in which they scroll. */
  order: number[];
  /** Widths that someone set, in pixels. */
  widths: Record<number, number>;
}

/** A result with more columns than this is taken for whole records. */
const wide = 12;

/** What a reader of whole records looks for first. */
const first = [
  /^Timestamp$/,
  /^TimeGenerated$/,
  /^(SourceTable|Table)$/,
  /^ActionType$/,
  /^(DeviceName|Computer)$/,
  /^(AccountUpn|AccountName|UserPrincipalName)$/,
  /^(FileName|Subject|OperationName|RegistryKey)$/,
  /^(ProcessCommandLine|RemoteUrl)$/,
  /^(RemoteIP|IPAddress)$/,
];

/**
 * How a result is shown at first: as the query laid it out, but of whole records
 * what tells most comes first and columns that are empty throughout are hidden.
 */
export function startColumns(table: ResultTable): ColumnState {
  const order = table.columns.map((_, at) => at);
  if (order.length <= wide) return { pinned: [], hidden: [], order, widths: {} };
  const rank = (at: number) => {
    const i = first.findIndex((pattern) => pattern.test(table.columns[at]?.name ?? ''));
    return i < 0 ? first.length : i;
  };
  const names = table.columns.map((c) => c.name);
  // Tables of both portals name the same instant twice.
  const twice = names.includes('Timestamp') ? names.indexOf('TimeGenerated') : -1;
  const empty = emptyColumns(table)
    .filter((at) => at !== twice)
    .concat(twice < 0 ? [] : [twice]);
  const hidden = empty.length === order.length ? [] : empty;
  return { pinned: [], hidden, order: order.sort((a, b) => rank(a) - rank(b) || a - b), widths: {} };
}

/** The columns without a value in any row. */
export function emptyColumns(table: ResultTable): number[] {
  return table.columns.flatMap((_, at) => (table.rows.some((row) => cellText(row[at]) !== '') ? [] : [at]));
}

export const minWidth = 56;
export const maxWidth = 900;

export interface PlacedColumn {
  at: number;
  left: number;
  width: number;
  pinned: boolean;
}

/** The columns in the order in which they are shown: pinned ones first. */
export function placeColumns(state: ColumnState, natural: number[]): PlacedColumn[] {
  const shown = state.order.filter((at) => !state.hidden.includes(at));
  const pinned = state.pinned.filter((at) => shown.includes(at));
  let left = 0;
  return [...pinned, ...shown.filter((at) => !pinned.includes(at))].map((at) => {
    const width = state.widths[at] ?? natural[at] ?? 120;
    const placed = { at, left, width, pinned: pinned.includes(at) };
    left += width;
    return placed;
  });
}

export const totalWidth = (placed: PlacedColumn[]): number => placed.reduce((sum, c) => sum + c.width, 0);

export const pinnedWidth = (placed: PlacedColumn[]): number => totalWidth(placed.filter((c) => c.pinned));

/** The columns that can be seen between two places of the scrolled width: the pinned ones always. */
export function columnsInView(placed: PlacedColumn[], scrolled: number, width: number): PlacedColumn[] {
  const edge = scrolled + pinnedWidth(placed);
  return placed.filter((c) => c.pinned || (c.left + c.width > edge - 200 && c.left < scrolled + width + 200));
}

/** Widths by what the first rows hold: enough to read, not more. */
export function naturalWidths(table: ResultTable): number[] {
  const sample = table.rows.slice(0, 100);
  return table.columns.map((column, at) => {
    const lengths = sample.map((row) => Math.min(cellShown(row[at], column).length, 60)).sort((a, b) => a - b);
    const usual = lengths[Math.floor(lengths.length * 0.9)] ?? 0;
    const most = isNumber(column.type) ? 180 : 420;
    return Math.round(Math.min(most, Math.max(84, column.name.length * 7.4 + 46, usual * 7 + 26)));
  });
}

export function resized(state: ColumnState, at: number, width: number): ColumnState {
  return { ...state, widths: { ...state.widths, [at]: Math.round(Math.min(maxWidth, Math.max(minWidth, width))) } };
}

export function togglePin(state: ColumnState, at: number): ColumnState {
  const pinned = state.pinned.includes(at) ? state.pinned.filter((c) => c !== at) : [...state.pinned, at];
  return { ...state, pinned };
}

export function hide(state: ColumnState, at: number): ColumnState {
  return { ...state, hidden: [...state.hidden, at], pinned: state.pinned.filter((c) => c !== at) };
}

/** Where the cell cursor goes; it stays inside. */
export interface Cursor {
  row: number;
  column: number;
}

export function moveCursor(cursor: Cursor, key: string, rows: number, columns: number, page: number): Cursor | undefined {
  const to = (row: number, column: number): Cursor => ({
    row: Math.min(Math.max(0, row), Math.max(0, rows - 1)),
    column: Math.min(Math.max(0, column), Math.max(0, columns - 1)),
  });
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return to(cursor.row + 1, cursor.column);
    case 'ArrowUp':
    case 'k':
      return to(cursor.row - 1, cursor.column);
    case 'ArrowRight':
      return to(cursor.row, cursor.column + 1);
    case 'ArrowLeft':
      return to(cursor.row, cursor.column - 1);
    case 'PageDown':
      return to(cursor.row + page, cursor.column);
    case 'PageUp':
      return to(cursor.row - page, cursor.column);
    case 'Home':
      return to(cursor.row, 0);
    case 'End':
      return to(cursor.row, columns - 1);
    case 'Mod+Home':
      return to(0, cursor.column);
    case 'Mod+End':
      return to(rows - 1, cursor.column);
    default:
      return undefined;
  }
}
