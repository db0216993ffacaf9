import { lazyRouteComponent } from '@tanstack/react-router';
import { Problem } from '../api/client';

type Loaded = ReturnType<typeof lazyRouteComponent>;

const pages: Loaded[] = [];

/**
 * A page whose code is loaded when it is first needed, or in a quiet moment
 * before. When that fails because an upgrade replaced the files, the error goes
 * on and the page is loaded anew; when the server is away, that is what it says.
 */
export function lazyPage<T extends Record<string, unknown>>(load: () => Promise<T>, name: keyof T & string): Loaded {
  const page = lazyRouteComponent(() => load().catch(explain), name) as Loaded;
  pages.push(page);
  return page;
}

async function explain(error: unknown): Promise<never> {
  const there = await fetch('/healthz', { cache: 'no-store' }).then(
    (answer) => answer.ok,
    () => false,
  );
  if (there) throw error;
  throw new Problem(0, 'The server cannot be reached', '', 'Check the connection, then try again.');
}

/** Loads the code of all pages, so that the next one opens at once. */
export function preloadPages(): void {
  for (const page of pages) void page.preload?.();
}
