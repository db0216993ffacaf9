import { describe, expect, it } from 'vitest';
import { cellShown, cellText, datetimeText, ticksOf } from './cell';
import type { ResultTable } from './contract';
import { resultCSV, resultJSON, rowText } from './exportRows';
import { combinations, guessImpacted } from './impact';
import { nameLiteral, stringLiteral, whereClause, withClause } from './literal';
import { queriesOf, queryAt } from './queryAt';
import { viewRows } from './rows';
import { searchSchema } from './schemaTree';
import { closeTab, emptyTab, openText, readTabs, tabName } from './tabs';
import { boundsOf, readRange } from './timeRange';

const table: ResultTable = {
  columns: [
    { name: 'Timestamp', type: 'datetime' },
    { name: 'DeviceName', type: 'string' },
    { name: 'AccountUpn', type: 'string' },
    { name: 'n', type: 'long' },
    { name: 'Span', type: 'timespan' },
    { name: 'Bag', type: 'dynamic' },
  ],
  rows: [
    ['2026-11-24T08:14:09.1230000Z', 'srv-2', 'ada@x.example', 3, '00:00:10', { a: 1 }],
    ['2026-11-24T08:14:10.0000000Z', 'SRV-1', 'bo@x.example', '9007199254740993', '1.00:00:00', null],
    ['2026-11-23T00:00:00.0000000Z', 'srv-10', 'ada@x.example', null, '-00:00:01', [1, 2]],
    ['2026-11-25T00:00:00.0000000Z', '', '', -4, null, { a: 2 }],
  ],
};
const none = new Map<number, string>();
const sorted = (column: number, asc: boolean) => viewRows(table, { filters: none, sort: { column, asc } });
const filtered = (column: number, text: string) => viewRows(table, { filters: new Map([[column, text]]) });

describe('cells', () => {
  it('are texts', () => {
    expect([null, 1, true, 'x', { a: [1] }].map(cellText)).toEqual(['', '1', 'true', 'x', '{"a":[1]}']);
  });
  it('show times without what says nothing', () => {
    expect(datetimeText('2026-11-24T08:14:09.0000000Z')).toBe('2026-11-24 08:14:09');
    expect(datetimeText('2026-11-24T08:14:09.1200000Z')).toBe('2026-11-24 08:14:09.120');
    expect(datetimeText('2026-11-24T08:14:09.1234567Z')).toBe('2026-11-24 08:14:09.1234567');
    expect(datetimeText('no time')).toBe('no time');
  });
  it('never show a live address', () => {
    const shown = (name: string, value: string) => cellShown(value, { name, type: 'string' });
    expect(shown('ProcessCommandLine', 'https://evil.example/a.b')).toBe('hxxps[://]evil[.]example/a.b');
    expect(shown('CommandLine', 'curl "https://a.b/c.d" -o x')).toBe('curl "hxxps[://]a[.]b/c.d" -o x');
    expect(shown('RemoteUrl', 'evil.example/a.b')).toBe('evil[.]example/a.b');
    expect(shown('SenderFromDomain', 'evil.example')).toBe('evil[.]example');
    expect(shown('FileName', 'evil.exe')).toBe('evil.exe');
  });
  it('read timespans', () => {
    expect(ticksOf('1.02:03:04.5')).toBe(937_845_000_000n);
    expect(ticksOf('-00:00:01')).toBe(-10_000_000n);
    expect(ticksOf('soon')).toBeUndefined();
  });
});

describe('rows', () => {
  it('are ordered as their type is, those without a value last', () => {
    expect(sorted(3, true)).toEqual([3, 0, 1, 2]);
    expect(sorted(3, false)).toEqual([1, 0, 3, 2]);
    expect(sorted(4, true)).toEqual([2, 0, 1, 3]);
    expect(sorted(0, false)).toEqual([3, 1, 0, 2]);
    expect(sorted(1, true)).toEqual([3, 1, 2, 0]);
  });
  it('tells long numbers apart that a float cannot', () => {
    const long: ResultTable = { columns: [{ name: 'n', type: 'long' }], rows: [['9007199254740993'], ['9007199254740992']] };
    expect(viewRows(long, { filters: none, sort: { column: 0, asc: true } })).toEqual([1, 0]);
  });
  it('are filtered by column', () => {
    expect(filtered(1, 'SRV-1')).toEqual([1, 2]);
    expect(filtered(1, '=srv-1')).toEqual([1]);
    expect(filtered(1, '!srv')).toEqual([3]);
    expect(filtered(1, '!=srv-1')).toEqual([0, 2, 3]);
    expect(filtered(1, '=')).toEqual([3]);
    expect(filtered(1, '!=')).toEqual([0, 1, 2]);
    expect(filtered(3, '>3')).toEqual([1]);
    expect(filtered(3, '<= 3')).toEqual([0, 3]);
    expect(filtered(0, '> 2026-11-24 08:14:09.5')).toEqual([1, 3]);
    expect(filtered(0, '08:14:09')).toEqual([0]);
    expect(filtered(5, '"a":2')).toEqual([3]);
    expect(filtered(3, '>')).toEqual([0, 1, 2, 3]);
  });
  it('are a hundred thousand in a moment', () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => [`v${(i * 7919) % 100_000}`]);
    const big: ResultTable = { columns: [{ name: 'v', type: 'string' }], rows };
    const view = viewRows(big, { filters: new Map([[0, 'v']]), sort: { column: 0, asc: true } });
    expect(view).toHaveLength(100_000);
    expect(big.rows[view[0] as number]).toEqual(['v0']);
  });
});

