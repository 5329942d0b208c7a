import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openPage } from '../browser.ts';
import { DESK, expectAccessible, type PagesWorld, pressKey } from '../pages_world.ts';
import { STEP_MS } from '../step_ms.ts';

const CLOSE = 'b2bea_membership_close';

/** A request to enter a restricted campaign, from the rep's dialog to the executive's decision. */
export function handOffPages(world: () => PagesWorld): void {
  test('a rep requests an entry once, sees who decides, and later what was decided', {
    timeout: STEP_MS,
  }, async () => {
    const { product, browser } = world();
    const desk = await world().open('/leads');
    const lead_id = await importLead(desk);
    const rep = await openPage(browser, { viewport: DESK });
    await rep.page.goto(await addRep(desk));
    await rep.page.getByRole('navigation', { name: 'Main' }).waitFor();
    await rep.page.goto(`${product.url}/leads/${lead_id}`);
    await rep.page.getByRole('heading', { name: 'Next steps' }).waitFor();
    await pressKey(rep.page, 's');
    const dialog = rep.page.getByRole('dialog', { name: /^Enroll / });
    await dialog.getByLabel('Campaign').selectOption(CLOSE);
    await dialog.getByRole('button', { name: 'Check gates' }).click();
    await dialog.getByRole('button', { name: 'Request enrollment' }).waitFor();
    await dialog.getByLabel('Notes').fill('Asked for a price.');
    await dialog.getByRole('button', { name: 'Request enrollment' }).click();
    await rep.page.getByText('Enrollment requested.').waitFor();
    await rep.page.locator('.timeline_line').getByText('Requested', { exact: true }).waitFor();
    await rep.page.getByText('an executive must decide.').first().waitFor();
    expect(await rep.page.getByRole('main').textContent()).not.toMatch(/touchline |Not sent/);
    await pressKey(rep.page, 's');
    await dialog.getByLabel('Campaign').selectOption(CLOSE);
    await dialog.getByRole('button', { name: 'Check gates' }).click();
    await dialog.getByText('Already requested.').waitFor();
    await expectAccessible(rep.page);
    await world().pictures(rep.page, 'lead_already_requested');
    await dialog.getByRole('link', { name: 'View hand-off' }).click();
    await rep.page.getByText('decides whether and where the lead is enrolled').waitFor();
    expect(await rep.page.getByRole('group', { name: 'Enroll in' }).count()).toBe(0);
    await expectAccessible(rep.page);
    await world().pictures(rep.page, 'hand_off_pending');
    const hand_off = rep.page.url();

    await optOut(desk, lead_id);
    await desk.goto(hand_off);
    const panel = desk.getByRole('region', { name: 'The meeting' });
    await panel.getByText('Would be blocked: do not contact.').waitFor();
    await panel.getByRole('button', { name: 'Choose a campaign' }).waitFor();
    expect(await panel.getByRole('checkbox', { checked: true }).count()).toBe(0);
    await expectAccessible(desk);
    await world().pictures(desk, 'hand_off_blocked');
    await panel.getByRole('button', { name: /^Don’t enroll…/ }).click();
    await desk.getByLabel('Reason').fill('Opted out.');
    await desk.getByRole('button', { name: 'Don’t enroll', exact: true }).click();
    await desk
      .getByText(/^Not enrolled: /)
      .first()
      .waitFor();

    await rep.page.goto(product.url);
    await rep.page.getByRole('link', { name: 'View decision' }).click();
    await rep.page.getByText(/^Declined by Admin .*: Opted out\.$/).waitFor();
    await world().pictures(rep.page, 'hand_off_decided');
    expect(rep.complaints).toEqual([]);
    await rep.page.context().close();
  });
}

async function importLead(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const send = (path: string, type: string, body: string) =>
      fetch(`/api/v1${path}`, { method: 'POST', headers: { 'content-type': type }, body });
    await send('/leads/import', 'text/csv', 'Email,First name\nrestricted@me.example,Robin\n');
    return ((await (await fetch('/api/v1/leads/restricted@me.example')).json()) as { id: string }).id;
  });
}

/** The link that signs a new rep in. */
async function addRep(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const body = JSON.stringify({ email: 'rita@team.example', name: 'Rita Rep', roles: ['rep'] });
    const headers = { 'content-type': 'application/json' };
    const made = await fetch('/api/v1/users', { method: 'POST', headers, body });
    return ((await made.json()) as { url: string }).url;
  });
}

async function optOut(page: Page, lead_id: string): Promise<void> {
  const status = await page.evaluate(async (id) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ reason: 'Asked on the phone.' });
    return (await fetch(`/api/v1/leads/${id}/opt_out`, { method: 'POST', headers, body })).status;
  }, lead_id);
  expect(status).toBe(200);
}
