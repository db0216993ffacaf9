import { cellShown, cellText, isNumber, ticksOf } from './cell';
import type { Cell, ResultColumn, ResultTable } from './contract';

// Sorting and filtering of a result in the browser. Rows are never copied: a
// view is the list of their numbers in the order in which they are shown.

export interface RowSort {
  column: number;
  asc: boolean;
}

export interface RowView {
  sort?: RowSort | undefined;
  /** What was typed above each column. */
  filters: ReadonlyMap<number, string>;
}

/** The numbers of the rows that pass all filters, in order. */
export function viewRows(table: ResultTable, view: RowView): number[] {
  const tests = [...view.filters].flatMap(([at, text]) => {
    const column = table.columns[at];
    const test = column === undefined ? undefined : parseFilter(text, column);
    return test === undefined ? [] : [{ at, test }];
  });
  const out: number[] = [];
  table.rows.forEach((row, i) => {
    if (tests.every(({ at, test }) => test(row[at] ?? null))) out.push(i);
  });
  return view.sort === undefined ? out : sortRows(table, out, view.sort);
}

function sortRows(table: ResultTable, rows: number[], sort: RowSort): number[] {
  const column = table.columns[sort.column];
  if (column === undefined) return rows;
  const keys = new Map(rows.map((i) => [i, sortKey(table.rows[i]?.[sort.column] ?? null, column.type)]));
  const way = sort.asc ? 1 : -1;
  // Rows without a value come last either way; equal ones keep their order.
  return rows.sort((a, b) => {
    const x = keys.get(a);
    const y = keys.get(b);
    if (x === undefined || y === undefined) return x === y ? a - b : x === undefined ? 1 : -1;
    return compareKeys(x, y) * way || a - b;
  });
}

type Key = number | bigint | string;

/** What a value is ordered by; undefined for null and for what has no order. */
export function sortKey(cell: Cell, type: string): Key | undefined {
  if (cell === null) return undefined;
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  if (typeof cell === 'number') return Number.isNaN(cell) ? undefined : cell;
  if (typeof cell === 'object') return cellText(cell);
  if (isNumber(type)) return numberOf(cell);
  if (type === 'timespan') return ticksOf(cell);
  return type === 'string' ? cell.toLowerCase() : cell;
}

function numberOf(text: string): number | bigint | undefined {
  if (/^-?\d+$/.test(text)) return BigInt(text);
  const n = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isNaN(n) ? undefined : n;
}

function compareKeys(a: Key, b: Key): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  // A number and a big integer compare as numbers do.
  return a < b ? -1 : a > b ? 1 : 0;
}

type Test = (cell: Cell) => boolean;

/**
 * What a filter above a column means: text is looked for anywhere, "=x" and "!=x"
 * want the whole value, "!x" wants it not to be there, "<", "<=", ">" and ">="
 * compare in the column's own order, "=" alone wants nothing, "!=" alone anything.
 */
export function parseFilter(text: string, column: ResultColumn): Test | undefined {
  const match = /^\s*(!=|<=|>=|=|<|>|!)?\s*(.*?)\s*$/s.exec(text);
  const operator = match?.[1] ?? '';
  const operand = match?.[2] ?? '';
  if (operand === '') return emptyTest(operator);
  if (operator === '<' || operator === '<=' || operator === '>' || operator === '>=') return ordered(operator, operand, column);
  const wanted = operand.toLowerCase();
  const same: Test = (cell) => cellText(cell).toLowerCase() === wanted || cellShown(cell, column).toLowerCase() === wanted;
  const within: Test = (cell) =>
    cellText(cell).toLowerCase().includes(wanted) || cellShown(cell, column).toLowerCase().includes(wanted);
  if (operator === '=') return same;
  if (operator === '!=') return (cell) => !same(cell);
  return operator === '!' ? (cell) => !within(cell) : within;
}

function emptyTest(operator: string): Test | undefined {
  if (operator === '=') return (cell) => cellText(cell) === '';
  return operator === '!=' ? (cell) => cellText(cell) !== '' : undefined;
}

function ordered(operator: string, operand: string, column: ResultColumn): Test | undefined {
  const limit = sortKey(comparable(operand, column.type), column.type);
  if (limit === undefined) return undefined;
  return (cell) => {
    const key = sortKey(cell, column.type);
    if (key === undefined) return false;
    const c = compareKeys(key, limit);
    if (operator === '<') return c < 0;
    if (operator === '<=') return c <= 0;
    return operator === '>' ? c > 0 : c >= 0;
  };
}

/** People write a time as it is shown; it is compared as it was received. */
function comparable(operand: string, type: string): string {
  return type === 'datetime' ? operand.replace(/^(\d{4}-\d\d-\d\d) (?=\d)/, '$1T') : operand;
}
