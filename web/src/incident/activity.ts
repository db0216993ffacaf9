import type { Activity } from '../api/types';
import { type Vocabulary, word } from '../text/words';

const changed: Partial<Record<string, { what: string; vocabulary: Vocabulary }>> = {
  statusChanged: { what: 'status', vocabulary: 'status' },
  severityChanged: { what: 'severity', vocabulary: 'severity' },
};

/** What was done, in the words that the rest of the portal has for it. */
export function textOf(activity: Activity): string {
  const change = changed[activity.kind];
  const { from, to } = activity.details ?? {};
  if (change === undefined || typeof from !== 'string' || typeof to !== 'string') return activity.text;
  return `The ${change.what} was changed from ${word(change.vocabulary, from)} to ${word(change.vocabulary, to)}.`;
}

/** The reason that was given, unless the text says it already. */
export function reasonOf(activity: Activity): string | undefined {
  const reason = activity.details?.reason;
  if (typeof reason !== 'string' || reason === '' || textOf(activity).includes(reason)) return undefined;
  return reason;
}
