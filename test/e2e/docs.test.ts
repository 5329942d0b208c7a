import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registry } from '../../src/operations/registry.ts';
import { startWorld, type World } from '../surfaces/world.ts';
import { openBrowser, openPage } from './browser.ts';
import { STEP_MS } from './step_ms.ts';

/* The API reference in a real browser. */

const PHONE = { width: 380, height: 800 };

let world: World;
let browser: Browser;

beforeAll(async () => {
  world = await startWorld({ registry });
  browser = await openBrowser();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await world?.close();
});

test('the reference loads nothing from elsewhere, keeps the policy, and fits in light, in dark, and on a phone', {
  timeout: STEP_MS,
}, async () => {
  for (const options of [{ colorScheme: 'light' }, { colorScheme: 'dark' }, { viewport: PHONE }] as const) {
    const { page, complaints } = await openPage(browser, options);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${world.url}/docs`);
    await page.waitForLoadState('networkidle');
    expect(await page.locator('article').count()).toBeGreaterThanOrEqual(registry.length);
    await page.evaluate(`document.querySelectorAll('details').forEach((part) => { part.open = true; })`);
    const [width, wanted] = (await page.evaluate(
      '[innerWidth, document.documentElement.scrollWidth]',
    )) as number[];
    expect(wanted).toBe(width);
    expect(complaints).toEqual([]);
    expect(asked).toEqual(['/docs', '/docs/style.css', '/docs/copy.js'].map((path) => world.url + path));
    await page.context().close();
  }
});

test('light and dark mode have different backgrounds', { timeout: STEP_MS }, async () => {
  const grounds: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await openPage(browser, { colorScheme });
    await page.goto(`${world.url}/docs`);
    grounds.push(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
    await page.context().close();
  }
  expect(grounds).toEqual(['rgb(244, 245, 243)', 'rgb(20, 23, 26)']);
});

test('the copy button copies an example with the keyboard', { timeout: STEP_MS }, async () => {
  const { page, complaints } = await openPage(browser, {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await page.goto(`${world.url}/docs#get_lead`);
  const example = page.getByRole('region', { name: 'Example of get_lead', exact: true });
  await page.getByRole('button', { name: 'Copy: Example of get_lead', exact: true }).press('Enter');
  await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(await example.textContent());
  expect(await example.textContent()).toContain('curl "$TOUCHLINE_URL/api/v1/leads/');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('the first Tab stop skips the table of contents', { timeout: STEP_MS }, async () => {
  const { page } = await openPage(browser);
  await page.goto(`${world.url}/docs`);
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
  expect(await page.getByRole('navigation', { name: 'Operations' }).count()).toBe(1);
  expect(await page.getByRole('main').count()).toBe(1);
  await page.context().close();
});
