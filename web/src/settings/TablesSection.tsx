import { Button } from '@fluentui/react-components';
import { Add16Regular, Delete16Regular } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { usePolicy } from '../app/session';
import { type UserTable, userTablesQuery } from '../hunting/api';
import { bytes, number } from '../text/count';
import { isSet } from '../text/time';
import { CopyButton, Foreign } from '../ui/Foreign';
import type { Column } from '../ui/Grid';
import { Answered, Section } from '../ui/states';
import { ColumnCard, Table } from '../ui/Table';
import { Time } from '../ui/Time';
import { DropTableDialog } from './DropTableDialog';
import { NewTableDialog } from './NewTableDialog';
import styles from './SettingsPage.module.css';
import { sending } from './tables';

/** Tables that people define for what no format knows, and programs fill. */
export function TablesSection() {
  const { admin } = usePolicy();
  const tables = useQuery(userTablesQuery);
  const [making, setMaking] = useState(false);
  const [leaving, setLeaving] = useState<UserTable | undefined>(undefined);
  const why = admin ? undefined : 'Only administrators can do this';
  const columns: Column<UserTable>[] = [
    {
      id: 'name',
      name: 'Name',
      width: '',
      render: (t) => (
        <>
          <Link to="/hunting" search={{ q: `${t.name}\n| take 100` }} className="mono">
            {t.name}
          </Link>
          <div className="quiet">
            <Foreign value={t.description} max={120} />
          </div>
        </>
      ),
    },
    { id: 'columns', name: 'Columns', width: '80px', end: true, render: (t) => number(t.columns.length) },
    { id: 'rows', name: 'Rows', width: '90px', end: true, render: (t) => number(t.rows) },
    { id: 'bytes', name: 'Size', width: '90px', end: true, render: (t) => (t.bytes > 0 ? bytes(t.bytes) : '–') },
    {
      id: 'newest',
      name: 'Newest',
      width: '120px',
      render: (t) => (isSet(t.newest) ? <Time at={t.newest} as="ago" /> : 'no rows'),
    },
    {
      id: 'do',
      name: '',
      width: '200px',
      end: true,
      render: (t) => (
        <span className={styles.actions}>
          <CopyButton value={sending(window.location.origin, t.name)} label={`Copy how to send rows to ${t.name}`} />
          <Button
            size="small"
            appearance="subtle"
            icon={<Delete16Regular />}
            aria-label={`Delete ${t.name}`}
            disabledFocusable={!admin}
            title={why}
            onClick={() => admin && setLeaving(t)}
          >
            Delete
          </Button>
        </span>
      ),
    },
  ];
  return (
    <Section title="Tables of your own">
      <p className="quiet">
        For events that no format knows: the names end in <code>_CL</code>, and a token that may send alerts fills them with JSON.
        They are in the schema of hunting like all others.
      </p>
      <div>
        <Button
          size="small"
          appearance="primary"
          icon={<Add16Regular />}
          disabledFocusable={!admin}
          title={why}
          onClick={() => admin && setMaking(true)}
        >
          New table
        </Button>
      </div>
      <Answered
        query={tables}
        what="tables"
        rows={3}
        isEmpty={(t) => t.length === 0}
        empty={<p className="quiet">There are none yet.</p>}
      >
        {(rows) => (
          <Table
            label="Tables of your own"
            columns={columns}
            rows={rows}
            idOf={(t) => t.name}
            card={(row) => <ColumnCard columns={columns} row={row} />}
          />
        )}
      </Answered>
      {making && <NewTableDialog onClose={() => setMaking(false)} />}
      {leaving !== undefined && <DropTableDialog table={leaving} onClose={() => setLeaving(undefined)} />}
    </Section>
  );
}
