import { expect, test } from 'vitest';
import { openPage } from '../browser.ts';
import { expectAccessible, type PagesWorld } from '../pages_world.ts';
import { STEP_MS } from '../step_ms.ts';

/** The shell of all pages: the palette, the keys, the theme, and the menu of a narrow screen. */
export function shellPages(world: () => PagesWorld): void {
  test('the palette opens a page and a lead with the keyboard alone', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/drafts');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search or go to' }).fill('lea');
    await page.getByRole('option', { name: /^Leads/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Leads', level: 1 }).waitFor();
    const name = await page.locator('.rows .row strong').first().textContent();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search or go to' }).fill(name!.slice(0, 6));
    await page.getByRole('option', { name: /Lead$/ }).first().waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'palette');
    await page.getByRole('option', { name: new RegExp(`^${name}.*Lead$`) }).click();
    await page.getByRole('heading', { name: name!, level: 1 }).waitFor();
  });

  test('the palette finds settings and actions by name, and closes immediately', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/leads');
    await page.keyboard.press('Control+k');
    const field = page.getByRole('combobox', { name: 'Search or go to' });
    for (const [typed, label] of [
      ['users', 'People'],
      ['mailbox', 'Mailboxes'],
      ['api key', 'API keys'],
      ['password', 'My account'],
      ['import', 'Import leads'],
      ['new campaign', 'New campaign'],
    ] as const) {
      await field.fill(typed);
      await page.getByRole('option', { name: new RegExp(`^${label}`) }).waitFor();
    }
    await field.fill('nothing of the kind');
    await page.getByText('No results.').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    // A key that arrives while the dialog closes opens nothing.
    const reopened = async () => {
      if (!(await field.isVisible())) await page.keyboard.press('Control+k');
      return field.isVisible();
    };
    await expect.poll(reopened, { interval: 500 }).toBe(true);
    await field.fill('webhook');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/settings/webhooks');
  });

  test('a sign-in link works on an open sign-in page and disappears from the address', {
    timeout: STEP_MS,
  }, async () => {
    const { page } = await openPage(world().browser);
    await page.goto(`${world().product.url}/sign-in`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(`${world().product.url}/sign-in#${'used'.repeat(11)}`);
    await page.getByRole('heading', { name: 'This link has expired' }).waitFor();
    expect(await page.evaluate('location.hash')).toBe('');
    await page.context().close();
  });

  test('g and a letter open a page, and ? lists the keys', { timeout: STEP_MS }, async () => {
    const page = await world().open('/leads');
    await page.locator('h1').click();
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.waitForURL('**/drafts');
    await page.keyboard.press('?');
    await page
      .getByRole('dialog', { name: 'Keyboard shortcuts' })
      .getByText('Approve', { exact: true })
      .waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  });

  test('on a narrow screen a button opens the menu, and the theme can be changed', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/leads');
    await page.setViewportSize({ width: 380, height: 760 });
    await page.getByRole('button', { name: 'Menu' }).click();
    const menu = page.getByRole('dialog', { name: 'Menu' });
    await menu.getByLabel('Theme').selectOption('dark');
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    await expectAccessible(page);
    await menu.getByLabel('Theme').selectOption('system');
    await menu.getByRole('link', { name: 'Drafts' }).click();
    await page.waitForURL('**/drafts');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await page.setViewportSize({ width: 1280, height: 820 });
  });
}
