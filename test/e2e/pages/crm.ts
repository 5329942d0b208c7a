import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { startAttioDouble } from '../../connectors/attio_double.ts';
import { openPage } from '../browser.ts';
import { DESK, expectAccessible, type PagesWorld } from '../pages_world.ts';
import { STEP_MS } from '../step_ms.ts';

const FIRST = 'first@crm-lead.example';
const SECOND = 'second@crm-lead.example';

/** The CRM: from the empty page over refused writes to the end of the connection. */
export function crmPages(world: () => PagesWorld): void {
  test('a refused write is retried, another skipped with a reason, and the CRM disconnected', {
    timeout: STEP_MS,
  }, async () => {
    const double = await startAttioDouble({ seed: 1 });
    try {
      const page = await world().open('/settings/crm');
      await page.getByRole('heading', { name: 'No CRM connected' }).waitFor();
      await page.getByText('touchline crm connect attio').waitFor();
      world().expectRefused(404);
      await expectAccessible(page);
      await world().pictures(page, 'crm_none');

      const { api_key, attributes, members } = double.world;
      const given = { crm: 'attio', api_key, base_url: double.url, deal_owner_id: members[0]!.id };
      await ask(page, 'PUT', '/crm', given);
      const address = attributes.find(
        (one) => one.object === 'people' && one.api_slug === 'email_addresses',
      )!;
      address.is_writable = false;
      await enroll(page);
      await world().open('/settings/crm');
      await page.getByText(/^2 writes are pending, the oldest queued .*; the CRM refused 2\.$/).waitFor();
      await page.getByRole('row', { name: 'Won Won 🎉' }).waitFor();
      const refused = page.getByRole('region', { name: 'Refused writes' }).getByRole('listitem');
      await refused.filter({ hasText: FIRST }).getByText('The attribute is not writable.').waitFor();
      await refused.filter({ hasText: FIRST }).getByText('1 later write about this lead waits.').waitFor();
      await expectAccessible(page);
      await world().pictures(page, 'crm');

      const rep = await openPage(world().browser, { viewport: DESK });
      await rep.page.goto(await addUser(page));
      await rep.page.getByRole('navigation', { name: 'Main' }).waitFor();
      await rep.page.goto(`${world().product.url}/settings/crm`);
      await rep.page.getByText('RevOps and admins retry or skip them.').waitFor();
      expect(await rep.page.getByRole('button', { name: /Retry|Skip|Disconnect/ }).count()).toBe(0);
      await rep.page.context().close();

      await world().open('/');
      const warnings = page.getByRole('region', { name: /^Warnings/ }).getByRole('listitem');
      await warnings.filter({ hasText: FIRST }).getByRole('link', { name: 'View write' }).click();
      await page.getByRole('button', { name: `Remove filter: Only ${FIRST}` }).waitFor();
      expect(await refused.count()).toBe(1);
      await refused.getByRole('link', { name: FIRST }).click();
      await page.getByRole('link', { name: '1 write refused' }).click();

      address.is_writable = true;
      await refused.filter({ hasText: FIRST }).getByRole('button', { name: 'Retry' }).click();
      await page.getByText(`Retrying: Person, ${FIRST}.`).waitFor();
      await page.getByRole('button', { name: `Remove filter: Only ${FIRST}` }).click();
      await refused.filter({ hasText: SECOND }).getByRole('button', { name: 'Skip…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Skip this write?' });
      await dialog.getByLabel('Reason').fill('Entered by hand.');
      await expectAccessible(page);
      await world().pictures(page, 'crm_skip');
      await dialog.getByRole('button', { name: 'Skip', exact: true }).click();
      await page.getByText('No writes are pending or refused.').waitFor();
      await page.getByLabel('Status').selectOption('Skipped');
      const lines = page.getByRole('region', { name: 'Writes', exact: true }).getByRole('listitem');
      await lines.getByText(/^Skipped by .*: “Entered by hand\.”/).waitFor();
      expect(await lines.count()).toBe(1);
      await page.getByLabel('Status').selectOption('Written');
      await lines.filter({ hasText: 'Opportunity opened' }).filter({ hasText: FIRST }).waitFor();
      await expectAccessible(page);
      await world().pictures(page, 'crm_written');

      await page.getByRole('button', { name: 'Disconnect…' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
      await page.getByRole('heading', { name: 'No CRM connected' }).waitFor();
      await world().pictures(page, 'crm_disconnected');
    } finally {
      await double.close();
    }
  });
}

/** Calls the API from the page as its signed-in user; expects success. */
async function ask(page: Page, method: string, path: string, body: object | string): Promise<void> {
  const type = typeof body === 'string' ? 'text/csv' : 'application/json';
  const refusal = await page.evaluate(
    async ([method, path, type, body]) => {
      const answer = await fetch(`/api/v1${path}`, { method, headers: { 'content-type': type }, body });
      return answer.ok ? null : answer.text();
    },
    [method, path, type, typeof body === 'string' ? body : JSON.stringify(body)] as const,
  );
  expect(refusal).toBe(null);
}

/** Enrolls two leads in a campaign of sales whose first step is days ahead, and waits until the CRM refused both. */
async function enroll(page: Page): Promise<void> {
  const step = {
    ...{ step_number: 1, delay_days: 5, channel: 'email', content_type: 'follow_up' },
    requires_personal_send: false,
    template_instructions: 'Say hello.',
    template: { subject: 'After our talk', body: 'Hi {{ lead.first_name }},\n\nit was good to meet you.' },
  };
  const definition = { name: 'With deals', client: 'b2bea', type: 'membership', owner_role: 'roles.sales' };
  const campaign = { slug: 'with_deals', ...definition, on_exit: {}, steps: [step] };
  await ask(page, 'POST', '/campaigns', campaign);
  await ask(page, 'POST', '/leads/import', `Email,First name\n${FIRST},Fay\n${SECOND},Sol\n`);
  for (const lead_id of [FIRST, SECOND])
    await ask(page, 'POST', '/sequence_requests', { lead_id, campaign_slug: 'with_deals' });
  const refused = () =>
    page.evaluate(async () => {
      const answer = await fetch('/api/v1/crm');
      return ((await answer.json()) as { refused_count: number }).refused_count;
    });
  await expect.poll(refused, { timeout: 20_000 }).toBe(2);
}

/** The link that signs a new rep in. */
function addUser(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const body = JSON.stringify({ email: 'reader@team.example', name: 'Reed Rep', roles: ['rep'] });
    const headers = { 'content-type': 'application/json' };
    const made = await fetch('/api/v1/users', { method: 'POST', headers, body });
    return ((await made.json()) as { url: string }).url;
  });
}
