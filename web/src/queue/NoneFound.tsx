import { Button } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { sourcesQuery } from '../api/queries';
import { Empty } from '../ui/states';

/** An empty list says whether the filters are too narrow or nothing has come in at all. */
export function NoneFound({ what, onAll }: { what: 'incidents' | 'alerts'; onAll: () => void }) {
  const sources = useQuery(sourcesQuery);
  if (sources.data?.items.length === 0)
    return (
      <Empty title={`No ${what} yet`} action={<Link to="/sources">Data sources</Link>}>
        Nothing has come in. Load a file with <code>clew import</code>, send alerts to <code>/api/v1/ingest/auto</code>, or look
        around in the sample company of <code>clew demo</code>.
      </Empty>
    );
  return (
    <Empty
      title={`No ${what} here`}
      action={
        <Button size="small" onClick={onAll}>
          Show all of them
        </Button>
      }
    >
      Nothing matches these filters. Widen the time range or reset the filters.
    </Empty>
  );
}
