import { mergeClasses } from '@fluentui/react-components';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type MouseEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { toggled } from '../ui/selection';
import { ColumnHead } from './ColumnHead';
import { cellText } from './cell';
import type { ResultTable } from './contract';
import { DynamicPopover, type Unfolded } from './DynamicPopover';
import { rowText } from './exportRows';
import {
  type ColumnState,
  type Cursor,
  columnsInView,
  moveCursor,
  naturalWidths,
  type PlacedColumn,
  pinnedWidth,
  placeColumns,
  totalWidth,
} from './gridLayout';
import { ResultCell } from './ResultCell';
import styles from './ResultGrid.module.css';
import type { RowView } from './rows';

const rowHeight = 29;
const lead = 36;

interface ResultGridProps {
  table: ResultTable;
  /** The rows in order, by their numbers. */
  rows: number[];
  view: RowView;
  onView: (view: RowView) => void;
  columns: ColumnState;
  onColumns: (columns: ColumnState) => void;
  filtering: boolean;
  selected: ReadonlySet<number>;
  onSelect: (selected: Set<number>) => void;
  open: number | undefined;
  onOpen: (row: number) => void;
  onCopied: (what: string) => void;
}

/** A window on up to a hundred thousand rows and a thousand columns: only what is in view exists. */
export function ResultGrid(props: ResultGridProps) {
  const { table, rows, columns, selected, onSelect } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const name = useId();
  const [cursor, setCursor] = useState<Cursor>({ row: 0, column: 0 });
  const [unfolded, setUnfolded] = useState<Unfolded | undefined>(undefined);
  const sideways = useSideways(scroller);
  const natural = useMemo(() => naturalWidths(table), [table]);
  const placed = useMemo(() => placeColumns(columns, natural), [columns, natural]);
  const shown = columnsInView(placed, sideways.left, sideways.width);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
    scrollPaddingStart: props.filtering ? 64 : 34,
  });
  const at = { row: Math.min(cursor.row, Math.max(0, rows.length - 1)), column: Math.min(cursor.column, placed.length - 1) };
  const unfold = (row: number, column: number) => {
    const value = table.rows[row]?.[column] ?? null;
    const target = scroller.current?.querySelector<HTMLElement>(`[data-result-row="${row}"] [data-column="${column}"]`);
    if (typeof value !== 'object' || value === null || !target) return;
    setUnfolded({ target, name: table.columns[column]?.name ?? '', value });
  };
  const go = (next: Cursor) => {
    setCursor(next);
    virtual.scrollToIndex(next.row);
    bringIntoView(scroller.current, placed, placed[next.column]);
    const row = rows[next.row];
    if (props.open !== undefined && next.row !== at.row && row !== undefined) props.onOpen(row);
  };
  const copy = (text: string, what: string) => void navigator.clipboard?.writeText(text).then(() => props.onCopied(what));
  const onKey = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 300) / rowHeight) - 2);
    const row = rows[at.row];
    const key = keyOf(event);
    const next = moveCursor(at, key, rows.length, placed.length, page);
    const column = placed[at.column]?.at ?? 0;
    if (next !== undefined) go(next);
    else if (row === undefined) return;
    else if (key === 'Mod+c' && !window.getSelection()?.toString())
      copy(cellText(table.rows[row]?.[column]), 'The cell is copied');
    else if (key === 'Mod+Shift+c') copy(rowText(table, row), 'The row is copied');
    else if (key === 'Enter' || key === 'o') props.onOpen(row);
    else if (key === 'e') unfold(row, column);
    else if (key === 'x' || key === ' ') onSelect(toggled(selected, row));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const width = totalWidth(placed) + lead;
  const line = { name, table, placed, shown, width };
  return (
    <div ref={scroller} className={styles.scroller} data-scroller="">
      <div
        role="grid"
        tabIndex={0}
        aria-label="Results"
        aria-rowcount={rows.length + 1}
        aria-colcount={placed.length + 1}
        aria-multiselectable
        aria-activedescendant={rows.length === 0 ? undefined : `${name}-${at.row}-${at.column}`}
        className={styles.grid}
        style={{ width }}
        onKeyDown={onKey}
      >
        <div role="row" aria-rowindex={1} className={styles.head} style={{ width, height: props.filtering ? 64 : 34 }}>
          <SelectAll rows={rows} selected={selected} onSelect={onSelect} />
          {shown.map((c) => (
            <ColumnHead
              key={c.at}
              table={table}
              placed={c}
              index={placed.indexOf(c)}
              left={c.left + lead}
              view={props.view}
              onView={props.onView}
              columns={columns}
              onColumns={props.onColumns}
              filtering={props.filtering}
            />
          ))}
        </div>
        <div role="presentation" className={styles.body} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <GridRow
                key={item.index}
                {...line}
                row={row}
                index={item.index}
                start={item.start}
                current={item.index === at.row ? at.column : undefined}
                selected={selected.has(row)}
                open={props.open === row}
                onToggle={() => onSelect(toggled(selected, row))}
                onClick={(column) => {
                  setCursor({ row: item.index, column });
                  if (!window.getSelection()?.toString()) props.onOpen(row);
                }}
                onUnfold={(column) => unfold(row, column)}
              />
            );
          })}
        </div>
      </div>
      {unfolded !== undefined && <DynamicPopover unfolded={unfolded} onClose={() => setUnfolded(undefined)} />}
    </div>
  );
}

