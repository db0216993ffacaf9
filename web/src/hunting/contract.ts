import type { Json } from '../api/types';

// What a query gives, as the grid, the charts and the exports read it.

/** One value: a datetime is ISO text with seven digits and Z, a timespan is text,
 * a long beyond 2^53 is text, a dynamic is what it holds. */
export type Cell = Json;

export type Row = Cell[];

export interface ResultColumn {
  name: string;
  /** The language's name of the type: "string", "datetime", "dynamic", … */
  type: string;
}

export interface ResultTable {
  columns: ResultColumn[];
  rows: Row[];
}

/** How `render` asks for the result to be drawn. */
export interface RenderHint {
  kind: string;
  properties?: Record<string, string> | undefined;
}

/** A finding of the checker; positions count UTF-16 units in the text that was checked. */
export interface Diagnostic {
  start: number;
  end: number;
  severity: 'error' | 'warning' | 'info';
  code: string;
  message: string;
  fixes: Fix[];
}

export interface Fix {
  title: string;
  start: number;
  end: number;
  text: string;
}
