import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { call, desk, enter, type Incident, type Listed, type Look, open, seriousFindings, settled } from './browser';

/** The pictures of docs/screenshots; of the phone, the light one. */
const pictured = new Set([
  'incidents',
  'incident-pane',
  'incident-story',
  'incident-story-alert',
  'incident-alerts',
  'incident-assets',
  'incident-evidence',
  'incident-activities',
  'incident-summary',
  'alert-details',
  'entity',
  'entity-timeline',
  'hunting-editor',
  'hunting-results',
  'hunting-chart',
]);
const pictureOf: Record<string, string> = { 'desk-light': 'light', 'desk-dark': 'dark', 'phone-light': 'phone' };

/** Of the ten most urgent incidents, the first whose whole attack graph fits on a screen. */
async function fitting(own: BrowserContext): Promise<number | undefined> {
  const list = await call<Listed<Incident>>(own, 'GET', '/incidents?status=active&status=inProgress&sort=priority&limit=10');
  for (const { id } of list.items) {
    const { graph } = await call<{ graph: { nodes: unknown[] } }>(own, 'GET', `/incidents/${id}/story`);
    if (graph.nodes.length >= 8 && graph.nodes.length <= 14) return id;
  }
  return undefined;
}

/** A device of the most urgent incidents: its timeline has events. */
async function device(own: BrowserContext): Promise<number | undefined> {
  const list = await call<Listed<Incident>>(own, 'GET', '/incidents?status=active&status=inProgress&sort=priority&limit=4');
  for (const { id } of list.items) {
    const found = await call<Listed<{ id: number }>>(own, 'GET', `/incidents/${id}/entities?kind=device&limit=1`);
    if (found.items[0] !== undefined) return found.items[0].id;
  }
  return undefined;
}

const looks: Record<string, Look> = {
  'desk-light': desk,
  'desk-dark': { ...desk, theme: 'dark' },
  'phone-light': { width: 390, height: 844, theme: 'light' },
  'phone-dark': { width: 390, height: 844, theme: 'dark' },
};

const processes = `DeviceProcessEvents
| where FileName in~ ("powershell.exe", "cmd.exe", "rundll32.exe")
| project Timestamp, DeviceName, AccountName, FileName, ProcessCommandLine
| sort by Timestamp desc`;
const logons = `DeviceLogonEvents
| summarize Logons = count() by bin(Timestamp, 6h), ActionType
| render timechart`;

async function write(tab: Page, text: string): Promise<void> {
  await tab.locator('.cm-content').click();
  await tab.keyboard.press('Control+a');
  await tab.keyboard.press('Delete');
  await tab.keyboard.insertText(text);
}

/** Runs a query over what the demo brings, until something of its result is there. */
async function run(tab: Page, query: string, shown: string): Promise<void> {
  await write(tab, query);
  await tab.keyboard.press('Shift+Enter');
  await tab.mouse.move(1, 1);
  await tab.locator(shown).first().waitFor();
}

/** Leaves off in the middle of a word, where the list helps. */
async function writing(tab: Page): Promise<void> {
  await write(tab, 'DeviceProcessEvents\n| where FileName =~ "powershell.exe"\n| summarize count() by ');
  await tab.keyboard.type('Account', { delay: 30 });
  await tab.locator('.cm-tooltip-autocomplete').waitFor();
}

/** Looks at every page in every look: for findings of the accessibility scan, and for pictures. */
export function everyPage(scene: () => { browser: Browser; top: number }): void {
  describe.each(Object.entries(looks))('every page at %s', (name, look) => {
    it('has no serious accessibility finding and keeps the content security policy', async () => {
      const { context: own, page: tab, watch: faults } = await open(scene().browser, look);
      const { top } = scene();
      const found: Record<string, string[]> = {};
      const scan = async (label: string, path: string, before?: () => Promise<unknown>) => {
        await tab.goto(path);
        await settled(tab);
        await before?.();
        await tab.waitForTimeout(300);
        const folder = process.env.CLEW_SCREENSHOTS;
        const picture = pictureOf[name];
        if (folder && picture !== undefined && pictured.has(label)) {
          mkdirSync(folder, { recursive: true });
          await tab.screenshot({ path: join(folder, `${label}-${picture}.png`) });
        }
        const wider = await tab.evaluate('document.documentElement.scrollWidth - innerWidth');
        const findings = await seriousFindings(tab);
        if (wider !== 0) findings.push(`the page is ${wider} pixels wider than the screen`);
        if (findings.length > 0) found[label] = findings;
      };
      await scan('sign-in', '/sign-in');
      await enter(own);
      const alert = (await call<Listed<{ id: string }>>(own, 'GET', `/incidents/${top}/alerts?limit=1`)).items[0]?.id ?? '';
      const entity = (await call<Listed<{ id: number }>>(own, 'GET', `/incidents/${top}/entities?limit=1`)).items[0]?.id ?? 0;
      const shown = (await fitting(own)) ?? top;
      await scan('incidents', '/incidents');
      await scan('incident-pane', `/incidents?open=${shown}`);
      await scan('incident-story', `/incidents/${shown}`);
      await scan('incident-story-large', `/incidents/${top}`);
      await scan('incident-story-alert', `/incidents/${top}?alert=${alert}`);
      await scan('incident-story-entity', `/incidents/${top}?entity=${entity}`);
      await scan('incident-story-list', `/incidents/${top}?view=list`);
      for (const part of ['alerts', 'assets', 'evidence', 'activities', 'summary'])
        await scan(`incident-${part}`, `/incidents/${top}?tab=${part}`);
      await scan('incident-manage', `/incidents/${top}?tab=summary`, () => tab.keyboard.press('s'));
      await scan('alerts', '/alerts');
      for (const part of ['details', 'evidence', 'why', 'raw']) await scan(`alert-${part}`, `/alerts/${alert}?tab=${part}`);
      await scan('assets', '/assets');
      await scan('entity', `/entities/${entity}`);
      await scan('entity-timeline', `/entities/${(await device(own)) ?? entity}/timeline`);
      await scan('hunting', '/hunting', () => tab.locator('.cm-content').waitFor());
      await scan('hunting-results', '/hunting', () => run(tab, processes, '[data-result-row]'));
      await scan('hunting-chart', '/hunting', () => run(tab, logons, '[data-chart] canvas'));
      await scan('hunting-editor', '/hunting', () => writing(tab));
      await scan('sources', '/sources');
      await scan('time-machine', '/backtests');
      await scan('time-machine-model', '/backtests?model=0');
      await scan('settings', '/settings');
      await scan('settings-correlation', '/settings?tab=correlation');
      await call(own, 'POST', `/incidents/${top}/tasks`, {
        title: `Call the owner of the device (${name})`,
        description: 'Before noon.',
      });
      await scan('incident-tasks', `/incidents/${top}?tab=tasks`);
      await scan('incident-related', `/incidents/${top}?tab=related`);
      await scan('settings-tables', '/settings?tab=tables');
      await scan('settings-tokens', '/settings?tab=tokens');
      await scan('settings-people', '/settings?tab=users');
      await scan('command-bar', '/incidents', () => tab.keyboard.press('Control+k'));
      await scan('shortcuts', '/incidents', () => tab.keyboard.press('?'));
      await scan('not-found', '/no-such-page');
      expect(found).toEqual({});
      expect(faults.faults).toEqual([]);
      await own.close();
    }, 240_000);
  });
}
