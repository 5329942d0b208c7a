import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, openPage, type WatchedPage } from './browser.ts';
import { buildWeb, type Product, startProduct } from './product.ts';

/*
 * A newcomer's way through the real product in a real browser, one step after the other. SCREENSHOT_DIR keeps the
 * pictures; without it they only have to be possible.
 */

const DESK = { width: 1280, height: 820 };
const PHONE = { width: 380, height: 760 };
const STEP_MS = 30_000;
const ADDED = 'P.S. I wrote this line by hand.';

let product: Product;
let browser: Browser;
let desk: WatchedPage;
let picture_dir: string;
let reader: { name: string; email: string; lead_path: string };

beforeAll(async () => {
  await buildWeb();
  [product, browser] = await Promise.all([startProduct(), openBrowser()]);
  picture_dir = process.env.SCREENSHOT_DIR ?? (await mkdtemp(join(tmpdir(), 'touchline-pictures-')));
  await mkdir(picture_dir, { recursive: true });
  desk = await openPage(browser, { viewport: DESK });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  if (picture_dir && !process.env.SCREENSHOT_DIR) await rm(picture_dir, { recursive: true, force: true });
}, 60_000);

test('the printed link signs in, and leaves no token in the address', { timeout: STEP_MS }, async () => {
  await desk.page.goto(product.sign_in_link);
  await desk.page.getByRole('button', { name: /^Approve/ }).waitFor();
  expect(desk.page.url()).toBe(`${product.url}/`);
  expect(await desk.page.getByRole('banner').textContent()).toContain('Admin');
});

test('the same link is of no use a second time, and the page says so', { timeout: STEP_MS }, async () => {
  const other = await openPage(browser);
  await other.page.goto(product.sign_in_link);
  await other.page.getByRole('heading', { name: 'This link does not work any more' }).waitFor();
  await other.page.goto(`${product.url}/leads`);
  await other.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(other.complaints.filter((text) => !text.includes('401'))).toEqual([]);
  await other.page.context().close();
});

test('a draft is edited with the keyboard: a new version, still in the list', {
  timeout: STEP_MS,
}, async () => {
  const { page } = desk;
  reader = await readerOf(page);
  const before = await page.getByRole('region', { name: 'Text of the message' }).textContent();
  await page.keyboard.press('e');
  const body = page.getByRole('textbox', { name: 'Text' });
  await body.fill(`${await body.inputValue()}\n\n${ADDED}`);
  await page.keyboard.press('Control+Enter');
  await page.getByText('Version 2, by you').waitFor();
  const after = await page.getByRole('region', { name: 'Text of the message' }).textContent();
  expect(after).toContain(ADDED);
  expect(before).not.toContain(ADDED);
  await picture('drafts');
});

test('approved, it arrives as it was on the screen', { timeout: STEP_MS }, async () => {
  const { page } = desk;
  await page.getByRole('button', { name: /^Approve/ }).click();
  await page.getByText(`Approved: ${reader.name}`).waitFor();
  expect((await readerOf(page)).email).not.toBe(reader.email);

  await page.getByRole('link', { name: 'Mail' }).click();
  const message = page.getByRole('region', { name: 'The message' });
  await message.getByText(ADDED).waitFor();
  const text = await message.textContent();
  expect(text).toContain(reader.email);
  expect(text).toContain('Sample Street');
  await picture('mail');
  await message.getByRole('radio', { name: 'HTML' }).check();
  await page.frameLocator('iframe').getByText(ADDED).waitFor();
  await message.getByRole('radio', { name: 'Source' }).check();
  await message.getByText('List-Unsubscribe-Post: List-Unsubscribe=One-Click').waitFor();
});

test('the lead is found and explained', { timeout: STEP_MS }, async () => {
  const { page } = desk;
  await page.getByRole('link', { name: 'Leads' }).click();
  await page.getByRole('searchbox').fill(reader.email);
  const row = page.getByRole('main').getByRole('link', { name: reader.email });
  await row.waitFor();
  await expect.poll(() => page.getByRole('main').getByRole('listitem').count()).toBe(1);
  await row.click();
  await page.getByRole('heading', { name: 'What comes next' }).waitFor();
  expect(new URL(page.url()).pathname).toBe(reader.lead_path);
  expect(await page.getByRole('main').textContent()).toMatch(/1 of 3 touches/);
  await picture('lead');
});

