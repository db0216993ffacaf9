import { appendFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterEach, type TestContext } from 'vitest';
import { openPages } from './browser';

/** What a page shows, short enough for a log. */
async function shown(page: Page): Promise<string> {
  const text = await page.locator('body').innerText({ timeout: 5_000 });
  return `${page.url()}\n${text.replace(/\n\s*/g, '\n  ').slice(0, 3_000)}`;
}

async function told({ task }: TestContext): Promise<void> {
  if (task.result?.state !== 'fail') return;
  const errors = task.result.errors?.map((e) => e.stack ?? e.message) ?? [];
  const pages = await Promise.all([...openPages].map((page) => shown(page).catch((e: unknown) => `${page.url()}: ${e}`)));
  const text = [`${task.file.name}: ${task.name}`, ...errors, ...pages.map((p) => `on ${p}`)].join('\n');
  const file = process.env.CLEW_FAILED;
  if (file) appendFileSync(file, `${text}\n`);
  else console.error(text);
}

afterEach(told);
