import {
  Button,
  Menu,
  MenuDivider,
  MenuItem,
  MenuItemCheckbox,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Select,
  ToggleButton,
} from '@fluentui/react-components';
import { ArrowDownload16Regular, ColumnTripleRegular, Filter16Regular, LinkAdd16Regular } from '@fluentui/react-icons';
import { lazy, Suspense, useMemo, useState } from 'react';
import { usePolicy } from '../app/session';
import { useToast } from '../app/toast';
import { download } from '../queue/exportCsv';
import { count, number } from '../text/count';
import { useNarrow } from '../ui/media';
import { Waiting } from '../ui/states';
import type { QueryAnswer } from './api';
import { type ChartKind, chartKinds, chartNames, chartOf } from './chart';
import { exportName, resultCSV, resultJSON } from './exportRows';
import { type ColumnState, emptyColumns, startColumns } from './gridLayout';
import { LinkDialog } from './LinkDialog';
import { costs } from './queryCost';
import { RecordPane } from './RecordPane';
import { ResultGrid } from './ResultGrid';
import styles from './Results.module.css';
import { type RowView, viewRows } from './rows';

const ResultChart = lazy(() => import('./ResultChart').then((m) => ({ default: m.ResultChart })));

interface ResultsViewProps {
  answer: QueryAnswer;
  query: string;
  at: number;
  onClause: (clause: string) => void;
}

/** The rows as a grid or a chart, and what can be done with them. */
export function ResultsView({ answer, query, at, onClause }: ResultsViewProps) {
  const [shown, setShown] = useState<'table' | ChartKind>(() => chartOf(answer.render) ?? 'table');
  const [view, setView] = useState<RowView>({ filters: new Map() });
  const [columns, setColumns] = useState<ColumnState>(() => startColumns(answer));
  const [filtering, setFiltering] = useState(false);
  const [selected, setSelected] = useState<Set<number>>(new Set());
  const [open, setOpen] = useState<number | undefined>(undefined);
  const [linking, setLinking] = useState(false);
  const narrow = useNarrow();
  const toast = useToast();
  const table = answer;
  const rows = useMemo(() => viewRows(table, view), [table, view]);
  const chosen = useMemo(() => (selected.size === 0 ? rows : rows.filter((r) => selected.has(r))), [rows, selected]);
  const place = open === undefined ? -1 : rows.indexOf(open);
  const stepTo = (row: number | undefined) => (row === undefined ? undefined : () => setOpen(row));
  return (
    <div className={styles.split}>
      <div className={styles.main}>
        <div className={styles.bar} role="toolbar" aria-label="Results">
          <Select size="small" aria-label="Show as" value={shown} onChange={(_, d) => setShown(d.value as 'table' | ChartKind)}>
            <option value="table">Table</option>
            {chartKinds.map((kind) => (
              <option key={kind} value={kind}>
                {chartNames[kind]}
              </option>
            ))}
          </Select>
          <span className={styles.count} data-rows={rows.length} aria-live="polite">
            {countText(answer, rows.length, selected.size)}
          </span>
          <span className={styles.gap} />
          {shown === 'table' && (
            <>
              <ToggleButton
                size="small"
                appearance="subtle"
                icon={<Filter16Regular />}
                checked={filtering}
                onClick={() => {
                  if (filtering) setView({ ...view, filters: new Map() });
                  setFiltering(!filtering);
                }}
              >
                Filter
              </ToggleButton>
              <ColumnsMenu answer={answer} columns={columns} onColumns={setColumns} />
            </>
          )}
          <ExportMenu answer={answer} rows={chosen} at={at} />
          <LinkButton onLink={() => setLinking(true)} />
        </div>
        {shown === 'table' ? (
          <ResultGrid
            table={table}
            rows={rows}
            view={view}
            onView={setView}
            columns={columns}
            onColumns={setColumns}
            filtering={filtering}
            selected={selected}
            onSelect={setSelected}
            open={open}
            onOpen={setOpen}
            onCopied={toast.done}
          />
        ) : (
          <Suspense fallback={<Waiting rows={4} label="Loading the chart" />}>
            <ResultChart
              table={rows.length === table.rows.length ? table : subset(table, rows)}
              kind={shown}
              hint={answer.render}
            />
          </Suspense>
        )}
        <dl className={styles.costs} aria-label="What the query took">
          {costs(answer.stats, answer.rows.length).map((c) => (
            <div key={c.name} title={c.title}>
              <dt>{c.name}</dt>
              <dd>{c.value}</dd>
            </div>
          ))}
        </dl>
      </div>
      {open !== undefined && shown === 'table' && (
        <RecordPane
          table={table}
          row={open}
          place={`${number(place + 1)} of ${number(rows.length)}`}
          over={narrow}
          onClose={() => setOpen(undefined)}
          onPrevious={stepTo(rows[place - 1])}
          onNext={stepTo(place < 0 ? undefined : rows[place + 1])}
          onClause={onClause}
        />
      )}
      {linking && <LinkDialog table={table} rows={chosen} query={query} onClose={() => setLinking(false)} />}
    </div>
  );
}