test('the unsubscribe link asks, and only the answer counts', { timeout: STEP_MS }, async () => {
  const { page, complaints } = desk;
  await page.getByRole('link', { name: 'Mail' }).click();
  const opened = page.context().waitForEvent('page');
  await page.locator('dd').getByRole('link', { name: /\/u\// }).click();
  const form = await opened;
  form.on('console', (line) => line.type() === 'error' && complaints.push(`console: ${line.text()}`));
  await form.getByRole('heading', { name: 'Unsubscribe' }).waitFor();
  expect(await leadWords(page)).not.toContain('Unsubscribed');
  await form.getByRole('button', { name: 'Unsubscribe' }).click();
  await form.getByRole('heading', { name: 'You are unsubscribed' }).waitFor();
  await form.close();
  expect(await leadWords(page)).toContain('Unsubscribed');
});

test('a text that changed meanwhile is shown, not approved', { timeout: STEP_MS }, async () => {
  const { page, complaints } = await openPage(browser, await signedIn());
  await page.goto(product.url);
  await page.getByRole('button', { name: /^Approve/ }).waitFor();
  const changed_hash = await page.evaluate(changeFirstDraft, 'Someone else wrote this.');
  await page.getByRole('button', { name: /^Approve/ }).click();
  await page.getByText('The text changed since you read it').waitFor();
  const letter = page.getByRole('region', { name: 'Text of the message' });
  await letter.getByText('Someone else wrote this.').waitFor();
  expect(await page.evaluate(firstDraft)).toMatchObject({ content_hash: changed_hash, status: 'drafted' });
  expect(complaints.filter((text) => !text.includes('409'))).toEqual([]);
  await page.context().close();
});

test('on a phone nothing is cut off, in light and in dark', { timeout: STEP_MS }, async () => {
  for (const color_scheme of ['light', 'dark'] as const) {
    const options = { ...(await signedIn()), viewport: PHONE, colorScheme: color_scheme };
    const phone = await openPage(browser, options);
    for (const path of ['/', '/?status=held', '/leads', reader.lead_path, '/mail', '/nowhere']) {
      await phone.page.goto(product.url + path);
      await phone.page.getByRole('main').getByRole('heading').first().waitFor({ state: 'attached' });
      await phone.page.waitForLoadState('networkidle');
      const name = path.startsWith('/leads/') ? 'lead' : path.replaceAll(/[^a-z]+/g, '_');
      await phone.page.screenshot({ path: join(picture_dir, `phone_${color_scheme}_${name}.png`) });
      const width = await phone.page.evaluate('document.documentElement.scrollWidth');
      expect(width, `${path} is as wide as the screen`).toBe(PHONE.width);
    }
    await phone.page.goto(product.url);
    await phone.page.getByRole('main').getByRole('listitem').first().getByRole('button').click();
    await phone.page.getByRole('button', { name: /^Approve/ }).waitFor();
    expect(await phone.page.getByRole('main').getByRole('listitem').first().isVisible()).toBe(false);
    await phone.page.screenshot({ path: join(picture_dir, `phone_${color_scheme}_draft.png`) });
    expect(phone.complaints).toEqual([]);
    await phone.page.context().close();
  }
});

test('signing out ends the session', { timeout: STEP_MS }, async () => {
  const { page, complaints } = desk;
  const before = [...complaints];
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(await page.evaluate(`fetch('/api/v1/me').then((answer) => answer.status)`)).toBe(401);
  expect(before).toEqual([]);
});

/** Whom the message on the right is to. */
async function readerOf(page: Page): Promise<typeof reader> {
  const message = page.getByRole('region', { name: 'The message' });
  const email = (await message.locator('.address').first().textContent()) ?? '';
  const to = await message.locator('dd').first().textContent();
  const name = to!.replace(email, '').split(',')[0]!;
  const lead_path = await message.getByRole('link', { name: /what comes next/ }).getAttribute('href');
  return { name, email, lead_path: lead_path! };
}

async function leadWords(page: Page): Promise<string | null> {
  await page.goto(product.url + reader.lead_path);
  await page.getByRole('heading', { name: 'What comes next' }).waitFor();
  return page.getByRole('main').textContent();
}

async function signedIn(): Promise<BrowserContextOptions> {
  return { viewport: DESK, storageState: await desk.page.context().storageState() };
}

async function picture(name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await desk.page.emulateMedia({ colorScheme });
    await desk.page.screenshot({ path: join(picture_dir, `desk_${colorScheme}_${name}.png`) });
  }
  await desk.page.emulateMedia({ colorScheme: 'light' });
}

type Listed = { items: { id: string; content_hash: string; status: string }[] };

/** In the browser, past the page: what a colleague does in another window. */
async function changeFirstDraft(body: string): Promise<string> {
  const answer = await fetch('/api/v1/drafts?status=drafted&limit=1');
  const { id, content_hash } = ((await answer.json()) as Listed).items[0]!;
  const changed = await fetch(`/api/v1/drafts/${id}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ content_hash, body }),
  });
  return ((await changed.json()) as { content_hash: string }).content_hash;
}

async function firstDraft(): Promise<unknown> {
  const answer = await fetch('/api/v1/drafts?status=drafted&limit=1');
  return ((await answer.json()) as Listed).items[0];
}
