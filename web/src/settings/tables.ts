import type { NewColumn } from '../hunting/api';

// What the form of a user-defined table checks before the server does.

export const columnTypes = [
  'string',
  'long',
  'real',
  'bool',
  'datetime',
  'dynamic',
  'int',
  'decimal',
  'timespan',
  'guid',
] as const satisfies readonly NewColumn['type'][];

/** The name of the table, with the ending that all of them have. */
export function tableName(typed: string): string {
  const name = typed.trim();
  return name === '' || /_CL$/.test(name) ? name : `${name}_CL`;
}

/** What is wrong with the name of a table; undefined when nothing is, or nothing was typed. */
export function nameFault(typed: string): string | undefined {
  const name = tableName(typed);
  if (name === '') return undefined;
  if (!/^[A-Za-z][A-Za-z0-9_]*_CL$/.test(name)) return 'A letter, then letters, digits and underscores';
  return name.length > 63 ? 'At most 63 characters with _CL' : undefined;
}

/** What is wrong with the columns; undefined when the table can be made of them. */
export function columnsFault(columns: NewColumn[]): string | undefined {
  if (columns.length === 0) return 'A table needs a column.';
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      return name === '' ? 'A column has no name.' : `“${name}” is no name: a letter, then letters, digits and underscores.`;
    if (seen.has(name.toLowerCase())) return `Two columns are called ${name}.`;
    seen.add(name.toLowerCase());
  }
  return undefined;
}

/** How a program sends rows, for a shell. */
export function sending(origin: string, table: string): string {
  return `curl -H "Authorization: Bearer $TOKEN" ${origin}/api/v1/telemetry/tables/${table} --data-binary @rows.json`;
}
