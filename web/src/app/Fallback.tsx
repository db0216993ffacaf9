import { Button } from '@fluentui/react-components';
import { Link, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { Problem } from '../api/client';
import { Empty, Failed } from '../ui/states';

const mark = 'clew.reloaded';

/**
 * The last resort of a page. After an upgrade of the server an old page asks
 * for files that are gone: then it reloads once, never in a loop.
 */
export function PageError({ error }: { error: unknown }) {
  const stale = error instanceof Error && /dynamically imported module|Importing a module script|preload/i.test(error.message);
  useEffect(() => {
    if (!stale || sessionStorage.getItem(mark) !== null) return;
    sessionStorage.setItem(mark, '1');
    location.reload();
  }, [stale]);
  const router = useRouter();
  // While the server is away the browser could not load the page again.
  const retry = () => (error instanceof Problem ? void router.invalidate() : location.reload());
  return (
    <main>
      <Failed error={error} what="page" retry={retry} />
    </main>
  );
}

export function NotFound() {
  return (
    <main>
      <Empty
        title="There is no such page"
        action={
          <Link to="/incidents" search={{}}>
            <Button size="small">Go to the incidents</Button>
          </Link>
        }
      >
        The address may be mistyped, or it belongs to another version.
      </Empty>
    </main>
  );
}
