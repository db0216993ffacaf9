import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, enter, type Incident, type Listed, launch, open, required, settled, user, type Watch } from './browser';
import { everyPage } from './pages';
import { withoutLuck } from './trouble';

let browser: Browser;
let context: BrowserContext;
let page: Page;
let watch: Watch;
/** The incident with the highest priority: it has a long story. */
let top: Incident;

beforeAll(async () => {
  browser = await launch();
  ({ context, page, watch } = await open(browser));
});

afterAll(async () => {
  await browser?.close();
});

const row = (id: number) => page.locator(`[data-row="${id}"]`);
/** The short message at the lower right; screen readers get it a second time. */
const message = (text: string | RegExp) => page.locator('[id^="toast-title"]').filter({ hasText: text }).first().waitFor();
const incident = (id: number) => call<Incident>(context, 'GET', `/incidents/${id}`);

describe('the account', () => {
  it('is set up through the one-time link', async () => {
    const link = new URL(required('CLEW_SETUP_LINK'));
    await page.goto(link.pathname);
    const name = page.getByRole('textbox', { name: 'User name' });
    if (await name.isEditable()) await name.fill(user.name);
    await page.getByRole('textbox', { name: 'Name to show' }).fill(user.displayName);
    await page.getByLabel('Password', { exact: true }).fill(user.password);
    await page.getByLabel('Password again').fill('something else');
    await expect.poll(() => page.getByText('The two differ').isVisible()).toBe(true);
    await page.getByLabel('Password again').fill(user.password);
    await page.getByRole('button', { name: 'Set the password and sign in' }).click();
    await page.waitForURL('**/incidents');
    user.name = (await call<{ user: { name: string } }>(context, 'GET', '/session')).user.name;
  });

  it('signs out, refuses a wrong password, and signs in to where one wanted to go', async () => {
    await page.getByRole('button', { name: /Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in');
    await page.goto('/alerts?severity=high');
    await page.waitForURL('**/sign-in?next=*');
    await page.getByLabel('User name').fill(user.name);
    await page.getByLabel('Password').fill('wrong password here');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Password').fill(user.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/alerts?severity=high');
  });
});

describe('the queue', () => {
  it('lists incidents by priority', async () => {
    await page.goto('/incidents');
    await settled(page);
    const list = await call<Listed<Incident>>(context, 'GET', '/incidents?status=active&status=inProgress&sort=priority&limit=1');
    top = list.items[0] as Incident;
    await row(top.id).waitFor();
    const first = await page.locator('[data-row]').first().getAttribute('data-row');
    expect(Number(first)).toBe(top.id);
  });

  it('filters with counts, and keeps the filter in the address', async () => {
    await page.getByRole('button', { name: 'Filter by Severity' }).click();
    const option = page.locator('label', { hasText: 'Low' });
    const count = Number(((await option.textContent()) ?? '').replace(/\D/g, ''));
    await option.locator('input').check();
    await page.keyboard.press('Escape');
    await page.waitForURL('**/incidents?severity=low');
    await expect
      .poll(async () => page.getByRole('grid', { name: 'Incidents' }).getAttribute('aria-rowcount'))
      .toBe(String(count + 1));
    await page.reload();
    await settled(page);
    expect(await page.getByRole('button', { name: 'Remove the filter Severity' }).isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Reset' }).click();
    await page.waitForURL('**/incidents');
  });

  it('searches, and says when nothing is found', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('nothing is called like this');
    await page.getByText('No incidents here').waitFor();
    await page.getByRole('button', { name: 'Reset' }).click();
    await row(top.id).waitFor();
  });

  it('moves by keyboard, opens the pane, and closes it with Escape', async () => {
    await row(top.id).focus();
    await page.keyboard.press('Enter');
    const pane = page.getByRole('complementary', { name: `Incident ${top.id}` });
    await pane.getByText('Impacted assets').waitFor();
    await pane.getByRole('button', { name: 'Next' }).click();
    await pane.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.waitForURL('**/incidents');
    await row(top.id).focus();
    await page.keyboard.press('j');
    const second = await page.locator('[data-row]').nth(1).getAttribute('data-row');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-row'))).toBe(second);
    await page.keyboard.press('x');
    await page.getByText('1 selected').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('1 selected').waitFor({ state: 'detached' });
  });

  it('unfolds a row to its alerts', async () => {
    await row(top.id).getByRole('button', { name: 'Unfold' }).click();
    await page.locator('a[href^="/alerts/"]').first().waitFor();
    await row(top.id).getByRole('button', { name: 'Fold', exact: true }).click();
  });

  it('reads on while scrolling and keeps only what is in view', async () => {
    const grid = page.getByRole('grid', { name: 'Incidents' });
    const scroller = grid.locator('xpath=..');
    const far = async () =>
      Math.max(
        ...(await grid.getByRole('row').evaluateAll((rows) => rows.map((r) => Number(r.getAttribute('aria-rowindex') ?? 0)))),
      );
    for (let i = 0; i < 12 && (await far()) < 250; i++) {
      await scroller.evaluate((e) => e.scrollTo(0, e.scrollHeight));
      await page.waitForTimeout(250);
    }
    expect(await far()).toBeGreaterThan(250);
    expect(await grid.locator('[data-row]').count()).toBeLessThan(80);
    await scroller.evaluate((e) => e.scrollTo(0, 0));
  });

  it('stays a window on its rows when a hundred thousand are loaded', async () => {
    const { context: own, page: tab, watch: faults } = await open(browser);
    await enter(own);
    const model = (await call<Listed<Incident>>(own, 'GET', '/incidents?limit=1')).items[0] as Incident;
    const size = 20_000;
    await tab.route('**/api/v1/incidents?**', (route) => {
      const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
      const items = Array.from({ length: size }, (_, i) => ({ ...model, id: from + i + 1, name: `Incident ${from + i + 1}` }));
      const next = from + size < 100_000 ? { next: String(from + size) } : {};
      return route.fulfill({ contentType: 'application/json', body: JSON.stringify({ items, ...next }) });
    });
    await tab.goto('/incidents');
    await settled(tab);
    const grid = tab.getByRole('grid', { name: 'Incidents' });
    const scroller = grid.locator('xpath=..');
    const last = tab.locator('[data-row="100000"]');
    await expect
      .poll(
        async () => {
          await scroller.evaluate((e) => e.scrollTo(0, e.scrollHeight));
          return await last.isVisible();
        },
        { timeout: 40_000 },
      )
      .toBe(true);
    expect(await grid.locator('[data-row]').count()).toBeLessThan(80);
    await last.focus();
    await tab.keyboard.press('k');
    await expect.poll(() => tab.evaluate(() => document.activeElement?.getAttribute('data-row'))).toBe('99999');
    await scroller.evaluate((e) => e.scrollTo(0, 0));
    await tab.locator('[data-row="1"]').waitFor();
    expect(faults.faults).toEqual([]);
    await own.close();
  });

  it('lets changes wait while the pointer is inside', async () => {
    await row(top.id).hover();
    await call(context, 'PATCH', `/incidents/${top.id}`, { tags: ['seen live'] });
    await page.getByRole('button', { name: '1 new' }).click();
    await row(top.id).getByText('seen live').waitFor();
  });

  it('changes several at once', async () => {
    await page.goto('/incidents?severity=informational&sort=id');
    await settled(page);
    const boxes = page.locator('[data-row] input[type="checkbox"]');
    await boxes.nth(0).click();
    await boxes.nth(2).click({ modifiers: ['Shift'] });
    await page.getByText('3 selected').waitFor();
    const ids = await page
      .locator('[data-row][aria-selected="true"]')
      .evaluateAll((rows) => rows.map((r) => Number(r.getAttribute('data-row'))));
    await page.keyboard.press('s');
    await page.getByLabel('Status', { exact: true }).selectOption({ label: 'In progress' });
    await page.getByRole('button', { name: 'Save' }).click();
    await message('3 incidents changed');
    for (const id of ids) expect((await incident(id)).status).toBe('inProgress');
  });

  it('exports what is filtered', async () => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export as CSV' }).click();
    expect((await download).suggestedFilename()).toMatch(/^incidents-.*\.csv$/);
  });

  it('saves a set of filters and applies it', async () => {
    await page.getByRole('button', { name: 'Filter sets' }).click();
    await page.getByRole('menuitem', { name: 'Save these filters' }).click();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Quiet ones');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.goto('/incidents');
    await page.getByRole('button', { name: 'Filter sets' }).click();
    await page.getByRole('menuitem', { name: 'Quiet ones', exact: true }).click();
    await page.waitForURL('**/incidents?severity=informational&sort=id');
  });
});

