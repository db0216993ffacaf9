import { mergeClasses, Tooltip } from '@fluentui/react-components';
import { word } from '../text/words';
import styles from './badges.module.css';

/** Severity: colour, shape and word, so that none of them is needed alone. */
export function Severity({ value, label = true }: { value: string; label?: boolean }) {
  const name = word('severity', value);
  return (
    <span className={mergeClasses(styles.severity, styles[value])}>
      <SeverityShape value={value} />
      {label ? name : <span className="visually-hidden">{name}</span>}
    </span>
  );
}

/** ■ high, ◆ medium, ▲ low, ● informational */
export function SeverityShape({ value, size = 10 }: { value: string; size?: number }) {
  return (
    <svg className={mergeClasses(styles.shape, styles[value])} width={size} height={size} viewBox="0 0 10 10" aria-hidden="true">
      {value === 'high' && <rect x="0.8" y="0.8" width="8.4" height="8.4" rx="1.2" />}
      {value === 'medium' && <path d="M5 0 10 5 5 10 0 5Z" />}
      {value === 'low' && <path d="M5 0.8 10 9.4H0Z" />}
      {value !== 'high' && value !== 'medium' && value !== 'low' && <circle cx="5" cy="5" r="4" />}
    </svg>
  );
}

export function Status({ value }: { value: string }) {
  return (
    <span className={styles.status}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" className={styles[`status-${value}`] ?? ''}>
        <circle cx="6" cy="6" r="4.6" className={styles.ring} />
        {value === 'inProgress' && <path d="M6 3.2a2.8 2.8 0 0 1 0 5.600z" className={styles.fill} />}
        {value === 'resolved' && <path d="M3.700 6.200 5.400 7.800 8.400 4.500" className={styles.tick} />}
        {value === 'redirected' && <path d="M3.600 6h4.400M6.300 4.200 8.200 6 6.300 7.800" className={styles.tick} />}
      </svg>
      {word('status', value)}
    </span>
  );
}

export type PriorityBand = 'top' | 'middle' | 'small';

/** Red over 85, orange from 15, grey under. */
export function bandOf(priority: number): PriorityBand {
  if (priority > 85) return 'top';
  return priority >= 15 ? 'middle' : 'small';
}

export function Priority({ value, large = false }: { value: number; large?: boolean }) {
  return (
    <span className={mergeClasses(styles.priority, styles[bandOf(value)], large && styles.large)}>
      <span className="visually-hidden">Priority </span>
      {value}
    </span>
  );
}

export function Verdict({ value }: { value: string }) {
  const tone =
    value === 'malicious'
      ? 'high'
      : value === 'suspicious'
        ? 'medium'
        : value === 'noThreatsFound' || value === 'clean'
          ? 'clean'
          : 'unknown';
  return (
    <span className={mergeClasses(styles.verdict, styles[tone])}>
      <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" className={mergeClasses(styles.shape, styles[tone])}>
        {tone === 'high' && <path d="M1 1 9 9M9 1 1 9" className={styles.stroke} />}
        {tone === 'medium' && <path d="M5 0.600 9.800 9.200H0.200Z" />}
        {tone === 'clean' && <path d="M1 5.400 4 8.200 9 2" className={styles.stroke} />}
        {tone === 'unknown' && <circle cx="5" cy="5" r="3.400" className={styles.stroke} />}
      </svg>
      {word('verdict', value)}
    </span>
  );
}

export function Tag({ value, system = false }: { value: string; system?: boolean }) {
  return (
    <span className={mergeClasses(styles.tag, system && styles.system)} title={value}>
      {value}
    </span>
  );
}

/** The first few of a list in one line, the rest behind "+3". */
export function Several({ values, max = 2 }: { values: string[]; max?: number }) {
  if (values.length === 0) return <span className="quiet">–</span>;
  const rest = values.slice(max);
  return (
    <span className={styles.several}>
      <span>{values.slice(0, max).join(', ')}</span>
      {rest.length > 0 && (
        <Tooltip content={rest.join(', ')} relationship="description">
          <span className={styles.more}>+{rest.length}</span>
        </Tooltip>
      )}
    </span>
  );
}

export function Keys({ caps }: { caps: string[][] }) {
  return (
    <span className={styles.keys}>
      {caps.map((press) => (
        <span key={press.join('+')} className={styles.press}>
          {press.map((cap) => (
            <kbd key={cap} className={styles.key}>
              {cap}
            </kbd>
          ))}
        </span>
      ))}
    </span>
  );
}
