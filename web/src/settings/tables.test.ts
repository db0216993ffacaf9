import { describe, expect, it } from 'vitest';
import { columnsFault, nameFault, sending, tableName } from './tables';

describe('a user-defined table', () => {
  it('ends in _CL, typed or not', () => {
    expect(tableName(' Badge ')).toBe('Badge_CL');
    expect(tableName('Badge_CL')).toBe('Badge_CL');
    expect(tableName('')).toBe('');
  });
  it('has a plain name', () => {
    expect(nameFault('Badge')).toBeUndefined();
    expect(nameFault('')).toBeUndefined();
    expect(nameFault('1st')).toContain('A letter');
    expect(nameFault('a b')).toContain('A letter');
    expect(nameFault('x'.repeat(61))).toContain('63');
    expect(nameFault('x'.repeat(60))).toBeUndefined();
  });
  it('has columns, each with a name of its own', () => {
    expect(columnsFault([])).toContain('needs');
    expect(columnsFault([{ name: 'door', type: 'string' }])).toBeUndefined();
    expect(columnsFault([{ name: '', type: 'string' }])).toContain('no name');
    expect(columnsFault([{ name: 'a-b', type: 'string' }])).toContain('a-b');
    const twice = columnsFault([
      { name: 'a', type: 'string' },
      { name: 'A', type: 'long' },
    ]);
    expect(twice).toContain('Two');
  });
  it('is filled over HTTP', () => {
    expect(sending('https://clew.example', 'Badge_CL')).toContain('https://clew.example/api/v1/telemetry/tables/Badge_CL ');
  });
});
