import type { Cell } from './contract';

// Texts of the query language made from values. A value is data: whatever it
// holds, it stays inside its literal.

/** A string literal that reads back as the text. */
export function stringLiteral(text: string): string {
  let out = '"';
  for (const c of text) out += escaped(c);
  return `${out}"`;
}

function escaped(c: string): string {
  if (c === '"' || c === '\\') return `\\${c}`;
  if (c === '\n') return '\\n';
  if (c === '\r') return '\\r';
  if (c === '\t') return '\\t';
  const code = c.codePointAt(0) ?? 0;
  // What a reader would not see is written by its number.
  if (code < 0x20 || (code >= 0x7f && code < 0xa0) || /[\p{Cf}\p{Zl}\p{Zp}]/u.test(c)) return unicode(c);
  return c;
}

const unicode = (c: string): string =>
  Array.from({ length: c.length }, (_, i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');

/** A column's name where the language wants one. */
export function nameLiteral(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `[${stringLiteral(name)}]`;
}

/** "| where Column == value" for a value of a result; undefined when it cannot be compared. */
export function whereClause(column: string, type: string, cell: Cell, keep: boolean): string | undefined {
  const name = nameLiteral(column);
  if (cell === null || cell === '') {
    const empty = type === 'string' ? 'isempty' : 'isnull';
    return `| where ${keep ? empty : empty.replace('is', 'isnot')}(${name})`;
  }
  const value = literal(type, cell);
  return value === undefined ? undefined : `| where ${name} ${keep ? '==' : '!='} ${value}`;
}

function literal(type: string, cell: Cell): string | undefined {
  if (typeof cell === 'object') return undefined;
  const text = String(cell);
  if (type === 'string') return stringLiteral(text);
  const plain = /^[\w:.+-]+$/.test(text);
  if (!plain) return undefined;
  if (type === 'bool' || type === 'int') return text;
  return ['long', 'real', 'decimal', 'datetime', 'timespan', 'guid'].includes(type) ? `${type}(${text})` : undefined;
}

export interface Extended {
  text: string;
  /** Where the extended query is in the text. */
  from: number;
  to: number;
}

const drawing = /\n?[ \t]*\|\s*render\b[^|]*$/;

/** Adds a condition to one query of a text: before a chart, else at its end. A query that is gone is added anew. */
export function withClause(text: string, query: string, clause: string): Extended {
  const at = text.indexOf(query);
  const body = query.trimEnd();
  const chart = drawing.exec(body);
  const longer = chart === null ? `${body}\n${clause}` : `${body.slice(0, chart.index)}\n${clause}\n${chart[0].trim()}`;
  const before = at < 0 ? (text.trim() === '' ? '' : `${text.trimEnd()}\n\n`) : text.slice(0, at);
  const after = at < 0 ? '' : text.slice(at + query.length);
  return { text: before + longer + after, from: before.length, to: before.length + longer.length };
}
