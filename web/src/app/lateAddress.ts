import { useNavigate, useRouter } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { Search } from './search';

type Page = '/assets' | '/hunting';

/**
 * Lets a page write into its address a moment after its reader did something. A
 * page stays on screen, and its timers go on, while the next one is made ready:
 * whoever is on the way to that one must not be called back.
 */
export function useLateAddress(page: Page): (search: Search) => void {
  const router = useRouter();
  const navigate = useNavigate();
  return useCallback(
    (search) => {
      if (isAt(page, router.latestLocation.pathname)) void navigate({ to: page, search, replace: true, state: {} });
    },
    [page, router, navigate],
  );
}

/** Whether an address is that of a page, with or without a slash at its end. */
export function isAt(page: string, path: string): boolean {
  return path === page || path === `${page}/`;
}
