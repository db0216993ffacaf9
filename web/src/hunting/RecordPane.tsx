import { Button, SearchBox, Switch } from '@fluentui/react-components';
import { type ReactNode, useState } from 'react';
import { CopyButton, Foreign } from '../ui/Foreign';
import { SidePane } from '../ui/SidePane';
import { cellShown, cellText } from './cell';
import type { Cell, ResultColumn, ResultTable } from './contract';
import { recordOf } from './exportRows';
import { JsonTree } from './JsonTree';
import { whereClause } from './literal';
import styles from './RecordPane.module.css';

interface RecordPaneProps {
  table: ResultTable;
  row: number;
  /** "3 of 120" */
  place: string;
  over: boolean;
  onClose: () => void;
  onPrevious?: (() => void) | undefined;
  onNext?: (() => void) | undefined;
  /** Adds a condition to the query; undefined where there is none. */
  onClause?: ((clause: string) => void) | undefined;
  /** What else can be done with it. */
  extra?: ReactNode;
}

/** One record, whole: every column, what it holds, and a way to ask on. */
export function RecordPane(props: RecordPaneProps) {
  const { table, row } = props;
  const [search, setSearch] = useState('');
  const [empty, setEmpty] = useState(false);
  const wanted = search.trim().toLowerCase();
  const fields = table.columns.flatMap((column, at) => {
    const cell = table.rows[row]?.[at] ?? null;
    const text = cellText(cell);
    if (text === '' && !empty) return [];
    if (wanted !== '' && !`${column.name}\n${text}`.toLowerCase().includes(wanted)) return [];
    return [{ column, cell }];
  });
  return (
    <SidePane
      label="Record"
      title={
        <>
          Record <span className="quiet">{props.place}</span>
        </>
      }
      over={props.over}
      onClose={props.onClose}
      onPrevious={props.onPrevious}
      onNext={props.onNext}
      actions={
        <>
          {props.extra}
          <CopyRecord table={table} row={row} />
        </>
      }
    >
      <div className={styles.tools}>
        <SearchBox
          size="small"
          className={styles.search}
          value={search}
          placeholder="Find a column or value"
          aria-label="Find a column or value"
          onChange={(_, d) => setSearch(d.value)}
        />
        <Switch label="Empty ones" checked={empty} onChange={(_, d) => setEmpty(d.checked)} />
      </div>
      {fields.length === 0 && <p className="quiet">Nothing here has that.</p>}
      <dl className={styles.fields}>
        {fields.map(({ column, cell }) => (
          <Field key={column.name} column={column} cell={cell} onClause={props.onClause} />
        ))}
      </dl>
    </SidePane>
  );
}

function CopyRecord({ table, row }: { table: ResultTable; row: number }) {
  const [done, setDone] = useState(false);
  const copy = () => navigator.clipboard?.writeText(JSON.stringify(recordOf(table, row), null, 2)).then(() => setDone(true));
  return (
    <Button size="small" onClick={() => void copy()} onBlur={() => setDone(false)}>
      {done ? 'Copied' : 'Copy as JSON'}
    </Button>
  );
}

function Field({
  column,
  cell,
  onClause,
}: {
  column: ResultColumn;
  cell: Cell;
  onClause?: ((clause: string) => void) | undefined;
}) {
  const keep = whereClause(column.name, column.type, cell, true);
  const drop = whereClause(column.name, column.type, cell, false);
  return (
    <div className={styles.field}>
      <dt title={column.type}>
        <Foreign value={column.name} max={60} />
        <span className={styles.actions}>
          {onClause !== undefined && keep !== undefined && drop !== undefined && (
            <>
              <button
                type="button"
                aria-label={`Only this ${column.name}`}
                title="Only rows with this"
                onClick={() => onClause(keep)}
              >
                +
              </button>
              <button
                type="button"
                aria-label={`Not this ${column.name}`}
                title="No rows with this"
                onClick={() => onClause(drop)}
              >
                −
              </button>
            </>
          )}
          <CopyButton value={cellText(cell)} label={`Copy ${column.name}`} />
        </span>
      </dt>
      <dd>
        <FieldValue column={column} cell={cell} />
      </dd>
    </div>
  );
}

function FieldValue({ column, cell }: { column: ResultColumn; cell: Cell }) {
  if (cellText(cell) === '') return <span className="quiet">empty</span>;
  if (typeof cell === 'object') return <JsonTree value={cell} />;
  if (column.type === 'datetime' && typeof cell === 'string') {
    return <time title={new Date(cell).toString()}>{cellShown(cell, column)} UTC</time>;
  }
  return <Foreign value={cellShown(cell, column)} max={4_000} mono={column.type === 'string'} />;
}
