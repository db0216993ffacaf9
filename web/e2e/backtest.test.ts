import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, desk, enter, type Listed, type Look, launch, open, seriousFindings, settled, type Watch } from './browser';

interface Settings {
  version: number;
  settings: { thresholds?: { join: number; merge: number }; model?: number };
}

interface Model {
  id: number;
  version: string;
  join: number;
  consider: number;
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
  await page.getByRole('list', { name: 'Changes to try' }).getByText('Linking an alert needs odds 54.6 times higher').waitFor();
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
  await dialog.getByText('Linking an alert needs odds 54.6 times higher').waitFor();
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
});

/** Chooses a file for the upload, as the button's file dialog would. */
const upload = (text: string) =>
  page
    .getByLabel('Model file')
    .setInputFiles({ name: 'model.json', mimeType: 'application/json', buffer: Buffer.from(text, 'utf8') });

const models = async () => (await call<Listed<Model & { inUse: boolean }>>(context, 'GET', '/correlation/models')).items;

it('says what is wrong with a model file', async () => {
  await upload('{"version": "careful", "join": "high"}');
  await page.getByRole('alert').getByText('body.join').waitFor();
  await upload(await (await context.request.get('/api/v1/correlation/models/0/file')).text());
  await page.getByRole('alert').getByText('Another model has this version already').waitFor();
  expect(await models()).toHaveLength(1);
});

it('keeps a model that was uploaded, and shows what it is', async () => {
  const shipped = (await (await context.request.get('/api/v1/correlation/models/0/file')).json()) as Model;
  await upload(JSON.stringify({ ...shipped, version: 'careful', join: shipped.join + 3, consider: shipped.consider + 3 }));
  await page.waitForURL('**/backtests?model=*');
  await page.getByRole('heading', { name: 'Model careful' }).waitFor();
  await page.getByText(`log-odds ${(shipped.join + 3).toFixed(2)}`).waitFor();
  await page.getByRole('region', { name: 'An alert and an incident: features' }).waitFor();
  const row = page.getByRole('region', { name: 'Models' }).getByRole('row', { name: /careful/ });
  await row.getByText('uploaded').waitFor();
  await row.getByText('Ada Brandt').or(row.getByText('admin')).waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()]);
  expect(file.suggestedFilename()).toMatch(/^clew-model-\d+\.json$/);
});

it('offers a training only when enough was decided', async () => {
  const train = page.getByRole('form', { name: 'Train a model' });
  await train.getByText(/a training needs at least 100 and 3\. Needs/).waitFor();
  expect(await train.getByRole('button', { name: 'Train from our own closures' }).isDisabled()).toBe(true);
});

const looks: Look[] = [
  desk,
  { ...desk, theme: 'dark' },
  { width: 390, height: 844, theme: 'light' },
  { width: 390, height: 844, theme: 'dark' },
];

it.each(looks)('shows the models accessibly at $width in $theme', async (look) => {
  const own = await open(browser, look);
  await enter(own.context);
  const kept = (await models()).find((m) => m.version === 'careful');
  await own.page.goto(`/backtests?model=${kept?.id}`);
  await settled(own.page);
  await own.page.getByRole('heading', { name: 'Model careful' }).waitFor();
  expect(await seriousFindings(own.page)).toEqual([]);
  expect(await own.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  expect(own.watch.faults).toEqual([]);
  await own.context.close();
});

it('tries the model on the past, by keyboard', async () => {
  await page.reload();
  await settled(page);
  const choice = page.getByLabel('Model', { exact: true });
  await choice.focus();
  await page.keyboard.press('c');
  await page
    .getByRole('list', { name: 'Changes to try' })
    .getByText(/^The model careful decides instead of /)
    .waitFor();
  await page.getByLabel('Replay').selectOption({ label: 'the last 90 days' });
  await page.getByRole('button', { name: 'Run back-test' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/backtests?*run=*');
  await page.getByText('Would split').waitFor({ timeout: 45_000 });
  await page
    .getByRole('list', { name: 'What it tried' })
    .getByText(/^The model careful decides instead of /)
    .waitFor();
});

it('uses the model from now on, keeps it while it decides, and puts the one before back', async () => {
  const before = await call<Settings>(context, 'GET', '/correlation/settings');
  await page.reload();
  await settled(page);
  await page.getByRole('button', { name: 'Use from now on' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/^The model careful decides instead of /).waitFor();
  await dialog.getByRole('button', { name: 'Use from now on' }).click();
  await dialog.waitFor({ state: 'detached' });
  const row = page.getByRole('region', { name: 'Models' }).getByRole('row', { name: /careful/ });
  await row.getByText('decides', { exact: true }).waitFor();
  const used = (await models()).find((m) => m.inUse);
  expect(used?.version).toBe('careful');
  expect((await call<Settings>(context, 'GET', '/correlation/settings')).settings.model).toBe(used?.id);
  expect(await row.getByRole('button', { name: 'Delete careful' }).getAttribute('title')).toContain('decides at present');
  const history = await call<Listed<{ changes: { what: string; after: string }[] }>>(context, 'GET', '/correlation/history');
  expect(history.items[0]?.changes).toMatchObject([{ what: 'model', after: `careful (model ${used?.id})` }]);
  await page.goto('/settings?tab=correlation');
  await page.getByText(/careful \(model \d+\)/).waitFor();
  await page.getByRole('button', { name: `Restore version ${before.version}` }).click();
  await page.getByText(`put version ${before.version} back`).waitFor();
  expect((await models()).find((m) => m.inUse)?.id).toBe(0);
});

it('deletes the model', async () => {
  await page.goBack();
  await settled(page);
  await page.getByRole('button', { name: 'Delete careful' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete this model?' });
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await page
    .getByRole('region', { name: 'Models' })
    .getByRole('row', { name: /careful/ })
    .waitFor({ state: 'detached' });
  expect(await models()).toHaveLength(1);
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('No back-test yet').waitFor();
  expect(watch.faults).toEqual([]);
});
