import { readRange, standardRange, type TimeRange } from './timeRange';

// The open queries. They live in the browser's store, so that nothing that was
// typed is lost with the page; the one in front is in the address, too.

export interface HuntTab {
  id: string;
  /** The name that was given to it; empty for one that is named by its text. */
  name: string;
  text: string;
  range: TimeRange;
  /** The saved query that it came from. */
  saved?: string | undefined;
}

export interface Tabs {
  list: HuntTab[];
  front: string;
}

const maxTabs = 20;
const maxText = 200_000;

export const emptyTab = (id: string, part: Partial<HuntTab> = {}): HuntTab => ({
  id,
  name: '',
  text: '',
  range: standardRange,
  ...part,
});

/** What was kept, or one empty query; what does not fit is left out. */
export function readTabs(kept: string | null, freshId: () => string): Tabs {
  const list = parse(kept)
    .flatMap((t) => readTab(t))
    .slice(0, maxTabs);
  if (list.length === 0) list.push(emptyTab(freshId()));
  const front = (parseObject(kept).front as string) ?? '';
  return { list, front: list.some((t) => t.id === front) ? front : (list[0] as HuntTab).id };
}

function parseObject(kept: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(kept ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function parse(kept: string | null): unknown[] {
  const { list } = parseObject(kept);
  return Array.isArray(list) ? list : [];
}

function readTab(value: unknown): HuntTab[] {
  if (typeof value !== 'object' || value === null) return [];
  const { id, name, text, range, saved } = value as Record<string, unknown>;
  if (typeof id !== 'string' || typeof text !== 'string' || id === '') return [];
  const kept = (typeof range === 'object' && range !== null ? range : {}) as Record<string, string>;
  return [
    {
      id,
      text: text.slice(0, maxText),
      name: typeof name === 'string' ? name.slice(0, 200) : '',
      range: readRange(kept.preset, kept.from, kept.to),
      ...(typeof saved === 'string' ? { saved } : {}),
    },
  ];
}

/** Brings a text to the front: the tab that holds it, else the empty one in front, else a new one. */
export function openText(tabs: Tabs, text: string, part: Partial<HuntTab>, freshId: () => string): Tabs {
  const same = tabs.list.find((t) => t.text === text && text !== '');
  if (same !== undefined) return change({ ...tabs, front: same.id }, same.id, part);
  const front = tabs.list.find((t) => t.id === tabs.front);
  if (front !== undefined && front.text.trim() === '')
    return change(tabs, front.id, { name: '', saved: undefined, ...part, text });
  const tab = emptyTab(freshId(), { ...part, text });
  const room = tabs.list.length < maxTabs ? tabs.list : tabs.list.slice(1);
  return { list: [...room, tab], front: tab.id };
}

export function change(tabs: Tabs, id: string, part: Partial<HuntTab>): Tabs {
  return { ...tabs, list: tabs.list.map((t) => (t.id === id ? { ...t, ...part } : t)) };
}

/** Takes a tab away; its neighbour comes to the front, and one is always there. */
export function closeTab(tabs: Tabs, id: string, freshId: () => string): Tabs {
  const at = tabs.list.findIndex((t) => t.id === id);
  const list = tabs.list.filter((t) => t.id !== id);
  if (list.length === 0) list.push(emptyTab(freshId()));
  const neighbour = list[Math.min(Math.max(at, 0), list.length - 1)] as HuntTab;
  return { list, front: tabs.front === id ? neighbour.id : tabs.front };
}

/** What a tab is called: its name, else the first line that says something. */
export function tabName(tab: HuntTab): string {
  if (tab.name !== '') return tab.name;
  const line = tab.text.split('\n').find((l) => l.trim() !== '' && !/^\s*(\/\/|let\b)/.test(l)) ?? tab.text.split('\n')[0] ?? '';
  const text = line.replace(/^\s*\/\/\s*/, '').trim();
  return text === '' ? 'New query' : text.slice(0, 60);
}
