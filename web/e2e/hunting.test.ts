import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Download, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, enter, type Incident, launch, open, seriousFindings, settled, user, type Watch } from './browser';

// Needs the account that portal.test.ts sets up. Queries bring their own rows
// where they can; what is asked of tables is ingested below.

let browser: Browser;
let context: BrowserContext;
let page: Page;
let watch: Watch;
/** The incident that the test of linking makes. */
let linked = 0;

beforeAll(async () => {
  browser = await launch();
  ({ context, page, watch } = await open(browser));
  await enter(context);
  const events = [
    process(14, 'ws1.hunt.example', 'cmd.exe', 'cmd.exe /c whoami'),
    process(13, 'ws1.hunt.example', 'powershell.exe', 'powershell.exe -enc SQBFAFgA https://evil.example/x'),
    process(5, 'ws2.hunt.example', 'cmd.exe', 'cmd.exe /c hostname'),
  ];
  const receipt = await call<{ received: number; stored: number }>(context, 'POST', '/telemetry/auto', events);
  expect([receipt.received, receipt.stored]).toEqual([3, 3]);
});

afterAll(async () => {
  await browser?.close();
});

const editor = () => page.locator('.cm-content');
const rows = () => page.locator('[data-result-row]');
const message = (text: string | RegExp) => page.locator('[id^="toast-title"]').filter({ hasText: text }).first().waitFor();

/** Takes a completion with the mouse; while the list is asked for anew a click does nothing, so until it has. */
async function choose(name: RegExp, want: RegExp): Promise<void> {
  const option = page.getByRole('option', { name }).first();
  await expect
    .poll(async () => {
      if (!want.test(await editor().innerText())) await option.click({ timeout: 1_000 }).catch(() => undefined);
      return editor().innerText();
    })
    .toMatch(want);
}

/** Puts a query into the editor in place of what is there. */
async function write(query: string): Promise<void> {
  await editor().click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(query);
}

async function run(query: string): Promise<void> {
  await write(query);
  await page.keyboard.press('Shift+Enter');
}

const minute = 60_000;
const ago = (minutes: number): string => new Date(Date.now() - minutes * minute).toISOString();

/** A process that Sysmon saw start. */
const process = (minutes: number, host: string, image: string, line: string) => ({
  '@timestamp': ago(minutes),
  EventID: 1,
  Channel: 'Microsoft-Windows-Sysmon/Operational',
  SourceName: 'Microsoft-Windows-Sysmon',
  Hostname: host,
  UtcTime: ago(minutes).replace('T', ' ').replace('Z', ''),
  ProcessGuid: '{0197231e-55fb-5f5c-5a04-000000000800}',
  ProcessId: String(4_000 + minutes),
  Image: `C:\\Windows\\System32\\${image}`,
  CommandLine: line,
  User: 'HUNT\\ada',
  ParentImage: 'C:\\Windows\\explorer.exe',
  ParentProcessId: '812',
  Hashes: 'SHA1=08A2C4D6E8F0123456789ABCDEF0123456789ABC',
});

/** Three rows with what attackers write, and two devices. */
const hostile = `datatable(Timestamp:datetime, DeviceName:string, AccountUpn:string, FileName:string, Url:string, Count:long, Bag:dynamic) [
  datetime(${ago(12)}), "ws1.hunt.example", "ada@hunt.example", "=cmd|'/c calc'!A1", "https://evil.example/a", -5, dynamic({"deep": {"list": [1, 2, 3]}}),
  datetime(${ago(11)}), "ws1.hunt.example", "ada@hunt.example", "<img src=x onerror=alert(1)>", "http://evil.example/b", 7, dynamic(null),
  datetime(${ago(10)}), "ws2.hunt.example", "bo@hunt.example", "invoice\\u202efdp.exe", "", 12, dynamic([1])
]`;

