import type { Page, Route } from 'playwright-core';
import { expect, test } from 'vitest';
import { changeDraftTo, firstDraft, statusOf } from '../in_browser.ts';
import { expectAccessible, type PagesWorld } from '../pages_world.ts';
import { STEP_MS } from '../step_ms.ts';
import { approvable, personOf } from './drafts_fast.ts';

const APPROVE = '**/api/v1/drafts/*/approve';
const WITHDRAW = '**/api/v1/drafts/*/withdraw_approval';
const VERSIONS = '**/api/v1/drafts/*/versions';
const EXPLAIN = '**/api/v1/drafts/*/explain';

/** Late and lost responses: the user's actions in between win. */
export function draftsLatePages(world: () => PagesWorld): void {
  test('a late undo leaves the user in place', { timeout: STEP_MS }, async () => {
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
    await page.getByText(/^Approval withdrawn: /).waitFor();
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
    await page.getByText(/^Approval withdrawn: /).waitFor();
    expect(new URL(page.url()).pathname).toBe('/leads');
  });

  test('a late refusal of an approval shows a notice, and the text on the screen stays', {
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
    await page.getByRole('button', { name: 'Show draft' }).click();
    await page.getByRole('alert').getByText('the draft changed after you opened it').waitFor();
    await told.waitFor({ state: 'hidden' });
    // A key meant for the previous text decides nothing here.
    await page.keyboard.press('a');
    expect(await page.getByRole('button', { name: /^Approve/ }).getAttribute('aria-disabled')).toBe('true');
    await approvable(page);
  });

  test('an approval with a lost response is checked and can be undone', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/drafts');
    await page.route(APPROVE, async (route) => {
      await route.fetch();
      await route.abort('connectionreset');
    });
    const approved = await approveFirst(page);
    await page.getByText(/^The connection dropped\. The draft for .* may or may not be approved/).waitFor();
    await page.getByRole('button', { name: /^Undo/ }).waitFor();
    expect(await page.getByText(/^Not approved/).count()).toBe(0);
    expect(await page.evaluate(statusOf, approved)).toBe('approved');
    await page.keyboard.press('u');
    await page.getByText(/^Approval withdrawn: /).waitFor();
    await page.unroute(APPROVE);

    await page.route(APPROVE, (route) => route.abort('connectionreset'));
    await approvable(page);
    await page.keyboard.press('a');
    await page.getByText(/^Not approved: /).waitFor();
    await page.unroute(APPROVE);
    forgetLostLines(world());
  });

  test('U during a pending approval withdraws it afterward', { timeout: STEP_MS }, async () => {
    const page = await world().open('/drafts');
    const { release } = await hold(page, APPROVE);
    const id = await approveFirst(page);
    await page.keyboard.press('u');
    await page.getByText('Withdrawing the approval once the server responds.').waitFor();
    await release();
    await page.getByText(/^Approval withdrawn: /).waitFor();
    expect(await page.evaluate(statusOf, id)).toBe('drafted');
  });

  test('a draft cannot be approved before its sender is loaded', { timeout: STEP_MS }, async () => {
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

  test('Try again loads a sender that failed to load', { timeout: STEP_MS }, async () => {
    const { page } = world().desk;
    await page.route(EXPLAIN, (route) => route.abort('connectionreset'));
    await page.goto(`${world().product.url}/drafts`);
    await page.getByText('The sender could not be loaded').waitFor();
    await page.unroute(EXPLAIN);
    await page.locator('.actions_main').getByRole('button', { name: 'Try again' }).click();
    await approvable(page);
    forgetLostLines(world());
  });

  test('text typed during a save stays, also offline', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/drafts');
    await approvable(page);
    await page.keyboard.press('e');
    const body = page.getByRole('textbox', { name: 'Text' });
    await body.fill('First words');
    await page.context().setOffline(true);
    await body.press('Control+Enter');
    await page
      .getByRole('alert')
      .getByText(/^You are offline\./)
      .waitFor();
    await page.context().setOffline(false);
    forgetLostLines(world());
    const { release } = await hold(page, VERSIONS);
    await body.press('Control+Enter');
    await body.fill('First words and later ones');
    await release();
    await page.getByText(/Your later edits are not saved yet/).waitFor();
    expect(await body.inputValue()).toBe('First words and later ones');
    await body.press('Control+Enter');
    await page.getByRole('region', { name: 'Text of the message' }).getByText('and later ones').waitFor();
  });

  test('edits of an older version show a warning, and signing out asks first', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/drafts');
    await approvable(page);
    const { id } = (await page.evaluate(firstDraft)) as { id: string };
    await page.keyboard.press('e');
    const body = page.getByRole('textbox', { name: 'Text' });
    await body.fill('My own words');
    await page.locator('.rows .row').nth(1).click();
    await page.evaluate(changeDraftTo, { id, body: 'What a colleague wrote.' });
    await page.getByRole('region', { name: 'Text of the message' }).waitFor();
    await page.waitForResponse((answer) => answer.url().includes('/api/v1/drafts?'));
    await page.locator('.rows .row').first().click();
    await page
      .getByRole('alert')
      .getByText(/^Someone else saved a new version/)
      .waitFor();
    expect(await body.inputValue()).toBe('My own words');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stay' }).click();
    expect(await body.inputValue()).toBe('My own words');
    await body.press('Escape');
    await page.getByRole('button', { name: 'Discard' }).click();
  });

  test('an address opens its draft, or an unknown one shows a message', { timeout: STEP_MS }, async () => {
    const page = await world().open('/drafts?item=nonsense');
    await page.getByRole('heading', { name: 'Draft not found' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Show pending drafts' }).click();
    await approvable(page);
    const second = page.locator('.rows .row').nth(1);
    await second.click();
    await page.locator('.rows .row').first().click();
    await second.click();
    const person = await personOf(page);
    const asked = new URL(page.url()).searchParams.get('item') ?? '';
    expect(asked).not.toBe('');
    // The list has another page only, as with many drafts.
    await page.route('**/api/v1/drafts?*limit=50*', async (route) => {
      const answer = await route.fetch();
      const listed = (await answer.json()) as { items: { queue_id: string }[] };
      const items = listed.items.filter(({ queue_id }) => queue_id !== asked);
      await route.fulfill({ json: { ...listed, items } });
    });
    await page.goto(`${world().product.url}/drafts?item=${asked}`);
    await approvable(page);
    expect(await personOf(page)).toBe(person);
    await page.unroute('**/api/v1/drafts?*limit=50*');
  });
}

/** Approves the draft on the screen; resolves to its ID once the next one appears. */
async function approveFirst(page: Page): Promise<string> {
  await approvable(page);
  const person = await personOf(page);
  const asked = page.waitForRequest(APPROVE);
  await page.keyboard.press('a');
  await expect.poll(() => personOf(page), { interval: 20 }).not.toBe(person);
  return new URL((await asked).url()).pathname.split('/').at(-2)!;
}

/** Delays requests until they are released. */
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

/** Removes the browser's complaints about connections that the test cut. */
function forgetLostLines({ desk }: PagesWorld): void {
  const others = desk.complaints.filter((text) => !/ERR_(CONNECTION_RESET|INTERNET_DISCONNECTED)/.test(text));
  desk.complaints.splice(0, Number.POSITIVE_INFINITY, ...others);
}
