import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, openPage, type WatchedPage } from './browser.ts';
import { changeFirstDraft, firstDraft, type Listed, MAY_CLOSE, WHERE } from './in_browser.ts';
import { showReplaced } from './pages/drafts_fast.ts';
import { buildWeb, type Product, startProduct } from './product.ts';
import { STEP_MS } from './step_ms.ts';

/* A new user's first steps in the real product and a real browser, one after the other. SCREENSHOT_DIR keeps the
   screenshots; without it, they only have to be possible. */

const DESK = { width: 1280, height: 820 };
const PHONE = { width: 380, height: 760 };
/** Lower than any message. */
const LOW_PHONE = { width: 380, height: 300 };
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

test('the printed link signs in and leaves no token in the address', { timeout: STEP_MS }, async () => {
  await desk.page.goto(product.sign_in_link);
  await desk.page.getByRole('link', { name: /^\d+ ?Drafts to approve/ }).waitFor();
  expect(desk.page.url()).toBe(`${product.url}/`);
  expect(await desk.page.getByRole('banner').textContent()).toContain('Admin');
});

test('a used sign-in link shows that it has expired', { timeout: STEP_MS }, async () => {
  const other = await openPage(browser);
  await other.page.goto(product.sign_in_link);
  await other.page.getByRole('heading', { name: 'This link has expired' }).waitFor();
  await other.page.goto(`${product.url}/leads`);
  await other.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(other.complaints.filter((text) => !text.includes('401'))).toEqual([]);
  await other.page.context().close();
});

test('an edit with the keyboard creates a version', { timeout: STEP_MS }, async () => {
  const { page } = desk;
  await page.getByRole('link', { name: /Drafts to approve/ }).click();
  await page.getByRole('button', { name: /^Approve/ }).waitFor();
  reader = await readerOf(page);
  const shown = page.getByRole('region', { name: 'Text of the message' });
  expect(await shown.textContent()).not.toContain(ADDED);
  await page.keyboard.press('e');
  const body = page.getByRole('textbox', { name: 'Text' });
  await body.fill(`${await body.inputValue()}\n\n${ADDED}`);
  await page.keyboard.press('Control+Enter');
  await page.getByText('Version 2, by you').waitFor();
  expect(await shown.textContent()).toContain(ADDED);
  await picture('drafts');
});

test('an approved message arrives as shown on the screen', { timeout: STEP_MS }, async () => {
  const { page } = desk;
  const approve = page.getByRole('button', { name: new RegExp(`^Approve for ${reader.name}`) });
  const approved = page.getByText(`Approved: ${reader.name}`);
  await approve.click();
  // The button ignores a click while the sender is read again; people click again.
  await approved.waitFor({ timeout: 10_000 }).catch(() => approve.click());
  await approved.waitFor();
  expect((await readerOf(page)).email).not.toBe(reader.email);

  await page.getByRole('link', { name: 'Mail' }).click();
  const message = page.getByRole('region', { name: 'The message' });
  await message.getByText(ADDED).waitFor();
  for (const text of [reader.email, 'Sample Street']) expect(await message.textContent()).toContain(text);
  await picture('mail');
  await message.getByRole('radio', { name: 'HTML' }).check();
  await page.frameLocator('iframe').getByText(ADDED).waitFor();
  await message.getByRole('radio', { name: 'Source' }).check();
  await message.getByText('List-Unsubscribe-Post: List-Unsubscribe=One-Click').waitFor();
});

test('search finds the lead, and its page explains the touches', { timeout: STEP_MS }, async () => {
  const { page } = desk;
  await page.getByRole('link', { name: 'Leads' }).click();
  await page.getByRole('searchbox').fill(reader.email);
  const row = page.getByRole('main').getByRole('link', { name: reader.email });
  await row.waitFor();
  await expect.poll(() => page.getByRole('main').getByRole('listitem').count()).toBe(1);
  await row.click();
  await page.getByRole('heading', { name: 'Next steps' }).waitFor();
  expect(new URL(page.url()).pathname).toBe(reader.lead_path);
  expect(await page.getByRole('main').textContent()).toMatch(/1 of 3 touches/);
  await picture('lead');
});