describe('an incident', () => {
  it('tells its story with proofs', async () => {
    await page.goto(`/incidents/${top.id}`);
    await settled(page);
    await page
      .getByRole('button', { name: /^Proofs? \d+/ })
      .first()
      .click();
    await page.getByRole('complementary', { name: 'Alert' }).getByText('Why it is in this incident').waitFor();
    expect(page.url()).toContain('alert=');
    await page.keyboard.press('Escape');
  });

  it('plays the story, revealing without moving anything', async () => {
    const graph = page.getByRole('group', { name: 'Attack graph' });
    const nodes = graph.locator('[data-node]');
    await nodes.first().waitFor();
    const all = await nodes.count();
    expect(all).toBeGreaterThan(3);
    const where = () =>
      nodes.evaluateAll((list) =>
        Object.fromEntries(list.map((n) => [n.getAttribute('data-node'), n.getAttribute('transform')])),
      );
    const before = await where();
    await page.getByLabel('Speed').selectOption('4');
    await page.getByRole('button', { name: 'Play the story' }).click();
    await page.getByText(/^1 of \d+$/).waitFor();
    const early = await nodes.count();
    expect(early).toBeLessThan(all);
    await expect.poll(() => nodes.count(), { timeout: 40_000 }).toBeGreaterThan(early);
    await page.getByRole('button', { name: 'Show the whole story' }).last().click();
    await expect.poll(() => nodes.count()).toBe(all);
    expect(await where()).toEqual(before);
  });

  it('selects the same thing everywhere', async () => {
    const node = page.locator('[data-node]').first();
    await node.focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**entity=*');
    await page.getByRole('complementary', { name: 'Entity' }).getByText('Known as').waitFor();
    await page.reload();
    await settled(page);
    await page.getByRole('complementary', { name: 'Entity' }).getByText('Known as').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'List' }).click();
    await page.getByRole('group', { name: 'Attack graph as a list' }).waitFor();
    await page.getByRole('tab', { name: 'Graph' }).click();
  });

  it('says what links two entities, and what would fall apart without one', async () => {
    await page.goto(`/incidents/${top.id}`);
    await settled(page);
    await page.locator('[data-edge]').first().dispatchEvent('pointerover');
    await page
      .getByText(/^\d+ alerts?, first /)
      .first()
      .waitFor();
    // What it says is not behind the small map.
    if ((await page.locator('[data-minimap]').count()) > 0) {
      const map = (await page.locator('[data-minimap]').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
      const told = (await page.locator('[data-edge-card]').boundingBox()) ?? map;
      expect(told.x >= map.x + map.width || told.y + told.height <= map.y).toBe(true);
    }
    const { bridges } = await call<{ bridges: { entity: number; text: string }[] }>(
      context,
      'GET',
      `/incidents/${top.id}/explain`,
    );
    expect(bridges.length).toBeGreaterThan(0);
    await page.goto(`/incidents/${top.id}?entity=${bridges[0]?.entity}`);
    await settled(page);
    await page
      .getByRole('complementary', { name: 'Entity' })
      .getByText(/^Without the /)
      .waitFor();
    await page.goto(`/incidents/${top.id}?tab=alerts`);
    await settled(page);
    await page
      .getByText(/^Same [a-z ]+ .* alerts\)/)
      .first()
      .waitFor();
    await page.goto(`/incidents/${top.id}`);
    await settled(page);
  });

  it('filters by a step of the kill chain', async () => {
    const timeline = page.getByRole('region', { name: 'Timeline' });
    const rows = timeline.locator('[data-alert]');
    const all = await rows.count();
    const steps = page.getByRole('region', { name: 'Kill chain' }).locator('button[aria-pressed]');
    await steps.first().click();
    await page.waitForURL('**from=*');
    await expect.poll(() => rows.count()).toBeLessThan(all);
    await steps.first().click();
    await expect.poll(() => rows.count()).toBe(all);
  });

  it('changes status, and the log tells', async () => {
    await page.keyboard.press('s');
    await page.getByLabel('Status', { exact: true }).selectOption({ label: 'In progress' });
    await page.getByRole('textbox', { name: 'Comment' }).fill('Taking this one.');
    await page.getByRole('button', { name: 'Save' }).click();
    await message(`Incident #${top.id} changed`);
    expect((await incident(top.id)).status).toBe('inProgress');
    await page.getByRole('tab', { name: 'Activities' }).click();
    await page.getByText('Taking this one.').first().waitFor();
  });

  it('takes a comment', async () => {
    await page.getByRole('textbox', { name: 'Comment' }).fill('Called the owner of the server.');
    await page.getByRole('button', { name: 'Add comment' }).click();
    await page.getByRole('listitem').getByText('Called the owner of the server.').waitFor();
  });

  it('splits an alert off into an incident of its own', async () => {
    await page.getByRole('tab', { name: /^Alerts/ }).click();
    await settled(page);
    await page.locator('[data-row] input[type="checkbox"]').last().click();
    await page.getByRole('button', { name: 'Split off' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Split off' }).click();
    await message(/^1 alert moved to #\d+$/);
    await page.waitForURL((url) => /\/incidents\/\d+$/.test(url.pathname) && !url.pathname.endsWith(`/${top.id}`));
    const now = await incident(top.id);
    expect(now.tally.alerts).toBe(top.tally.alerts - 1);
  });

  it('shows assets, evidence and the summary', async () => {
    for (const tab of ['assets', 'evidence', 'summary']) {
      await page.goto(`/incidents/${top.id}?tab=${tab}`);
      await settled(page);
      expect(await page.locator('main a[href^="/entities/"], main a[href^="/incidents/"]').count()).toBeGreaterThan(0);
    }
  });
});

describe('a merge', () => {
  let pair: Incident[];

  it('joins two incidents', async () => {
    const list = await call<Listed<Incident>>(context, 'GET', '/incidents?severity=low&status=active&sort=id&limit=2');
    pair = list.items;
    await page.goto('/incidents?severity=low&status=active&sort=id');
    await settled(page);
    for (const { id } of pair) await row(id).locator('input[type="checkbox"]').click();
    await page.keyboard.press('m');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Merge 2 incidents').waitFor();
    await dialog.getByLabel('Same actor').check();
    await dialog.getByLabel('Comment').fill('One administrator, one evening.');
    await dialog.getByRole('button', { name: 'Merge' }).click();
    await message(/^Merged into #\d+/);
    const states = await Promise.all(pair.map(({ id }) => incident(id)));
    expect(states.filter((i) => i.status === 'redirected')).toHaveLength(1);
  });

  it('leads from the source to the target', async () => {
    const states = await Promise.all(pair.map(({ id }) => incident(id)));
    const source = states.find((i) => i.status === 'redirected') as Incident;
    await page.goto(`/incidents/${source.id}`);
    await page.getByText('This incident was merged into').waitFor();
    await page.getByRole('link', { name: /^incident #\d+/ }).click();
    await settled(page);
    const target = states.find((i) => i.status !== 'redirected') as Incident;
    expect(page.url()).toContain(`/incidents/${target.id}`);
  });

  it('is undone from the activities, where both are told', async () => {
    await page.getByRole('tab', { name: 'Activities' }).click();
    await page.getByRole('button', { name: 'Undo merge' }).first().click();
    await message(/^The merge is undone/);
    await page.getByRole('listitem').getByText('Merge undone', { exact: true }).waitFor();
    for (const { id, tally } of pair) {
      const now = await incident(id);
      expect(now.status).not.toBe('redirected');
      expect(now.tally.alerts).toBe(tally.alerts);
    }
    await page.getByLabel('Kind').selectOption('merged');
    const entry = page.getByRole('listitem').filter({ hasText: 'One administrator, one evening.' }).first();
    expect((await entry.innerText()).split('One administrator, one evening.')).toHaveLength(2); // said once
  });
});

describe('finding and doing', () => {
  it('goes and searches from anywhere', async () => {
    await page.goto('/settings');
    await settled(page);
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.waitForURL('**/alerts');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill(`#${top.id}`);
    await page
      .getByRole('option')
      .filter({ hasText: `#${top.id}` })
      .first()
      .click();
    await page.waitForURL(`**/incidents/${top.id}`);
  });

  it('shows the shortcuts and changes the theme', async () => {
    await settled(page);
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('t');
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await page.keyboard.press('t');
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('light');
  });
});

withoutLuck(() => ({ browser, context, page, top: top.id }));
everyPage(() => ({ browser, top: top.id }));

describe('all along', () => {
  it('nothing was thrown and the content security policy held', () => expect(watch.faults).toEqual([]));
});
