import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, openPage, type WatchedPage } from './browser.ts';
import { DESK, expectAccessible, pressKey } from './pages_world.ts';
import { buildWeb, type Product, startProduct } from './product.ts';
import { STEP_MS } from './step_ms.ts';

/*
 * A new user who has read no documentation gets from an empty product to five messages, and to the reason why a sixth waits:
 * each page shows and links the next step.
 */

const LEADS = ['Ada', 'Berta', 'Clara', 'Dora', 'Edda'];
const CSV = [
  'Email,First name,Company,Tier',
  ...LEADS.map((name, at) => `${name.toLowerCase()}@company${at}.example,${name},Company ${at},T2`),
].join('\n');

let product: Product;
let browser: Browser;
let desk: WatchedPage;
let picture_dir: string;

beforeAll(async () => {
  await buildWeb();
  [product, browser] = await Promise.all([startProduct({ TOUCHLINE_SAMPLE: 'none' }), openBrowser()]);
  desk = await openPage(browser, { viewport: DESK });
  desk.page.setDefaultTimeout(15_000);
  picture_dir = process.env.SCREENSHOT_DIR ?? (await mkdtemp(join(tmpdir(), 'touchline-pictures-')));
  await mkdir(picture_dir, { recursive: true });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  if (picture_dir && !process.env.SCREENSHOT_DIR) await rm(picture_dir, { recursive: true, force: true });
}, 60_000);

test('the printed link signs in, and Today offers to import leads', { timeout: STEP_MS }, async () => {
  const { page } = desk;
  await page.goto(product.sign_in_link);
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  const begin = page.getByRole('main').getByRole('link', { name: 'Import leads' });
  await begin.waitFor();
  await picture(page, '1_signed_in');
  await place(page, 'Drafts');
  await page.getByRole('heading', { name: 'No drafts to review' }).waitFor();
  await page.getByRole('link', { name: 'Choose leads' }).click();
  await page.getByRole('heading', { name: 'No leads yet' }).waitFor();
  await picture(page, '2_no_leads');
  await begin.last().click();
  await page.getByRole('heading', { name: 'Import leads', level: 1 }).waitFor();
});

test('an import offers to enroll its leads in a campaign', { timeout: STEP_MS }, async () => {
  const { page } = desk;
  await page.getByLabel('Or paste rows').fill(CSV);
  await page.getByRole('button', { name: 'Preview import' }).click();
  const import_leads = page.getByRole('button', { name: /^Import 5/ });
  await import_leads.waitFor();
  await picture(page, '3_dry_run');
  await import_leads.click();
  await page.getByText('5 leads imported').waitFor();
  await page.getByRole('button', { name: 'Enroll in a campaign' }).click();
  const dialog = page.getByRole('dialog', { name: 'Enroll 5 leads' });
  await dialog.getByLabel('Campaign').selectOption({ label: 'B2BEA vendor membership outreach' });
  await dialog.getByRole('button', { name: 'Check gates' }).click();
  await dialog.getByText('would start now').waitFor();
  await picture(page, '4_gate_asked');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Enroll 5 leads' }).click();
  await page.getByRole('dialog', { name: '5 leads enrolled' }).waitFor();
  await picture(page, '5_started');
});

test('one lead is enrolled in a second campaign', { timeout: STEP_MS }, async () => {
  const { page } = desk;
  await allowTwoSequences(page);
  await page.getByRole('button', { name: 'Close' }).first().click();
  await page.getByRole('list', { name: 'First leads imported' }).getByRole('link').first().click();
  await page.getByRole('heading', { level: 1, name: /Ada/ }).waitFor();
  await page.getByRole('button', { name: 'Enroll…' }).click();
  const dialog = page.getByRole('dialog', { name: /^Enroll / });
  await dialog.getByLabel('Campaign').selectOption({ label: 'B2B eCommerce World invitation' });
  await dialog.getByRole('button', { name: 'Check gates' }).click();
  await dialog.getByRole('button', { name: 'Enroll', exact: true }).click();
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
});

test('the keyboard approves six drafts', { timeout: STEP_MS }, async () => {
  const { page } = desk;
  await place(page, 'Drafts');
  const rows = page.locator('.pane_list .rows > li');
  await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(6);
  await picture(page, '6_drafts');
  for (let left = 6; left > 0; left -= 1) {
    await pressKey(page, 'a');
    await expect.poll(() => rows.count(), { timeout: 10_000 }).toBe(left - 1);
  }
  await picture(page, '7_approved');
});

test('the catcher shows five messages, and the coordinator why the sixth waits', {
  timeout: STEP_MS,
}, async () => {
  const { page } = desk;
  await place(page, 'Caught mail');
  await expect.poll(() => page.locator('.pane_list .rows > li').count(), { timeout: 45_000 }).toBe(5);
  await picture(page, '8_caught');
  await place(page, 'Drafts');
  await page.getByRole('link', { name: /^Held/ }).click();
  await page.locator('.pane_list .rows > li').first().waitFor();
  await page.getByText(/^Held: .*Continues/).waitFor();
  await picture(page, '9_held');
  await place(page, 'Coordinator');
  await page.getByRole('link', { name: 'Held' }).click();
  await page.getByText('Cap reached').waitFor();
  await picture(page, '10_why');
  expect(desk.complaints).toEqual([]);
});

/** By default, a second sequence of the same side waits for the end of the first; here both run, under the caps. */
async function allowTwoSequences(page: Page): Promise<void> {
  const status = await page.evaluate(async () => {
    const in_force = (await (await fetch('/api/v1/policy')).json()) as { version: number; document: object };
    const document = { ...in_force.document, sequences_per_side: { sales: 2 } };
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ document, expected_version: in_force.version });
    return (await fetch('/api/v1/policy', { method: 'PUT', headers, body })).status;
  });
  expect(status).toBe(200);
}

async function place(page: Page, name: string): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name: new RegExp(`^${name}`) })
    .click();
}

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(picture_dir, `newcomer_${name}.png`) });
}