test('the unsubscribe link asks first, and only the button unsubscribes', { timeout: STEP_MS }, async () => {
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

test('an outdated draft is shown again, not approved', { timeout: STEP_MS }, async () => {
  const { page, complaints } = await openPage(browser, await signedIn());
  await page.goto(`${product.url}/drafts`);
  await page.getByRole('button', { name: /^Approve/ }).waitFor();
  const changed_hash = await page.evaluate(changeFirstDraft, 'Someone else wrote this.');
  await page.getByRole('button', { name: /^Approve/ }).click();
  await showReplaced(page);
  const letter = page.getByRole('region', { name: 'Text of the message' });
  await letter.getByText('Someone else wrote this.').waitFor();
  expect(await page.evaluate(firstDraft)).toMatchObject({ content_hash: changed_hash, status: 'drafted' });
  expect(complaints.filter((text) => !text.includes('409'))).toEqual([]);
  await page.context().close();
});

test('on a phone, an approval shows the start of the next text', { timeout: STEP_MS }, async () => {
  const { page, complaints } = await openPage(browser, { ...(await signedIn()), viewport: LOW_PHONE });
  await page.goto(`${product.url}/drafts`);
  const rows = page.locator('.rows > li');
  const next_company = await rows.nth(1).locator('strong').textContent();
  await rows.first().getByRole('button').click();
  const { name } = await readerOf(page);
  await expect.poll(() => page.evaluate(WHERE)).toMatchObject({ scroll_y: 0, focused: 'H2' });
  await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight)');
  expect(await page.evaluate('window.scrollY')).toBeGreaterThan(0);
  await page.screenshot({ path: join(picture_dir, 'phone_light_approve.png') });
  await page.getByRole('button', { name: `Approve for ${name}` }).click();
  await page.getByText(`Approved: ${name}`).waitFor();
  await page.getByRole('heading', { name: next_company!, exact: true }).waitFor();
  expect(await page.evaluate(WHERE)).toEqual({ scroll_y: 0, focused: 'H2', text: next_company });
  expect(await page.evaluate('document.documentElement.scrollHeight')).toBeGreaterThan(2 * LOW_PHONE.height);
  expect(await page.title()).toBe('Drafts – Touchline');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('edits are discarded only after a confirmation', { timeout: STEP_MS }, async () => {
  const { page, complaints } = await openPage(browser, await signedIn());
  await page.goto(`${product.url}/drafts`);
  await page.getByRole('button', { name: /^Approve/ }).waitFor();
  await page.keyboard.press('e');
  const body = page.getByRole('textbox', { name: 'Text' });
  await body.fill('Half a thought');
  expect(await page.evaluate(MAY_CLOSE)).toBe(false);
  await body.press('Escape');
  const question = page.getByRole('dialog', { name: 'Discard your changes?' });
  await question.waitFor();
  await page.keyboard.press('Escape');
  await question.waitFor({ state: 'hidden' });
  expect(await body.inputValue()).toBe('Half a thought');
  await page.getByRole('button', { name: /^Cancel/ }).click();
  await question.getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('region', { name: 'Text of the message' }).waitFor();
  expect(await page.getByText('Half a thought').count()).toBe(0);
  expect(await page.evaluate(MAY_CLOSE)).toBe(true);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('the list is one Tab stop, and arrow keys move in it', { timeout: STEP_MS }, async () => {
  const { page } = await openPage(browser, await signedIn());
  await page.goto(`${product.url}/drafts`);
  const rows = page.locator('.rows > li').getByRole('button');
  await rows.nth(1).waitFor();
  expect(await rows.and(page.locator('[tabindex="0"]')).count()).toBe(1);
  await rows.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => rows.nth(1).getAttribute('aria-current')).toBe('true');
  expect(await page.evaluate('document.activeElement.ariaCurrent')).toBe('true');
  expect(await rows.and(page.locator('[tabindex="0"]')).count()).toBe(1);
  await page.context().close();
});

test('a manual send is copied and recorded, not approved', { timeout: STEP_MS }, async () => {
  const { page } = await openPage(browser, await signedIn());
  await page.route('**/api/v1/drafts?**', async (route) => {
    const url = route.request().url();
    const answer = await route.fetch({ url: url.replace('status=approved', 'status=drafted') });
    const { items } = (await answer.json()) as Listed;
    for (const item of items) item.requires_personal_send = true;
    const [first, ...others] = items;
    const listed = url.includes('status=approved') ? [{ ...first, status: 'approved' }] : others;
    await route.fulfill({ json: { items: listed, next_cursor: null } });
  });
  for (const path of ['/drafts?pending=all', '/drafts?status=approved']) {
    await page.goto(product.url + path);
    await page.getByRole('button', { name: 'Copy text' }).waitFor();
    for (const name of ['I sent it', 'Edit', 'Reject']) {
      expect(await page.getByRole('button', { name }).isVisible()).toBe(true);
    }
    expect(await page.getByRole('button', { name: /^Approve/ }).count()).toBe(0);
    const last = page.locator('.rows > li').last().getByRole('button');
    await expect.poll(() => last.textContent()).toContain('manual send · approved');
    await last.click();
    await page.getByText('Copy and send the text, then press “I sent it”').waitFor();
  }
  expect(await page.getByText('every gate passes').count()).toBe(0);
  await page.screenshot({ path: join(picture_dir, 'desk_light_personal.png') });
  await page.context().close();
});

test('the banner shows a clock that is days off', { timeout: STEP_MS }, async () => {
  const { page } = await openPage(browser, { ...(await signedIn()), viewport: PHONE });
  await page.route('**/api/v1/me', async (route) => {
    const me = (await (await route.fetch()).json()) as { now: string };
    const now = new Date(new Date(me.now).getTime() + 13 * 86_400_000).toISOString();
    await route.fulfill({ json: { ...me, now } });
  });
  await page.goto(`${product.url}/drafts`);
  await page.getByRole('banner').getByText('13 days ahead').waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
  await page.screenshot({ path: join(picture_dir, 'phone_light_clock.png') });
  await page.setViewportSize(DESK);
  expect(await page.getByRole('banner').textContent()).toContain('Server clock 13 days ahead');
  await page.screenshot({ path: join(picture_dir, 'desk_light_clock.png') });
  await page.context().close();
});

test('on a phone, no page is cut off in light or dark mode', { timeout: STEP_MS }, async () => {
  for (const color_scheme of ['light', 'dark'] as const) {
    const options = { ...(await signedIn()), viewport: PHONE, colorScheme: color_scheme };
    const phone = await openPage(browser, options);
    // pages.test.ts measures the other pages.
    for (const path of ['/drafts?status=held', '/mail', '/nowhere']) {
      await phone.page.goto(product.url + path);
      await phone.page.getByRole('main').getByRole('heading').first().waitFor({ state: 'attached' });
      await phone.page.waitForLoadState('networkidle');
      const name = path.replaceAll(/[^a-z]+/g, '_');
      await phone.page.screenshot({ path: join(picture_dir, `phone_${color_scheme}_${name}.png`) });
      const width = await phone.page.evaluate('document.documentElement.scrollWidth');
      expect(width, `${path} is as wide as the screen`).toBe(PHONE.width);
    }
    await phone.page.goto(`${product.url}/drafts`);
    await phone.page.locator('.rows > li').first().getByRole('button').click();
    await phone.page.getByRole('button', { name: /^Approve/ }).waitFor();
    expect(await phone.page.locator('.rows > li').first().isVisible()).toBe(false);
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

/** Recipient of the message on the right. */
async function readerOf(page: Page): Promise<typeof reader> {
  const message = page.getByRole('region', { name: 'The message' });
  const email = (await message.locator('.address').first().textContent()) ?? '';
  const to = await message.locator('dd').first().textContent();
  const name = to!.replace(email, '').split(',')[0]!;
  const lead_path = await message.getByRole('link', { name: /next step/ }).getAttribute('href');
  return { name, email, lead_path: lead_path! };
}

async function leadWords(page: Page): Promise<string | null> {
  await page.goto(product.url + reader.lead_path);
  await page.getByRole('heading', { name: 'Next steps' }).waitFor();
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
