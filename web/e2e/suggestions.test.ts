import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, enter, launch, open, seriousFindings, settled, type Watch } from './browser';

// Runs after portal.test.ts, which gives the first administrator a password.
const administrator = 'admin';

interface Incident {
  id: number;
  status: string;
  owner: string;
  tags: string[];
  tally: { alerts: number };
  tasks: { total: number; completed: number };
}

interface Task {
  id: number;
  incident: number;
  title: string;
  position: number;
}

interface Suggestion {
  id: number;
  a: number;
  b: number;
  score: number;
  state: string;
  other: Incident;
}

interface Activity {
  kind: string;
  text: string;
  origin?: number;
}

interface List<T> {
  items: T[];
}

let browser: Browser;
let context: BrowserContext;
let page: Page;
let watch: Watch;

beforeAll(async () => {
  browser = await launch();
  ({ context, page, watch } = await open(browser));
  await enter(context, administrator);
});

afterAll(async () => {
  await browser?.close();
});

const toast = (text: string | RegExp) => page.locator('[id^="toast-title"]').filter({ hasText: text }).first();
/** The way back that a message offers. */
const undo = (text: string | RegExp) =>
  page.locator('.fui-Toast').filter({ hasText: text }).first().getByRole('button', { name: 'Undo' });
const incident = (id: number) => call<Incident>(context, 'GET', `/incidents/${id}`);
const tasksOf = async (id: number) => (await call<List<Task>>(context, 'GET', `/incidents/${id}/tasks`)).items;
const suggestions = async (id: number, state = 'open') =>
  (await call<List<Suggestion>>(context, 'GET', `/incidents/${id}/suggestions?state=${state}`)).items;
const card = (s: Suggestion) => page.locator(`[data-suggestion="${s.id}"]`);
const tab = () => page.getByRole('tab', { name: /^Maybe related/ });

/** Open incidents with something to suggest, and the suggestion that both sides would take. */
async function suggested(): Promise<{ id: number; all: Suggestion[] }[]> {
  const list = await call<List<Incident>>(context, 'GET', '/incidents?status=active&status=inProgress&sort=alerts&limit=500');
  const out: { id: number; all: Suggestion[] }[] = [];
  for (const i of list.items) {
    const all = (await suggestions(i.id)).filter((s) => s.other.owner === '' || i.owner === '' || s.other.owner === i.owner);
    if (all.length > 0) out.push({ id: i.id, all });
  }
  return out;
}

