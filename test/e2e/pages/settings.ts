import { generateKeyPairSync } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { patchMailbox } from '../in_browser.ts';
import { expectAccessible, type PagesWorld } from '../pages_world.ts';
import { STEP_MS } from '../step_ms.ts';

const PRIVATE_KEY = generateKeyPairSync('rsa', { modulusLength: 1024 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

/** Settings: the policy with its preview, mailboxes, people, keys, and the other pages. */
export function settingsPages(world: () => PagesWorld): void {
  test('a policy change is previewed on the last week, published with a reason, and listed in the history', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/settings');
    const field = page.getByLabel('Cap per window (touches)');
    await field.waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'settings_policy');
    await field.fill('many');
    await page.getByRole('button', { name: 'Preview effect' }).click();
    await page.locator('.field_fault').first().waitFor();
    for (const complaint of world().desk.complaints.splice(0)) expect(complaint).toContain('422');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await field.fill('0');
    await page.getByRole('button', { name: 'Preview effect' }).click();
    await page.getByText(/decisions would have changed/).waitFor();
    await page.getByText('would have been held').first().waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'settings_preview');
    await field.fill('3');
    const moves = page.getByRole('group', { name: /^Transactional may start from/ });
    await moves.getByText('any state').waitFor();
    await moves.getByLabel('Customer').uncheck();
    await page.getByRole('listitem').filter({ hasText: 'Transactional may start from: any state' }).waitFor();
    await moves.getByLabel('Customer').check();
    // The rule allows any state again, so nothing has changed.
    await expect.poll(() => page.getByRole('region', { name: 'Your changes' }).count()).toBe(0);
    await field.fill('4');
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('Trying a fourth.');
    await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
    await page.getByText('Trying a fourth.').waitFor();
    await page.getByText('Customized').first().waitFor();
    await world().pictures(page, 'settings_history');
  });

  test('a rule that assigns new leads is added, and tried on existing ones', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/settings/assignment');
    await page.getByRole('button', { name: 'Add rule' }).click();
    const rule = page.getByRole('group', { name: 'Rule 1' });
    await rule.getByLabel('T3').check();
    await rule.getByLabel('Countries').fill('DE, FR');
    await page.getByRole('button', { name: 'Save rules' }).click();
    await rule.locator('.field_fault').waitFor();
    for (const complaint of world().desk.complaints.splice(0)) expect(complaint).toContain('422');
    await rule
      .getByRole('group', { name: /^Assign to/ })
      .getByRole('checkbox')
      .first()
      .check();
    await page.getByRole('button', { name: 'Save rules' }).click();
    await page.getByRole('button', { name: 'Assign existing leads…' }).click();
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText(/^No rule fits/).waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'settings_assignment_check');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expectAccessible(page);
    await world().pictures(page, 'settings_assignment');
    await page.getByRole('button', { name: 'Remove rule 1' }).click();
    await page.getByRole('button', { name: 'Save rules' }).click();
    await page.getByText(/^No rules\./).waitFor();
  });

  test('a mailbox is tested, paused with a reason, and resumed', { timeout: STEP_MS }, async () => {
    const page = await world().open('/settings/mailboxes');
    await page.getByRole('main').getByText('Today').first().waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'settings_mailboxes');
    await page.getByRole('link', { name: /justin@/ }).click();
    await page.getByRole('button', { name: 'Send test message' }).click();
    await page.getByText(/The mail server accepted a test message/).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('Holidays');
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused: Holidays').waitFor();
    await page.getByText('It sends nothing until someone resumes it.').waitFor();
    expect(await page.getByText('Ready to send').count()).toBe(0);
    await expectAccessible(page);
    await world().pictures(page, 'settings_mailbox');
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Ready to send').waitFor();
    expect(await page.getByText('Paused: Holidays').count()).toBe(0);
    await page.getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Outgoing mail').selectOption('own');
    await dialog.getByLabel('Sign-in').selectOption('oauth');
    await expectAccessible(page);
    await world().pictures(page, 'settings_mailbox_edit');
    await dialog.getByLabel('Outgoing mail').selectOption('none');
    await dialog.getByLabel('Daily limit').fill('40');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/of 40/).waitFor();
  });

  test('a concurrent change of a mailbox is shown before a save replaces it', {
    timeout: STEP_MS,
  }, async () => {
    const page = await openMailbox(world());
    await page.getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Hourly limit').fill('9');
    await page.evaluate(patchMailbox, { id: page.url().split('/').at(-1)!, body: { daily_cap: 55 } });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('someone else changed Daily limit (55).').waitFor();
    world().expectRefused(412);
    expect(await dialog.getByLabel('Hourly limit').inputValue()).toBe('9');
    expect(await dialog.getByLabel('Daily limit').inputValue()).toBe('55');
    await expectAccessible(page);
    await world().pictures(page, 'settings_mailbox_changed');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/of 55/).waitFor();
    await page.getByText(/of 9$/).waitFor();
  });

  test('DKIM uses a new or an own key and shows the record to publish', {
    timeout: STEP_MS,
  }, async () => {
    const page = await openMailbox(world());
    const dialog = page.getByRole('dialog');
    const value = page.getByLabel('Record value', { exact: true });
    await page.getByRole('button', { name: 'Turn on DKIM' }).click();
    await expectAccessible(page);
    await world().pictures(page, 'settings_dkim_form');
    await dialog.getByRole('button', { name: 'Create key and sign' }).click();
    await value.waitFor();
    const made = await value.inputValue();
    expect(made).toMatch(/^v=DKIM1; k=rsa; p=MII/);
    expect(await page.getByLabel('Record name', { exact: true }).inputValue()).toMatch(
      /^touchline-justin\._domainkey\./,
    );
    await page.getByText(/^DNS (does not have this key yet|gave no answer)/).waitFor();
    await page.getByRole('heading', { name: 'Signature (DKIM)' }).scrollIntoViewIfNeeded();
    await world().pictures(page, 'settings_dkim_missing');
    await page.route('**/mailboxes/*/dkim', (route) => route.fulfill({ json: { state: 'published' } }));
    await page.getByRole('button', { name: 'Check DNS again' }).click();
    await page.getByText('DNS has this key').waitFor();
    await page.unroute('**/mailboxes/*/dkim');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Copy value' }).click();
    await page.getByText(/^Copied|blocked copying/).waitFor();
    await world().pictures(page, 'settings_dkim');

    await page.getByRole('button', { name: 'Change key' }).click();
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
    await page.getByRole('button', { name: 'Turn off DKIM' }).click();
    await dialog.getByRole('button', { name: 'Turn off DKIM' }).click();
    await page.getByText('DKIM is off for this mailbox.').waitFor();
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

  test('a brand is added with a unique short name, and renamed', { timeout: STEP_MS }, async () => {
    const page = await world().open('/settings/organization');
    const dialog = page.getByRole('dialog');
    const add = async (name: string) => {
      await page.getByRole('button', { name: 'Add brand' }).click();
      await dialog.getByLabel('Name', { exact: true }).fill(name);
    };
    await add('Nörd & South');
    expect(await dialog.getByLabel('Short name').inputValue()).toBe('nord_south');
    await expectAccessible(page);
    await world().pictures(page, 'settings_brand');
    await dialog.getByRole('button', { name: 'Add brand' }).click();
    await page.getByRole('button', { name: 'Rename Nörd & South' }).waitFor();
    await add('Nord South');
    await dialog.getByRole('button', { name: 'Add brand' }).click();
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
    await page.getByRole('button', { name: 'Add person' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Nora New');
    await dialog.getByLabel('Email').fill('nora@people.example');
    await dialog.getByRole('checkbox', { name: /^Rep/ }).check();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Add and create link' }).click();
    expect(await dialog.getByLabel('Sign-in link').inputValue()).toContain('/sign-in#');
    await world().pictures(page, 'settings_new_person');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: /Nora New/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reactivate' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Deactivated', { exact: true }).waitFor();
    await world().pictures(page, 'settings_people');
  });

  test('an API key is created, shown once, and revoked', { timeout: STEP_MS }, async () => {
    const page = await world().open('/settings/account');
    await page.getByText('This browser').waitFor();
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('My script');
    await page.getByRole('dialog').getByLabel('Permissions').selectOption('read');
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    expect(await page.getByLabel('API key', { exact: true }).inputValue()).toMatch(/^tl_/);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByText('My script', { exact: true }).waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'settings_account');
    const line = page.getByRole('listitem').filter({ hasText: 'My script' });
    await line.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await line.getByText('Revoked').waitFor();
  });

  test('the other settings pages open, and the audit is verified', { timeout: STEP_MS }, async () => {
    for (const tab of ['agents', 'keys', 'webhooks', 'organization']) {
      const page = await world().open(`/settings/${tab}`);
      await settled(page);
      await expectAccessible(page);
      await world().pictures(page, `settings_${tab}`);
    }
    const page = await world().open('/settings/audit');
    await page.getByText('set policy').first().waitFor();
    const verify = page.getByRole('button', { name: /tampering/ });
    await verify.press('Enter');
    await page.getByText(/No tampering found/).waitFor();
    // The button keeps the focus during the request.
    expect(await page.evaluate('document.activeElement.textContent')).toMatch(/tampering/);
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
