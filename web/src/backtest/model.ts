// What the portal says of models: pure functions between the API and the page.

import type { KeptModel, Learnable, ScorerSummary } from '../api/types';
import { count, number } from '../text/count';

/** The server takes no larger file. */
export const maxModelBytes = 2 * 1024 * 1024;

/** Where a model comes from, in words. */
export function originText(m: Pick<KeptModel, 'origin'>): string {
  switch (m.origin) {
    case 'shipped':
      return 'comes with Clew';
    case 'given':
      return 'named when the server was started';
    case 'uploaded':
      return 'uploaded';
    case 'trained':
      return 'trained from closures';
  }
}

/** What is missing for a training; undefined when there is enough. */
export function missing(l: Learnable): string | undefined {
  if (l.enough) return undefined;
  const parts: string[] = [];
  if (l.decided < l.needDecided) parts.push(`${count(l.needDecided - l.decided, 'more alert')} that people decided about`);
  if (l.confirmed < l.needConfirmed)
    parts.push(`${count(l.needConfirmed - l.confirmed, 'more incident')} closed as true positive`);
  return `Needs ${parts.join(' and ')}.`;
}

/** How much people decided, of what a training needs. */
export function decidedText(l: Learnable): string {
  return `People decided about ${count(l.decided, 'alert')} and closed ${count(l.confirmed, 'incident')} as true positive; a training needs at least ${number(l.needDecided)} and ${number(l.needConfirmed)}.`;
}

/** How far a training is, 0 to 1. */
export function trainedPart(m: Pick<KeptModel, 'done' | 'total'>): number {
  return m.total !== undefined && m.total > 0 ? (m.done ?? 0) / m.total : 0;
}

/** Why a model can't be chosen or deleted; undefined when it can. */
export const unusable = (m: KeptModel): string | undefined => (m.state === 'ready' ? undefined : 'It is not trained yet.');

export function undeletable(m: KeptModel): string | undefined {
  if (m.id === 0) return 'The model that the server starts with stays.';
  return m.inUse ? 'It decides at present. Use another one first.' : undefined;
}

/** A name that no other model has, to begin with. */
export function freshName(models: KeptModel[]): string {
  for (let n = 1; ; n++) {
    const name = `ours-${n}`;
    if (!models.some((m) => m.version === name)) return name;
  }
}

/** A probability from log-odds, as a scorer's calibration gives it. */
export function probability(s: ScorerSummary, logOdds: number): number {
  const c = s.calibration;
  return 1 / (1 + Math.exp(-(c === undefined ? logOdds : c.slope * logOdds + c.offset)));
}