describe('exports', () => {
  const hostile: ResultTable = {
    columns: [
      { name: 'a', type: 'string' },
      { name: 'n', type: 'long' },
    ],
    rows: [
      ['=cmd()', -5],
      ['x\u202ey, "z"', null],
      ['-1+1', 1],
    ],
  };
  it('write CSV that no spreadsheet runs, and numbers as numbers', () => {
    expect(resultCSV(hostile, [0, 1, 2])).toBe('a,n\r\n\'=cmd(),-5\r\n"x[U+202E]y, ""z""",\r\n\'-1+1,1\r\n');
  });
  it('write JSON as it was received, in the order of the view', () => {
    expect(JSON.parse(resultJSON(hostile, [1, 0]))).toEqual([
      { a: 'x\u202ey, "z"', n: null },
      { a: '=cmd()', n: -5 },
    ]);
    expect(JSON.parse(resultJSON(hostile, []))).toEqual([]);
  });
  it('put a row on the clipboard as one line', () => {
    expect(rowText({ columns: hostile.columns, rows: [['a\nb\tc', 1]] }, 0)).toBe('a b c\t1');
  });
});

describe('the query at the cursor', () => {
  const at = (text: string, needle: string) => {
    const { from, to } = queryAt(text, text.indexOf(needle));
    return text.slice(from, to);
  };
  it('is what stands between blank lines', () => {
    const text = 'A\n| take 1\n\n  \nB\n| take 2\n\n';
    expect(queriesOf(text)).toHaveLength(2);
    expect(at(text, 'take 1')).toBe('A\n| take 1');
    expect(at(text, 'B')).toBe('B\n| take 2');
    expect(queryAt(text, text.length)).toEqual({ from: 15, to: 27 - 2 });
  });
  it('keeps together what belongs together', () => {
    expect(queriesOf('let x = 1;\n\nA | where y == x')).toHaveLength(1);
    expect(queriesOf('A\n\n| take 1')).toHaveLength(1);
    expect(queriesOf('A | where x in (\n\n1)')).toHaveLength(1);
    expect(queriesOf('// about\n\nA')).toHaveLength(1);
    expect(queriesOf('A | where x == "("\n\nB')).toHaveLength(2);
    expect(queriesOf('A | where x == @"\\"\n\nB')).toHaveLength(2);
    expect(queriesOf('A // (\n\nB')).toHaveLength(2);
    expect(queriesOf('let d = ```a\n\nb```;\nA\n\nB')).toHaveLength(2);
  });
  it('is the whole text when there is none', () => expect(queryAt('  \n ', 1)).toEqual({ from: 0, to: 4 }));
});

describe('impacted entities', () => {
  it('are guessed by the names of columns that hold something', () => {
    expect(guessImpacted(table)).toEqual({ device: 'DeviceName', user: 'AccountUpn' });
    const network: ResultTable = { columns: [{ name: 'RemoteIP', type: 'string' }], rows: [['203.0.113.5']] };
    expect(guessImpacted(network)).toEqual({ ip: 'RemoteIP' });
    const empty: ResultTable = { columns: [...table.columns], rows: [] };
    expect(guessImpacted(empty)).toEqual({});
  });
  it('give one alert a distinct combination', () => {
    const found = combinations(table, [0, 1, 2, 3], { user: 'AccountUpn' });
    expect(found).toEqual([
      { entities: [['user', 'ada@x.example']], rows: 2 },
      { entities: [['user', 'bo@x.example']], rows: 1 },
    ]);
    expect(combinations(table, [0, 1, 2, 3], { device: 'DeviceName', user: 'AccountUpn' })).toHaveLength(3);
    expect(combinations(table, [0], {})).toEqual([]);
  });
});

describe('literals', () => {
  it('hold whatever a value is', () => {
    expect(stringLiteral('a"b\\c\nd\u202e')).toBe('"a\\"b\\\\c\\nd\\u202e"');
    expect(nameLiteral('Account Name')).toBe('["Account Name"]');
    expect(nameLiteral('AccountName')).toBe('AccountName');
  });
  it('filter by a value', () => {
    expect(whereClause('x', 'string', 'a"', true)).toBe('| where x == "a\\""');
    expect(whereClause('x', 'long', 5, false)).toBe('| where x != long(5)');
    expect(whereClause('x', 'datetime', '2026-11-24T08:14:09.0000000Z', true)).toBe(
      '| where x == datetime(2026-11-24T08:14:09.0000000Z)',
    );
    expect(whereClause('x', 'string', '', true)).toBe('| where isempty(x)');
    expect(whereClause('x', 'long', null, false)).toBe('| where isnotnull(x)');
    expect(whereClause('x', 'dynamic', { a: 1 }, true)).toBeUndefined();
    expect(whereClause('x', 'long', '1) | take 5 //', true)).toBeUndefined();
  });
});

