import { useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useLateAddress } from '../app/lateAddress';
import { one } from '../app/search';
import { change, closeTab, emptyTab, type HuntTab, openText, readTabs, type Tabs } from './tabs';
import { readRange, standardRange } from './timeRange';

/** Longer texts stay out of the address; browsers and proxies cut it. */
const maxAddress = 4_000;

const freshId = (): string => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;

function load(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(key: string, tabs: Tabs): void {
  try {
    localStorage.setItem(key, JSON.stringify(tabs));
  } catch {
    // A browser without storage keeps the tabs as long as the page.
  }
}

/** The open queries, kept in the browser; the one in front follows the address and leads it. */
export function useTabs(user: string) {
  const search = useSearch({ from: '/inside/hunting' });
  const lead = useLateAddress('/hunting');
  const key = `clew.hunting.${user}`;
  const q = one(search.q);
  const range = readRange(one(search.range), one(search.from), one(search.to));
  const name = one(search.name) ?? '';
  const [tabs, setTabs] = useState<Tabs>(() => {
    const kept = readTabs(load(key), freshId);
    return q === undefined ? kept : openText(kept, q, { range, ...(name === '' ? {} : { name }) }, freshId);
  });
  const written = useRef(q);
  // Back, forward and links within the portal bring their query to the front.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the range and name belong to the query that came with them
  useEffect(() => {
    if (q === undefined || q === written.current) return;
    written.current = q;
    setTabs((old) => openText(old, q, { range, ...(name === '' ? {} : { name }) }, freshId));
  }, [q]);
  const front = tabs.list.find((t) => t.id === tabs.front) ?? (tabs.list[0] as HuntTab);
  useEffect(() => {
    const timer = setTimeout(() => store(key, tabs), 300);
    return () => clearTimeout(timer);
  }, [key, tabs]);
  useEffect(() => {
    const next = addressOf(front);
    const timer = setTimeout(() => {
      written.current = next.q;
      lead(next);
    }, 400);
    return () => clearTimeout(timer);
  }, [front, lead]);
  const edit = useCallback((part: Partial<HuntTab>, id?: string) => setTabs((old) => change(old, id ?? old.front, part)), []);
  const open = useCallback(
    (text: string, part: Partial<HuntTab> = {}) => setTabs((old) => openText(old, text, part, freshId)),
    [],
  );
  const add = useCallback(() => {
    const tab = emptyTab(freshId());
    setTabs((old) => ({ list: [...old.list, tab].slice(-20), front: tab.id }));
  }, []);
  const close = useCallback((id: string) => setTabs((old) => closeTab(old, id, freshId)), []);
  const choose = useCallback((id: string) => setTabs((old) => ({ ...old, front: id })), []);
  return { tabs, front, edit, open, add, close, choose };
}

function addressOf(tab: HuntTab): Record<string, string> {
  const { range, text } = tab;
  return {
    ...(text === '' || text.length > maxAddress ? {} : { q: text }),
    ...(range.preset === standardRange.preset ? {} : { range: range.preset }),
    ...(range.preset === 'custom' && range.from !== undefined ? { from: range.from } : {}),
    ...(range.preset === 'custom' && range.to !== undefined ? { to: range.to } : {}),
  };
}
