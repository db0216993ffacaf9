import { describe, expect, it } from 'vitest';
import { clipMiddle } from './clip';
import { bytes, count, number } from './count';
import { toCSV } from './csv';
import { defang, shown } from './defang';
import { pieces, visible, visibleLines } from './hostile';
import { shortLabel } from './short';
import { ago, duration, rangeStart, shortTime, utcTime } from './time';
import { determinations, spaced, tacticOrder, word } from './words';

describe('hidden characters', () => {
  it.each([
    ['\u202e', 'right-to-left override'],
    ['\u2066', 'isolate'],
    ['\u200b', 'zero-width space'],
    ['\ufeff', 'byte order mark'],
    ['\u0000', 'null'],
    ['\u001b', 'escape'],
    ['\u0085', 'next line'],
    ['\u2028', 'line separator'],
    ['\u3164', 'Hangul filler'],
    ['\ufe0f', 'variation selector'],
    ['\u{e0041}', 'tag'],
    ['\ud800', 'lone surrogate'],
  ])('marks %j (%s)', (c) => {
    const found = pieces(`invoice${c}fdp.exe`);
    expect(found).toHaveLength(3);
    expect(found[1]?.mark).toMatch(/^U\+[0-9A-F]{4,}$/);
    expect(visible(`a${c}b`)).toBe(`a[${found[1]?.mark}]b`);
  });

  it('leaves honest text alone', () => {
    for (const text of ['', 'häßlich', '日本語', 'नमस्ते', '🙂', "O'Brien & <b>"]) expect(pieces(text)).toEqual([{ text }]);
  });

  it('keeps the lines of a payload', () => {
    expect(visibleLines('{\r\n\t"a": "\u202e"\n}')).toBe('{\n\t"a": "[U+202E]"\n}');
  });
});

describe('clipping', () => {
  it('keeps both ends', () => {
    expect(clipMiddle('C:\\Windows\\System32\\cmd.exe', 15)).toBe('C:\\Wind…cmd.exe');
  });
  it('leaves what fits', () => expect(clipMiddle('short', 5)).toBe('short'));
  it('never cuts a character in two', () => {
    const family = '👩‍👩‍👧‍👦';
    const clipped = clipMiddle(family.repeat(10), 5);
    expect(clipped).toBe(`${family.repeat(2)}…${family.repeat(2)}`);
  });
  it('is quick on megabytes', () => {
    const start = performance.now();
    expect(clipMiddle('x'.repeat(5_000_000), 40)).toHaveLength(40);
    expect(performance.now() - start).toBeLessThan(200);
  });
});

describe('defanging', () => {
  it.each([
    ['https://evil.example/a.b?c=d.e', 'hxxps[://]evil[.]example/a.b?c=d.e'],
    ['HTTP://EVIL.example', 'HXXP[://]EVIL[.]example'],
    ['not a url', 'not a url'],
  ])('%s', (url, want) => expect(defang(url)).toBe(want));
  it('goes by the kind', () => {
    expect(shown('domain', 'a.b')).toBe('a[.]b');
    expect(shown('file', 'a.exe')).toBe('a.exe');
  });
});

describe('CSV', () => {
  it('quotes and disarms', () => {
    expect(toCSV(['a', 'b'], [['x,"y"', '=HYPERLINK("http://evil")']])).toBe(
      'a,b\r\n"x,""y""","\'=HYPERLINK(""http://evil"")"\r\n',
    );
  });
  it('leaves negative numbers alone', () => {
    expect(toCSV(['h'], [['-1'], ['-2.5e3']])).toBe('h\r\n-1\r\n-2.5e3\r\n');
  });
  it.each(['=1', '+1', '-1+1', '-x', '@SUM', '\t=1', ' =1'])('disarms %j', (cell) => {
    expect(toCSV(['h'], [[cell]])).toContain(`'${cell}`);
  });
});

describe('times', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  it.each([
    ['2026-11-24T11:59:40Z', 'now'],
    ['2026-11-24T11:55:00Z', '5 min ago'],
    ['2026-11-24T09:00:00Z', '3 h ago'],
    ['2026-11-20T12:00:00Z', '4 d ago'],
  ])('%s is %s', (at, want) => expect(ago(at, now)).toBe(want));
  it('shows the year when it is another', () => {
    expect(shortTime('2026-11-24T08:14:00Z', now, 'UTC')).toBe('24 Nov 08:14');
    expect(shortTime('2025-11-24T08:14:00Z', now, 'UTC')).toContain('2025');
  });
  it('survives nonsense', () => expect([shortTime('x', now), utcTime(''), ago('y', now)]).toEqual(['–', '–', '–']));
  it.each([
    [12_000, '12 s'],
    [48 * 60_000, '48 min'],
    [185 * 60_000, '3 h 5 min'],
    [52 * 3_600_000, '2 d 4 h'],
  ])('%d ms is %s', (ms, want) => expect(duration(ms)).toBe(want));
  it('starts ranges on whole minutes', () => {
    expect(rangeStart('1d', now + 12_345)).toBe('2026-11-23T12:00:00.000Z');
    expect(rangeStart('all', now)).toBeUndefined();
  });
});

describe('words', () => {
  it('names members and spells unknown ones', () => {
    expect(word('status', 'active')).toBe('New');
    expect(word('tactic', 'CommandAndControl')).toBe('Command and control');
    expect(word('status', 'awaitingAction')).toBe('Awaiting action');
    expect(spaced('lateral-movement')).toBe('Lateral movement');
  });
  it('orders tactics by the kill chain in every spelling', () => {
    const spellings = ['Impact', 'initial-access', 'LateralMovement', 'somethingElse'];
    expect(spellings.sort((a, b) => tacticOrder(a) - tacticOrder(b))).toEqual([
      'initial-access',
      'LateralMovement',
      'Impact',
      'somethingElse',
    ]);
  });
  it('offers determinations for each classification', () => {
    expect(determinations.truePositive).toContain('phishing');
    expect(determinations.falsePositive).not.toContain('phishing');
  });
  it('counts', () => {
    expect([count(1, 'alert'), count(12_345, 'alert'), count(2, 'address', 'addresses'), number(7)]).toEqual([
      '1 alert',
      '12,345 alerts',
      '2 addresses',
      '7',
    ]);
    expect([bytes(12), bytes(3_200), bytes(5_000_000)]).toEqual(['12 B', '3.1 KiB', '4.8 MiB']);
  });
  it.each([
    ['device', 'lm-dc01.corp.example', 'lm-dc01'],
    ['device', 'lm-dc01', 'lm-dc01'],
    ['user', 'ada@corp.example', 'ada'],
    ['user', 'CORP\\ada', 'ada'],
    ['ip', '10.0.0.1', '10.0.0.1'],
    ['user', 'a@b@c', 'a@b@c'],
  ])('shortens the %s %s to %s', (kind, label, want) => expect(shortLabel(kind, label)).toBe(want));
});
