import { Select } from '@fluentui/react-components';
import styles from './HuntingPage.module.css';
import { presets, type TimeRange } from './timeRange';

/** The time that the query looks at, beside what the query itself says. */
export function RangePicker({ range, onRange }: { range: TimeRange; onRange: (range: TimeRange) => void }) {
  const choose = (preset: string) => {
    if (preset !== 'custom') return onRange({ preset });
    const day = 24 * 3_600_000;
    onRange({ preset, from: new Date(Date.now() - day).toISOString(), to: new Date().toISOString() });
  };
  return (
    <>
      <Select size="small" aria-label="Time range" value={range.preset} onChange={(_, d) => choose(d.value)}>
        {presets.map((p) => (
          <option key={p.value} value={p.value}>
            {p.label}
          </option>
        ))}
        <option value="custom">From … to …</option>
      </Select>
      {range.preset === 'custom' && (
        <>
          <Moment label="From" at={range.from} onAt={(from) => onRange({ ...range, from })} />
          <Moment label="To" at={range.to} onAt={(to) => onRange({ ...range, to })} />
        </>
      )}
    </>
  );
}

/** A moment in UTC, as the results show times. */
function Moment({ label, at, onAt }: { label: string; at: string | undefined; onAt: (at: string | undefined) => void }) {
  return (
    <label className={styles.moment}>
      {label} (UTC)
      <input
        type="datetime-local"
        step={1}
        value={at === undefined ? '' : new Date(at).toISOString().slice(0, 19)}
        onChange={(event) => {
          const parsed = Date.parse(`${event.target.value}Z`);
          onAt(Number.isNaN(parsed) ? undefined : new Date(parsed).toISOString());
        }}
      />
    </label>
  );
}
