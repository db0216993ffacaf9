import { shortTime } from '../text/time';

/** The time that a query looks at; "query" leaves it to the query alone. */
export interface TimeRange {
  preset: string;
  from?: string | undefined;
  to?: string | undefined;
}

export const presets = [
  { value: '1h', label: 'Last hour', hours: 1 },
  { value: '24h', label: 'Last 24 hours', hours: 24 },
  { value: '3d', label: 'Last 3 days', hours: 72 },
  { value: '7d', label: 'Last 7 days', hours: 168 },
  { value: '30d', label: 'Last 30 days', hours: 720 },
  { value: '90d', label: 'Last 90 days', hours: 2160 },
  { value: 'query', label: 'As the query says', hours: 0 },
] as const;

export const standardRange: TimeRange = { preset: '7d' };

/** The range of an address; anything that does not fit gives the standard one. */
export function readRange(preset: string | undefined, from: string | undefined, to: string | undefined): TimeRange {
  if (preset === 'custom' && (isTime(from) || isTime(to))) {
    return { preset, from: isTime(from) ? from : undefined, to: isTime(to) ? to : undefined };
  }
  return presets.some((p) => p.value === preset) ? { preset: preset as string } : standardRange;
}

const isTime = (text: string | undefined): text is string => text !== undefined && !Number.isNaN(Date.parse(text));

/** The bounds that are sent with the query. */
export function boundsOf(range: TimeRange, now: number): { from?: string; to?: string } {
  if (range.preset === 'custom')
    return { ...(range.from === undefined ? {} : { from: range.from }), ...(range.to === undefined ? {} : { to: range.to }) };
  const hours = presets.find((p) => p.value === range.preset)?.hours ?? 0;
  return hours === 0 ? {} : { from: new Date(now - hours * 3_600_000).toISOString() };
}

export function rangeLabel(range: TimeRange, now: number): string {
  if (range.preset !== 'custom') return presets.find((p) => p.value === range.preset)?.label ?? 'Last 7 days';
  const from = range.from === undefined ? 'the beginning' : shortTime(range.from, now);
  return `${from} – ${range.to === undefined ? 'now' : shortTime(range.to, now)}`;
}
