import { Button } from '@fluentui/react-components';
import styles from './More.module.css';

interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** The rest of a list that is read page by page. */
export function More({ query }: { query: Pages }) {
  if (!query.hasNextPage) return null;
  return (
    <div className={styles.more}>
      <Button size="small" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {query.isFetchingNextPage ? 'Loading…' : 'Show more'}
      </Button>
    </div>
  );
}
