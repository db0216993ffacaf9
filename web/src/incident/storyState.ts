import { one, positive } from '../app/search';
import type { StoryState } from '../story/StoryTab';

// What is selected in the story lives in the address bar.

export function readStory(search: Record<string, string | string[]>): StoryState {
  const time = (value: unknown) => {
    const at = Date.parse(one(value) ?? '');
    return Number.isNaN(at) ? undefined : at;
  };
  return {
    alert: one(search.alert),
    entity: positive(search.entity),
    from: time(search.from),
    to: time(search.to),
    list: one(search.view) === 'list',
  };
}

export function writeStory(state: StoryState): Record<string, string> {
  const iso = (at: number) => new Date(at).toISOString();
  return {
    ...(state.alert === undefined ? {} : { alert: state.alert }),
    ...(state.entity === undefined ? {} : { entity: String(state.entity) }),
    ...(state.from === undefined ? {} : { from: iso(state.from) }),
    ...(state.to === undefined ? {} : { to: iso(state.to) }),
    ...(state.list ? { view: 'list' } : {}),
  };
}
