import type { Identifier, InventoryAsset, LearntIdentifier } from '../api/types';

/** What tells one identifier of an entity from the others. */
export const identifierKey = (i: { type: string; scope?: string | undefined; value: string }): string =>
  `${i.type}|${i.scope ?? ''}|${i.value}`;

/** An identifier in one line, for sentences. */
export const identifierText = (i: Identifier): string => (i.scope ? `${i.scope}\\${i.value}` : i.value);

/** The identifiers that were chosen, in the form that the API takes. */
export function chosen(all: LearntIdentifier[], keys: ReadonlySet<string>) {
  return all
    .filter((i) => keys.has(identifierKey(i)))
    .map((i) => ({ type: i.type, value: i.value, ...(i.scope === undefined ? {} : { scope: i.scope }) }));
}

/** The facts of an asset to list; its criticality has a line of its own, in the portal's words. */
export function shownFacts({ facts, criticality }: Pick<InventoryAsset, 'facts' | 'criticality'>): Record<string, string> {
  if (!criticality) return facts ?? {};
  return Object.fromEntries(Object.entries(facts ?? {}).filter(([name]) => name.toLowerCase() !== 'criticality'));
}

/** Facts of an asset by name, the ones that people ask for first before the rest. */
export function factsInOrder(facts: Record<string, string>): [string, string][] {
  const first = ['displayName', 'department', 'title', 'jobTitle', 'owner', 'os', 'country'];
  const rank = (name: string) => {
    const at = first.indexOf(name);
    return at < 0 ? first.length : at;
  };
  return Object.entries(facts).sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** "jobTitle" as people write it. */
export const factName = (name: string): string => {
  const spaced = name.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[_-]+/g, ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1).toLowerCase();
};
