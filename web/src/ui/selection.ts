// Which rows are selected after a click or a key: pure.

/** One row on or off. */
export function toggled<T>(selected: ReadonlySet<T>, id: T): Set<T> {
  const next = new Set(selected);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** Everything between the anchor and the row is switched on, as shift-click does. */
export function extended(selected: ReadonlySet<string>, ids: string[], anchor: string | undefined, id: string): Set<string> {
  const from = anchor === undefined ? -1 : ids.indexOf(anchor);
  const to = ids.indexOf(id);
  if (from < 0 || to < 0) return toggled(selected, id);
  return new Set([...selected, ...ids.slice(Math.min(from, to), Math.max(from, to) + 1)]);
}

/** The neighbour of a row; the first or last when there is no row yet. */
export function stepped(ids: string[], at: string | undefined, by: 1 | -1): string | undefined {
  if (ids.length === 0) return undefined;
  const i = at === undefined ? -1 : ids.indexOf(at);
  if (i < 0) return by === 1 ? ids[0] : ids[ids.length - 1];
  return ids[Math.min(ids.length - 1, Math.max(0, i + by))];
}
