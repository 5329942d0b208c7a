import type { Page, Route } from 'playwright-core';
import { expect, test } from 'vitest';
import { changeDraftTo, statusOf } from '../in_browser.ts';
import type { PagesWorld } from '../pages_world.ts';
import { approvable, personOf } from './drafts_fast.ts';

const STEP_MS = 60_000;
const APPROVE = '**/api/v1/drafts/*/approve';
const WITHDRAW = '**/api/v1/drafts/*/withdraw_approval';
const EXPLAIN = '**/api/v1/drafts/*/explain';

/** Answers that come late, or never: what the person does meanwhile is what counts. */
export function draftsLatePages(world: () => PagesWorld): void {
  test('what is taken back late moves nobody who has gone on', { timeout: STEP_MS }, async () => {
    const page = await world().open('/drafts');
    const { release } = await hold(page, WITHDRAW);
    const undone = await approveFirst(page);
    await page.getByRole('button', { name: /^Undo/ }).waitFor();
    await page.keyboard.press('u');
    await approvable(page);
    await page.keyboard.press('e');
    const body = page.getByRole('textbox', { name: 'Text' });
    await body.fill('In the middle of a sentence');
    const reader = await personOf(page);
    await release();
    await page.getByText(/^Taken back: /).waitFor();
    expect(await personOf(page)).toBe(reader);
    expect(await body.inputValue()).toBe('In the middle of a sentence');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('TEXTAREA');
    expect(await page.evaluate(statusOf, undone)).toBe('drafted');
    await body.press('Escape');
    await page.getByRole('button', { name: 'Discard' }).click();

    const again = await hold(page, WITHDRAW);
    await page.goto(`${world().product.url}/drafts`);
    await approveFirst(page);
    await page.getByRole('button', { name: /^Undo/ }).waitFor();
    await page.keyboard.press('u');
    await page.getByRole('link', { name: 'Leads', exact: true }).first().click();
    await page.getByRole('heading', { name: 'Leads', level: 1 }).waitFor();
    await again.release();
    await page.getByText(/^Taken back: /).waitFor();
    expect(new URL(page.url()).pathname).toBe('/leads');
  });

  test('an approval that is refused late is told, and the text that is read stays', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/drafts');
    const { release } = await hold(page, APPROVE);
    const refused = await approveFirst(page);
    await page.evaluate(changeDraftTo, { id: refused, body: 'Nobody has read this.' });
    await approvable(page);
    await page.keyboard.press('j');
    await approvable(page);
    const reader = await personOf(page);
    await release();
    const told = page.getByRole('banner').getByText(/^Not approved: /);
    await told.waitFor();
    expect(await personOf(page)).toBe(reader);
    world().expectRefused(409);
    await page.getByRole('button', { name: 'Show it' }).click();
    await page.getByRole('alert').getByText('The text changed since you read it').waitFor();
    await told.waitFor({ state: 'hidden' });
    // A key that was meant for the text before decides nothing here.
    await page.keyboard.press('a');
    expect(await page.getByRole('button', { name: /^Approve/ }).getAttribute('aria-disabled')).toBe('true');
    await approvable(page);
  });

  test('an approval whose answer was lost is read again, and can be taken back', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/drafts');
    await page.route(APPROVE, async (route) => {
      await route.fetch();
      await route.abort('connectionreset');
    });
    const approved = await approveFirst(page);
    await page.getByText(/^It is not known whether the message to .* was approved/).waitFor();
    await page.getByRole('button', { name: /^Undo/ }).waitFor();
    expect(await page.getByText(/^Not approved/).count()).toBe(0);
    expect(await page.evaluate(statusOf, approved)).toBe('approved');
    await page.keyboard.press('u');
    await page.getByText(/^Taken back: /).waitFor();
    await page.unroute(APPROVE);

    await page.route(APPROVE, (route) => route.abort('connectionreset'));
    await approvable(page);
    await page.keyboard.press('a');
    await page.getByText(/^Not approved: /).waitFor();
    await page.unroute(APPROVE);
    forgetLostLines(world());
  });

  test('U while an approval is under way waits and takes it back', { timeout: STEP_MS }, async () => {
    const page = await world().open('/drafts');
    const { release } = await hold(page, APPROVE);
    const id = await approveFirst(page);
    await page.keyboard.press('u');
    await page.getByText('Taking it back, as soon as the server has answered.').waitFor();
    await release();
    await page.getByText(/^Taken back: /).waitFor();
    expect(await page.evaluate(statusOf, id)).toBe('drafted');
  });

  test('nothing is approved before it says from whom it comes', { timeout: STEP_MS }, async () => {
    const { page } = world().desk;
    const { release } = await hold(page, EXPLAIN);
    await page.goto(`${world().product.url}/drafts`);
    const approve = page.getByRole('button', { name: /^Approve/ });
    await approve.waitFor();
    await page.waitForTimeout(800);
    expect(await approve.getAttribute('aria-disabled')).toBe('true');
    await release();
    await approvable(page);
    expect(await page.locator('.letter_from').textContent()).toContain('@');
  });
}

/** Approves the one on the screen; resolves to its id once the next one is there. */
async function approveFirst(page: Page): Promise<string> {
  await approvable(page);
  const person = await personOf(page);
  const asked = page.waitForRequest(APPROVE);
  await page.keyboard.press('a');
  await expect.poll(() => personOf(page), { interval: 20 }).not.toBe(person);
  return new URL((await asked).url()).pathname.split('/').at(-2)!;
}

/** Keeps requests back until they are released. */
async function hold(page: Page, url: string): Promise<{ release(): Promise<void> }> {
  const held: Route[] = [];
  await page.route(url, (route) => {
    held.push(route);
  });
  return {
    async release() {
      await expect.poll(() => held.length).toBeGreaterThan(0);
      await Promise.all(held.map((route) => route.continue()));
      await page.unroute(url);
    },
  };
}

/** Browsers complain of a broken line, which was meant to be. */
function forgetLostLines({ desk }: PagesWorld): void {
  const others = desk.complaints.filter((text) => !text.includes('ERR_CONNECTION_RESET'));
  desk.complaints.splice(0, Number.POSITIVE_INFINITY, ...others);
}
