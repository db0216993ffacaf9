// Times: the API speaks UTC, people read their own zone, the proof is one hover away.

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Whether a time is set; Go's zero time counts as not set. */
export function isSet(iso: string | undefined): iso is string {
  return iso !== undefined && iso !== '' && !iso.startsWith('0001-');
}

export function millis(iso: string): number {
  return Date.parse(iso);
}

/** "24 Nov 08:14", with the year when it is not the present one. */
export function shortTime(iso: string, now: number, zone?: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '–';
  const sameYear = at.getUTCFullYear() === new Date(now).getUTCFullYear();
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    timeZone: zone,
  })
    .format(at)
    .replace(',', '');
}

/** "08:14:09" */
export function clock(iso: string, zone?: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '–';
  return new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: zone }).format(at);
}

/** "24 Nov" */
export function dayOf(iso: string, zone?: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '–';
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: zone }).format(at);
}

/** "2026-11-24 08:14:09 UTC" */
export function utcTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '–';
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** "now", "5 min ago", "3 h ago", "2 d ago"; older ones as a date. */
export function ago(iso: string, now: number): string {
  const gap = now - millis(iso);
  if (Number.isNaN(gap)) return '–';
  if (gap < -minute) return shortTime(iso, now);
  if (gap < minute) return 'now';
  if (gap < hour) return `${Math.floor(gap / minute)} min ago`;
  if (gap < day) return `${Math.floor(gap / hour)} h ago`;
  if (gap < 30 * day) return `${Math.floor(gap / day)} d ago`;
  return shortTime(iso, now);
}

/** "48 min", "3 h 5 min", "2 d 4 h"; under a minute in seconds. */
export function duration(ms: number): string {
  const gap = Math.abs(ms);
  if (gap < minute) return `${Math.round(gap / 1000)} s`;
  if (gap < hour) return `${Math.round(gap / minute)} min`;
  if (gap < day) return pair(Math.floor(gap / hour), 'h', Math.round((gap % hour) / minute), 'min');
  return pair(Math.floor(gap / day), 'd', Math.round((gap % day) / hour), 'h');
}

function pair(a: number, unitA: string, b: number, unitB: string): string {
  return b === 0 ? `${a} ${unitA}` : `${a} ${unitA} ${b} ${unitB}`;
}

/** The ranges of the time selector, in days. */
export const ranges = [
  { value: '1d', label: 'Last 24 hours', days: 1 },
  { value: '3d', label: 'Last 3 days', days: 3 },
  { value: '7d', label: 'Last week', days: 7 },
  { value: '30d', label: 'Last 30 days', days: 30 },
  { value: '180d', label: 'Last 6 months', days: 180 },
  { value: 'all', label: 'All time', days: 0 },
] as const;

/** The start of a range as the API wants it; undefined for all time. */
export function rangeStart(value: string, now: number): string | undefined {
  const range = ranges.find((r) => r.value === value);
  if (range === undefined || range.days === 0) return undefined;
  // Whole minutes keep the query, and with it the cache, stable.
  return new Date(Math.floor((now - range.days * day) / minute) * minute).toISOString();
}
