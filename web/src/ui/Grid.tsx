import { mergeClasses } from '@fluentui/react-components';
import { ArrowSortDown16Regular, ArrowSortUp16Regular, ChevronRight16Regular } from '@fluentui/react-icons';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type MouseEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useActions } from '../actions/registry';
import styles from './Grid.module.css';
import { usePhone } from './media';
import { extended, stepped, toggled } from './selection';

export interface Column<T> {
  id: string;
  name: string;
  /** Track of the CSS grid: "120px", "minmax(240px, 3fr)". */
  width: string;
  /** The API's name of the order; columns without one can't be sorted by. */
  sort?: string;
  end?: boolean;
  /** May take two lines; rows are as high as their columns need. */
  tall?: boolean;
  render: (row: T) => ReactNode;
}

export interface Sort {
  by: string;
  asc: boolean;
}

interface GridProps<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  idOf: (row: T) => string;
  total?: number | undefined;
  /** The row whose pane is open. */
  open?: string | undefined;
  onOpen: (row: T) => void;
  /** What Enter and "o" do. */
  onEnter?: (row: T) => void;
  selected?: ReadonlySet<string>;
  onSelect?: (ids: Set<string>) => void;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  /** What unfolds under a row. */
  expand?: (row: T) => ReactNode;
  card: (row: T) => ReactNode;
  more?: (() => void) | undefined;
}

