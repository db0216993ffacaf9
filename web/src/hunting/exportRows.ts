import { toCSV } from '../text/csv';
import { visible } from '../text/hostile';
import { cellText } from './cell';
import type { Cell, ResultTable } from './contract';

/** The rows as CSV; a spreadsheet takes none of their texts for a formula, and
 * hidden characters are written by name. */
export function resultCSV(table: ResultTable, rows: number[]): string {
  return toCSV(
    table.columns.map((c) => visible(c.name)),
    rows.map((i) => table.columns.map((_, at) => visible(cellText(table.rows[i]?.[at])))),
  );
}

/** The rows as JSON, exactly as they were received. */
export function resultJSON(table: ResultTable, rows: number[]): string {
  const lines = rows.map((i) => JSON.stringify(recordOf(table, i)));
  return `[\n${lines.join(',\n')}\n]\n`;
}

/** One row as an object by column name. */
export function recordOf(table: ResultTable, row: number): Record<string, Cell> {
  return Object.fromEntries(table.columns.map((c, at) => [c.name, table.rows[row]?.[at] ?? null]));
}

/** A row as a spreadsheet takes it from the clipboard. */
export function rowText(table: ResultTable, row: number): string {
  return table.columns.map((_, at) => cellText(table.rows[row]?.[at]).replace(/[\t\r\n]+/g, ' ')).join('\t');
}

/** A name for the file, of when the query ran. */
export function exportName(at: number, kind: 'csv' | 'json'): string {
  return `hunting-${new Date(at).toISOString().slice(0, 19).replaceAll(':', '')}.${kind}`;
}
