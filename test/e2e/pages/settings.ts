import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible, type PagesWorld } from '../pages_world.ts';

const STEP_MS = 40_000;

/** The settings: the policy with its preview, mailboxes, people and keys, and the rest as pages to read. */
export function settingsPages(world: () => PagesWorld): void {
  test('a number of the policy is tried on the last week, put in force with a reason, and kept in the history', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/settings');
    const field = page.getByLabel('At most in the window (touches)');
    await field.waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'settings_policy');
    await field.fill('many');
    await page.getByRole('button', { name: 'See what it would have done' }).click();
    await page.locator('.field_fault').first().waitFor();
    for (const complaint of world().desk.complaints.splice(0)) expect(complaint).toContain('422');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await field.fill('0');
    await page.getByRole('button', { name: 'See what it would have done' }).click();
    await page.getByText(/decisions would have been different/).waitFor();
    await page.getByText('would have been held').first().waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'settings_preview');
    await field.fill('4');
    await page.getByRole('button', { name: 'Put in force' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('Trying a fourth.');
    await page.getByRole('dialog').getByRole('button', { name: 'Put in force' }).click();
    await page.getByText('Trying a fourth.').waitFor();
    await page.getByText('Own value').first().waitFor();
    await world().pictures(page, 'settings_history');
  });

  test('a mailbox is tried, paused with a reason and resumed', { timeout: STEP_MS }, async () => {
    const page = await world().open('/settings/mailboxes');
    await page.getByRole('main').getByText('Today').first().waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'settings_mailboxes');
    await page.getByRole('link', { name: /justin@/ }).click();
    await page.getByRole('button', { name: 'Send me a test message' }).click();
    await page.getByText(/The mail server took a test message/).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('Holidays');
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused: Holidays').waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'settings_mailbox');
    await page.getByRole('button', { name: 'Resume' }).click();
    await expect.poll(() => page.getByText('Paused: Holidays').count()).toBe(0);
    await page.getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('How mail leaves').selectOption('own');
    await dialog.getByLabel('Signs in').selectOption('oauth');
    await expectAccessible(page);
    await world().pictures(page, 'settings_mailbox_edit');
    await dialog.getByLabel('How mail leaves').selectOption('none');
    await dialog.getByLabel('Messages on one day').fill('40');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/of 40/).waitFor();
  });

  test('a person is added with a link that is shown once', { timeout: STEP_MS }, async () => {
    const page = await world().open('/settings/people');
    await page.getByRole('button', { name: 'Add a person' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Nora New');
    await dialog.getByLabel('E-mail address').fill('nora@people.example');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Add and make a link' }).click();
    expect(await dialog.getByLabel('Sign-in link').inputValue()).toContain('/sign-in#');
    await world().pictures(page, 'settings_new_person');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: /Nora New/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Let in no more' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Let in again' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Has left', { exact: true }).waitFor();
    await world().pictures(page, 'settings_people');
  });

  test('a key is made, shown once and revoked', { timeout: STEP_MS }, async () => {
    const page = await world().open('/settings/account');
    await page.getByText('This browser').waitFor();
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('My script');
    await page.getByRole('dialog').getByLabel('It may').selectOption('read');
    await page.getByRole('dialog').getByRole('button', { name: 'Make the key' }).click();
    expect(await page.getByLabel('API key').inputValue()).toMatch(/^tl_/);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByText('My script', { exact: true }).waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'settings_account');
    const line = page.getByRole('listitem').filter({ hasText: 'My script' });
    await line.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await line.getByText('Revoked').waitFor();
  });

  test('the other pages say what is there, and the audit is checked', { timeout: STEP_MS }, async () => {
    for (const tab of ['agents', 'keys', 'webhooks', 'organization']) {
      const page = await world().open(`/settings/${tab}`);
      await settled(page);
      await expectAccessible(page);
      await world().pictures(page, `settings_${tab}`);
    }
    const page = await world().open('/settings/audit');
    await page.getByText('set policy').first().waitFor();
    await page.getByRole('button', { name: /tampered/ }).click();
    await page.getByText(/Everything is as it was written/).waitFor();
    await page.getByText('set policy').first().click();
    await expectAccessible(page);
    await world().pictures(page, 'settings_audit');
  });
}

async function settled(page: Page): Promise<void> {
  await expect.poll(() => page.getByText('Reading …').count()).toBe(0);
}
