import type { SavedQuery } from './api';

export interface Folder {
  name: string;
  queries: SavedQuery[];
}

/** The queries that fit the search: one's own first, then the shared ones, by folder and name. */
export function foldersOf(all: SavedQuery[], me: string, search: string): Folder[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter((q) => {
    const text = `${q.name}\n${q.description ?? ''}\n${q.folder ?? ''}\n${q.query}`.toLowerCase();
    return words.every((w) => text.includes(w));
  });
  const folders = new Map<string, SavedQuery[]>();
  for (const q of [...found].sort((a, b) => a.name.localeCompare(b.name, 'en'))) {
    const name = placeOf(q, me);
    folders.set(name, [...(folders.get(name) ?? []), q]);
  }
  const rank = (name: string) => (name.startsWith('My queries') ? 0 : 1);
  return [...folders]
    .map(([name, queries]) => ({ name, queries }))
    .sort((a, b) => rank(a.name) - rank(b.name) || a.name.localeCompare(b.name, 'en'));
}

function placeOf(q: SavedQuery, me: string): string {
  const root = q.owner === me && !q.shared ? 'My queries' : 'Shared queries';
  return q.folder === undefined || q.folder === '' ? root : `${root} / ${q.folder}`;
}
