import type { components } from '../api/schema';

// The tables, their columns and the functions that a query can name, as the API gives them.

type Schemas = components['schemas'];

export type Schema = Schemas['HuntingSchema'];
export type SchemaTable = Schemas['HuntingTable'];
export type SchemaColumn = Schemas['HuntingTableColumn'];
export type SchemaFunction = Schemas['HuntingFunction'];

export interface Family {
  name: string;
  tables: FoundTable[];
}

export interface FoundTable {
  table: SchemaTable;
  /** The columns that were found; all when nothing is looked for or the table's own name fits. */
  columns: SchemaColumn[];
  /** Found by its columns: it is shown unfolded. */
  byColumn: boolean;
}

/** Tables by family in which every word of the search is found, in a name or a description. */
export function searchSchema(tables: SchemaTable[], search: string): Family[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const families = new Map<string, FoundTable[]>();
  for (const table of tables) {
    const found = findIn(table, words);
    if (found === undefined) continue;
    const list = families.get(table.family) ?? [];
    list.push(found);
    families.set(table.family, list);
  }
  return [...families]
    .map(([name, list]) => ({ name, tables: [...list].sort((a, b) => held(b) - held(a)) }))
    .sort((a, b) => Math.max(...b.tables.map(held)) - Math.max(...a.tables.map(held)) || rank(a.name) - rank(b.name));
}

/** Tables that hold rows come before those that hold none. */
const held = (found: FoundTable): number => (found.table.rows > 0 ? 1 : 0);

/** The families that hunters ask most, before the others. */
const asked = ['alerts', 'devices', 'identities', 'email', 'apps', 'cloud'];

function rank(family: string): number {
  const at = asked.indexOf(family);
  return at < 0 ? asked.length : at;
}

function findIn(table: SchemaTable, words: string[]): FoundTable | undefined {
  const fits = (text: string) => words.every((w) => text.toLowerCase().includes(w));
  if (words.length === 0 || fits(table.name)) return { table, columns: table.columns, byColumn: false };
  const columns = table.columns.filter((c) => fits(c.name));
  if (columns.length > 0) return { table, columns, byColumn: true };
  return fits(`${table.name} ${table.description}`) ? { table, columns: table.columns, byColumn: false } : undefined;
}

/** Functions whose name or description holds every word. */
export function searchFunctions(functions: SchemaFunction[], search: string): SchemaFunction[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const named = functions.filter((f) => words.every((w) => f.name.toLowerCase().includes(w)));
  const told = functions.filter(
    (f) => !named.includes(f) && words.every((w) => `${f.name} ${f.description}`.toLowerCase().includes(w)),
  );
  return [...named, ...told];
}
