import { defang, defangHost } from '../text/defang';
import type { Cell, ResultColumn } from './contract';

/** The value as text, whole and as it was received; empty for null. */
export function cellText(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'string') return cell;
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}

/** "2026-11-24 08:14:09.123" in UTC: zeros that say nothing are left out. */
export function datetimeText(iso: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/.exec(iso);
  if (match === null) return iso;
  const part = (match[3] ?? '').replace(/0+$/, '');
  return `${match[1]} ${match[2]}${part === '' ? '' : `.${part.padEnd(3, '0')}`}`;
}

const urlColumn = /(^|[a-z_])(url|uri|referrer|link)s?$/i;
const hostColumn = /(domain|fqdn|hostname|queryname|^query)$/i;
/** Wherever it stands, in a command line for one. */
const address = /\b[a-z][a-z0-9+.-]{1,12}:\/\/[^\s"'<>|]*/gi;

/** The text that is shown: times readable, addresses of the web never live. */
export function cellShown(cell: Cell | undefined, column: ResultColumn): string {
  const text = cellText(cell);
  if (text === '' || typeof cell !== 'string') return text;
  if (column.type === 'datetime') return datetimeText(text);
  if (column.type !== 'string') return text;
  if (text.includes('://')) return text.replace(address, defang);
  if (urlColumn.test(column.name)) return defangBare(text);
  return hostColumn.test(column.name) && /^[\w-]+(\.[\w-]+)+$/.test(text) ? defangHost(text) : text;
}

/** An address without its scheme: what is before the path is the host. */
function defangBare(text: string): string {
  const match = /^([^/?#\s]+)(.*)$/s.exec(text);
  return match === null ? text : `${defangHost(match[1] ?? '')}${match[2] ?? ''}`;
}

/** Whether the type stands at the right edge of its column. */
export const isNumber = (type: string): boolean => ['int', 'long', 'real', 'decimal'].includes(type);

/** A timespan such as "1.02:03:04.5" or "-00:00:01" in ticks of 100 ns; undefined when it is none. */
export function ticksOf(text: string): bigint | undefined {
  const match = /^(-?)(?:(\d+)\.)?(\d+):(\d\d):(\d\d)(?:\.(\d{1,7}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0', part = ''] = match;
  const whole = ((BigInt(days) * 24n + BigInt(hours)) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
  const ticks = whole * 10_000_000n + BigInt(part.padEnd(7, '0'));
  return sign === '-' ? -ticks : ticks;
}
