import { describe, expect, it } from 'vitest';
import { around, eventsOf, filterEvents, tally } from './timeline';

const named = (...names: string[]) => names.map((name) => ({ name, type: 'string' }));

describe('the timeline of an entity', () => {
  it('reads events of several tables, whole ones beside the short form', () => {
    const events = eventsOf(
      {
        columns: named('SourceTable', 'At', 'Action', 'Device', 'Account', 'Subject', 'CommandLine', 'Address', 'Event'),
        rows: [
          [
            'DeviceProcessEvents',
            '2026-11-24T00:00:00.0000000Z',
            'ProcessCreated',
            'srv',
            'ada',
            'cmd.exe',
            'cmd /c',
            '',
            { ProcessId: 7 },
          ],
          ['SigninLogs', '2026-11-24T00:00:01.0000000Z', 50126, '', 'ada', '', '', '203.0.113.5', { ResultType: 50126 }],
          ['WindowsEvent', '2026-11-24T00:00:02.0000000Z', '', 'srv', '', '', '', '', { EventID: 1 }],
          ['SigninLogs', null, '', '', '', '', '', '', {}],
        ],
      },
      ['DeviceProcessEvents', 'SigninLogs'],
    );
    expect(events).toHaveLength(3);
    expect(events[0]).toMatchObject({ table: 'DeviceProcessEvents', action: 'ProcessCreated', record: { ProcessId: 7 } });
    expect(events[0]?.facts).toEqual([
      ['CommandLine', 'cmd /c'],
      ['Subject', 'cmd.exe'],
      ['Account', 'ada'],
    ]);
    expect(events[1]?.action).toBe('50126');
    expect(events[2]?.action).toBe('Event 1');
    expect(tally(events, (e) => e.table)).toEqual([
      { value: 'DeviceProcessEvents', count: 1 },
      { value: 'SigninLogs', count: 1 },
      { value: 'WindowsEvent', count: 1 },
    ]);
    expect(filterEvents(events, ['SigninLogs'], [])).toHaveLength(1);
    expect(filterEvents(events, ['SigninLogs'], ['x'])).toHaveLength(0);
  });
  it('reads events of one table as they are', () => {
    const [event] = eventsOf(
      {
        columns: named('ActionType', 'Timestamp', 'FileName'),
        rows: [['LogonSuccess', '2026-11-24T00:00:00.0000000Z', 'x.exe']],
      },
      ['DeviceLogonEvents'],
    );
    expect(event).toMatchObject({ table: 'DeviceLogonEvents', action: 'LogonSuccess', facts: [['FileName', 'x.exe']] });
  });
  it('looks half an hour to either side', () => {
    expect(around('2026-11-24T00:30:00Z')).toEqual({ from: '2026-11-24T00:00:00.000Z', to: '2026-11-24T01:00:00.000Z' });
  });
});
