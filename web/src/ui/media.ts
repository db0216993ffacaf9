import { useCallback, useSyncExternalStore } from 'react';

/** Whether a media query holds, followed live. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (changed: () => void) => {
      const list = window.matchMedia(query);
      list.addEventListener('change', changed);
      return () => list.removeEventListener('change', changed);
    },
    [query],
  );
  return useSyncExternalStore(
    subscribe,
    () => window.matchMedia(query).matches,
    () => false,
  );
}

/** Phones: cards instead of columns, a bar at the bottom instead of a nav. */
export const usePhone = (): boolean => useMedia('(max-width: 640px)');

/** Too narrow for a docked side pane. */
export const useNarrow = (): boolean => useMedia('(max-width: 1199px)');
