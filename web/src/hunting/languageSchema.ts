import type { SavedQuery, Watchlist } from './api';
import type { Schema, SchemaColumn } from './schemaTree';

type Known = Pick<SchemaColumn, 'name' | 'type'>;

/** What the checker is told of the workspace. */
export interface LanguageSchema {
  tables: { name: string; description: string; columns: SchemaColumn[] }[];
  /** Saved functions have a body: the right side of a let statement. */
  functions: { name: string; description: string; body: string }[];
  watchlists: Record<string, Known[]>;
}

/** Tables, shared queries that others can call, and the columns of watchlists. */
export function languageSchema(schema: Schema, saved: SavedQuery[], watchlists: Watchlist[]): LanguageSchema {
  return {
    tables: schema.tables.map(({ name, description, columns }) => ({ name, description, columns })),
    functions: saved.flatMap((q) => {
      if (q.function === undefined || q.function === '' || !q.shared) return [];
      return [{ name: q.function, description: q.description ?? q.name, body: `${q.parameters || '()'} {\n${q.query}\n}` }];
    }),
    watchlists: Object.fromEntries(watchlists.map((w) => [w.name, columnsOf(w)])),
  };
}

/** The checker adds what every watchlist has. */
const columnsOf = (list: Watchlist): Known[] => list.columns.map((name) => ({ name, type: 'string' }));
