import type { EChartsCoreOption } from 'echarts/core';
import { clipMiddle } from '../text/clip';
import { visible } from '../text/hostile';
import type { ChartData, ChartKind, Series } from './chart';

/** The colours of a chart in one theme, from the page's own tokens. */
export interface ChartColours {
  text: string;
  quiet: string;
  line: string;
  ground: string;
  palette: string[];
}

/** Names that attackers chose are drawn on the canvas as text with marks, never as markup. */
const named = (text: string, max = 40): string => visible(clipMiddle(text, max));

/** The option that draws the data; tooltips are text on the canvas, too. Where it is narrow, names stand below. */
export function chartOption(data: ChartData, kind: ChartKind, colours: ChartColours, narrow = false): EChartsCoreOption {
  const common = {
    animation: false,
    color: colours.palette,
    textStyle: { fontFamily: "'Inter Variable', system-ui, sans-serif", color: colours.text },
    aria: { enabled: false },
    tooltip: {
      renderMode: 'richText',
      trigger: kind === 'pie' || kind === 'scatter' ? 'item' : 'axis',
      confine: true,
      backgroundColor: colours.ground,
      borderColor: colours.line,
      textStyle: { color: colours.text, fontSize: 12 },
    },
    legend: {
      show: kind === 'pie' ? narrow : data.series.length > 1,
      type: 'scroll',
      bottom: 0,
      textStyle: { color: colours.quiet, fontSize: 12 },
      pageTextStyle: { color: colours.quiet },
      pageIconColor: colours.text,
      pageIconInactiveColor: colours.line,
    },
  };
  return kind === 'pie' ? { ...common, series: [pie(data, colours, narrow)] } : { ...common, ...axes(data, kind, colours) };
}

function pie(data: ChartData, colours: ChartColours, narrow: boolean) {
  const sums = new Map<string, number>();
  for (const s of data.series) for (const [x, y] of s.points) sums.set(String(x), (sums.get(String(x)) ?? 0) + (y ?? 0));
  return {
    type: 'pie',
    radius: ['38%', '68%'],
    center: ['50%', '50%'],
    itemStyle: { borderColor: colours.ground, borderWidth: 1 },
    label: { show: !narrow, color: colours.text, fontSize: 12, formatter: '{b}\n{c} ({d} %)', lineHeight: 16 },
    labelLine: { show: !narrow },
    labelLayout: { hideOverlap: true },
    data: pieParts(sums).map(([name, value], at) => ({
      name: named(name),
      value,
      // The rest is none of the parts: it has no colour of its own.
      ...(at === mostParts - 1 && sums.size > mostParts ? { itemStyle: { color: colours.line } } : {}),
    })),
  };
}

const mostParts = 12;

/** The largest parts; the rest is one. */
function pieParts(sums: Map<string, number>): [string, number][] {
  const parts = [...sums].sort((a, b) => b[1] - a[1]);
  if (parts.length <= mostParts) return parts;
  const rest = parts.slice(mostParts - 1);
  return [...parts.slice(0, mostParts - 1), [`${rest.length} others`, rest.reduce((sum, [, n]) => sum + n, 0)]];
}

function axes(data: ChartData, kind: ChartKind, colours: ChartColours) {
  const label = { color: colours.quiet, fontSize: 11, hideOverlap: true };
  const scale = {
    type: 'value',
    name: named(data.yName),
    nameTextStyle: { color: colours.quiet, align: 'left' },
    axisLabel: label,
    splitLine: { lineStyle: { color: colours.line } },
  };
  const place = {
    type: data.axis === 'time' ? 'time' : data.axis === 'number' ? 'value' : 'category',
    axisLabel: { ...label, ...(data.axis === 'name' ? { formatter: (t: string) => named(t, 32) } : {}) },
    axisLine: { lineStyle: { color: colours.line } },
    splitLine: { show: false },
    ...(data.axis === 'name' ? { data: data.names } : { scale: true }),
    ...(data.axis === 'number'
      ? { name: named(data.xName), nameLocation: 'middle', nameTextStyle: { color: colours.quiet } }
      : {}),
  };
  const legend = data.series.length > 1;
  return {
    useUTC: true,
    grid: { left: 8, right: 20, top: 34, bottom: legend ? 36 : 12, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    // The scale of bars is above them: below it may be out of sight.
    xAxis: kind === 'bar' ? { ...scale, position: 'top' } : place,
    yAxis: kind === 'bar' ? { ...place, inverse: true } : scale,
    series: data.series.map((s) => drawn(s, data, kind)),
  };
}

function drawn(series: Series, data: ChartData, kind: ChartKind) {
  const name = named(series.name);
  const stack = data.stacked ? { stack: 'all' } : {};
  if (kind === 'bar' || kind === 'column') return { type: 'bar', name, data: bars(series, data), barMaxWidth: 36, ...stack };
  if (kind === 'scatter') return { type: 'scatter', name, data: series.points, symbolSize: 7 };
  return {
    type: 'line',
    name,
    data: series.points,
    symbol: 'circle',
    symbolSize: 4,
    showSymbol: series.points.length <= 60,
    lineStyle: { width: 1.5 },
    ...(kind === 'time' ? {} : { areaStyle: { opacity: kind === 'stacked' ? 0.55 : 0.2 } }),
    ...stack,
  };
}

function bars(series: Series, data: ChartData) {
  if (data.axis !== 'name') return series.points;
  const by = new Map<string, number>();
  for (const [x, y] of series.points) by.set(String(x), (by.get(String(x)) ?? 0) + (y ?? 0));
  return data.names.map((name) => by.get(name) ?? null);
}

/** How tall a chart must be for its bars to be told apart; undefined where any height does. */
export function chartHeight(data: ChartData, kind: ChartKind): number | undefined {
  if (kind !== 'bar') return undefined;
  const bars = data.names.length * (data.stacked ? 1 : Math.min(data.series.length, 4));
  return Math.min(6_000, 90 + Math.max(data.names.length * 18, bars * 10));
}

/** The chart in one sentence, for those who do not see it. */
export function chartSentence(data: ChartData, kind: string): string {
  const values = data.series.flatMap((s) => s.points.map((p) => p[1] ?? 0));
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const names = data.series.slice(0, 5).map((s) => named(s.name));
  const more = data.series.length > names.length ? ` and ${data.series.length - names.length} more` : '';
  return `${kind} chart by ${named(data.xName)}: ${values.length} values of ${names.join(', ')}${more}; the highest is ${most}. The table has the same data.`;
}
