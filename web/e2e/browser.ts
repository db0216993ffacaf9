import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The first administrator, as the one-time link of the first start makes them. */
export const user = { name: 'admin', displayName: 'Ada Brandt', password: 'a clew of thread 42' };

export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set: run the tests with "make test-browser"`);
  return value;
}

export const base = (): string => required('CLEW_URL').replace(/\/$/, '');

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** What the tests look at in an incident. */
export interface Incident {
  id: number;
  name: string;
  status: string;
  tally: { alerts: number };
}

/** One page of a list. */
export interface Listed<T> {
  items: T[];
}

export interface Look {
  width: number;
  height: number;
  theme: 'light' | 'dark';
}

export const desk: Look = { width: 1440, height: 900, theme: 'light' };

/** What no page may ever do: throw, or break the content security policy. */
export interface Watch {
  faults: string[];
}

/** The pages that are open, for what is told of a test that fails. */
export const openPages = new Set<Page>();

export async function open(browser: Browser, look: Look = desk): Promise<{ context: BrowserContext; page: Page; watch: Watch }> {
  const context = await browser.newContext({
    baseURL: base(),
    viewport: { width: look.width, height: look.height },
    colorScheme: look.theme,
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  openPages.add(page);
  page.on('close', () => openPages.delete(page));
  page.setDefaultTimeout(15_000);
  const watch: Watch = { faults: [] };
  page.on('pageerror', (error) => watch.faults.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) watch.faults.push(message.text());
  });
  return { context, page, watch };
}

/** Signs in without the form, for tests of other things. */
export async function enter(context: BrowserContext, name = user.name, password = user.password): Promise<void> {
  const response = await context.request.post('/api/v1/session', {
    data: { user: name, password },
    headers: { Origin: base() },
  });
  if (!response.ok()) throw new Error(`signing in: ${response.status()} ${await response.text()}`);
}

/** Calls the API with the browser's session. */
export async function call<T>(
  context: BrowserContext,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  data?: unknown,
): Promise<T> {
  const response = await context.request.fetch(`/api/v1${path}`, { method, data, headers: { Origin: base() } });
  if (!response.ok()) throw new Error(`${method} ${path}: ${response.status()} ${await response.text()}`);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

interface Violation {
  id: string;
  impact: string;
  help: string;
  nodes: { html: string; failureSummary: string }[];
}

/**
 * The serious and critical findings of axe-core on what is on screen. Left out are
 * the focus sentinels of Fluent's focus manager, which hand the focus on at once.
 */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Colours on their way from one state to another are none that anybody has to read.
  await page.waitForFunction(() =>
    document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getComputedTiming().endTime === Infinity),
  );
  await page.evaluate(axe);
  const violations = (await page.evaluate(
    `axe.run({ exclude: ['[data-tabster-dummy]'] }, { resultTypes: ['violations'] }).then((r) => r.violations.map((v) => ({ id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.map((n) => ({ html: n.html, failureSummary: n.failureSummary })) })))`,
  )) as Violation[];
  return violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => {
      const places = v.nodes.slice(0, 5).map((n) => `\n  ${n.html.slice(0, 200)}`);
      return `${v.id}: ${v.help} (${v.nodes.length})${places.join('')}\n  ${v.nodes[0]?.failureSummary.slice(0, 300)}`;
    });
}

/** Waits until a page shows data and nothing waits any more. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('main').waitFor();
  await page.waitForFunction(() => document.querySelector('[role="status"][aria-label^="Loading"]') === null);
  await page.waitForFunction(
    () => document.querySelector('[data-graph]') === null || document.querySelector('[data-graph="drawn"]') !== null,
  );
}
