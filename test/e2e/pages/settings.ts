import { generateKeyPairSync } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { patchMailbox } from '../in_browser.ts';
import { expectAccessible, type PagesWorld } from '../pages_world.ts';

const STEP_MS = 40_000;

const PRIVATE_KEY = generateKeyPairSync('rsa', { modulusLength: 1024 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

/** The settings: the policy with its preview, mailboxes, users and keys, and the rest as read-only pages. */
export function settingsPages(world: () => PagesWorld): void {
  test('a policy number is previewed on the last week, published with a reason, and kept in the history', {
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
    await field.fill('3');
    const moves = page.getByRole('group', { name: /^Transactional may begin from/ });
    await moves.getByText('any state').waitFor();
    await moves.getByLabel('Customer').uncheck();
    await page.getByRole('listitem').filter({ hasText: 'Transactional may begin from: any state' }).waitFor();
    await moves.getByLabel('Customer').check();
    // A rule that means any state is unchanged when it means that again.
    await expect.poll(() => page.getByRole('region', { name: 'What you changed' }).count()).toBe(0);
    await field.fill('4');
    await page.getByRole('button', { name: 'Put in force' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('Trying a fourth.');
    await page.getByRole('dialog').getByRole('button', { name: 'Put in force' }).click();
    await page.getByText('Trying a fourth.').waitFor();
    await page.getByText('Own value').first().waitFor();
    await world().pictures(page, 'settings_history');
  });

  test('a mailbox is tested, paused with a reason, and resumed', { timeout: STEP_MS }, async () => {
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
    await page.getByText('It is paused: nothing leaves by it until someone resumes it.').waitFor();
    expect(await page.getByText('One more fits').count()).toBe(0);
    await expectAccessible(page);
    await world().pictures(page, 'settings_mailbox');
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('One more fits').waitFor();
    expect(await page.getByText('Paused: Holidays').count()).toBe(0);
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

  test('concurrent changes to a mailbox are shown, and not silently overwritten', {
    timeout: STEP_MS,
  }, async () => {
    const page = await openMailbox(world());
    await page.getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Messages in any hour').fill('9');
    await page.evaluate(patchMailbox, { id: page.url().split('/').at(-1)!, body: { daily_cap: 55 } });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('They changed: Messages on one day (55).').waitFor();
    world().expectRefused(412);
    expect(await dialog.getByLabel('Messages in any hour').inputValue()).toBe('9');
    expect(await dialog.getByLabel('Messages on one day').inputValue()).toBe('55');
    await expectAccessible(page);
    await world().pictures(page, 'settings_mailbox_changed');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/of 55/).waitFor();
    await page.getByText(/of 9$/).waitFor();
  });

  test('mail is signed with a generated or own key, with the record to publish', {
    timeout: STEP_MS,
  }, async () => {
    const page = await openMailbox(world());
    const dialog = page.getByRole('dialog');
    const value = page.getByLabel('Value of the record', { exact: true });
    await page.getByRole('button', { name: 'Sign its mail' }).click();
    await expectAccessible(page);
    await world().pictures(page, 'settings_dkim_form');
    await dialog.getByRole('button', { name: 'Make the key and sign' }).click();
    await value.waitFor();
    const made = await value.inputValue();
    expect(made).toMatch(/^v=DKIM1; k=rsa; p=MII/);
    expect(await page.getByLabel('Name of the record', { exact: true }).inputValue()).toMatch(
      /^touchline-justin\._domainkey\./,
    );
    await page.getByText(/^DNS (does not have this key yet|gave no answer)/).waitFor();
    await page.getByRole('heading', { name: 'Signature (DKIM)' }).scrollIntoViewIfNeeded();
    await world().pictures(page, 'settings_dkim_missing');
    await page.route('**/mailboxes/*/dkim', (route) => route.fulfill({ json: { state: 'published' } }));
    await page.getByRole('button', { name: 'Look in DNS again' }).click();
    await page.getByText('DNS has this key').waitFor();
    await page.unroute('**/mailboxes/*/dkim');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Copy the value' }).click();
    await page.getByText(/^Copied|did not let it be copied/).waitFor();
    await world().pictures(page, 'settings_dkim');

    await page.getByRole('button', { name: 'Use another key' }).click();
    expect(await dialog.getByLabel('Selector').inputValue()).toBe('touchline-justin-2');
    await dialog.getByLabel('Key', { exact: true }).selectOption('own');
    await dialog.getByLabel('Private key').fill('no key');
    await dialog.getByRole('button', { name: 'Sign with this key' }).click();
    await dialog.locator('.field_fault').waitFor();
    world().expectRefused(422);
    await expectAccessible(page);
    await world().pictures(page, 'settings_dkim_refused');
    await dialog.getByLabel('Private key').fill(PRIVATE_KEY);
    await dialog.getByRole('button', { name: 'Sign with this key' }).click();
    await expect.poll(() => value.inputValue()).not.toBe(made);
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(() => page.content()).not.toContain('PRIVATE KEY');
    await page.getByRole('button', { name: 'Sign no more' }).click();
    await dialog.getByRole('button', { name: 'Sign no more' }).click();
    await page.getByText('Touchline signs nothing for this mailbox.').waitFor();
  });

  test('the organization gets its own postal address, with history', { timeout: STEP_MS }, async () => {
    const page = await world().open('/settings/organization');
    await page.getByLabel('Postal address').fill('7 Own Road\nTownham');
    await page.getByLabel('Legal name').fill('Own Company Ltd');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Shown under every message.').waitFor();
    expect(await page.getByLabel('Postal address').inputValue()).toBe('7 Own Road\nTownham');
    await page.getByText('History', { exact: true }).click();
    await page.getByText('legal name from nothing to “Own Company Ltd”').waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'settings_organization');
  });

  test('a brand is added with a short name, and renamed', { timeout: STEP_MS }, async () => {
    const page = await world().open('/settings/organization');
    const dialog = page.getByRole('dialog');
    const add = async (name: string) => {
      await page.getByRole('button', { name: 'Add a brand' }).click();
      await dialog.getByLabel('Name', { exact: true }).fill(name);
    };
    await add('Nörd & South');
    expect(await dialog.getByLabel('Short name').inputValue()).toBe('nord_south');
    await expectAccessible(page);
    await world().pictures(page, 'settings_brand');
    await dialog.getByRole('button', { name: 'Add the brand' }).click();
    await page.getByRole('button', { name: 'Rename Nörd & South' }).waitFor();
    await add('Nord South');
    await dialog.getByRole('button', { name: 'Add the brand' }).click();
    await dialog.getByText('Is taken.').waitFor();
    world().expectRefused(409);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Rename Nörd & South' }).click();
    await dialog.getByLabel('Name', { exact: true }).fill('Nord');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Rename Nord', exact: true }).waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'settings_brands');
  });

  test('a user is added with a link that is shown once', { timeout: STEP_MS }, async () => {
    const page = await world().open('/settings/people');
    await page.getByRole('button', { name: 'Add a person' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Nora New');
    await dialog.getByLabel('E-mail address').fill('nora@people.example');
    await dialog.getByRole('checkbox', { name: /^Rep/ }).check();
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

  test('a key is created, shown once, and revoked', { timeout: STEP_MS }, async () => {
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

  test('the other pages show their content, and the audit is verified', { timeout: STEP_MS }, async () => {
    for (const tab of ['agents', 'keys', 'webhooks', 'organization']) {
      const page = await world().open(`/settings/${tab}`);
      await settled(page);
      await expectAccessible(page);
      await world().pictures(page, `settings_${tab}`);
    }
    const page = await world().open('/settings/audit');
    await page.getByText('set policy').first().waitFor();
    const verify = page.getByRole('button', { name: /tampered/ });
    await verify.press('Enter');
    await page.getByText(/Everything is as it was written/).waitFor();
    // Keyboard focus stays in place while the server responds.
    expect(await page.evaluate('document.activeElement.textContent')).toMatch(/tampered/);
    await page.getByText('set policy').first().click();
    await expectAccessible(page);
    await world().pictures(page, 'settings_audit');
  });
}

async function openMailbox(world: PagesWorld): Promise<Page> {
  const page = await world.open('/settings/mailboxes');
  await page.getByRole('link', { name: /justin@/ }).click();
  await page.getByRole('heading', { name: 'Signature (DKIM)' }).waitFor();
  return page;
}

async function settled(page: Page): Promise<void> {
  await expect.poll(() => page.getByText('Loading…').count()).toBe(0);
}
