import { Menu, MenuDivider, MenuItem, MenuList, MenuPopover, MenuTrigger, mergeClasses } from '@fluentui/react-components';
import {
  ArrowSortDown16Regular,
  ArrowSortUp16Regular,
  ChevronDown12Regular,
  Copy16Regular,
  EyeOff16Regular,
  Pin16Regular,
  PinOff16Regular,
} from '@fluentui/react-icons';
import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { isNumber } from './cell';
import type { ResultTable } from './contract';
import { type ColumnState, hide, type PlacedColumn, resized, togglePin } from './gridLayout';
import { Marked } from './ResultCell';
import styles from './ResultGrid.module.css';
import type { RowView } from './rows';

interface ColumnHeadProps {
  table: ResultTable;
  placed: PlacedColumn;
  index: number;
  left: number;
  view: RowView;
  onView: (view: RowView) => void;
  columns: ColumnState;
  onColumns: (columns: ColumnState) => void;
  filtering: boolean;
}

/** The head of a column: sort, what else can be done with it, its filter, its edge. */
export function ColumnHead(props: ColumnHeadProps) {
  const { placed, view, onView } = props;
  const column = props.table.columns[placed.at];
  if (column === undefined) return null;
  const sort = view.sort?.column === placed.at ? view.sort : undefined;
  const sortBy = (asc: boolean) => onView({ ...view, sort: { column: placed.at, asc } });
  // Up, down, and back to the order of the query.
  const turn = () => (sort === undefined ? sortBy(true) : sort.asc ? sortBy(false) : onView({ ...view, sort: undefined }));
  const at = placed.pinned ? { position: 'sticky' as const, left: props.left } : { left: props.left };
  return (
    <div
      role="columnheader"
      aria-colindex={props.index + 2}
      aria-sort={sort === undefined ? undefined : sort.asc ? 'ascending' : 'descending'}
      className={mergeClasses(styles.headCell, placed.pinned && styles.pinned)}
      style={{ ...at, width: placed.width }}
    >
      <div className={mergeClasses(styles.headLine, isNumber(column.type) && styles.number)}>
        <button type="button" className={styles.sorter} title={`${column.name}: ${column.type}`} onClick={turn}>
          <span className={styles.headName}>
            <Marked text={column.name} />
          </span>
          {sort !== undefined && (sort.asc ? <ArrowSortUp16Regular /> : <ArrowSortDown16Regular />)}
        </button>
        <ColumnMenu {...props} name={column.name} onSort={sortBy} />
      </div>
      {props.filtering && (
        <input
          className={styles.filter}
          value={view.filters.get(placed.at) ?? ''}
          aria-label={`Filter ${column.name}`}
          placeholder={isNumber(column.type) || column.type === 'datetime' ? '> = <' : 'contains'}
          onChange={(event) => onView({ ...view, filters: withFilter(view.filters, placed.at, event.target.value) })}
        />
      )}
      <Edge {...props} name={column.name} />
    </div>
  );
}

function withFilter(filters: ReadonlyMap<number, string>, at: number, text: string): Map<number, string> {
  const next = new Map(filters);
  if (text === '') next.delete(at);
  else next.set(at, text);
  return next;
}

function ColumnMenu({
  placed,
  columns,
  onColumns,
  name,
  onSort,
}: ColumnHeadProps & { name: string; onSort: (asc: boolean) => void }) {
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <button type="button" className={styles.more} aria-label={`Column ${name}`}>
          <ChevronDown12Regular />
        </button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuItem icon={<ArrowSortUp16Regular />} onClick={() => onSort(true)}>
            Sort ascending
          </MenuItem>
          <MenuItem icon={<ArrowSortDown16Regular />} onClick={() => onSort(false)}>
            Sort descending
          </MenuItem>
          <MenuDivider />
          <MenuItem
            icon={placed.pinned ? <PinOff16Regular /> : <Pin16Regular />}
            onClick={() => onColumns(togglePin(columns, placed.at))}
          >
            {placed.pinned ? 'Let it scroll' : 'Pin to the left'}
          </MenuItem>
          <MenuItem icon={<EyeOff16Regular />} onClick={() => onColumns(hide(columns, placed.at))}>
            Hide
          </MenuItem>
          <MenuItem icon={<Copy16Regular />} onClick={() => void navigator.clipboard?.writeText(name)}>
            Copy the name
          </MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

/** The edge that makes a column wider: by pointer, or by the arrow keys. */
function Edge({ placed, columns, onColumns, name }: ColumnHeadProps & { name: string }) {
  const start = useRef<{ x: number; width: number } | undefined>(undefined);
  const onDown = (event: PointerEvent<HTMLHRElement>) => {
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { x: event.clientX, width: placed.width };
  };
  const onMove = (event: PointerEvent) => {
    if (start.current === undefined) return;
    onColumns(resized(columns, placed.at, start.current.width + event.clientX - start.current.x));
  };
  const onKey = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 24 : event.key === 'ArrowLeft' ? -24 : 0;
    if (by === 0) return;
    event.preventDefault();
    onColumns(resized(columns, placed.at, placed.width + by));
  };
  return (
    <hr
      aria-orientation="vertical"
      aria-label={`Width of ${name}`}
      aria-valuenow={placed.width}
      aria-valuemin={56}
      aria-valuemax={900}
      tabIndex={0}
      className={styles.edge}
      onPointerDown={onDown}
      onPointerMove={onMove}
      onPointerUp={() => {
        start.current = undefined;
      }}
      onKeyDown={onKey}
    />
  );
}
