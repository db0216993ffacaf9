import { describe, expect, it } from 'vitest';
import { type ChartData, chartData, chartOf, maxSeries } from './chart';
import { chartHeight, chartOption, chartSentence } from './chartOption';
import type { ResultTable } from './contract';

const data = (table: ResultTable, kind: Parameters<typeof chartData>[1], properties = {}): ChartData => {
  const out = chartData(table, kind, properties);
  if (typeof out === 'string') throw new Error(out);
  return out;
};

const byHour: ResultTable = {
  columns: [
    { name: 'Timestamp', type: 'datetime' },
    { name: 'Device', type: 'string' },
    { name: 'count_', type: 'long' },
  ],
  rows: [
    ['2026-11-24T01:00:00.0000000Z', 'b', 2],
    ['2026-11-24T00:00:00.0000000Z', 'a', 1],
    ['2026-11-24T01:00:00.0000000Z', 'a', '3'],
  ],
};

describe('a chart', () => {
  it('is the one that render asks for', () => {
    expect(chartOf({ kind: 'timechart' })).toBe('time');
    expect(chartOf({ kind: 'areachart', properties: { kind: 'stacked' } })).toBe('stacked');
    expect(chartOf({ kind: 'table' })).toBeUndefined();
    expect(chartOf(undefined)).toBeUndefined();
  });
  it('has a series a name, in the order of time', () => {
    const out = data(byHour, 'time');
    expect(out.axis).toBe('time');
    expect(out.series.map((s) => [s.name, s.points.map((p) => p[1])])).toEqual([
      ['b', [2]],
      ['a', [1, 3]],
    ]);
    expect(out.yName).toBe('count_');
  });
  it('stacks series on every place that one of them has', () => {
    const out = data(byHour, 'stacked');
    const at = ['2026-11-24T00:00:00Z', '2026-11-24T01:00:00Z'].map((t) => Date.parse(t));
    expect(out.series.map((s) => [s.name, s.points])).toEqual([
      [
        'b',
        [
          [at[0], 0],
          [at[1], 2],
        ],
      ],
      [
        'a',
        [
          [at[0], 1],
          [at[1], 3],
        ],
      ],
    ]);
    expect(data(byHour, 'column', { kind: 'stacked' }).stacked).toBe(true);
    expect(data(byHour, 'column').stacked).toBe(false);
  });
  it('writes times on an axis of names as people read them, with room for every bar', () => {
    const out = data(byHour, 'bar');
    expect(out.names).toEqual(['2026-11-24 01:00:00', '2026-11-24 00:00:00']);
    expect(chartHeight(out, 'time')).toBeUndefined();
    const many = { ...out, names: Array.from({ length: 100 }, (_, i) => String(i)) };
    expect(chartHeight(many, 'bar')).toBeGreaterThan(1_500);
  });
  it('has a series a column when there are several', () => {
    const table: ResultTable = {
      columns: [
        { name: 'Kind', type: 'string' },
        { name: 'x', type: 'long' },
        { name: 'y', type: 'real' },
      ],
      rows: [
        ['a', 1, 2],
        ['b', null, 4],
      ],
    };
    const out = data(table, 'column');
    expect(out.names).toEqual(['a', 'b']);
    expect(out.series.map((s) => s.name)).toEqual(['x', 'y']);
    expect(out.series[0]?.points).toEqual([
      ['a', 1],
      ['b', null],
    ]);
    expect(data(table, 'column', { ycolumns: 'y' }).series.map((s) => s.name)).toEqual(['y']);
  });
  it('unfolds the lists of make-series', () => {
    const table: ResultTable = {
      columns: [
        { name: 'count_', type: 'dynamic' },
        { name: 'Timestamp', type: 'dynamic' },
        { name: 'Device', type: 'string' },
      ],
      rows: [[[1, 2], ['2026-11-24T00:00:00.0000000Z', '2026-11-24T01:00:00.0000000Z'], 'a']],
    };
    const out = data(table, 'time');
    expect(out.series).toEqual([
      {
        name: 'a',
        points: [
          [Date.parse('2026-11-24T00:00:00Z'), 1],
          [Date.parse('2026-11-24T01:00:00Z'), 2],
        ],
      },
    ]);
  });
  it('says why there is none', () => {
    expect(chartData({ columns: [{ name: 'a', type: 'string' }], rows: [['x']] }, 'bar')).toMatch(/column of numbers/);
    expect(chartData({ columns: [], rows: [] }, 'bar')).toMatch(/no columns/);
  });
  it('keeps the largest series and says what it left out', () => {
    const rows = Array.from({ length: 60 }, (_, i) => ['2026-11-24T00:00:00.0000000Z', `s${i}`, i]);
    const out = data({ ...byHour, rows }, 'time');
    expect(out.series).toHaveLength(maxSeries);
    expect(out.series[0]?.name).toBe('s59');
    expect(out.left).toEqual({ series: 20, points: 0 });
  });
  it('adds up the parts of a pie and puts the small ones together', () => {
    const rows = Array.from({ length: 30 }, (_, i) => [`n${i}`, i + 1]);
    const pie = data(
      {
        columns: [
          { name: 'n', type: 'string' },
          { name: 'c', type: 'long' },
        ],
        rows,
      },
      'pie',
    );
    const option = chartOption(pie, 'pie', { text: '', quiet: '', line: '', ground: '', palette: [] });
    const [series] = option.series as { data: { name: string; value: number }[] }[];
    expect(series?.data).toHaveLength(12);
    expect(series?.data.at(-1)).toMatchObject({ name: '19 others', value: 190, itemStyle: {} });
  });
  it('shows hidden characters of names and draws no markup', () => {
    const rows = [['2026-11-24T00:00:00.0000000Z', 'a\u202eb', 1]];
    const option = chartOption(data({ ...byHour, rows }, 'time'), 'time', {
      text: '',
      quiet: '',
      line: '',
      ground: '',
      palette: [],
    });
    expect((option.series as { name: string }[])[0]?.name).toBe('a[U+202E]b');
    expect((option.tooltip as { renderMode: string }).renderMode).toBe('richText');
  });
  it('can be said in a sentence', () => {
    expect(chartSentence(data(byHour, 'time'), 'Line')).toBe(
      'Line chart by Timestamp: 3 values of b, a; the highest is 3. The table has the same data.',
    );
  });
});
