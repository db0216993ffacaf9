import { describe, expect, it } from 'vitest';
import type { Incident } from '../api/types';
import { parseSearch, stringifySearch } from '../app/search';
import { byCount, shortProduct, tacticsOf } from './columns';
import { collectAll, incidentCSV } from './exportCsv';
import { filterQuery, incidentList, isNarrowed, listQuery, readList, withField, withValue, writeList } from './filters';
import { bars } from './Histogram';
import { readPreferences } from './settings';

const now = Date.parse('2026-11-24T12:00:00Z');
const read = (text: string) => readList(incidentList, parseSearch(text));

describe('the list in the address bar', () => {
  it('opens with new and in progress, by priority', () => {
    const state = read('');
    expect(state.filters).toEqual({ status: ['active', 'inProgress'] });
    expect(state.sort).toBe('priority');
    expect(writeList(incidentList, state)).toEqual({});
  });
  it.each([
    '?severity=high&severity=medium&q=two+words&range=7d',
    '?status=any&owner=none&sort=name&asc=true',
    '?tag=a%26b&from=2026-11-01T00:00:00.000Z&entity=7&open=12',
  ])('keeps %s', (text) => expect(stringifySearch(writeList(incidentList, read(text)))).toBe(text));
  it('drops fields that do not exist', () =>
    expect(read('?nonsense=1&status=resolved').filters).toEqual({ status: ['resolved'] }));
  it('makes the API’s question', () => {
    expect(listQuery(incidentList, read('?status=any&range=1d&q=x&severity=high'), now)).toEqual({
      severity: ['high'],
      from: '2026-11-23T12:00:00.000Z',
      q: 'x',
      sort: 'priority',
    });
    expect(filterQuery(incidentList, read('?status=any&range=all&entity=3'), now)).toEqual({ entity: 3 });
  });
  it('asks for incidents of nobody', () => {
    const state = withField(read('?status=any&range=all'), 'owner', ['']);
    expect(filterQuery(incidentList, state, now)).toEqual({ owner: ['none'] });
  });
  it('lets a custom range win', () => {
    const query = filterQuery(incidentList, read('?status=any&from=2026-11-01T00:00:00.000Z&to=2026-11-02T00:00:00.000Z'), now);
    expect(query).toEqual({ from: '2026-11-01T00:00:00.000Z', to: '2026-11-02T00:00:00.000Z' });
  });
  it('switches values and knows whether anything is narrowed', () => {
    const state = withValue(read(''), 'severity', 'high');
    expect(state.filters.severity).toEqual(['high']);
    expect(withValue(state, 'severity', 'high').filters.severity).toBeUndefined();
    expect(isNarrowed(incidentList, read(''))).toBe(false);
    expect(isNarrowed(incidentList, read('?sort=name&open=3'))).toBe(false);
    expect(isNarrowed(incidentList, state)).toBe(true);
  });
});

describe('cells', () => {
  it('sorts multisets', () => {
    expect(byCount({ a: 1, c: 5, b: 5 })).toEqual(['b', 'c', 'a']);
    expect(tacticsOf({ Impact: 3, InitialAccess: 1, '': 2 })).toEqual(['Initial access', 'Impact']);
    expect(shortProduct('Microsoft Defender for Endpoint')).toBe('Defender for Endpoint');
    expect(shortProduct('Microsoft')).toBe('Microsoft');
  });
});

function incident(part: Partial<Incident>): Incident {
  return {
    id: 1,
    name: 'n',
    status: 'active',
    severity: 'high',
    classification: 'unknown',
    determination: 'unknown',
    owner: '',
    tags: [],
    systemTags: [],
    tasks: { total: 0, completed: 0 },
    priority: 90,
    priorityFactors: [],
    createdAt: '2026-11-24T00:00:00Z',
    updatedAt: '2026-11-24T00:00:00Z',
    firstActivity: '2026-11-24T00:00:00Z',
    lastActivity: '2026-11-24T00:00:00Z',
    tally: {
      alerts: 3,
      severities: {},
      statuses: {},
      tactics: {},
      techniques: {},
      products: {},
      sources: {},
      detections: {},
      titles: {},
      linked: 0,
      linkMille: 0,
    },
    scope: {},
    topAssets: [],
    version: 1,
    ...part,
  };
}

describe('export', () => {
  it('disarms formulas and shows hidden characters', () => {
    const text = incidentCSV([incident({ name: '=cmd|x\u202e', tags: ['@t'] })]);
    expect(text).toContain("'=cmd|x[U+202E]");
    expect(text).toContain("'@t");
    expect(text.split('\r\n')).toHaveLength(3);
  });
  it('reads every page and stops at the limit', async () => {
    const asked: unknown[] = [];
    const page = async (query: Record<string, unknown>) => {
      asked.push(query.cursor);
      const n = Number(query.cursor ?? 0);
      return { items: [n * 2, n * 2 + 1], ...(n < 9 ? { next: String(n + 1) } : {}) };
    };
    expect(await collectAll(page, {}, 1_000)).toHaveLength(20);
    expect(await collectAll(page, {}, 5)).toEqual([0, 1, 2, 3, 4]);
    expect(asked.slice(0, 3)).toEqual([undefined, '1', '2']);
  });
});

describe('histogram', () => {
  it('has a bar for every hour', () => {
    const from = Date.parse('2026-11-23T12:00:00Z');
    const data = bars([{ hour: '2026-11-23T14:00:00Z', alerts: 5, incidents: 1 }], from);
    expect(data).toHaveLength(24);
    expect(data[2]).toMatchObject({ alerts: 5, incidents: 1 });
    expect(data.reduce((n, b) => n + b.alerts, 0)).toBe(5);
  });
});

describe('preferences', () => {
  it('leaves out what does not fit', () => {
    const kept = {
      filterSets: [{ name: 'a', list: 'incidents', search: '?q=1' }, { name: 1 }, 'x'],
      columns: { incidents: ['name', 3], z: 'q' },
    };
    expect(readPreferences(kept)).toEqual({
      filterSets: [{ name: 'a', list: 'incidents', search: '?q=1' }],
      columns: { incidents: ['name'] },
      histogram: true,
    });
    expect(readPreferences(undefined).filterSets).toEqual([]);
  });
});
