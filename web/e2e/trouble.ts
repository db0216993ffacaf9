import type { Browser, BrowserContext, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { base, call, enter, open, settled, user } from './browser';

export interface Scene {
  browser: Browser;
  context: BrowserContext;
  /** Signed in as the administrator. */
  page: Page;
  /** The incident with the highest priority. */
  top: number;
}

/** What attackers write, what breaks, and who may only look. */
export function withoutLuck(scene: () => Scene): void {
  describe('hostile and broken', () => {
    const title = 'Invoice\u202efdp.exe <img src=x onerror="document.title=1"> {{7*7}}';

    it('shows what an attacker wrote as plain text', async () => {
      const { context, page } = scene();
      const receipt = await call<{ records: { alertId: string }[] }>(context, 'POST', '/ingest/graph', {
        id: 'e2e-hostile',
        title,
        severity: 'low',
        status: 'new',
        serviceSource: 'microsoftDefenderForEndpoint',
        createdDateTime: '2026-11-20T08:00:00Z',
        firstActivityDateTime: '2026-11-20T08:00:00Z',
        lastActivityDateTime: '2026-11-20T08:00:00Z',
        evidence: [
          {
            '@odata.type': '#microsoft.graph.security.urlEvidence',
            url: 'https://evil.example/<script>alert(1)</script>',
            verdict: 'malicious',
          },
        ],
      });
      await page.goto(`/alerts/${receipt.records[0]?.alertId}`);
      await settled(page);
      await page.getByRole('heading', { level: 1 }).getByText('U+202E').waitFor();
      await page.getByRole('heading', { level: 1 }).getByText('<img src=x').waitFor();
      await page.getByRole('tab', { name: /Evidence/ }).click();
      await page.getByText('hxxps[://]evil[.]example').first().waitFor();
      await page.getByRole('tab', { name: 'Raw' }).click();
      await page.getByText('[U+202E]').first().waitFor();
      expect(await page.locator('main img').count()).toBe(0);
      expect(await page.title()).not.toBe('1');
    });

    it('shows what was refused, with the reason', async () => {
      const { context, page } = scene();
      await call(context, 'POST', '/ingest/graph', [
        { id: 'e2e-broken', title: 'x', evidence: 'not a list' },
        { id: 'e2e-fine', title: 'fine' },
      ]);
      await page.goto('/sources');
      await settled(page);
      await page.getByRole('region', { name: 'Dead letters' }).getByRole('button').first().click();
      await page.getByRole('complementary', { name: 'Dead letter' }).getByText('not a list').waitFor();
    });

    it('says when the server fails, and tries again', async () => {
      const { page, top } = scene();
      await page.route('**/api/v1/incidents?**', (route) =>
        route.fulfill({
          status: 400,
          contentType: 'application/problem+json',
          body: JSON.stringify({ title: 'Broken', detail: 'It is broken.', next: 'Wait.' }),
        }),
      );
      await page.goto('/incidents');
      await page.getByRole('alert').getByText('It is broken. Wait.').waitFor();
      await page.unroute('**/api/v1/incidents?**');
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.locator(`[data-row="${top}"]`).waitFor();
    });

    it('says when the server is away, also to a page that is not loaded yet, and goes on when it is back', async () => {
      const { browser } = scene();
      const { context: own, page: tab } = await open(browser);
      await enter(own);
      await tab.goto('/settings');
      await settled(tab);
      await tab.route('**/*', (route) => route.abort());
      await tab.keyboard.press('g');
      await tab.keyboard.press('a');
      await tab
        .getByRole('alert')
        .getByText('The server cannot be reached. Check the connection, then try again.')
        .first()
        .waitFor();
      await tab.unroute('**/*');
      await tab.getByRole('button', { name: 'Try again' }).first().click();
      await tab.getByRole('grid', { name: 'Alerts' }).waitFor();
      await own.close();
    });

    it('takes back a change that the server refuses', async () => {
      const { page, top } = scene();
      await page.goto(`/incidents/${top}?tab=summary`);
      await settled(page);
      await page.route(`**/api/v1/incidents/${top}`, (route) =>
        route.request().method() === 'PATCH'
          ? route.fulfill({
              status: 409,
              contentType: 'application/problem+json',
              body: JSON.stringify({ title: 'Conflict', detail: 'Someone was faster.' }),
            })
          : route.continue(),
      );
      await page.keyboard.press('s');
      await page.getByLabel('Status', { exact: true }).selectOption({ label: 'Resolved' });
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Someone was faster.', { exact: true }).last().waitFor();
      await page.unroute(`**/api/v1/incidents/${top}`);
      await page.getByRole('button', { name: 'In progress' }).waitFor();
    });
  });

  describe('a viewer', () => {
    it('sees everything and changes nothing', async () => {
      const { browser, context, top } = scene();
      const made = await call<{ invitation: { link: string } }>(context, 'POST', '/users', {
        name: 'vera',
        displayName: 'Vera',
        role: 'viewer',
      });
      const viewer = await open(browser);
      await viewer.page.goto(new URL(made.invitation.link, base()).pathname);
      await viewer.page.getByLabel('Password', { exact: true }).fill(user.password);
      await viewer.page.getByLabel('Password again').fill(user.password);
      await viewer.page.getByRole('button', { name: 'Set the password and sign in' }).click();
      await viewer.page.waitForURL('**/incidents');
      await viewer.page.goto(`/incidents/${top}`);
      await settled(viewer.page);
      expect(await viewer.page.getByRole('button', { name: 'Manage', exact: true }).getAttribute('aria-disabled')).toBe('true');
      await viewer.page.keyboard.press('s');
      expect(await viewer.page.getByLabel('Status', { exact: true }).count()).toBe(0);
      await viewer.page.goto('/settings');
      await settled(viewer.page);
      expect(await viewer.page.getByRole('tab', { name: 'People' }).count()).toBe(0);
      expect(viewer.watch.faults).toEqual([]);
      await viewer.context.close();
    });
  });
}
