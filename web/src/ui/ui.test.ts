import { describe, expect, it } from 'vitest';
import { safeNext } from '../account/next';
import { evidenceOf } from '../alerts/evidence';
import { problemOf } from '../api/client';
import type { JsonObject } from '../api/types';
import { patched } from '../incident/change';
import { difference } from '../incident/difference';
import { incidentNumber } from '../incident/incidentNumber';
import { invitationLink } from '../settings/invitationLink';
import { bandOf } from './badges';
import { leastWidth } from './Grid';
import { extended, stepped, toggled } from './selection';

describe('selection', () => {
  const ids = ['a', 'b', 'c', 'd'];
  it('toggles one', () => {
    expect([...toggled(new Set(['a']), 'b')]).toEqual(['a', 'b']);
    expect([...toggled(new Set(['a']), 'a')]).toEqual([]);
  });
  it('extends from the anchor in both directions', () => {
    expect([...extended(new Set(), ids, 'b', 'd')]).toEqual(['b', 'c', 'd']);
    expect([...extended(new Set(), ids, 'd', 'b')]).toEqual(['b', 'c', 'd']);
    expect([...extended(new Set(), ids, undefined, 'c')]).toEqual(['c']);
  });
  it('steps and stops at the ends', () => {
    expect([stepped(ids, 'a', 1), stepped(ids, 'd', 1), stepped(ids, undefined, -1), stepped([], 'a', 1)]).toEqual([
      'b',
      'd',
      'd',
      undefined,
    ]);
  });
});

describe('badges and widths', () => {
  it('bands priorities as documented', () => expect([86, 85, 15, 14].map(bandOf)).toEqual(['top', 'middle', 'middle', 'small']));
  it('adds the least widths', () => expect(leastWidth([{ width: '80px' }, { width: 'minmax(120px, 2fr)' }])).toBe(200));
});

describe('changes', () => {
  it('sends only what differs', () => {
    const before = { status: 'active', tags: ['a'], owner: '' };
    expect(difference(before, { status: 'active', tags: ['a', 'b'], owner: 'ada' })).toEqual({ tags: ['a', 'b'], owner: 'ada' });
    expect(difference(before, before)).toEqual({});
  });
  it('shows a patch without its comment', () => {
    const incident = { id: 1, status: 'active' } as Parameters<typeof patched>[0];
    expect(patched(incident, { status: 'resolved', comment: 'x' })).toEqual({ id: 1, status: 'resolved' });
  });
  it('reads incident numbers', () => {
    expect(['#12', ' 7 ', '0', 'x', '-3', '1e3'].map(incidentNumber)).toEqual([
      12,
      7,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('what comes from outside', () => {
  it('follows only paths of the portal after signing in', () => {
    expect(
      ['/incidents/7?tab=alerts', '//evil.example', 'https://evil.example', '/\\evil.example', undefined].map(safeNext),
    ).toEqual(['/incidents/7?tab=alerts', '/incidents', '/incidents', '/incidents', '/incidents']);
  });
  it('makes whole invitation links', () => {
    const origin = 'https://clew.example';
    expect(['abc', '/setup/abc', 'https://other.example/setup/abc'].map((l) => invitationLink(l, origin))).toEqual([
      'https://clew.example/setup/abc',
      'https://clew.example/setup/abc',
      'https://other.example/setup/abc',
    ]);
  });
  it('reads problem details and what a proxy says', () => {
    const response = (status: number, statusText: string) => new Response(null, { status, statusText });
    const problem = problemOf(response(409, 'Conflict'), {
      title: 'Refused',
      detail: 'Different owners.',
      next: 'Set one owner.',
    });
    expect([problem.title, problem.message, problem.next, problem.passing]).toEqual([
      'Refused',
      'Different owners.',
      'Set one owner.',
      false,
    ]);
    expect(problemOf(response(502, 'Bad Gateway'), '<html>')).toMatchObject({ title: 'Bad Gateway', passing: true });
    const invalid = problemOf(response(422, ''), {
      title: 'Invalid',
      errors: [{ location: 'body.name', message: 'too long' }, 3],
    });
    expect(invalid.detail).toBe('body.name: too long');
  });
  it('reads evidence of any shape', () => {
    const alert: JsonObject = {
      evidence: [
        {
          '@odata.type': '#microsoft.graph.security.fileEvidence',
          verdict: 'malicious',
          roles: ['attacked'],
          fileDetails: { fileName: 'x.exe', sha256: 'ab', signer: null },
        },
        { '@odata.type': '#vendor.strange', deep: { a: { b: { c: { d: 1 } } } }, list: [1, 2] },
        'nonsense',
        null,
      ],
    };
    const [file, strange, ...rest] = evidenceOf(alert);
    expect(file).toMatchObject({ kind: 'file', title: 'x.exe', verdict: 'malicious', roles: ['attacked'] });
    expect(file?.fields).toContainEqual({ path: 'fileDetails.sha256', value: 'ab' });
    expect(strange?.kind).toBe('other');
    expect(strange?.fields).toContainEqual({ path: 'list', value: '1, 2' });
    expect(rest).toEqual([]);
    expect(evidenceOf({ evidence: 'x' })).toEqual([]);
  });
});
