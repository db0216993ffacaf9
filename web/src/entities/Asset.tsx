import type { InventoryAsset } from '../api/types';
import { count } from '../text/count';
import { word } from '../text/words';
import { Foreign } from '../ui/Foreign';
import { Facts } from '../ui/states';
import { Time } from '../ui/Time';
import styles from './EntityPage.module.css';
import { factName, factsInOrder, shownFacts } from './identifier';

const shownLeases = 20;

/** What the inventory says of a user or device. */
export function Asset({ asset }: { asset: InventoryAsset }) {
  const facts: [string, React.ReactNode][] = factsInOrder(shownFacts(asset)).map(([name, value]) => [
    factName(name),
    <Foreign key={name} value={value} max={120} />,
  ]);
  if (asset.criticality) facts.unshift(['Criticality', word('criticality', asset.criticality)]);
  facts.push([
    'From',
    <span key="from">
      <Foreign value={asset.place} max={60} /> · <Time at={asset.at} />
    </span>,
  ]);
  const leases = (asset.leases ?? []).slice(-shownLeases).reverse();
  return (
    <div className={styles.asset}>
      <Facts rows={facts} />
      {leases.length > 0 && (
        <>
          <h4>Addresses that it held</h4>
          <ul aria-label="Leases" className={styles.leases} tabIndex={0}>
            {leases.map((l) => (
              <li key={`${l.address}|${l.from}`}>
                <Foreign value={l.address} mono />{' '}
                <span className="quiet">
                  <Time at={l.from} /> to <Time at={l.to} />
                </span>
              </li>
            ))}
          </ul>
          {(asset.leases ?? []).length > shownLeases && (
            <p className="quiet">
              The latest {shownLeases} of {count((asset.leases ?? []).length, 'lease')}.
            </p>
          )}
        </>
      )}
    </div>
  );
}