const subset = (table: QueryAnswer, rows: number[]) => ({ columns: table.columns, rows: rows.map((i) => table.rows[i] ?? []) });

function countText(answer: QueryAnswer, shown: number, selected: number): string {
  const all = answer.rows.length;
  const rows = shown === all ? count(all, 'row') : `${number(shown)} of ${count(all, 'row')}`;
  const picked = selected === 0 ? '' : ` · ${number(selected)} selected`;
  return `${rows}${picked}`;
}

function ColumnsMenu({
  answer,
  columns,
  onColumns,
}: {
  answer: QueryAnswer;
  columns: ColumnState;
  onColumns: (c: ColumnState) => void;
}) {
  const names = columns.order.map((at) => ({ name: answer.columns[at]?.name ?? '', at }));
  return (
    <Menu
      persistOnItemClick
      checkedValues={{ columns: names.filter((n) => !columns.hidden.includes(n.at)).map((n) => String(n.at)) }}
      onCheckedValueChange={(_, d) =>
        onColumns({ ...columns, hidden: names.map((n) => n.at).filter((at) => !d.checkedItems.includes(String(at))) })
      }
    >
      <MenuTrigger disableButtonEnhancement>
        <Button size="small" appearance="subtle" icon={<ColumnTripleRegular />}>
          Columns{columns.hidden.length > 0 ? ` (${columns.hidden.length} hidden)` : ''}
        </Button>
      </MenuTrigger>
      <MenuPopover className={styles.menu}>
        <MenuList>
          <MenuItem disabled={columns.hidden.length === 0} onClick={() => onColumns({ ...columns, hidden: [] })}>
            Show all
          </MenuItem>
          <MenuItem onClick={() => onColumns({ ...columns, hidden: emptyColumns(answer) })}>Hide empty ones</MenuItem>
          <MenuDivider />
          {names.map((n) => (
            <MenuItemCheckbox key={n.at} name="columns" value={String(n.at)}>
              {n.name}
            </MenuItemCheckbox>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function ExportMenu({ answer, rows, at }: { answer: QueryAnswer; rows: number[]; at: number }) {
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button size="small" appearance="subtle" icon={<ArrowDownload16Regular />}>
          Export
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuItem onClick={() => download(exportName(at, 'csv'), resultCSV(answer, rows))}>
            {count(rows.length, 'row')} as CSV
          </MenuItem>
          <MenuItem onClick={() => download(exportName(at, 'json'), resultJSON(answer, rows), 'application/json')}>
            {count(rows.length, 'row')} as JSON
          </MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function LinkButton({ onLink }: { onLink: () => void }) {
  const { blocked } = usePolicy();
  return (
    <Button
      size="small"
      icon={<LinkAdd16Regular />}
      disabledFocusable={blocked !== undefined}
      title={blocked}
      onClick={blocked === undefined ? onLink : undefined}
    >
      Link to incident
    </Button>
  );
}
