import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, enter, type Incident, type Listed, launch, open, seriousFindings, settled, type Watch } from './browser';

// Runs after portal.test.ts, which gives the first administrator a password.

interface Task {
  id: number;
  title: string;
  description: string;
  status: string;
  position: number;
}

let browser: Browser;
let context: BrowserContext;
let page: Page;
let watch: Watch;
let id: number;

beforeAll(async () => {
  browser = await launch();
  ({ context, page, watch } = await open(browser));
  await enter(context);
  const list = await call<Listed<Incident>>(context, 'GET', '/incidents?status=active&sort=id&asc=true&limit=1');
  id = (list.items[0] as Incident).id;
  await page.goto(`/incidents/${id}?tab=tasks`);
  await settled(page);
});

afterAll(async () => {
  await browser?.close();
});

const list = () => page.getByRole('list', { name: 'Tasks' });
const kept = async () => (await call<Listed<Task>>(context, 'GET', `/incidents/${id}/tasks`)).items;
const titles = async () => (await kept()).map((t) => t.title);
const shown = () => list().locator('[data-task]');
/** The title of the task that has the focus. */
const focused = () => page.evaluate(() => document.activeElement?.closest('[data-task]')?.querySelector('p')?.textContent ?? '');

describe('tasks of an incident', () => {
  it('say that there are none yet', async () => {
    await page.getByText('No tasks yet').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('are added one after the other without the mouse', async () => {
    await page.keyboard.press('n');
    await page.keyboard.type('Isolate <b>FIN-07</b>');
    await page.keyboard.press('Enter');
    await list().getByText('Isolate <b>FIN-07</b>').waitFor();
    await page.keyboard.type('Ask the user');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Was it you?\nAnd when?');
    await page.keyboard.press('Control+Enter');
    await list().getByText('Was it you?').waitFor();
    await call(context, 'POST', `/incidents/${id}/tasks`, { title: 'Collect the logs' });
    // The change of someone else arrives by itself.
    await list().getByText('Collect the logs').waitFor();
    expect(await titles()).toEqual(['Isolate <b>FIN-07</b>', 'Ask the user', 'Collect the logs']);
    expect(await list().getByText('U+000A').count()).toBe(0);
    expect((await kept())[1]?.description).toBe('Was it you?\nAnd when?');
    await page.getByRole('tab', { name: 'Tasks0/3' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });

  it('are completed, moved and edited by keys', async () => {
    await shown().first().focus();
    await page.keyboard.press('j');
    expect(await focused()).toBe('Ask the user');
    await page.keyboard.press('x');
    await page.getByText('1 of 3 done').first().waitFor();
    await page.keyboard.press('Alt+ArrowUp');
    await expect.poll(titles).toEqual(['Ask the user', 'Isolate <b>FIN-07</b>', 'Collect the logs']);
    await expect.poll(focused).toBe('Ask the user');
    await page.keyboard.press('e');
    await page.getByRole('form', { name: 'Edit task' }).getByLabel('Title').fill('Ask the user again');
    await page.keyboard.press('Enter');
    await expect.poll(titles).toEqual(['Ask the user again', 'Isolate <b>FIN-07</b>', 'Collect the logs']);
    await expect.poll(focused).toBe('Ask the user again');
    await page.keyboard.press('x');
    await page.getByText('0 of 3 done').first().waitFor();
    await expect.poll(async () => (await kept()).map((t) => t.status)).toEqual(['new', 'new', 'new']);
  });

  it('keep a change that someone else made meanwhile', async () => {
    await page.getByRole('button', { name: 'Edit: Collect the logs' }).click();
    const form = page.getByRole('form', { name: 'Edit task' });
    await form.getByLabel('Title').fill('Mine');
    const third = (await kept())[2] as Task;
    await call(context, 'PATCH', `/incidents/${id}/tasks/${third.id}`, { title: 'Theirs' });
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('It was changed since you read it.').waitFor();
    await form.getByText('It says “Theirs” now.').waitFor();
    expect((await titles())[2]).toBe('Theirs');
    expect(await form.getByLabel('Title').inputValue()).toBe('Mine');
    expect(await seriousFindings(page)).toEqual([]);
    await form.getByRole('button', { name: 'Save' }).click();
    await expect.poll(async () => (await titles())[2]).toBe('Mine');
    await form.waitFor({ state: 'detached' });
  });

  it('are deleted after a question, and the log keeps what they said', async () => {
    await shown().nth(1).focus();
    await page.keyboard.press('Delete');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Isolate <b>FIN-07</b>').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await titles()).toHaveLength(3);
    await page.getByRole('button', { name: 'Delete: Isolate <b>FIN-07</b>' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect.poll(titles).toEqual(['Ask the user again', 'Mine']);
    await page.goto(`/incidents/${id}?tab=activities`);
    await page.getByText('The task "Isolate <b>FIN-07</b>" was deleted.').waitFor();
    await page.getByText('The task "Ask the user" was moved from place 2 to place 1 of 3.').waitFor();
  });

  it('never threw, and never broke the content security policy', () => {
    expect(watch.faults).toEqual([]);
  });
});
