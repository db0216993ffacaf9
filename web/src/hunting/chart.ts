import { cellText, datetimeText, isNumber, ticksOf } from './cell';
import type { Cell, RenderHint, ResultColumn, ResultTable } from './contract';

// From rows to the series of a chart, without any drawing.

export const chartKinds = ['time', 'area', 'stacked', 'column', 'bar', 'pie', 'scatter'] as const;
export type ChartKind = (typeof chartKinds)[number];

export const chartNames: Record<ChartKind, string> = {
  time: 'Line',
  area: 'Area',
  stacked: 'Stacked area',
  column: 'Column',
  bar: 'Bar',
  pie: 'Pie',
  scatter: 'Scatter',
};

/** The chart that `render` asks for; undefined for a table and for what is no chart here. */
export function chartOf(hint: RenderHint | undefined): ChartKind | undefined {
  const stacked = /stacked/.test(hint?.properties?.kind ?? '');
  switch (hint?.kind.toLowerCase()) {
    case 'timechart':
    case 'linechart':
    case 'anomalychart':
      return 'time';
    case 'areachart':
      return stacked ? 'stacked' : 'area';
    case 'stackedareachart':
      return 'stacked';
    case 'columnchart':
      return 'column';
    case 'barchart':
      return 'bar';
    case 'piechart':
      return 'pie';
    case 'scatterchart':
      return 'scatter';
    default:
      return undefined;
  }
}

export type X = number | string;

export interface Series {
  name: string;
  points: [X, number | null][];
}

export interface ChartData {
  /** Times in milliseconds, numbers, or names in the order of the rows. */
  axis: 'time' | 'number' | 'name';
  xName: string;
  yName: string;
  series: Series[];
  /** The names of a name axis. */
  names: string[];
  /** Whether series stand on one another. */
  stacked: boolean;
  /** What was left out to keep the picture readable. */
  left: { series: number; points: number };
}

/** Beyond these a picture says nothing any more. */
export const maxSeries = 40;
export const maxPoints = 20_000;

interface Roles {
  x: number;
  y: number[];
  by: number[];
}

/** The series of a chart, or why there are none. */
export function chartData(table: ResultTable, kind: ChartKind, properties: Record<string, string> = {}): ChartData | string {
  const roles = rolesOf(table, kind, properties);
  if (typeof roles === 'string') return roles;
  const x = table.columns[roles.x] as ResultColumn;
  const axis = axisOf(table, roles.x, kind);
  const grouped = new Map<string, Series>();
  for (const row of table.rows) addRow(grouped, table, roles, row, axis);
  const series = [...grouped.values()];
  if (axis !== 'name') for (const s of series) s.points.sort((a, b) => Number(a[0]) - Number(b[0]));
  return limited({
    axis,
    xName: properties.xtitle ?? x.name,
    yName: properties.ytitle ?? (roles.y.length === 1 ? (table.columns[roles.y[0] as number]?.name ?? '') : ''),
    series,
    names: axis === 'name' ? [...new Set(series.flatMap((s) => s.points.map((p) => String(p[0]))))] : [],
    stacked: kind === 'stacked' || ((kind === 'bar' || kind === 'column') && /^stacked/.test(properties.kind ?? '')),
    left: { series: 0, points: 0 },
  });
}

/** Which columns are the axis, the values and the names of series, as the language lays them out. */
function rolesOf(table: ResultTable, kind: ChartKind, properties: Record<string, string>): Roles | string {
  const { columns } = table;
  const at = (name: string | undefined) => columns.findIndex((c) => c.name === name?.trim());
  const list = (names: string | undefined) =>
    (names ?? '')
      .split(',')
      .map(at)
      .filter((i) => i >= 0);
  const asked = at(properties.xcolumn);
  const temporal = columns.findIndex((c, i) => c.type === 'datetime' || isSeries(table, i, 'time'));
  const lines = kind === 'time' || kind === 'area' || kind === 'stacked' || kind === 'scatter';
  const x = asked >= 0 ? asked : lines && temporal >= 0 ? temporal : firstName(table, kind);
  const y = list(properties.ycolumns);
  const values = y.length > 0 ? y : columns.flatMap((c, i) => (i !== x && isValue(table, c, i) ? [i] : []));
  if (x < 0 || columns.length === 0) return 'The result has no columns.';
  if (values.length === 0) return 'A chart needs a column of numbers beside the axis, such as that of count().';
  const by = list(properties.series);
  const names =
    by.length > 0 ? by : columns.flatMap((c, i) => (i !== x && !values.includes(i) && c.type === 'string' ? [i] : []));
  return { x, y: kind === 'pie' ? values.slice(0, 1) : values, by: kind === 'pie' && by.length === 0 ? [] : names.slice(0, 2) };
}

