import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, enter, type Incident, type Listed, launch, open, seriousFindings, settled, type Watch } from './browser';

// What every dialog of the portal does alike. Runs after portal.test.ts, which
// gives the first administrator a password; changes nothing that others read.

let browser: Browser;
let context: BrowserContext;
let page: Page;
let watch: Watch;
let incident: number;

beforeAll(async () => {
  browser = await launch();
  ({ context, page, watch } = await open(browser));
  await enter(context);
  const list = await call<Listed<Incident>>(context, 'GET', '/incidents?status=active&sort=priority&limit=1');
  incident = (list.items[0] as Incident).id;
});

afterAll(async () => {
  await browser?.close();
});

const dialog = () => page.getByRole('dialog');
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
/** What has the focus, as a screen reader would call it. */
const focused = () =>
  page.evaluate(() => {
    const at = document.activeElement as HTMLInputElement | null;
    const label = at?.labels?.[0]?.textContent ?? at?.getAttribute('aria-label') ?? at?.textContent ?? '';
    return `${at?.closest('[role="dialog"]') == null ? 'page' : 'dialog'}: ${label.trim()}`;
  });

interface Case {
  path: () => string;
  /** What has to be so before it can be opened. */
  before?: () => Promise<unknown>;
  open: () => Promise<unknown>;
  /** Where the focus goes when it opens. */
  first: string;
  /** Where it goes back to. */
  opener: string;
}

async function tick(row: number): Promise<void> {
  await page
    .locator('[data-row]')
    .nth(row)
    .getByRole('checkbox', { name: /^Select/ })
    .click();
}

const cases: Record<string, Case> = {
  'the name of a filter set': {
    path: () => '/incidents',
    open: async () => {
      await button('Filter sets').click();
      await page.getByRole('menuitem', { name: 'Save these filters' }).click();
    },
    first: 'dialog: Name',
    opener: 'page: Filter sets',
  },
  'a merge': {
    path: () => '/incidents',
    before: async () => {
      await tick(0);
      await tick(1);
    },
    open: () => button('Merge').click(),
    first: 'dialog: Same actor',
    opener: 'page: Merge',
  },
  'a move of alerts': {
    path: () => `/incidents/${incident}?tab=alerts`,
    before: () => tick(0),
    open: () => button('Move to another incident').click(),
    first: 'dialog: Incident',
    opener: 'page: Move to another incident',
  },
  'a saved query': {
    path: () => '/hunting',
    before: () => page.locator('.cm-content').waitFor(),
    open: () => button('Save').click(),
    first: 'dialog: Name*',
    opener: 'page: Save',
  },
  'a new table': {
    path: () => '/settings?tab=tables',
    open: () => button('New table').click(),
    first: 'dialog: Name',
    opener: 'page: New table',
  },
  'the shortcuts': {
    path: () => '/incidents',
    before: () => button('Filter sets').focus(),
    open: () => page.keyboard.press('?'),
    first: 'dialog: Close',
    opener: 'page: Filter sets',
  },
};

describe.each(Object.entries(cases))('the dialog for %s', (_, { path, before, open: show, first, opener }) => {
  it('takes the focus to its first field, and gives it back at Escape and at its way out', async () => {
    await page.goto(path());
    await settled(page);
    await before?.();
    await show();
    await dialog().waitFor();
    await expect.poll(focused).toBe(first);
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await expect.poll(focused).toBe(opener);
    await show();
    await expect.poll(focused).toBe(first);
    await dialog()
      .getByRole('button', { name: /^(Cancel|Close)$/ })
      .click();
    await dialog().waitFor({ state: 'detached' });
    await expect.poll(focused).toBe(opener);
  });
});

describe('the form of a dialog', () => {
  it('is sent by Enter, and once while it is on its way', async () => {
    const held: Route[] = [];
    await page.goto('/settings?tab=tables');
    await settled(page);
    await page.route('**/api/v1/hunting/tables', (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      held.push(route);
    });
    await button('New table').click();
    await page.keyboard.type('Dialog');
    await page.keyboard.press('Enter');
    const make = dialog().getByRole('button', { name: 'Make the table' });
    expect(await make.isDisabled()).toBe(true);
    expect(held).toHaveLength(0);
    await dialog().getByRole('button', { name: 'Add a column' }).click();
    await dialog().getByLabel('Name of column 1').fill('Door');
    await page.keyboard.press('Enter');
    await expect.poll(() => held.length).toBe(1);
    await expect.poll(() => make.isDisabled()).toBe(true);
    await page.keyboard.press('Enter');
    await make.click({ force: true });
    await page.waitForTimeout(200);
    expect(held).toHaveLength(1);
    const problem = { title: 'Refused', status: 409, detail: 'Another <b>table</b> has that name.', next: 'Choose another one.' };
    await held[0]?.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify(problem) });
    await dialog().getByRole('alert').getByText('Another <b>table</b> has that name. Choose another one.').waitFor();
    await expect.poll(() => make.isDisabled()).toBe(false);
    expect(await seriousFindings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await page.unroute('**/api/v1/hunting/tables');
  });

  it('keeps the focus inside', async () => {
    await button('New table').click();
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab');
      expect(await focused()).toMatch(/^dialog/);
    }
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
  });

  it('starts at the way out where something would be gone for good', async () => {
    await call(context, 'POST', '/tokens', { name: 'door sensor', scopes: ['ingest'] });
    await call(context, 'POST', '/users', { name: 'guest', displayName: 'A guest', role: 'viewer' });
    for (const [tab, ask, sure] of [
      ['tokens', 'Revoke door sensor', 'Revoke'],
      ['users', 'Remove guest', 'Remove'],
    ] as const) {
      await page.goto(`/settings?tab=${tab}`);
      await settled(page);
      await button(ask).click();
      await dialog().waitFor();
      await expect.poll(focused).toBe('dialog: Cancel');
      expect(await seriousFindings(page)).toEqual([]);
      await page.keyboard.press('Enter');
      await dialog().waitFor({ state: 'detached' });
      await expect.poll(focused).toBe(`page: ${ask}`);
      await button(ask).click();
      await dialog().getByRole('button', { name: sure }).click();
      await button(ask).waitFor({ state: 'detached' });
    }
  });

  it('never threw, and never broke the content security policy', () => {
    expect(watch.faults).toEqual([]);
  });
});
