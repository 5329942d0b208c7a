import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { scale } from '../../scale.ts';
import { changeFirstDraft, firstDraft } from '../in_browser.ts';
import { expectAccessible, keyReady, type PagesWorld } from '../pages_world.ts';
import { STEP_MS } from '../step_ms.ts';

const DRAFTS = scale(8, 20);
/** Index of the rejected draft. */
const REJECTED = 2;

/** Drafts without a mouse: read, edit, approve, reject, and undo. */
export function draftsFastPages(world: () => PagesWorld): void {
  test('a draft shows sender, footer, gate decisions, and author', { timeout: STEP_MS }, async () => {
    const page = await world().open('/drafts');
    const letter = page.getByRole('region', { name: 'Text of the message' });
    await letter.getByText('From Justin <justin@redkey.example>').waitFor();
    expect(await letter.textContent()).toMatch(/RedKey100 Sample Street.*Unsubscribe: http/);
    const why = page.getByRole('region', { name: 'Context' });
    await why.getByText('Compliance').waitFor();
    expect(await why.locator('.gate_list li').count()).toBe(5);
    expect(await why.textContent()).toContain('0 of at most 3 touches in the last 7 days');
    await page.getByText(/^Version 1, by Brooke .* from the step’s template/).waitFor();
    await expectAccessible(page);
    await page.locator('.rows .row').first().click();
    await world().pictures(page, 'drafts');
    await page.setViewportSize({ width: 1760, height: 900 });
    await world().picture(page, 'drafts_wide');
    await page.setViewportSize({ width: 1280, height: 820 });
  });

  test('the editor and the list of versions highlight changes', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/drafts');
    await page.locator('.rows .row').first().click();
    await approvable(page);
    await page.keyboard.press('e');
    const body = page.getByRole('textbox', { name: 'Text' });
    const text = await body.inputValue();
    const first = text.split(/\s/, 1)[0]!;
    await body.fill(`${text.replace(first, 'Good morning')}\n\nP.S. Another line.`);
    const changes = page.getByRole('region', { name: 'Your changes' });
    await changes.locator('ins').filter({ hasText: 'Another line' }).waitFor();
    expect(await changes.locator('del').first().textContent()).toContain(first);
    await expectAccessible(page);
    await world().pictures(page, 'drafts_editing');
    await page.keyboard.press('Control+Enter');
    await page.getByText(/^Version 2, by you/).waitFor();
    await page.locator('.diff ins:visible').filter({ hasText: 'Another line' }).first().waitFor();
    await page.getByRole('button', { name: /^Text of version 1 by Brooke/ }).click();
    await page.locator('.version_list .diff_text:visible').filter({ hasText: first }).first().waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: /^Changes in version 2 by you/ }).click();
    await world().pictures(page, 'drafts_versions');
  });

  test(`the keyboard alone approves and rejects ${DRAFTS} drafts`, { timeout: STEP_MS }, async () => {
    const page = await world().open('/drafts');
    await approvable(page);
    const waiting = await waitingCount(page);
    for (let done = 0; done < DRAFTS; done += 1) {
      await approvable(page);
      const person = await personOf(page);
      if (done === REJECTED) await reject(page, 'Not their subject.');
      else await page.keyboard.press('a');
      await expect.poll(() => personOf(page), { interval: 20 }).not.toBe(person);
    }
    await expect.poll(() => waitingCount(page)).toBe(waiting - DRAFTS);
    await world().pictures(page, 'drafts_undo');
    await expectAccessible(page);

    // Undo brings the last draft back on the screen.
    await approvable(page);
    const person = await personOf(page);
    await page.keyboard.press('a');
    await page.getByRole('button', { name: /^Undo/ }).focus();
    await page.keyboard.press('u');
    await page.getByText(/^Approval withdrawn: /).waitFor();
    await expect.poll(() => personOf(page)).toBe(person);
    await expect.poll(() => waitingCount(page)).toBe(waiting - DRAFTS);
    const status = await page.evaluate(firstDraft);
    expect(status).toMatchObject({ to_id: person, status: 'drafted' });

    await page.goto(`${world().product.url}/drafts?status=sent`);
    await page.getByText('We wrote').first().click();
    await world().picture(page, 'drafts_sent');
  });

  test('a filter narrows drafts to one campaign', { timeout: STEP_MS }, async () => {
    const page = await world().open('/drafts');
    await approvable(page);
    const rows = page.locator('.pane_list .rows > li');
    const all = await rows.count();
    // Two imported leads are enrolled in it.
    const name = 'B2BEA vendor nurture';
    await page.getByLabel('Campaign').selectOption({ label: name });
    await page.waitForURL(/campaign=/);
    // The list is empty while loading.
    await rows.filter({ hasText: name }).first().waitFor();
    await expect
      .poll(async () => (await rows.allTextContents()).every((text) => text.includes(name)))
      .toBe(true);
    const own = await rows.count();
    expect(own).toBeLessThan(all);
    await page.locator('.panel_bar').getByText(`1 of ${own}`).waitFor();
    await expectAccessible(page);
    await world().picture(page, 'drafts_of_campaign');
    await page.locator('.rows .row').first().focus();
    await approvable(page);
    await page.keyboard.press('a');
    await expect.poll(() => rows.count()).toBe(own - 1);
    expect(page.url()).toContain('campaign=');
    await page.getByRole('button', { name: /^Undo/ }).click();
    await expect.poll(() => rows.count()).toBe(own);
    await page.getByLabel('Campaign').selectOption({ label: 'Any' });
    await expect.poll(() => rows.count()).toBe(all);
  });

  test('a rejected draft shows the reason and the user', { timeout: STEP_MS }, async () => {
    const page = await world().open('/drafts?status=rejected');
    await page.getByText(/^Rejected by Admin .*: Not their subject\.$/).waitFor();
    expect(await page.getByRole('button', { name: /^Approve/ }).count()).toBe(0);
    await world().picture(page, 'drafts_rejected');
  });

  test('an approval of an outdated draft shows the changes', { timeout: STEP_MS }, async () => {
    const page = await world().open('/drafts');
    await approvable(page);
    const person = await personOf(page);
    await page.evaluate(changeFirstDraft, 'Someone else wrote this.');
    await page.keyboard.press('a');
    await showReplaced(page);
    expect(await personOf(page)).toBe(person);
    await page
      .getByRole('alert')
      .locator('ins:visible')
      .filter({ hasText: 'Someone else' })
      .first()
      .waitFor();
    await world().picture(page, 'drafts_changed');
    world().desk.complaints.splice(
      0,
      Infinity,
      ...world().desk.complaints.filter((one) => !one.includes('409')),
    );
  });
}

/** A draft ignores its keys until it has been visible for a moment. */
export async function approvable(page: Page): Promise<void> {
  await keyReady(page, 'A');
}

export async function personOf(page: Page): Promise<string> {
  return (await page.locator('.pane_detail .address').first().textContent()) ?? '';
}

async function waitingCount(page: Page): Promise<number> {
  const text = await page.getByRole('link', { name: /^Pending/ }).textContent();
  return Number(text?.replace(/\D/g, ''));
}

async function reject(page: Page, reason: string): Promise<void> {
  await page.keyboard.press('r');
  await page.getByRole('textbox', { name: 'Reason' }).waitFor();
  await page.keyboard.type(reason);
  await page.keyboard.press('Control+Enter');
}

/** Shows the newer text of a draft whose approval was refused. A draft whose refusal came late returns only on request. */
export async function showReplaced(page: Page): Promise<void> {
  const replaced = page.getByRole('alert').getByText('the draft changed after you opened it');
  const show = page.getByRole('button', { name: 'Show draft' });
  await replaced.or(show).first().waitFor();
  if (!(await replaced.isVisible())) await show.click();
  await replaced.waitFor();
}
