// Pure functions over correlation settings, as the pages show and change them.

import type { AssetCriticality, CorrelationSettings, Exclusion, Grouping } from '../api/types';
import { count } from '../text/count';
import { word } from '../text/words';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

export type Unit = 'minutes' | 'hours' | 'days';

const seconds: Record<Unit, number> = { minutes: minute, hours: hour, days: day };

export const shortest = 5 * minute;
export const longest = 7 * day;

/** A time frame in the largest unit that it is whole in. */
export function inUnit(frame: number): { amount: number; unit: Unit } {
  if (frame % day === 0) return { amount: frame / day, unit: 'days' };
  if (frame % hour === 0) return { amount: frame / hour, unit: 'hours' };
  return { amount: Math.round(frame / minute), unit: 'minutes' };
}

/** Seconds of a time frame, undefined when it is not one that rules can have. */
export function frameOf(amount: string, unit: Unit): number | undefined {
  const n = Number(amount);
  const frame = n * seconds[unit];
  return amount.trim() !== '' && Number.isInteger(frame) && frame >= shortest && frame <= longest ? frame : undefined;
}

/** "5 hours" */
export function frameWords(frame: number): string {
  const { amount, unit } = inUnit(frame);
  return count(amount, unit.slice(0, -1));
}

/** "same user, title within 5 hours" */
export function groupingWords(g: Grouping): string {
  const within = `within ${frameWords(g.windowSeconds)}`;
  switch (g.match) {
    case 'anyAlert':
      return `any alert ${within}`;
    case 'selected':
      return `same ${[...(g.kinds ?? []).map((k) => word('kind', k).toLowerCase()), ...(g.details ?? [])].join(', ')} ${within}`;
    default:
      return `same entities ${within}`;
  }
}

/** What is wrong with a new exclusion; undefined when the server may judge it. */
export function exclusionFault(x: Exclusion, settings: CorrelationSettings): string | undefined {
  const value = x.value.trim().toLowerCase();
  if (value === '') return undefined;
  if (settings.excludedEntities.some((o) => o.kind === x.kind && o.value === value)) return 'It is listed already';
  if (x.kind === 'cidr' && !/^[0-9a-f.:]+(\/\d{1,3})?$/.test(value)) return 'Such as 10.1.0.0/16 or 2001:db8::/32';
  if (x.kind === 'domain' && !/^(\*\.)?[^\s/@]+$/.test(value)) return 'Such as corp.example';
  return undefined;
}

export function withExclusion(settings: CorrelationSettings, x: Exclusion): CorrelationSettings {
  return { ...settings, excludedEntities: [...settings.excludedEntities, x] };
}

export function withoutExclusion(settings: CorrelationSettings, x: Exclusion): CorrelationSettings {
  return { ...settings, excludedEntities: settings.excludedEntities.filter((o) => o.kind !== x.kind || o.value !== x.value) };
}

/** Sets the criticality of an asset, in place of what was set before. */
export function withAsset(settings: CorrelationSettings, a: AssetCriticality): CorrelationSettings {
  const value = a.value.trim().toLowerCase();
  return { ...settings, assetCriticality: [...withoutAsset(settings, value).assetCriticality, { ...a, value }] };
}

export function withoutAsset(settings: CorrelationSettings, value: string): CorrelationSettings {
  return { ...settings, assetCriticality: settings.assetCriticality.filter((o) => o.value !== value) };
}
