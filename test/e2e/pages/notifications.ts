import { expect, test } from 'vitest';
import { chatReceiver } from '../../notifications/slack_receiver.ts';
import { expectAccessible, type PagesWorld } from '../pages_world.ts';
import { STEP_MS } from '../step_ms.ts';

/** My account: how notifications leave the browser. */
export function notificationPages(world: () => PagesWorld): void {
  test('a user chooses the digest, adds a Slack webhook, and sends a test message', {
    timeout: STEP_MS,
  }, async () => {
    const slack = await chatReceiver('slack');
    const page = await world().open('/settings/account');
    const by_email = page.getByLabel('Warnings by email');
    await by_email.selectOption('digest');
    await page.getByText('Warnings saved.').waitFor();
    await page.reload();
    await expect.poll(() => by_email.inputValue()).toBe('digest');
    const url = page.getByLabel('Webhook URL');
    await url.fill('https://10.0.0.1/services/T0/B0/x');
    await page.getByRole('button', { name: 'Save webhook' }).click();
    await page.locator('.field_fault').waitFor();
    world().expectRefused(422);
    expect(await url.getAttribute('aria-invalid')).toBe('true');
    await expectAccessible(page);
    await world().pictures(page, 'settings_notifications_refused');
    await url.fill(slack.url);
    await page.getByRole('button', { name: 'Save webhook' }).click();
    await page.getByText('Slack webhook at 127.0.0.1').waitFor();
    expect(await page.content()).not.toContain(slack.url);
    const send = page.getByRole('button', { name: 'Send test message' });
    await send.click();
    await page.getByText('Test response: 200.').waitFor();
    expect(slack.bodies).toHaveLength(1);
    await expectAccessible(page);
    await world().pictures(page, 'settings_notifications');
    slack.told.status = 404;
    await send.click();
    await page.getByRole('alert').waitFor();
    world().expectRefused(409);
    expect(await page.getByText(/^Test response/).count()).toBe(0);
    await world().pictures(page, 'settings_notifications_failed');
    await page.getByRole('button', { name: 'Delete webhook' }).click();
    await url.waitFor();
    await by_email.selectOption('off');
    await page.getByText('Warnings saved.').waitFor();
  });
}
