import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import type { Column } from './Grid';
import { ColumnCard } from './Table';

const columns: Column<{ name: string; rows: number }>[] = [
  { id: 'name', name: 'Name', width: '', render: (t) => t.name },
  { id: 'rows', name: 'Rows', width: '90px', render: (t) => t.rows },
  { id: 'do', name: '', width: '100px', render: () => <button type="button">Delete</button> },
];

it('shows a row on a phone with all that its columns have', () => {
  const text = renderToStaticMarkup(<ColumnCard columns={columns} row={{ name: '<b>Door</b>', rows: 7 }} />);
  const words = text.replace(/<(?!\/?button)[^>]*>/g, '|').replace(/\|+/g, '|');
  expect(words).toBe('|&lt;b&gt;Door&lt;/b&gt;|Rows|7|<button type="button">Delete</button>|');
});