describe('a condition', () => {
  it('joins the query that was run, before its chart', () => {
    const text = 'A | take 1\n\nB\n| summarize n=count() by x\n| render piechart';
    const first = withClause(text, 'A | take 1', '| where y');
    expect(first.text.slice(first.from, first.to)).toBe('A | take 1\n| where y');
    expect(first.text.endsWith('| render piechart')).toBe(true);
    const second = withClause(text, text.slice(text.indexOf('B')), '| where y');
    expect(second.text.slice(second.from, second.to)).toBe('B\n| summarize n=count() by x\n| where y\n| render piechart');
  });
  it('brings a query back that is gone', () => {
    expect(withClause('B', 'A', '| where y')).toEqual({ text: 'B\n\nA\n| where y', from: 3, to: 14 });
  });
});

describe('tabs', () => {
  let n = 0;
  const id = () => `t${++n}`;
  it('survive what does not fit', () => {
    expect(readTabs('{"list":[1,{"id":"a","text":"x"},{"id":2}],"front":"zz"}', id)).toEqual({
      list: [emptyTab('a', { text: 'x' })],
      front: 'a',
    });
    expect(readTabs('not json', id).list).toHaveLength(1);
  });
  it('open a text once', () => {
    const one = { list: [emptyTab('a')], front: 'a' };
    const two = openText(one, 'X', {}, id);
    expect(two.list.map((t) => t.text)).toEqual(['X']);
    const three = openText(two, 'Y', { name: 'why' }, id);
    expect(three.list.map((t) => t.text)).toEqual(['X', 'Y']);
    expect(openText(three, 'X', {}, id).front).toBe('a');
  });
  it('always leave one', () => {
    const left = closeTab({ list: [emptyTab('a'), emptyTab('b')], front: 'b' }, 'b', id);
    expect(left.front).toBe('a');
    expect(closeTab(left, 'a', id).list).toHaveLength(1);
  });
  it('are named by what they say', () => {
    expect(tabName(emptyTab('a'))).toBe('New query');
    expect(tabName(emptyTab('a', { text: '// about\nDeviceEvents\n| take 1' }))).toBe('DeviceEvents');
    expect(tabName(emptyTab('a', { text: '// only about' }))).toBe('only about');
  });
});

describe('time', () => {
  it('is read from the address', () => {
    expect(readRange('30d', undefined, undefined)).toEqual({ preset: '30d' });
    expect(readRange('nonsense', undefined, undefined)).toEqual({ preset: '7d' });
    expect(readRange('custom', '2026-11-01T00:00:00Z', 'x')).toEqual({ preset: 'custom', from: '2026-11-01T00:00:00Z' });
  });
  it('bounds the query', () => {
    const now = Date.parse('2026-11-24T00:00:00Z');
    expect(boundsOf({ preset: '24h' }, now)).toEqual({ from: '2026-11-23T00:00:00.000Z' });
    expect(boundsOf({ preset: 'query' }, now)).toEqual({});
  });
});

describe('the schema', () => {
  const column = (name: string) => ({ name, type: 'string' as const, description: '' });
  const tables = [
    {
      name: 'DeviceEvents',
      family: 'devices',
      description: 'things',
      time: 'Timestamp',
      rows: 1,
      bytes: 1,
      columns: [column('DeviceName'), column('SHA1')],
    },
    { name: 'EmailEvents', family: 'email', description: 'mails', rows: 0, bytes: 0, columns: [column('Subject')] },
  ];
  it('is searched by tables, columns and descriptions', () => {
    expect(searchSchema(tables, '')).toHaveLength(2);
    expect(searchSchema(tables, 'sha')[0]?.tables[0]).toMatchObject({ byColumn: true, columns: [{ name: 'SHA1' }] });
    expect(searchSchema(tables, 'device events')[0]?.tables[0]).toMatchObject({ byColumn: false });
    expect(searchSchema(tables, 'mails').map((f) => f.name)).toEqual(['email']);
    expect(searchSchema(tables, 'nothing')).toEqual([]);
  });
  it('has what holds rows first', () => {
    const [devices, email] = tables as [(typeof tables)[0], (typeof tables)[0]];
    const found = searchSchema(
      [
        { ...devices, rows: 0 },
        { ...email, rows: 3 },
      ],
      '',
    );
    expect(found.map((f) => f.name)).toEqual(['email', 'devices']);
    const within = searchSchema(
      [
        { ...devices, rows: 0 },
        { ...devices, name: 'Held' },
      ],
      '',
    );
    expect(within[0]?.tables.map((t) => t.table.name)).toEqual(['Held', 'DeviceEvents']);
  });
});
