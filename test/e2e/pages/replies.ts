import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { chooseEmails, expectAccessible, type PagesWorld } from '../pages_world.ts';
import { STEP_MS } from '../step_ms.ts';

/** Replies that name someone else, and reports that a person judges. */
export function repliesPages(world: () => PagesWorld): void {
  test('a reply that names someone else becomes a lead', { timeout: STEP_MS }, async () => {
    const page = await world().open('/mail');
    const message = page.getByRole('region', { name: 'The message' });
    await message
      .getByText(/^Reply as /)
      .first()
      .click();
    await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('TEXTAREA');
    await page.keyboard.type('I left the company in June. Please ask Bob Miller, bob.miller@buyer.example.');
    await page.keyboard.press('Control+Enter');
    await message.getByRole('link', { name: 'Show under Replies' }).click();
    await page.getByRole('heading', { name: 'Suggested person' }).waitFor();
    await page.getByText('bob.miller@buyer.example').last().waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'reply_suggestion');
    await page.getByRole('button', { name: 'Add lead…' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByLabel('First name').inputValue()).toBe('Bob');
    await expectAccessible(page);
    await world().pictures(page, 'reply_add_lead');
    await dialog.getByRole('button', { name: 'Add lead' }).click();
    await page.getByText('bob.miller@buyer.example added.').waitFor();
    await page.goto(`${world().product.url}/replies?show=handled`);
    await page.getByText('I left the company').first().click();
    await page.getByRole('link', { name: 'View lead' }).first().click();
    await page.getByRole('heading', { name: 'Suggested person' }).waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'lead_suggestion');
    await page.getByRole('complementary').getByRole('link', { name: 'View lead' }).click();
    await page.getByRole('heading', { name: 'Bob Miller' }).waitFor();
  });

  test('a bounce in unknown words notifies a teammate by email, and is judged by a person', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/mail');
    await chooseEmails(page, 'at_once', ['reply']);
    await takeBounce(page);
    await page.getByRole('link', { name: 'To a teammate' }).click();
    const message = page.getByRole('region', { name: 'The message' });
    await message.getByText('A notification or test message').waitFor();
    expect(await message.getByText(/^Reply as /).count()).toBe(0);
    await expectAccessible(page);
    await world().pictures(page, 'caught_notice');
    await chooseEmails(page, 'off');
    await page.goto(`${world().product.url}/replies`);
    await page.getByRole('heading', { name: 'Judge this bounce' }).waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'reply_bounce');
    await page.getByRole('button', { name: 'Keep address' }).click();
    await page.getByText('Address kept.').waitFor();
  });
}

/** Reports a failure of the newest caught message, over the API. */
async function takeBounce(page: Page): Promise<void> {
  const status = await page.evaluate(`(async () => {
    const { items } = await (await fetch('/api/v1/catcher/messages')).json();
    const id = items[0].message_id;
    const raw = ['From: MAILER-DAEMON@mx.buyer.example', 'Subject: Undelivered Mail Returned to Sender', '',
      'Your message to <' + items[0].to[0] + '> could not be delivered.', '', '554 error 4711', '',
      'Message-ID: ' + id, ''].join('\\n');
    const body = JSON.stringify({ raw });
    const headers = { 'content-type': 'application/json' };
    return (await fetch('/api/v1/inbound', { method: 'POST', headers, body })).status;
  })()`);
  expect(status).toBe(200);
}