/** Bars stand on names or times, else on the first column. */
function firstName(table: ResultTable, kind: ChartKind): number {
  if (kind === 'scatter') return 0;
  const at = table.columns.findIndex((c) => ['string', 'datetime', 'bool', 'guid'].includes(c.type));
  return at < 0 ? 0 : at;
}

const isValue = (table: ResultTable, column: ResultColumn, at: number): boolean =>
  isNumber(column.type) || column.type === 'timespan' || isSeries(table, at, 'number');

/** Columns of make-series hold a list a row. */
function isSeries(table: ResultTable, at: number, of: 'time' | 'number'): boolean {
  if (table.columns[at]?.type !== 'dynamic') return false;
  const cell = table.rows.find((r) => Array.isArray(r[at]))?.[at];
  const first = Array.isArray(cell) ? cell.find((v) => v !== null) : undefined;
  return of === 'number' ? typeof first === 'number' : typeof first === 'string' && !Number.isNaN(Date.parse(first));
}

function axisOf(table: ResultTable, x: number, kind: ChartKind): ChartData['axis'] {
  const type = table.columns[x]?.type ?? '';
  if (kind === 'pie' || kind === 'bar') return 'name';
  if (type === 'datetime' || isSeries(table, x, 'time')) return 'time';
  if (kind === 'column') return 'name';
  return isNumber(type) || isSeries(table, x, 'number') ? 'number' : 'name';
}

function addRow(into: Map<string, Series>, table: ResultTable, roles: Roles, row: Cell[], axis: ChartData['axis']): void {
  const group = roles.by.map((i) => cellText(row[i]) || '(empty)').join(' · ');
  for (const y of roles.y) {
    const column = table.columns[y]?.name ?? '';
    const name = group === '' ? column : roles.y.length === 1 ? group : `${group} · ${column}`;
    const series = into.get(name) ?? { name, points: [] };
    into.set(name, series);
    const xs = row[roles.x];
    const ys = row[y];
    if (Array.isArray(xs) && Array.isArray(ys)) for (const [i, x] of xs.entries()) addPoint(series, x, ys[i] ?? null, axis);
    else addPoint(series, xs ?? null, ys ?? null, axis);
  }
}

function addPoint(series: Series, x: Cell, y: Cell, axis: ChartData['axis']): void {
  const place =
    axis === 'name' ? datetimeText(cellText(x)) || '(empty)' : axis === 'time' ? Date.parse(cellText(x)) : Number(cellText(x));
  if (typeof place === 'number' && Number.isNaN(place)) return;
  series.points.push([place, measure(y)]);
}

/** A number, a timespan in seconds; null where there is a gap. */
function measure(cell: Cell): number | null {
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : null;
  if (typeof cell !== 'string') return null;
  const ticks = ticksOf(cell);
  if (ticks !== undefined) return Number(ticks) / 1e7;
  const n = cell.trim() === '' ? Number.NaN : Number(cell);
  return Number.isFinite(n) ? n : null;
}

/** Keeps the largest series and the first points, and says what is missing. */
function limited(data: ChartData): ChartData {
  const total = (s: Series) => s.points.reduce((sum, p) => sum + Math.abs(p[1] ?? 0), 0);
  const kept =
    data.series.length <= maxSeries ? data.series : [...data.series].sort((a, b) => total(b) - total(a)).slice(0, maxSeries);
  let room = maxPoints;
  let lost = 0;
  const series = kept.map((s) => {
    const points = s.points.slice(0, room);
    lost += s.points.length - points.length;
    room -= points.length;
    return { ...s, points };
  });
  return {
    ...data,
    series: data.stacked && data.axis !== 'name' ? aligned(series) : series,
    left: { series: data.series.length - kept.length, points: lost },
  };
}

/** Series that stand on one another have a point wherever one of them has: nothing there is none of it. */
function aligned(series: Series[]): Series[] {
  const places = [...new Set(series.flatMap((s) => s.points.map((p) => Number(p[0]))))].sort((a, b) => a - b);
  if (places.length * series.length > 4 * maxPoints) return series;
  return series.map((s) => {
    const at = new Map(s.points.map((p) => [Number(p[0]), p[1]]));
    return { ...s, points: places.map((x): [X, number | null] => [x, at.get(x) ?? 0]) };
  });
}