describe('suggestions', () => {
  let id: number;
  let first: Suggestion;

  it('are counted on the tab and in the pane of the queue, and say why', async () => {
    const found = await suggested();
    expect(found.length).toBeGreaterThan(1);
    ({ id } = found[0] as { id: number });
    const all = await suggestions(id);
    first = all[0] as Suggestion;
    await page.goto(`/incidents?open=${id}`);
    const pane = page.getByRole('complementary', { name: `Incident ${id}` });
    await pane.getByText(`#${first.other.id}`).waitFor();
    await pane.getByRole('link', { name: /^\d+ incidents?$/ }).waitFor();
    await page.goto(`/incidents/${id}`);
    await settled(page);
    await page.getByRole('tab', { name: `Maybe related${all.length}` }).waitFor();
    await tab().click();
    await page.waitForURL('**tab=related');
    await card(first)
      .getByText(`${Math.round(first.score * 100)} %`)
      .waitFor();
    expect(await card(first).locator('li').count()).toBeGreaterThan(0);
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('are rejected by keyboard, and the rejection is taken back', async () => {
    await page.keyboard.press('j');
    await expect.poll(() => card(first).evaluate((e) => e === document.activeElement)).toBe(true);
    await page.keyboard.press('n');
    await toast('is not suggested any more').waitFor();
    await card(first).waitFor({ state: 'detached' });
    expect((await suggestions(id, 'rejected')).map((s) => s.id)).toContain(first.id);
    await undo('is not suggested any more').click();
    await toast('The suggestion is open again').waitFor();
    await card(first).waitFor();
    expect((await suggestions(id)).map((s) => s.id)).toContain(first.id);
  });

  it('stay rejected, and the log of both tells', async () => {
    await card(first)
      .getByRole('button', { name: `Not related: incident ${first.other.id}` })
      .click();
    await card(first).waitFor({ state: 'detached' });
    for (const end of [first.a, first.b]) {
      const log = await call<List<Activity>>(context, 'GET', `/incidents/${end}/activities?kind=suggestionRejected`);
      expect(log.items.length).toBeGreaterThan(0);
      expect((await suggestions(end)).map((s) => s.id)).not.toContain(first.id);
    }
  });

  it('are accepted as a merge, and undone from the message', async () => {
    const [next] = await suggested();
    if (next === undefined) throw new Error('nothing is suggested any more');
    const s = next.all[0] as Suggestion;
    const ends = [await incident(s.a), await incident(s.b)];
    await page.goto(`/incidents/${next.id}?tab=related`);
    await card(s)
      .getByRole('button', { name: `Merge with incident ${s.other.id}` })
      .click();
    await toast(/was merged into #\d+/).waitFor();
    const merged = [await incident(s.a), await incident(s.b)];
    expect(merged.filter((i) => i.status === 'redirected')).toHaveLength(1);
    await undo(/was merged into #\d+/).click();
    await toast(/^The merge is undone/).waitFor();
    for (const before of ends) {
      const now = await incident(before.id);
      expect([now.status, now.tally.alerts, now.owner, now.tags]).toEqual([
        before.status,
        before.tally.alerts,
        before.owner,
        before.tags,
      ]);
    }
  });
});

describe('a merge that is undone', () => {
  it('gives comments, tasks, owner and tags of both back', async () => {
    const chosen = await call<List<Incident>>(context, 'GET', '/incidents?severity=medium&status=active&sort=id&limit=2');
    const [a, b] = chosen.items.map((i) => i.id) as [number, number];
    await call(context, 'PATCH', `/incidents/${b}`, { owner: 'me', tags: ['finance', 'vip'], status: 'inProgress' });
    await call(context, 'PATCH', `/incidents/${a}`, { tags: ['branch office'] });
    await call(context, 'POST', `/incidents/${b}/comments`, { text: 'Spoke to the finance team.' });
    await call(context, 'POST', `/incidents/${a}/comments`, { text: 'The branch knows.' });
    for (const [id, title] of [
      [a, 'Call the branch'],
      [b, 'Reset the passwords'],
      [b, 'Ask for the mail logs'],
    ] as const)
      await call(context, 'POST', `/incidents/${id}/tasks`, { title, description: `For incident ${id}.` });
    const before = [await incident(a), await incident(b)];
    const tasks = [await tasksOf(a), await tasksOf(b)];
    const { target, merges } = await call<{ target: number; merges: { id: number }[] }>(context, 'POST', '/incidents/merge', {
      ids: [a, b],
    });
    const joined = await incident(target);
    expect(joined.tags).toEqual(['branch office', 'finance', 'vip']);
    expect(joined.owner).not.toBe('');
    expect(merges).toHaveLength(1);
    await page.goto(`/incidents/${target}?tab=activities`);
    await page.getByText('Spoke to the finance team.').first().waitFor();
    await page.getByText('The branch knows.').first().waitFor();
    await page.getByRole('tab', { name: 'Tasks0/3' }).click();
    const list = page.getByRole('list', { name: 'Tasks' });
    for (const t of tasks.flat()) await list.getByText(t.title).waitFor();
    expect((await tasksOf(target)).map((t) => t.incident)).toEqual([target, target, target]);
    // Work goes on in the merged incident: what is done stays done where it belongs.
    await list.getByRole('checkbox', { name: 'Done: Reset the passwords' }).check();
    await page.getByText('1 of 3 done').first().waitFor();
    await expect.poll(async () => (await incident(target)).tasks.completed).toBe(1);
    await page.getByRole('tab', { name: /^Activities/ }).click();
    await page.getByRole('button', { name: 'Undo merge' }).first().click();
    await toast(/^The merge is undone/).waitFor();
    for (const was of before) {
      const now = await incident(was.id);
      expect([now.status, now.owner, now.tags, now.tally.alerts]).toEqual([was.status, was.owner, was.tags, was.tally.alerts]);
    }
    const [ofA, ofB] = [await tasksOf(a), await tasksOf(b)];
    expect(ofA).toEqual(tasks[0]);
    expect(ofB[1]).toEqual(tasks[1]?.[1]);
    expect(ofB[0]).toMatchObject({ ...tasks[1]?.[0], status: 'completed', version: 2, updatedAt: expect.any(String) });
    await page.goto(`/incidents/${b}?tab=tasks`);
    await page.getByText('1 of 2 done').first().waitFor();
    expect(await list.getByText('Call the branch').count()).toBe(0);
    for (const [end, own, other] of [
      [a, 'The branch knows.', 'Spoke to the finance team.'],
      [b, 'Spoke to the finance team.', 'The branch knows.'],
    ] as const) {
      await page.goto(`/incidents/${end}?tab=activities`);
      await page.getByText(own).first().waitFor();
      expect(await page.getByText(other).count()).toBe(0);
    }
  });
});

describe('the settings of correlation', () => {
  interface Row {
    rule: string;
    title: string;
    state: string;
    effective: string;
  }
  const rules = (query = '') => call<List<Row>>(context, 'GET', `/correlation/rules${query}`).then((l) => l.items);
  const version = async () => (await call<{ version: number }>(context, 'GET', '/correlation/settings')).version;
  let rule: Row;

  it('list the rules with what came of them', async () => {
    rule = (await rules())[0] as Row;
    await page.goto('/settings?tab=correlation');
    await settled(page);
    await page.getByRole('region', { name: 'Rules' }).getByText(rule.title).first().waitFor();
    await page.getByRole('heading', { name: 'Versions of these settings' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('exclude a rule with a grouping of its own, and filter by that', async () => {
    await page.getByLabel(`Correlation of ${rule.rule}`, { exact: true }).selectOption('disabled');
    await toast('The correlation settings are changed').waitFor();
    await expect.poll(async () => (await rules('?effective=disabled')).map((r) => r.rule)).toEqual([rule.rule]);
    await page.getByRole('button', { name: `Grouping of ${rule.rule}:` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Length of the time frame').fill('4');
    await dialog.getByLabel('Unit of the time frame').selectOption('minutes');
    await dialog.getByText('Between 5 minutes and 7 days').waitFor();
    await dialog.getByLabel('Length of the time frame').fill('30');
    await dialog.getByLabel('the same of what is selected below').check();
    await dialog.getByText('Select at least one.').waitFor();
    await dialog.getByLabel('User').check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: `Grouping of ${rule.rule}: same user within 30 minutes` }).waitFor();
    await page.getByLabel('Correlation state').selectOption('disabled');
    await page.waitForURL('**effective=disabled');
    await expect.poll(() => page.getByRole('region', { name: 'Rules' }).locator('tbody tr').count()).toBe(1);
    await page.getByLabel('Correlation state').selectOption('');
  });

  it('exclude an entity, and refuse what is none', async () => {
    const form = page.getByRole('form', { name: 'Exclude an entity' });
    await form.getByLabel('By').selectOption('cidr');
    await form.getByLabel('Entity').fill('10.0.0.0/40');
    await form.getByRole('button', { name: 'Exclude' }).click();
    await page
      .getByText(/must be a network such as/)
      .first()
      .waitFor();
    await form.getByLabel('Entity').fill('10.99.0.0/16');
    await form.getByLabel('Why').fill('The scanners');
    await form.getByRole('button', { name: 'Exclude' }).click();
    await page.getByRole('region', { name: 'Excluded entities' }).getByText('10.99.0.0/16').waitFor();
    await page.getByRole('button', { name: 'Remove 10.99.0.0/16' }).click();
    await page.getByRole('region', { name: 'Excluded entities' }).waitFor({ state: 'detached' });
  });

  it('make an asset critical, and the priority of its incidents says so', async () => {
    const list = await call<List<Incident & { topAssets: { id: number; label: string; kind: string }[] }>>(
      context,
      'GET',
      '/incidents?status=active&sort=priority&limit=50',
    );
    const target = list.items.find((i) => i.topAssets.some((a) => a.kind === 'device')) as (typeof list.items)[number];
    const device = target.topAssets.find((a) => a.kind === 'device') as { id: number; label: string };
    const known = await call<{ identifiers: { value: string }[] }>(context, 'GET', `/entities/${device.id}`);
    const form = page.getByRole('form', { name: 'Set the criticality of an asset' });
    await form.getByLabel('Asset', { exact: true }).fill(known.identifiers[0]?.value ?? '');
    await form.getByRole('button', { name: 'Set' }).click();
    await page.getByRole('region', { name: 'Criticality of assets' }).waitFor();
    await page.goto(`/incidents/${target.id}`);
    await settled(page);
    await page.getByRole('button', { name: /why\?/ }).click();
    await page.getByText(/The critical asset .* is impacted/).waitFor();
    await page.getByText('+12').waitFor();
  });

  it('go back to an earlier version, and every version stays', async () => {
    await page.goto('/settings?tab=correlation');
    await settled(page);
    const at = await version();
    await page.getByRole('button', { name: 'Restore version 1', exact: true }).click();
    await toast('The correlation settings are changed').waitFor();
    await expect.poll(version).toBe(at + 1);
    await page.getByText('put version 1 back').waitFor();
    await page.getByRole('button', { name: 'Back to the settings as installed' }).click();
    await expect.poll(async () => (await rules('?effective=disabled')).length).toBe(0);
    await page
      .getByRole('list', { name: 'Versions of the settings' })
      .getByText(`Version ${at + 2}`, { exact: true })
      .waitFor();
  });

  it('never threw, and never broke the content security policy', () => {
    expect(watch.faults).toEqual([]);
  });
});
