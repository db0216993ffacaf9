import { describe, expect, it } from 'vitest';
import { type Ask, Language } from './languageClient';
import { languageSchema } from './languageSchema';

/** A checker that answers in bytes. */
const asked: unknown[] = [];
const answers: Record<string, unknown> = {
  check: [
    {
      start: 3,
      end: 4,
      severity: 'error',
      code: 'c',
      message: 'm',
      fixes: [{ title: 't', start: 3, end: 4, text: 'x' }],
    },
  ],
  complete: { from: 3, to: 4, items: [] },
  hover: null,
  tokens: [{ start: 0, end: 3, kind: 'string' }],
};
const ask: Ask = (method, text, at) => {
  asked.push([text, at]);
  return Promise.resolve(answers[method]);
};

describe('the language', () => {
  const language = new Language(ask);
  // "€" has three bytes and one unit.
  it('is asked in bytes and answers in units', async () => {
    const [found] = await language.check('€b');
    expect(found).toMatchObject({ start: 1, end: 2, fixes: [{ start: 1, end: 2, text: 'x' }] });
    expect(await language.complete('€b', 2)).toEqual({ from: 1, to: 2, items: [] });
    expect(asked.at(-1)).toEqual(['€b', 4]);
    expect(await language.hover('€b', 0)).toBeUndefined();
    expect(await language.tokens('€b')).toEqual([{ start: 0, end: 1, kind: 'string' }]);
  });
});

describe('what the checker is told', () => {
  const q = { id: 1, name: 'n', owner: 'o', version: 1, createdAt: '', updatedAt: '' };
  it('has the shared functions with their bodies, and the columns of watchlists', () => {
    const told = languageSchema(
      { tables: [], functions: [{ name: 'ago', kind: 'scalar', signature: '', description: '' }] },
      [
        { ...q, query: 'print x', shared: true, function: 'Recent', parameters: '(x: long)' },
        { ...q, query: 'print 2', shared: true, function: 'Plain' },
        { ...q, query: 'print 3', shared: false, function: 'Mine' },
        { ...q, query: 'print 4', shared: true },
      ],
      [{ name: 'vip', columns: ['User'], searchKey: 'User', count: 0, updatedAt: '', updatedBy: '' }],
    );
    expect(told.functions.map((f) => [f.name, f.body])).toEqual([
      ['Recent', '(x: long) {\nprint x\n}'],
      ['Plain', '() {\nprint 2\n}'],
    ]);
    expect(told.watchlists.vip?.map((c) => c.name)).toEqual(['User']);
  });
});