function SelectAll({ rows, selected, onSelect }: Pick<ResultGridProps, 'rows' | 'selected' | 'onSelect'>) {
  const all = rows.length > 0 && selected.size >= rows.length && rows.every((r) => selected.has(r));
  return (
    <div role="columnheader" aria-colindex={1} className={styles.check}>
      <input
        type="checkbox"
        aria-label="Select all rows"
        checked={all}
        ref={(box) => {
          if (box !== null) box.indeterminate = !all && selected.size > 0;
        }}
        onChange={() => onSelect(selected.size > 0 ? new Set() : new Set(rows))}
      />
    </div>
  );
}

function keyOf(event: KeyboardEvent): string {
  const mod = event.ctrlKey || event.metaKey;
  if (event.altKey) return '';
  return mod ? `Mod+${event.shiftKey ? 'Shift+' : ''}${event.key.length === 1 ? event.key.toLowerCase() : event.key}` : event.key;
}

interface GridRowProps {
  name: string;
  table: ResultTable;
  placed: PlacedColumn[];
  shown: PlacedColumn[];
  width: number;
  row: number;
  index: number;
  start: number;
  /** The column of the cursor when it is in this row. */
  current: number | undefined;
  selected: boolean;
  open: boolean;
  onToggle: () => void;
  onClick: (column: number) => void;
  onUnfold: (column: number) => void;
}

/** One row: its check box and the cells that are in view. */
function GridRow(props: GridRowProps) {
  const { placed, table, row, index } = props;
  const onClick = (event: MouseEvent) => {
    if (!(event.target instanceof Element) || event.target.closest('button, input') !== null) return;
    const at = event.target.closest('[data-column]')?.getAttribute('data-column');
    props.onClick(
      Math.max(
        0,
        placed.findIndex((c) => String(c.at) === at),
      ),
    );
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={props.selected}
      data-result-row={row}
      className={mergeClasses(styles.row, props.selected && styles.selected, props.open && styles.open)}
      style={{ transform: `translateY(${props.start}px)`, width: props.width, height: rowHeight }}
      onClick={onClick}
    >
      <div role="gridcell" aria-colindex={1} className={styles.check}>
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select row ${index + 1}`}
          checked={props.selected}
          onChange={props.onToggle}
        />
      </div>
      {props.shown.map((c) => {
        const at = placed.indexOf(c);
        return (
          <ResultCell
            key={c.at}
            id={`${props.name}-${index}-${at}`}
            index={at}
            placed={c}
            left={c.left + lead}
            column={table.columns[c.at]}
            cell={table.rows[row]?.[c.at]}
            current={at === props.current}
            onUnfold={() => props.onUnfold(c.at)}
          />
        );
      })}
    </div>
  );
}

/** How far a box is scrolled sideways, and how wide it is. */
function useSideways(scroller: React.RefObject<HTMLDivElement | null>): { left: number; width: number } {
  const [state, setState] = useState({ left: 0, width: 1200 });
  useEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const read = () =>
      setState((old) => {
        const next = { left: Math.round(box.scrollLeft / 50) * 50, width: box.clientWidth };
        return old.left === next.left && old.width === next.width ? old : next;
      });
    read();
    const sizes = new ResizeObserver(read);
    sizes.observe(box);
    box.addEventListener('scroll', read, { passive: true });
    return () => {
      sizes.disconnect();
      box.removeEventListener('scroll', read);
    };
  }, [scroller]);
  return state;
}

function bringIntoView(box: HTMLDivElement | null, placed: PlacedColumn[], column: PlacedColumn | undefined): void {
  if (box === null || column === undefined || column.pinned) return;
  const left = column.left + lead;
  const edge = pinnedWidth(placed) + lead;
  if (left < box.scrollLeft + edge) box.scrollLeft = left - edge;
  else if (left + column.width > box.scrollLeft + box.clientWidth) box.scrollLeft = left + column.width - box.clientWidth;
}
