import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { base, call, desk, enter, launch, open, seriousFindings, settled, type Watch } from './browser';

// Needs the account that portal.test.ts sets up.

interface Entity {
  id: number;
  identifiers: { type: string; value: string; inventory?: string }[];
  splits: { id: number; undoneAt?: string }[];
}

let browser: Browser;
let context: BrowserContext;
let page: Page;
let watch: Watch;
let entity: Entity;
let shared = 0;

const sid = 'S-1-5-21-900-901-902-1105';
const upn = 'wrong.alias@split.example';
const minute = 60_000;

/** An alert of one user on one device, some minutes ago. */
function alert(id: string, ago: number, account: Record<string, string>, device: string) {
  const at = new Date(Date.now() - ago * minute).toISOString();
  return {
    '@odata.type': '#microsoft.graph.security.alert',
    id,
    title: `Split test ${id}`,
    severity: 'medium',
    category: 'Execution',
    createdDateTime: at,
    firstActivityDateTime: at,
    lastActivityDateTime: at,
    evidence: [
      { '@odata.type': '#microsoft.graph.security.userEvidence', userAccount: account },
      { '@odata.type': '#microsoft.graph.security.deviceEvidence', mdeDeviceId: device.padEnd(40, '0') },
    ],
  };
}

const incidentOf = async (id: string) =>
  (await call<{ row: { incident: number } }>(context, 'GET', `/alerts/${id}`)).row.incident;

beforeAll(async () => {
  browser = await launch();
  ({ context, page, watch } = await open(browser));
  await enter(context);
  const stock = await context.request.fetch('/api/v1/inventory?origin=wrong.csv', {
    method: 'POST',
    data: `upn,sid,department\n${upn},${sid},Finance\n`,
    headers: { Origin: base(), 'Content-Type': 'text/csv' },
  });
  expect(stock.status(), await stock.text()).toBe(200);
  const ingest = (alerts: unknown[]) => call(context, 'POST', '/ingest/graph', alerts);
  await ingest([
    alert('split-a1', 20, { userPrincipalName: upn }, 'a'),
    alert('split-a2', 18, { userPrincipalName: upn }, 'a'),
    alert('split-a3', 16, { userPrincipalName: upn }, 'a'),
    alert('split-b1', 15, { userSid: sid }, 'b'),
    alert('split-b2', 14, { userSid: sid }, 'b'),
  ]);
  const found = await call<{ items: Entity[] }>(context, 'GET', `/entities?q=${upn}&kind=user`);
  entity = await call<Entity>(context, 'GET', `/entities/${found.items[0]?.id}`);
  shared = await incidentOf('split-a1');
});

afterAll(async () => {
  await browser?.close();
});

const message = (text: string | RegExp) => page.locator('[id^="toast-title"]').filter({ hasText: text }).first().waitFor();

describe('a wrong alias', () => {
  it('has put two people into one incident', async () => {
    expect(entity.identifiers.map((i) => i.type).sort()).toContain('sid');
    expect(await incidentOf('split-b1')).toBe(shared);
    expect(await incidentOf('split-b2')).toBe(shared);
  });

  it('is shown with where it was learnt', async () => {
    await page.goto(`/entities/${entity.id}`);
    await settled(page);
    await page.getByText('wrong.csv, row 1').first().waitFor();
    await page.getByRole('heading', { name: 'Inventory' }).waitFor();
    await page.getByText('Finance').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('is split off after a look at what that concerns', async () => {
    await page.getByRole('button', { name: 'Split off a wrong alias' }).click();
    const go = page.getByRole('button', { name: 'Split off the chosen' });
    expect(await go.isDisabled()).toBe(true);
    await page.getByRole('checkbox', { name: new RegExp(sid) }).check();
    await go.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(`#${shared}`).waitFor();
    await dialog.getByText('weighed anew').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('two people');
    await dialog.getByRole('button', { name: 'Split off', exact: true }).click();
    await message('Taken apart; 2 alerts moved');
    await page.getByRole('heading', { name: 'Splits' }).waitFor();
    await page.getByText('two people').waitFor();
  });

  it('leaves the incident to whom it belongs', async () => {
    const moved = await incidentOf('split-b1');
    expect(moved).not.toBe(shared);
    expect(await incidentOf('split-b2')).toBe(moved);
    expect(await incidentOf('split-a1')).toBe(shared);
    await page.goto(`/incidents/${shared}?tab=activities`);
    await settled(page);
    await page
      .getByText(/was taken apart/)
      .first()
      .waitFor();
    const bo = await call<{ items: Entity[] }>(context, 'GET', `/entities?q=${sid}&kind=user`);
    expect(bo.items).toHaveLength(1);
    expect(bo.items[0]?.id).not.toBe(entity.id);
  });

  it('stays apart when the same row comes again', async () => {
    await context.request.fetch('/api/v1/inventory?origin=wrong.csv', {
      method: 'POST',
      data: `upn,sid,department\n${upn},${sid},Sales\n`,
      headers: { Origin: base(), 'Content-Type': 'text/csv' },
    });
    const again = await call<Entity>(context, 'GET', `/entities/${entity.id}`);
    expect(again.identifiers.map((i) => i.type)).not.toContain('sid');
  });

  it('can be joined again', async () => {
    await page.goto(`/entities/${entity.id}`);
    await settled(page);
    await page.getByRole('button', { name: 'Undo the split' }).click();
    await message('They are one entity again');
    await page.getByText(/undone by/).waitFor();
    expect(await incidentOf('split-b1')).toBe(shared);
    expect(await incidentOf('split-b2')).toBe(shared);
    const whole = await call<Entity>(context, 'GET', `/entities/${entity.id}`);
    expect(whole.identifiers.map((i) => i.type)).toContain('sid');
    expect(whole.splits[0]?.undoneAt).toBeTruthy();
  });

  it('can only be looked at by a viewer', async () => {
    const made = await call<{ link?: string; url?: string }>(context, 'POST', '/users', {
      name: 'split-viewer',
      displayName: 'Viewer',
      role: 'viewer',
    });
    const link = JSON.stringify(made).match(/\/setup\/([\w-]+)/)?.[1] ?? '';
    const other = await open(browser, { ...desk, theme: 'dark' });
    await call(other.context, 'POST', `/setup/${link}`, { password: 'only looking at things 7' });
    await enter(other.context, 'split-viewer', 'only looking at things 7');
    await other.page.goto(`/entities/${entity.id}`);
    await settled(other.page);
    await other.page.getByText('wrong.csv, row 1').first().waitFor();
    expect(await other.page.getByRole('button', { name: 'Split off a wrong alias' }).count()).toBe(0);
    expect(await other.page.getByRole('button', { name: 'Undo the split' }).count()).toBe(0);
    expect(await seriousFindings(other.page)).toEqual([]);
    await other.page.setViewportSize({ width: 390, height: 844 });
    await settled(other.page);
    expect(await other.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await other.context.close();
  });

  it('never broke the page', () => {
    expect(watch.faults).toEqual([]);
  });
});