/** A windowed list: only the rows in view exist, pages are read on the way. */
export function Grid<T>(props: GridProps<T>) {
  const { rows, idOf, columns, selected, onSelect, expand } = props;
  const phone = usePhone();
  const scroller = useRef<HTMLDivElement>(null);
  const anchor = useRef<string | undefined>(undefined);
  const [cursor, setCursor] = useState<string | undefined>(undefined);
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  // A hundred thousand rows are named once, not with every step of the wheel.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what idOf says of a row never changes
  const ids = useMemo(() => rows.map(idOf), [rows]);
  const at = cursor !== undefined && ids.includes(cursor) ? cursor : (props.open ?? ids[0]);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (phone ? 96 : rowHeight(columns)),
    overscan: 12,
    getItemKey: (i) => ids[i] ?? i,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { more } = props;
  useEffect(() => {
    if (more !== undefined && last >= rows.length - 20) more();
  }, [more, last, rows.length]);

  const focus = (id: string | undefined) => {
    if (id === undefined) return;
    setCursor(id);
    virtual.scrollToIndex(ids.indexOf(id));
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`)?.focus());
  };
  const rowAt = (): T | undefined => rows[ids.indexOf(at ?? '')];
  const select = (id: string, event: { shiftKey: boolean }) => {
    if (onSelect === undefined || selected === undefined) return;
    onSelect(event.shiftKey ? extended(selected, ids, anchor.current, id) : toggled(selected, id));
    anchor.current = id;
  };
  const step = (by: 1 | -1) => {
    const id = stepped(ids, cursor === undefined ? undefined : at, by);
    focus(id);
    const row = rows[ids.indexOf(id ?? '')];
    if (props.open !== undefined && row !== undefined) props.onOpen(row);
  };
  useActions([
    { id: 'list.down', name: 'Next row', section: 'List', keys: 'j', quiet: true, perform: () => step(1) },
    { id: 'list.up', name: 'Previous row', section: 'List', keys: 'k', quiet: true, perform: () => step(-1) },
    { id: 'list.down2', name: 'Next row', section: 'List', keys: 'ArrowDown', quiet: true, perform: () => step(1) },
    { id: 'list.up2', name: 'Previous row', section: 'List', keys: 'ArrowUp', quiet: true, perform: () => step(-1) },
    {
      id: 'list.open',
      name: 'Open the row',
      section: 'List',
      keys: 'o',
      quiet: true,
      perform: () => {
        const row = rowAt();
        if (row !== undefined) (props.onEnter ?? props.onOpen)(row);
      },
    },
    {
      id: 'list.pane',
      name: 'Show the row’s pane',
      section: 'List',
      keys: 'Enter',
      quiet: true,
      perform: () => {
        const row = rowAt();
        if (row !== undefined) props.onOpen(row);
      },
    },
    ...(onSelect === undefined
      ? []
      : [
          {
            id: 'list.select',
            name: 'Select the row',
            section: 'List' as const,
            keys: 'x',
            quiet: true,
            perform: () => at !== undefined && select(at, { shiftKey: false }),
          },
        ]),
  ]);

  const lead = `${onSelect === undefined ? '' : '36px '}${expand === undefined ? '' : '24px '}`;
  const tracks = { gridTemplateColumns: `${lead}${columns.map((c) => c.width).join(' ')}` };
  const allSelected = selected !== undefined && ids.length > 0 && ids.every((id) => selected.has(id));
  const someSelected = selected !== undefined && !allSelected && ids.some((id) => selected.has(id));

  return (
    <div ref={scroller} className={styles.scroller}>
      <div
        role="grid"
        aria-label={props.label}
        aria-rowcount={(props.total ?? rows.length) + 1}
        aria-multiselectable={onSelect === undefined ? undefined : true}
        className={mergeClasses(styles.grid, phone && styles.cards)}
        style={
          phone
            ? {}
            : {
                minWidth: leastWidth(columns) + (onSelect === undefined ? 0 : 36) + (expand === undefined ? 0 : 24) + 16,
              }
        }
      >
        <div role="row" aria-rowindex={1} className={phone ? 'visually-hidden' : styles.head} style={tracks} tabIndex={-1}>
          {onSelect !== undefined && (
            <div role="columnheader" className={styles.check}>
              <input
                type="checkbox"
                aria-label="Select all loaded rows"
                checked={allSelected}
                ref={(box) => {
                  if (box !== null) box.indeterminate = someSelected;
                }}
                onChange={() => onSelect(allSelected || someSelected ? new Set() : new Set(ids))}
              />
            </div>
          )}
          {expand !== undefined && (
            <div role="columnheader">
              <span className="visually-hidden">Unfold</span>
            </div>
          )}
          {columns.map((column) => (
            <HeadCell key={column.id} column={column} sort={props.sort} onSort={props.onSort} />
          ))}
        </div>
        <div role="presentation" className={styles.body} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            const id = ids[item.index];
            if (row === undefined || id === undefined) return null;
            const isOpen = unfolded.has(id);
            const onRowClick = (event: MouseEvent) => {
              if (event.target instanceof Element && event.target.closest('a, button, input') !== null) return;
              if (window.getSelection()?.toString()) return;
              setCursor(id);
              if (event.shiftKey && onSelect !== undefined) select(id, event);
              else props.onOpen(row);
            };
            return (
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                className={styles.place}
                style={{ transform: `translateY(${item.start}px)` }}
                role="presentation"
              >
                {/* biome-ignore lint/a11y/useKeyWithClickEvents: Enter, o and x work on the focused row */}
                <div
                  role="row"
                  aria-rowindex={item.index + 2}
                  aria-selected={onSelect === undefined ? undefined : selected?.has(id)}
                  data-row={id}
                  tabIndex={id === at ? 0 : -1}
                  className={mergeClasses(styles.row, selected?.has(id) && styles.selected, props.open === id && styles.open)}
                  style={phone ? {} : { ...tracks, minHeight: rowHeight(columns) }}
                  onClick={onRowClick}
                  onFocus={() => setCursor(id)}
                  onMouseDown={(event) => {
                    if (event.shiftKey) event.preventDefault();
                  }}
                >
                  {onSelect !== undefined && (
                    <div role="gridcell" className={styles.check}>
                      <input
                        type="checkbox"
                        tabIndex={-1}
                        aria-label="Select the row"
                        checked={selected?.has(id) ?? false}
                        onClick={(event) => select(id, event)}
                        onChange={() => {}}
                      />
                    </div>
                  )}
                  {expand !== undefined && !phone && (
                    <div role="gridcell" className={styles.fold}>
                      <button
                        type="button"
                        tabIndex={-1}
                        aria-label={isOpen ? 'Fold' : 'Unfold'}
                        aria-expanded={isOpen}
                        className={mergeClasses(styles.folder, isOpen && styles.turned)}
                        onClick={() => setUnfolded(toggled(unfolded, id))}
                      >
                        <ChevronRight16Regular />
                      </button>
                    </div>
                  )}
                  {phone ? (
                    <div role="gridcell" className={styles.card}>
                      {props.card(row)}
                    </div>
                  ) : (
                    columns.map((column) => (
                      <div
                        role="gridcell"
                        key={column.id}
                        className={mergeClasses(styles.cell, column.tall && styles.tall, column.end && styles.end)}
                      >
                        {column.render(row)}
                      </div>
                    ))
                  )}
                </div>
                {isOpen && expand !== undefined && (
                  <div role="row" className={styles.under}>
                    <div role="gridcell" aria-colspan={columns.length}>
                      {expand(row)}
                    </div>
                  </div>
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Of one row with its hairline; the final size of what is not yet loaded. */
export function rowHeight(columns: { tall?: boolean }[]): number {
  return columns.some((c) => c.tall) ? 47 : 37;
}

/** The narrowest that the columns can be: below it the list scrolls sideways. */
export function leastWidth(columns: { width: string }[]): number {
  return columns.reduce((sum, c) => sum + Number(/(\d+)px/.exec(c.width)?.[1] ?? 0), 0);
}

function HeadCell<T>({
  column,
  sort,
  onSort,
}: {
  column: Column<T>;
  sort?: Sort | undefined;
  onSort?: ((s: Sort) => void) | undefined;
}) {
  const by = column.sort;
  const active = by !== undefined && sort?.by === by;
  return (
    <div
      role="columnheader"
      aria-sort={active ? (sort.asc ? 'ascending' : 'descending') : undefined}
      className={mergeClasses(styles.headCell, column.end && styles.end)}
    >
      {by === undefined || onSort === undefined ? (
        column.name
      ) : (
        <button type="button" className={styles.sorter} onClick={() => onSort({ by, asc: active ? !sort.asc : false })}>
          {column.name}
          {active && (sort.asc ? <ArrowSortUp16Regular /> : <ArrowSortDown16Regular />)}
        </button>
      )}
    </div>
  );
}
