// The state of a list lives in the address bar. This file reads it, writes it
// and turns it into the API's question. Pure: the clock is handed in.

import type { Query } from '../api/client';
import { many, one, positive, type Search } from '../app/search';
import { rangeStart } from '../text/time';
import type { Vocabulary } from '../text/words';

export interface Field {
  id: string;
  name: string;
  vocabulary?: Vocabulary;
  /** Shown without having been added. */
  pinned?: boolean;
}

export interface ListSpec {
  fields: Field[];
  /** Filters that hold when the address names none for the field. */
  defaults: Record<string, string[]>;
  range: string;
  sort: string;
  /** The API's parameter for the start of the time range. */
  rangeParam: string;
}

export interface ListState {
  filters: Record<string, string[]>;
  q: string;
  range: string;
  /** A custom time range; wins over range. */
  from?: string;
  to?: string;
  sort: string;
  asc: boolean;
  entity?: number;
  open?: string;
}

export const incidentList: ListSpec = {
  fields: [
    { id: 'status', name: 'Status', vocabulary: 'status', pinned: true },
    { id: 'severity', name: 'Severity', vocabulary: 'severity', pinned: true },
    { id: 'owner', name: 'Owner', pinned: true },
    { id: 'priority', name: 'Priority', vocabulary: 'priority' },
    { id: 'tactic', name: 'Tactic', vocabulary: 'tactic' },
    { id: 'tag', name: 'Tag' },
    { id: 'product', name: 'Product' },
    { id: 'serviceSource', name: 'Service source', vocabulary: 'source' },
    { id: 'detectionSource', name: 'Detection source', vocabulary: 'source' },
    { id: 'classification', name: 'Classification', vocabulary: 'classification' },
    { id: 'determination', name: 'Determination', vocabulary: 'determination' },
  ],
  defaults: { status: ['active', 'inProgress'] },
  range: '30d',
  sort: 'priority',
  rangeParam: 'from',
};

export const alertList: ListSpec = {
  fields: [
    { id: 'status', name: 'Status', vocabulary: 'status', pinned: true },
    { id: 'severity', name: 'Severity', vocabulary: 'severity', pinned: true },
    { id: 'product', name: 'Product', pinned: true },
    { id: 'category', name: 'Category', vocabulary: 'tactic' },
    { id: 'tactic', name: 'Tactic', vocabulary: 'tactic' },
    { id: 'serviceSource', name: 'Service source', vocabulary: 'source' },
    { id: 'detectionSource', name: 'Detection source', vocabulary: 'source' },
    { id: 'classification', name: 'Classification', vocabulary: 'classification' },
    { id: 'owner', name: 'Owner' },
  ],
  defaults: { status: ['new', 'inProgress'] },
  range: '30d',
  sort: 'lastActivity',
  rangeParam: 'from',
};

/** Written for "no filter" where the field has a default. */
const any = 'any';

export function readList(spec: ListSpec, search: Search): ListState {
  const filters: Record<string, string[]> = {};
  for (const field of spec.fields) {
    const given = many(search[field.id]);
    const values = given === undefined ? (spec.defaults[field.id] ?? []) : given.filter((v) => v !== any);
    if (values.length > 0) filters[field.id] = values;
  }
  const from = one(search.from);
  const to = one(search.to);
  const entity = positive(search.entity);
  const open = one(search.open);
  return {
    filters,
    q: one(search.q) ?? '',
    range: one(search.range) ?? spec.range,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    sort: one(search.sort) ?? spec.sort,
    asc: one(search.asc) === 'true',
    ...(entity === undefined ? {} : { entity }),
    ...(open === undefined ? {} : { open }),
  };
}

export function writeList(spec: ListSpec, state: ListState): Search {
  const out: Search = {};
  for (const field of spec.fields) {
    const values = state.filters[field.id] ?? [];
    const standard = spec.defaults[field.id] ?? [];
    if (same(values, standard)) continue;
    out[field.id] = values.length === 0 ? any : values;
  }
  if (state.q !== '') out.q = state.q;
  if (state.range !== spec.range) out.range = state.range;
  if (state.from !== undefined) out.from = state.from;
  if (state.to !== undefined) out.to = state.to;
  if (state.sort !== spec.sort) out.sort = state.sort;
  if (state.asc) out.asc = 'true';
  if (state.entity !== undefined) out.entity = String(state.entity);
  if (state.open !== undefined) out.open = state.open;
  return out;
}

function same(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((v) => b.includes(v));
}

/** What narrows the list, without its order: the question for the counts. */
export function filterQuery(spec: ListSpec, state: ListState, now: number): Query {
  const query: Query = {};
  for (const [id, values] of Object.entries(state.filters)) {
    query[id] = values.map((v) => (id === 'owner' && v === '' ? 'none' : v));
  }
  const custom = state.from !== undefined || state.to !== undefined;
  const start = custom ? state.from : rangeStart(state.range, now);
  if (start !== undefined) query[spec.rangeParam] = start;
  if (state.to !== undefined) query.to = state.to;
  if (state.q !== '') query.q = state.q;
  if (state.entity !== undefined) query.entity = state.entity;
  return query;
}

/** Adds the order. */
export function listQuery(spec: ListSpec, state: ListState, now: number): Query {
  return { ...filterQuery(spec, state, now), sort: state.sort, ...(state.asc ? { asc: true } : {}) };
}

/** One value of a field on or off. */
export function withValue(state: ListState, field: string, value: string): ListState {
  const before = state.filters[field] ?? [];
  const values = before.includes(value) ? before.filter((v) => v !== value) : [...before, value];
  return withField(state, field, values);
}

export function withField(state: ListState, field: string, values: string[]): ListState {
  const { [field]: _, ...rest } = state.filters;
  return { ...state, filters: values.length === 0 ? rest : { ...rest, [field]: values } };
}

/** Whether anything differs from the list as it opens. */
export function isNarrowed(spec: ListSpec, state: ListState): boolean {
  const { sort, asc, open, ...rest } = writeList(spec, state);
  return Object.keys(rest).length > 0;
}
