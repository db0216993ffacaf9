import { useQuery } from '@tanstack/react-query';
import { histogramQuery } from '../api/queries';
import type { HourCount } from '../api/types';
import { count } from '../text/count';
import { clock, dayOf } from '../text/time';
import { Failed } from '../ui/states';
import { useNow } from '../ui/Time';
import styles from './Histogram.module.css';

const hour = 3_600_000;

export interface Bar {
  at: string;
  alerts: number;
  incidents: number;
}

/** 24 bars, one an hour, the missing ones empty. */
export function bars(hours: HourCount[], from: number): Bar[] {
  const byHour = new Map(hours.map((h) => [Math.floor(Date.parse(h.hour) / hour), h]));
  return Array.from({ length: 24 }, (_, i) => {
    const at = from + i * hour;
    const found = byHour.get(Math.floor(at / hour));
    return { at: new Date(at).toISOString(), alerts: found?.alerts ?? 0, incidents: found?.incidents ?? 0 };
  });
}

/** Alerts received and incidents created in the last 24 hours. */
export function Histogram() {
  const now = useNow();
  const end = Math.ceil(now / hour) * hour;
  const start = end - 24 * hour;
  const query = useQuery(histogramQuery(new Date(start).toISOString(), new Date(end).toISOString()));
  if (query.isError) return <Failed error={query.error} what="chart" retry={() => void query.refetch()} />;
  const data = bars(query.data ?? [], start);
  const alerts = data.reduce((n, b) => n + b.alerts, 0);
  const incidents = data.reduce((n, b) => n + b.incidents, 0);
  return (
    <figure className={styles.figure} aria-label={`Last 24 hours: ${count(alerts, 'alert')}, ${count(incidents, 'incident')}`}>
      <figcaption className={styles.caption}>
        <span className={styles.big}>{alerts}</span>
        <span className={styles.legend}>
          <i className={styles.alerts} /> alerts received
        </span>
        <span className={styles.big}>{incidents}</span>
        <span className={styles.legend}>
          <i className={styles.incidents} /> incidents created
        </span>
      </figcaption>
      <Chart data={data} />
    </figure>
  );
}

const height = 56;
const step = 20;

function Chart({ data }: { data: Bar[] }) {
  const top = Math.max(1, ...data.map((b) => Math.max(b.alerts, b.incidents)));
  const scale = (n: number) => (n === 0 ? 0 : Math.max(2, (n / top) * height));
  return (
    <div className={styles.chart}>
      <svg viewBox={`0 0 ${24 * step} ${height + 4}`} preserveAspectRatio="none" aria-hidden="true">
        <line x1="0" x2={24 * step} y1={height + 0.5} y2={height + 0.5} className={styles.axis} />
        {data.map((b, i) => (
          <g key={b.at} className={styles.hour}>
            <title>{`${dayOf(b.at)} ${clock(b.at).slice(0, 5)}: ${count(b.alerts, 'alert')}, ${count(b.incidents, 'incident')}`}</title>
            <rect x={i * step} y="0" width={step} height={height} className={styles.hit} />
            <rect x={i * step + 3} y={height - scale(b.alerts)} width="8" height={scale(b.alerts)} className={styles.alertBar} />
            <rect
              x={i * step + 12}
              y={height - scale(b.incidents)}
              width="5"
              height={scale(b.incidents)}
              className={styles.incidentBar}
            />
          </g>
        ))}
      </svg>
      <div className={styles.ticks} aria-hidden="true">
        {data
          .filter((_, i) => i % 4 === 0)
          .map((b) => (
            <span key={b.at}>{clock(b.at).slice(0, 5)}</span>
          ))}
      </div>
    </div>
  );
}
