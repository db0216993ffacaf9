import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, enter, launch, open, settled, type Watch } from './browser';

interface Settings {
  version: number;
  settings: { thresholds?: { join: number; merge: number } };
}

let browser: Browser;
let context: BrowserContext;
let page: Page;
let watch: Watch;

beforeAll(async () => {
  browser = await launch();
  ({ context, page, watch } = await open(browser));
  await enter(context);
});

afterAll(async () => {
  await browser?.close();
});

it('replays the past with other thresholds and tells what would change', async () => {
  await page.goto('/incidents');
  await settled(page);
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await page.waitForURL('**/backtests');
  await settled(page);
  const run = page.getByRole('button', { name: 'Run back-test' });
  await page.getByText('Nothing differs from the settings in force yet.').waitFor();
  const join = page.getByRole('slider', { name: 'Linking alerts' });
  await join.focus();
  await page.keyboard.press('End');
  await page.getByRole('list', { name: 'Changes to try' }).getByText('Linking an alert asks for 54.6 times the odds').waitFor();
  await page.getByLabel('Replay').selectOption({ label: 'the last 90 days' });
  await run.click();
  await page.waitForURL('**/backtests?run=*');
  await page.getByText('Would split').waitFor({ timeout: 45_000 });
  const first = page.getByRole('list', { name: 'Would split' }).getByRole('listitem').first();
  expect(await first.getByText('a new one').count()).toBeGreaterThan(0);
  await page.getByRole('region', { name: 'Back-tests' }).getByText('done').first().waitFor();
});

it('uses the settings from now on, and the history can put them back', async () => {
  const before = await call<Settings>(context, 'GET', '/correlation/settings');
  await page.getByRole('button', { name: 'Use from now on' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Linking an alert asks for 54.6 times the odds').waitFor();
  await dialog.getByRole('button', { name: 'Use from now on' }).click();
  await dialog.waitFor({ state: 'detached' });
  const after = await call<Settings>(context, 'GET', '/correlation/settings');
  expect(after.settings.thresholds?.join).toBe(4);
  await page.getByText('The settings that it tried are those in force now.').waitFor();
  await call(context, 'POST', '/correlation/restore', { version: before.version });
  const back = await call<Settings>(context, 'GET', '/correlation/settings');
  expect(back.settings.thresholds?.join ?? 0).toBe(0);
});

it('removes a run', async () => {
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.waitForURL('**/backtests');
  await page.getByText('No back-test yet').waitFor();
  expect(watch.faults).toEqual([]);
});