describe('writing a query', () => {
  it('completes the names of tables and operators', async () => {
    await page.goto('/hunting');
    await editor().waitFor();
    await write('');
    await page.keyboard.type('DeviceProc', { delay: 20 });
    await page.getByRole('option', { name: /DeviceProcessEvents/ }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await expect.poll(() => editor().innerText()).toBe('DeviceProcessEvents');
    await page.keyboard.type(' | wh', { delay: 20 });
    await choose(/^where/, /\| where$/);
    await page.keyboard.type(' FileNa', { delay: 20 });
    await page
      .getByRole('option', { name: /^FileName/ })
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
  });

  it('takes on Enter what the list shows, however fast, and makes a line where it shows nothing', async () => {
    const list = page.locator('.cm-tooltip-autocomplete');
    for (const word of ['DeviceLogonEv', 'DeviceNetworkEv', 'DeviceFileEv']) {
      await write('');
      await page.keyboard.type(word.slice(0, -6));
      await list.waitFor();
      await page.keyboard.type(word.slice(-6));
      await page.keyboard.press('Enter');
      await expect.poll(() => editor().innerText()).toBe(`${word}ents`);
    }
    // Nothing to complete any more: Enter is a line.
    await page.keyboard.press('Enter');
    await page.keyboard.type('| take 5');
    await page.keyboard.press('Escape');
    await expect.poll(() => editor().innerText()).toBe('DeviceFileEvents\n| take 5');
  });

  it('puts text in the place of a selection without an inline style', async () => {
    await write('DeviceProcessEvents | where FileName == "cmd.exe"');
    await page.locator('.cm-content .kql-string').first().waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('(');
    await expect.poll(() => editor().innerText()).toBe('(DeviceProcessEvents | where FileName == "cmd.exe")');
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText('print 1');
    await expect.poll(() => editor().innerText()).toBe('print 1');
    expect(watch.faults).toEqual([]);
  });

  it('underlines errors and corrects them', async () => {
    await write('DeviceProcessEvents | wehre FileName == "cmd.exe"');
    const error = page.locator('.cm-lintRange-error');
    await error.first().waitFor();
    expect(await error.first().innerText()).toBe('wehre');
    await page.getByText('1 error').waitFor();
    await error.first().hover();
    await page.getByRole('button', { name: /where/ }).first().click();
    await error.first().waitFor({ state: 'detached' });
    await expect.poll(() => editor().innerText()).toContain('| where FileName');
  });

  it('says what a name means and what a function takes', async () => {
    await write('DeviceProcessEvents | extend x = strcat(FileName, ');
    await page.keyboard.press('ArrowLeft');
    await page.locator('.kql-signature').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('DeviceProcessEvents', { exact: true }).last().hover();
    await page.locator('.kql-hover').waitFor();
  });

  it('formats on Shift+Alt+F', async () => {
    await write('DeviceProcessEvents|where FileName=="cmd.exe"|take 5');
    await page.keyboard.press('Shift+Alt+F');
    await expect.poll(async () => (await editor().innerText()).split('\n').length).toBeGreaterThan(2);
  });

  it('takes names from the schema', async () => {
    await write('');
    await page.getByLabel('Search the schema').fill('DeviceLogonEvents');
    await page.getByRole('button', { name: /^DeviceLogonEvents/ }).click();
    await expect.poll(() => editor().innerText()).toContain('DeviceLogonEvents');
    await page.getByRole('button', { name: 'Columns of DeviceLogonEvents' }).click();
    await page.getByRole('button', { name: /^LogonType/ }).waitFor();
    await page.getByLabel('Search the schema').fill('');
  });
});

describe('running a query', () => {
  it('shows the rows, and what attackers wrote as text', async () => {
    await run(hostile);
    await expect.poll(() => rows().count()).toBe(3);
    const grid = page.getByRole('grid', { name: 'Results' });
    await grid.getByText('<img src=x onerror=alert(1)>').waitFor();
    await grid.getByText('hxxps[://]evil[.]example/a').waitFor();
    await grid.getByText('U+202E').waitFor();
    await page.getByLabel('What the query took').getByText('Time', { exact: true }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('sorts, filters and inspects', async () => {
    await page.getByRole('columnheader', { name: /Count/ }).getByRole('button', { name: 'Count', exact: true }).click();
    await page.getByRole('columnheader', { name: /Count/ }).getByRole('button', { name: 'Count', exact: true }).click();
    await expect.poll(() => rows().first().getAttribute('data-result-row')).toBe('2');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByLabel('Filter Count').fill('<10');
    await expect.poll(() => rows().count()).toBe(2);
    await page.getByLabel('Filter DeviceName').fill('ws2');
    await expect.poll(() => rows().count()).toBe(0);
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await rows().nth(2).click();
    const pane = page.getByRole('complementary', { name: 'Record' });
    await pane.getByText('deep').waitFor();
    await pane.getByLabel('Find a column or value').fill('accountupn');
    await pane.getByText('ada@hunt.example').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await pane.getByRole('button', { name: 'Close' }).click();
  });

  it('pins a column and unfolds a dynamic value', async () => {
    await page.getByRole('button', { name: 'Column DeviceName' }).click();
    await page.getByRole('menuitem', { name: 'Pin to the left' }).click();
    const first = page.getByRole('grid', { name: 'Results' }).getByRole('columnheader').nth(1);
    await expect.poll(() => first.innerText()).toContain('DeviceName');
    await page.getByRole('button', { name: 'Unfold Bag' }).first().click();
    await page.getByRole('dialog', { name: 'Value of Bag' }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('moves by keyboard and copies nothing but what is asked for', async () => {
    const grid = page.getByRole('grid', { name: 'Results' });
    await grid.focus();
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('1 selected').waitFor();
    await page.keyboard.press('x');
    await page.keyboard.press('o');
    await page.getByRole('complementary', { name: 'Record' }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('runs the query at the cursor, or the selection', async () => {
    await write('print a = 1\n\nprint b = 2');
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('Shift+Enter');
    await page.getByRole('columnheader', { name: /^a/ }).waitFor();
    await page.keyboard.press('Control+End');
    await page.keyboard.press('Shift+Enter');
    await page.getByRole('columnheader', { name: /^b/ }).waitFor();
  });

  it('says where an error is', async () => {
    await run('datatable(a:long)[1] | where nosuch == 1');
    const fault = page.getByRole('alert').getByRole('button');
    await fault.first().waitFor();
    await fault.first().click();
    await expect.poll(() => page.evaluate(() => window.getSelection()?.toString())).toContain('nosuch');
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('stays a window on its rows, and names the limit that it met', async () => {
    await run('range i from 1 to 40000 step 1 | extend text = strcat("row ", i)');
    await page.getByRole('list', { name: 'Notes about the result' }).getByText(/limit/).first().waitFor();
    await expect.poll(() => page.locator('[data-rows]').getAttribute('data-rows')).toBe('30000');
    expect(await rows().count()).toBeLessThan(120);
    await page.getByRole('grid', { name: 'Results' }).focus();
    await page.keyboard.press('Control+End');
    await page.getByText('row 30000', { exact: true }).waitFor();
    expect(await rows().count()).toBeLessThan(120);
  });

  it('stays a window when a hundred thousand rows are there', async () => {
    await page.route('**/api/v1/hunting/query', (route) =>
      route.fulfill({
        json: {
          columns: ['n', 'text', 'device', 'user', 'address'].map((name) => ({ name, type: name === 'n' ? 'long' : 'string' })),
          rows: Array.from({ length: 100_000 }, (_, i) => [i, `row ${i}`, `ws${i % 50}`, `user${i % 20}`, `10.0.${i % 250}.1`]),
          rowCount: 100_000,
          stats: { elapsedMs: 1, queuedMs: 0, readTables: [] },
          warnings: [],
        },
      }),
    );
    await run('print many = 1');
    await expect.poll(() => page.locator('[data-rows]').getAttribute('data-rows')).toBe('100000');
    await page.unroute('**/api/v1/hunting/query');
    await page.getByRole('columnheader', { name: /^n/ }).getByRole('button', { name: 'n', exact: true }).click();
    await page.getByRole('columnheader', { name: /^n/ }).getByRole('button', { name: 'n', exact: true }).click();
    await page.getByText('row 99999', { exact: true }).waitFor();
    const box = page.locator('[data-scroller]');
    for (let step = 1; step <= 20; step++) {
      await box.evaluate((b, at) => b.scrollTo({ top: (b.scrollHeight * at) / 20 }), step);
      expect(await rows().count()).toBeLessThan(120);
    }
    await page.getByText('row 0', { exact: true }).waitFor();
  });

  it('cancels', async () => {
    await run('range i from 1 to 100000000 step 1 | extend h = hash_sha256(tostring(i)) | summarize dcount(h), max(h)');
    const cancel = page.getByRole('button', { name: 'Cancel' }).first();
    await cancel.click();
    await page.getByText(/^Cancelled after/).waitFor();
  });
});

describe('what comes of a result', () => {
  it('is a chart', async () => {
    await run(
      'range i from 0 to 47 step 1 | project At = datetime(2026-11-24) + i * 1h, Device = strcat("ws", i % 3), n = i | render timechart',
    );
    await page.locator('[data-chart="time"] canvas').waitFor();
    await page.getByRole('img', { name: /Line chart by At: 48 values of ws0, ws1, ws2/ }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    for (const kind of ['area', 'stacked', 'column', 'bar', 'pie', 'scatter']) {
      await page.getByLabel('Show as').selectOption(kind);
      await page.locator(`[data-chart="${kind}"] canvas`).waitFor();
    }
  });

  it('is a file', async () => {
    await run(hostile);
    await expect.poll(() => rows().count()).toBe(3);
    const csv = await exported(/as CSV/);
    expect(csv).toContain(`'=cmd|'/c calc'!A1`);
    expect(csv).toContain('invoice[U+202E]fdp.exe');
    expect(csv).toContain(',-5,');
    const json = JSON.parse(await exported(/as JSON/)) as { FileName: string; Count: number }[];
    expect(json.map((r) => r.Count)).toEqual([-5, 7, 12]);
    expect(json[2]?.FileName).toBe('invoice\u202efdp.exe');
  });

  it('is alerts in an incident, one for each combination of who was hit', async () => {
    await page.getByRole('button', { name: 'Link to incident' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByLabel('Device').inputValue()).toBe('DeviceName');
    expect(await dialog.getByLabel('User').inputValue()).toBe('AccountUpn');
    await dialog.getByText('2 alerts: one for each distinct combination.').waitFor();
    await dialog.getByRole('textbox', { name: 'Title of the alerts' }).fill('Odd files by hunting');
    const go = dialog.getByRole('button', { name: 'Link 2 alerts' });
    await expect.poll(() => go.isEnabled()).toBe(true);
    await page.waitForTimeout(300);
    expect(await seriousFindings(page)).toEqual([]);
    await go.click();
    await message(/2 alerts linked to incident #\d+/);
    await page.getByRole('button', { name: 'Open the incident' }).click();
    await page.waitForURL('**/incidents/*');
    await settled(page);
    const id = Number(new URL(page.url()).pathname.split('/').pop());
    const incident = await call<Incident>(context, 'GET', `/incidents/${id}`);
    expect(incident.name).toBe('Odd files by hunting');
    expect(incident.tally.alerts).toBe(2);
    linked = id;
  });
});

async function exported(name: RegExp): Promise<string> {
  await page.getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download') as Promise<Download>,
    page.getByRole('menuitem', { name }).click(),
  ]);
  return readFileSync((await download.path()) ?? '', 'utf8').replace(/^\ufeff/, '');
}

describe('keeping queries', () => {
  it('saves, shares, opens and removes', async () => {
    await page.goto('/hunting');
    await write('print kept = 1');
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Kept by the test');
    await dialog.getByLabel('Folder').fill('Tests');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await message('Saved as “Kept by the test”');
    await page.getByRole('tab', { name: 'Queries' }).click();
    await page.getByRole('button', { name: 'Manage Kept by the test' }).click();
    await page.getByRole('menuitem', { name: 'Share with everybody' }).click();
    await page.getByRole('heading', { name: 'Shared queries / Tests' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await write('');
    await page.getByRole('region', { name: 'Saved queries' }).getByRole('button', { name: 'Kept by the test' }).first().click();
    await expect.poll(() => editor().innerText()).toContain('print kept = 1');
    await page.getByRole('button', { name: 'Manage Kept by the test' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Manage Kept by the test' }).waitFor({ state: 'detached' });
  });

  it('remembers what was run, and the tabs over a reload', async () => {
    await page.getByRole('button', { name: 'New query' }).click();
    await run('print remembered = 42');
    await page.getByRole('columnheader', { name: /remembered/ }).waitFor();
    await page.getByRole('tab', { name: 'History' }).click();
    await page.getByRole('region', { name: 'History' }).getByText('print remembered = 42').first().waitFor();
    await page.getByLabel('Which runs').selectOption('heaviest');
    await page.getByText(/What took longest of the latest/).waitFor();
    await page.getByRole('region', { name: 'History' }).getByText(user.name).first().waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByLabel('Which runs').selectOption('mine');
    await page.waitForURL(/q=print/);
    await page.getByRole('button', { name: 'New query' }).click();
    await page.waitForTimeout(800);
    await page.reload();
    await page.getByRole('tab', { name: /print remembered/ }).click();
    await expect.poll(() => editor().innerText()).toContain('remembered');
  });
});

describe('tables of one’s own', () => {
  it('are made of a sample, filled, asked and deleted', async () => {
    await page.goto('/settings?tab=tables');
    await page.getByRole('button', { name: 'New table' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Door');
    await dialog.getByLabel('A few records, as JSON').fill('{"time":"2026-11-01T10:00:00Z","door":"east","badge":4711}');
    await dialog.getByRole('button', { name: 'Find the columns' }).click();
    await dialog.getByLabel('Name of column 2').waitFor();
    expect(await dialog.getByLabel('Type of column 2').inputValue()).toBe('long');
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Make the table' }).click();
    await message(/^Door_CL is there/);
    const receipt = await call<{ stored: number }>(context, 'POST', '/telemetry/tables/Door_CL', [
      { time: ago(3), door: 'east', badge: 4711 },
      { time: ago(2), door: '<img src=x onerror=alert(1)>', badge: 12, hall: 'B' },
    ]);
    expect(receipt.stored).toBe(2);
    await page.goto('/hunting');
    await editor().waitFor();
    await page.getByLabel('Search the schema').fill('Door_CL');
    await page.getByRole('button', { name: /^Door_CL/ }).waitFor();
    await run('Door_CL | where badge > 100 or AdditionalFields.hall == "B" | project door, badge');
    await expect.poll(() => rows().count()).toBe(2);
    await page.getByRole('grid', { name: 'Results' }).getByText('<img src=x onerror=alert(1)>').waitFor();
    await page.getByLabel('Search the schema').fill('');
    await page.getByRole('link', { name: 'Tables of your own' }).click();
    await page.getByRole('button', { name: 'Delete Door_CL' }).click();
    const sure = dialog.getByRole('button', { name: 'Delete the table' });
    expect(await sure.isDisabled()).toBe(true);
    await dialog.getByText(/2 rows are deleted for good/).waitFor();
    await dialog.getByLabel('Write Door_CL to confirm').fill('Door_CL');
    await sure.click();
    await message('Door_CL is deleted');
    await page.getByRole('button', { name: 'Delete Door_CL' }).waitFor({ state: 'detached' });
  });
});

describe('go hunt', () => {
  it('leads from a node of the graph to a query that has run', async () => {
    await page.goto(`/incidents/${linked}`);
    await settled(page);
    await page.locator('g[data-node][aria-label*="ws1"]').first().click();
    const pane = page.getByRole('complementary', { name: 'Entity' });
    await pane.getByRole('button', { name: 'Go hunt' }).first().click();
    await page.getByRole('menuitem', { name: 'Processes' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('menuitem', { name: 'Processes' }).click();
    await page.waitForURL('**/hunting?*');
    await expect.poll(() => editor().innerText()).toContain('DeviceProcessEvents');
    await expect.poll(() => rows().count()).toBe(2);
    await page.getByRole('grid', { name: 'Results' }).getByText('cmd.exe /c whoami').first().waitFor();
  });

  it('leads to the timeline of an entity', async () => {
    await page.goto(`/incidents/${linked}`);
    await settled(page);
    await page.locator('g[data-node][aria-label*="ws1"]').first().click();
    await page.getByRole('complementary', { name: 'Entity' }).getByRole('button', { name: 'Go hunt' }).first().click();
    await page.getByRole('menuitem', { name: 'Timeline of its events' }).click();
    await page.waitForURL('**/timeline?at=*');
    await page.getByText('cmd.exe /c whoami').first().waitFor();
    await page.getByText('hxxps[://]evil[.]example/x').first().waitFor();
    await page.getByLabel('Table').selectOption('DeviceProcessEvents');
    await expect.poll(() => page.locator('[data-row]').count()).toBe(2);
    expect(await seriousFindings(page)).toEqual([]);
    await page.locator('[data-row]').first().click();
    await page.getByRole('complementary', { name: 'Record' }).getByText('ProcessCommandLine').waitFor();
    await page.getByRole('button', { name: '30 min either side' }).click();
    await page.getByRole('link', { name: 'Open as a query' }).click();
    await page.waitForURL('**/hunting?*');
    await expect.poll(() => editor().innerText()).toContain('ws1.hunt.example');
  });

  it('lets go of whoever leaves, also while the next page is on its way', async () => {
    const { context: own, page: tab } = await open(browser);
    await enter(own);
    let letGo = () => {};
    const held = new Promise<void>((go) => {
      letGo = go;
    });
    await tab.route('**/assets/SourcesPage*.js', async (route) => {
      await held;
      await route.continue();
    });
    for (const [path, box] of [
      ['/hunting', '.cm-content'],
      ['/assets', 'main input[type="search"], main [role="searchbox"]'],
    ] as const) {
      await tab.goto(path);
      await tab.locator(box).first().click();
      await tab.keyboard.insertText('written and left');
      // At once: before the page has written its address.
      await tab.getByRole('link', { name: 'Data sources' }).evaluate((link) => (link as HTMLElement).click());
      await tab.waitForURL('**/sources');
      await tab.waitForTimeout(700);
      expect(new URL(tab.url()).pathname).toBe('/sources');
    }
    letGo();
    await tab.getByRole('heading', { name: 'Data sources', level: 1 }).waitFor();
    await own.close();
  });

  it('never runs what a plain link brings', async () => {
    await page.goto(`/hunting?q=${encodeURIComponent('print from_a_link = 1')}`);
    await expect.poll(() => editor().innerText()).toContain('from_a_link');
    await page.waitForTimeout(500);
    await page.getByText('No results yet').waitFor();
  });

  it('has never thrown, nor broken the content security policy', () => {
    expect(watch.faults).toEqual([]);
  });
});
