import { mergeClasses } from '@fluentui/react-components';
import { ChevronRight12Regular } from '@fluentui/react-icons';
import { memo } from 'react';
import { clipMiddle } from '../text/clip';
import { pieces } from '../text/hostile';
import foreign from '../ui/Foreign.module.css';
import { cellShown, isNumber } from './cell';
import type { Cell, ResultColumn } from './contract';
import type { PlacedColumn } from './gridLayout';
import styles from './ResultGrid.module.css';

interface ResultCellProps {
  id: string;
  index: number;
  placed: PlacedColumn;
  left: number;
  column: ResultColumn | undefined;
  cell: Cell | undefined;
  current: boolean;
  /** Shows a dynamic value as a tree. */
  onUnfold: () => void;
}

/** One value in one line: text with marks, never markup. */
export const ResultCell = memo(function ResultCell(props: ResultCellProps) {
  const { column, cell, placed } = props;
  if (column === undefined) return null;
  // What is beyond the width is not worth a node; the pane has the whole.
  const whole = cellShown(cell, column).replace(/[\r\n\t]+/g, ' ');
  const text = whole.length > 300 ? clipMiddle(whole, 300) : whole;
  const at = placed.pinned ? { position: 'sticky' as const, left: props.left } : { left: props.left };
  return (
    <div
      role="gridcell"
      id={props.id}
      aria-colindex={props.index + 2}
      data-column={placed.at}
      className={mergeClasses(
        styles.cell,
        placed.pinned && styles.pinned,
        isNumber(column.type) && styles.number,
        column.type === 'dynamic' && cell !== null && styles.dynamic,
        props.current && styles.current,
      )}
      style={{ ...at, width: placed.width }}
      title={column.type === 'datetime' && typeof cell === 'string' ? new Date(cell).toString() : undefined}
    >
      {typeof cell === 'object' && cell !== null && (
        <button
          type="button"
          tabIndex={-1}
          className={styles.unfold}
          aria-label={`Unfold ${column.name}`}
          onClick={props.onUnfold}
        >
          <ChevronRight12Regular />
        </button>
      )}
      <Marked text={text} />
    </div>
  );
}, sameCell);

/** The way to unfold a cell is made anew with every step of the wheel, and is always the same. */
function sameCell(a: ResultCellProps, b: ResultCellProps): boolean {
  return (
    a.id === b.id &&
    a.cell === b.cell &&
    a.column === b.column &&
    a.current === b.current &&
    a.left === b.left &&
    a.placed === b.placed
  );
}

/** Text with hidden characters as marks. */
export function Marked({ text }: { text: string }) {
  const parts = pieces(text);
  if (parts.length === 1 && parts[0]?.mark === undefined) return <bdi>{text}</bdi>;
  return (
    <bdi>
      {parts.map((p, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other identity
        <span key={i} className={p.mark === undefined ? undefined : foreign.mark}>
          {p.mark ?? p.text}
        </span>
      ))}
    </bdi>
  );
}
