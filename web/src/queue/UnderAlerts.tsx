import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { incidentAlertsQuery } from '../api/queries';
import { Severity, Status } from '../ui/badges';
import { Foreign } from '../ui/Foreign';
import { Answered } from '../ui/states';
import { Time } from '../ui/Time';
import styles from './UnderAlerts.module.css';

/** The alerts of an incident, unfolded under its row. */
export function UnderAlerts({ incident }: { incident: number }) {
  const query = useInfiniteQuery(incidentAlertsQuery(incident, {}));
  return (
    <div className={styles.under}>
      <Answered query={query} what="alerts" rows={3}>
        {(data) => {
          const rows = data.pages.flatMap((p) => p.items);
          return (
            <>
              <ul>
                {rows.map((a) => (
                  <li key={a.id} className={styles.row}>
                    <Time at={a.firstActivity} />
                    <Severity value={a.severity} />
                    <Link to="/alerts/$id" params={{ id: a.id }} search={{}} className={styles.title}>
                      <Foreign value={a.title} max={120} />
                    </Link>
                    <Status value={a.status} />
                    <span className="quiet">{a.product}</span>
                  </li>
                ))}
              </ul>
              {query.hasNextPage && (
                <Link to="/incidents/$id" params={{ id: String(incident) }} search={{ tab: 'alerts' }} className={styles.rest}>
                  All alerts of this incident
                </Link>
              )}
            </>
          );
        }}
      </Answered>
    </div>
  );
}
