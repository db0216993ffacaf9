import { Button, Popover, PopoverSurface, PopoverTrigger, Tooltip } from '@fluentui/react-components';
import { ArrowDown16Regular, ArrowUp16Regular, ColumnTriple20Regular } from '@fluentui/react-icons';
import styles from './ColumnChooser.module.css';

interface ColumnChooserProps {
  all: { id: string; name: string }[];
  shown: string[];
  onChange: (ids: string[]) => void;
  onReset: () => void;
}

/** Which columns, and in which order. */
export function ColumnChooser({ all, shown, onChange, onReset }: ColumnChooserProps) {
  const nameOf = (id: string) => all.find((c) => c.id === id)?.name ?? id;
  const move = (i: number, by: 1 | -1) => {
    const next = [...shown];
    const [taken] = next.splice(i, 1);
    if (taken !== undefined) next.splice(i + by, 0, taken);
    onChange(next);
  };
  const hidden = all.filter((c) => !shown.includes(c.id));
  return (
    <Popover positioning="below-end" trapFocus>
      <PopoverTrigger disableButtonEnhancement>
        <Tooltip content="Columns" relationship="label">
          <Button size="small" appearance="subtle" icon={<ColumnTriple20Regular />} />
        </Tooltip>
      </PopoverTrigger>
      <PopoverSurface className={styles.surface} aria-label="Columns">
        <ul>
          {shown.map((id, i) => (
            <li key={id} className={styles.row}>
              <label>
                <input
                  type="checkbox"
                  checked
                  disabled={shown.length === 1}
                  onChange={() => onChange(shown.filter((c) => c !== id))}
                />
                {nameOf(id)}
              </label>
              <button type="button" aria-label={`Move ${nameOf(id)} left`} disabled={i === 0} onClick={() => move(i, -1)}>
                <ArrowUp16Regular />
              </button>
              <button
                type="button"
                aria-label={`Move ${nameOf(id)} right`}
                disabled={i === shown.length - 1}
                onClick={() => move(i, 1)}
              >
                <ArrowDown16Regular />
              </button>
            </li>
          ))}
          {hidden.map((column) => (
            <li key={column.id} className={styles.row}>
              <label>
                <input type="checkbox" checked={false} onChange={() => onChange([...shown, column.id])} />
                {column.name}
              </label>
            </li>
          ))}
        </ul>
        <Button size="small" onClick={onReset} className={styles.reset}>
          Standard columns
        </Button>
      </PopoverSurface>
    </Popover>
  );
}
