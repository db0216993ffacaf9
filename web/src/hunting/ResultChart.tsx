import { BarChart, LineChart, PieChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { type EChartsType, init, use as register } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useMemo, useRef } from 'react';
import { useAppearance } from '../app/appearance';
import { number } from '../text/count';
import { type ChartKind, chartData, chartNames } from './chart';
import { type ChartColours, chartHeight, chartOption, chartSentence } from './chartOption';
import type { RenderHint, ResultTable } from './contract';
import styles from './ResultChart.module.css';

register([BarChart, LineChart, PieChart, ScatterChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

// Told apart without their hue, too: they take turns in lightness.
const light = ['#3d55c8', '#c2571a', '#0f7d6c', '#a3318f', '#8a6d00', '#4a90c2', '#6b4bd1', '#7b7f8c'];
const dark = ['#94a8f6', '#f5a267', '#5fcfbb', '#e58fd6', '#e3c24e', '#8cc8ef', '#b9a2ff', '#b2b5bf'];

interface ResultChartProps {
  table: ResultTable;
  kind: ChartKind;
  hint: RenderHint | undefined;
}

/** The result as a picture; its data is the table's. */
export function ResultChart({ table, kind, hint }: ResultChartProps) {
  const data = useMemo(() => chartData(table, kind, hint?.properties), [table, kind, hint]);
  if (typeof data === 'string') return <p className={styles.none}>{data}</p>;
  const left = [
    data.left.series > 0 ? `${number(data.left.series)} smaller series` : '',
    data.left.points > 0 ? `${number(data.left.points)} points` : '',
  ].filter(Boolean);
  return (
    <figure className={styles.figure}>
      {hint?.properties?.title && <figcaption>{hint.properties.title}</figcaption>}
      <Picture data={data} kind={kind} />
      {left.length > 0 && <p className={styles.left}>Left out to keep the picture readable: {left.join(' and ')}.</p>}
    </figure>
  );
}

function Picture({ data, kind }: { data: Exclude<ReturnType<typeof chartData>, string>; kind: ChartKind }) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | undefined>(undefined);
  const { dark: isDark } = useAppearance();
  useEffect(() => {
    const box = place.current;
    if (box === null) return;
    const made = init(box);
    chart.current = made;
    const sizes = new ResizeObserver(() => made.resize());
    sizes.observe(box);
    return () => {
      sizes.disconnect();
      made.dispose();
      chart.current = undefined;
    };
  }, []);
  useEffect(() => {
    const narrow = (place.current?.clientWidth ?? 0) < 520;
    chart.current?.setOption(chartOption(data, kind, coloursOf(isDark), narrow), true);
  }, [data, kind, isDark]);
  return (
    <div role="img" aria-label={chartSentence(data, chartNames[kind])} className={styles.frame} data-chart={kind}>
      <div ref={place} className={styles.picture} style={{ minHeight: chartHeight(data, kind) }} aria-hidden="true" />
    </div>
  );
}

function coloursOf(isDark: boolean): ChartColours {
  return isDark
    ? { text: '#e4e5ea', quiet: '#a4a6ae', line: '#383b43', ground: '#17181c', palette: dark }
    : { text: '#1c1d21', quiet: '#57585f', line: '#e0e0e5', ground: '#ffffff', palette: light };
}
