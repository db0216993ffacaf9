import { mergeClasses } from '@fluentui/react-components';
import type { Column } from './Grid';
import { usePhone } from './media';
import styles from './Table.module.css';

interface TableProps<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  idOf: (row: T) => string | number;
  card?: (row: T) => React.ReactNode;
}

/** A plain table for short lists; cards on a phone. */
export function Table<T>({ label, columns, rows, idOf, card }: TableProps<T>) {
  const phone = usePhone();
  if (phone && card !== undefined) {
    return (
      <ul aria-label={label} className={styles.cards}>
        {rows.map((row) => (
          <li key={idOf(row)}>{card(row)}</li>
        ))}
      </ul>
    );
  }
  return (
    <div className={styles.scroller} tabIndex={0} role="region" aria-label={label}>
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map((c) => (
              <th key={c.id} scope="col" className={mergeClasses(c.end && styles.end)} style={{ width: c.width }}>
                {c.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={idOf(row)}>
              {columns.map((c) => (
                <td key={c.id} className={mergeClasses(c.end && styles.end)}>
                  {c.render(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A row on a phone: its first column as it is, the others by name, what has no name last. */
export function ColumnCard<T>({ columns, row }: { columns: Column<T>[]; row: T }) {
  const [first, ...rest] = columns;
  return (
    <div className={styles.card}>
      <div>{first?.render(row)}</div>
      {rest.map((c) => (
        <div key={c.id} className={styles.line}>
          {c.name !== '' && <span className="quiet">{c.name}</span>}
          {c.render(row)}
        </div>
      ))}
    </div>
  );
}
