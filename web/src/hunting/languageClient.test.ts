import { describe, expect, it } from 'vitest';
import { type Ask, Language } from './languageClient';

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
const ask: Ask = (entry, request) => {
  asked.push(request);
  return Promise.resolve(answers[entry]);
};

describe('the language', () => {
  const language = new Language(ask);
  // "€" has three bytes and one unit.
  it('is asked in bytes and answers in units', async () => {
    const [found] = await language.check('€b');
    expect(found).toMatchObject({ start: 1, end: 2, fixes: [{ start: 1, end: 2, text: 'x' }] });
    expect(await language.complete('€b', 2)).toEqual({ from: 1, to: 2, items: [] });
    expect(asked.at(-1)).toEqual({ text: '€b', offset: 4 });
    expect(await language.hover('€b', 0)).toBeUndefined();
    expect(await language.tokens('€b')).toEqual([{ start: 0, end: 1, kind: 'string' }]);
  });
});
