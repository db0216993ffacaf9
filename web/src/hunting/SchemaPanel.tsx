import { mergeClasses, SearchBox } from '@fluentui/react-components';
import { Add12Regular, ChevronRight12Regular } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import { number } from '../text/count';
import { spaced } from '../text/words';
import { toggled } from '../ui/selection';
import { Answered, Empty } from '../ui/states';
import { huntingSchemaQuery } from './api';
import styles from './Panel.module.css';
import { type FoundTable, type Schema, searchFunctions, searchSchema } from './schemaTree';

/** Tables, their columns and functions; a click puts the name into the query. */
export function SchemaPanel({ onInsert }: { onInsert: (text: string) => void }) {
  const query = useQuery(huntingSchemaQuery);
  const [search, setSearch] = useState('');
  return (
    <div className={styles.panel}>
      <SearchBox
        size="small"
        className={styles.search}
        value={search}
        placeholder="Table, column or function"
        aria-label="Search the schema"
        onChange={(_, d) => setSearch(d.value)}
      />
      <div className={styles.scroll} tabIndex={0} role="region" aria-label="Tables and functions">
        <Answered query={query} what="schema" rows={10}>
          {(schema) => <Tree schema={schema} search={search} onInsert={onInsert} />}
        </Answered>
        <Link to="/settings" search={{ tab: 'tables' }} className={styles.below}>
          Tables of your own
        </Link>
      </div>
    </div>
  );
}

function Tree({ schema, search, onInsert }: { schema: Schema; search: string; onInsert: (text: string) => void }) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const wanted = useDeferredValue(search);
  const families = searchSchema(schema.tables, wanted);
  const functions = searchFunctions(schema.functions, wanted);
  const flip = (name: string) => setOpen(toggled(open, name));
  if (families.length === 0 && functions.length === 0) return <Empty title="Nothing is called like this" />;
  return (
    <ul className={styles.tree}>
      {families.map((family) => (
        <li key={family.name}>
          <h3 className={styles.family}>{spaced(family.name)}</h3>
          <ul>
            {family.tables.map((found) => (
              <TableItem
                key={found.table.name}
                found={found}
                open={open.has(found.table.name) !== found.byColumn}
                onFlip={() => flip(found.table.name)}
                onInsert={onInsert}
              />
            ))}
          </ul>
        </li>
      ))}
      {functions.length > 0 && (
        <li>
          <button
            type="button"
            className={styles.familyFold}
            aria-expanded={open.has('functions()') || wanted !== ''}
            onClick={() => flip('functions()')}
          >
            <ChevronRight12Regular className={open.has('functions()') || wanted !== '' ? styles.turned : undefined} />
            Functions <span className="quiet">{number(functions.length)}</span>
          </button>
          {(open.has('functions()') || wanted !== '') && (
            <ul>
              {functions.slice(0, 400).map((f) => (
                <li key={`${f.kind} ${f.name}`} className={styles.line}>
                  <button
                    type="button"
                    className={styles.insert}
                    title={`${f.signature}\n${f.description}`}
                    onClick={() => onInsert(`${f.name}(`)}
                  >
                    <span className={styles.name}>{f.name}</span>
                    <span className={styles.type}>{f.kind}</span>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </li>
      )}
    </ul>
  );
}

interface TableItemProps {
  found: FoundTable;
  open: boolean;
  onFlip: () => void;
  onInsert: (text: string) => void;
}

function TableItem({ found, open, onFlip, onInsert }: TableItemProps) {
  const { table, columns } = found;
  const empty = table.rows === 0;
  return (
    <li>
      <div className={styles.line}>
        <button
          type="button"
          className={styles.fold}
          aria-expanded={open}
          aria-label={`Columns of ${table.name}`}
          onClick={onFlip}
        >
          <ChevronRight12Regular className={open ? styles.turned : undefined} />
        </button>
        <button
          type="button"
          className={mergeClasses(styles.insert, empty && styles.empty)}
          title={`${table.description}${empty ? ' — holds no rows' : ''}`}
          onClick={() => onInsert(table.name)}
        >
          <span className={styles.name}>{table.name}</span>
          {table.rows !== undefined && table.rows > 0 && <span className={styles.type}>{short(table.rows)}</span>}
        </button>
      </div>
      {open && (
        <ul className={styles.columns}>
          {columns.map((c) => (
            <li key={c.name} className={styles.line}>
              <button type="button" className={styles.insert} title={c.description} onClick={() => onInsert(c.name)}>
                <Add12Regular className={styles.plus} />
                <span className={styles.name}>{c.name}</span>
                <span className={styles.type}>{c.type}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** 1234567 as "1.2 M" */
function short(n: number): string {
  if (n >= 1e9) return `${(n / 1e9).toFixed(1)} G`;
  if (n >= 1e6) return `${(n / 1e6).toFixed(1)} M`;
  return n >= 10_000 ? `${Math.round(n / 1e3)} k` : number(n);
}
