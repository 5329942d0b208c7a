import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible, type PagesWorld, pressKey } from '../pages_world.ts';
import { STEP_MS } from '../step_ms.ts';

const ANSWER = 'Yes, gladly. Could we talk on Thursday? My colleague should be there as well.';

/** Today and the work it leads to: replies, meetings, and manual sends. */
export function todayPages(world: () => PagesWorld): void {
  test('Today counts pending work and links to the first item', { timeout: STEP_MS }, async () => {
    const page = await world().open('/');
    const main = page.getByRole('main');
    await main
      .getByRole('link', { name: /Drafts to approve/ })
      .getByText('Review')
      .waitFor();
    const count = await main.locator('.waiting_count').first().textContent();
    const rail = page.getByRole('navigation', { name: 'Main' });
    expect(await rail.getByRole('link', { name: /^Drafts/ }).textContent()).toContain(count);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/drafts?item=*');
    await page.getByRole('button', { name: /^Approve/ }).click();
    await page.getByText(/^Approved: /).waitFor();
  });

  test('a reply to a caught message appears under Replies', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/mail');
    const message = page.getByRole('region', { name: 'The message' });
    await message
      .getByText(/^Reply as /)
      .first()
      .click();
    await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('TEXTAREA');
    await page.keyboard.type(ANSWER);
    await page.keyboard.press('Control+Enter');
    await message.getByRole('link', { name: 'Show under Replies' }).click();
    await page.waitForURL('**/replies?message=*');
    const answer = page.getByRole('region', { name: 'Text of the message' });
    await answer.getByText(ANSWER).waitFor();
    expect(await answer.textContent()).not.toContain('wrote:');
    await answer.getByRole('button', { name: 'Show full message' }).click();
    await answer.getByText('wrote:').waitFor();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    await page.getByText('What happened next').waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'replies');
  });

  test('Today shows the warning that a reply raised, and acknowledges it', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/');
    const warnings = page.getByRole('region', { name: /^Warnings/ });
    const warning = warnings.getByRole('listitem').filter({ hasText: 'Reply waiting' });
    await warning.getByRole('button', { name: 'Acknowledge' }).click();
    await warning.getByText('acknowledged').waitFor();
    await page.getByRole('region', { name: 'Last 24 hours' }).getByText('Sent and held by hour').click();
    await expectAccessible(page);
    await world().pictures(page, 'today');
    await warning.getByRole('link', { name: 'Read reply' }).click();
    await page.waitForURL('**/replies?message=*');
  });

  test('two keys handle a reply, and a handled reply can become a meeting', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/replies');
    await page.getByText(ANSWER).first().waitFor();
    await page.keyboard.press('q');
    await page.getByRole('button', { name: 'Keep paused and reply' }).waitFor();
    await page.keyboard.press('n');
    await page.getByLabel('Contact again on').waitFor();
    await page.keyboard.press('x');
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('End all enrollments');
    await page.keyboard.press('Enter');
    await page.getByText(/\(not interested\): all enrollments ended\.$/).waitFor();
    await page.getByRole('heading', { name: 'No replies to handle' }).waitFor();
    await page.getByRole('link', { name: 'Handled' }).click();
    await page.getByText(/Not interested, set by a person/).waitFor();
    await page.keyboard.press('m');
    await page.keyboard.press('Enter');
    await page.getByText(/\(wants to meet\): meeting booked\.$/).waitFor();
  });

  test('a meeting is routed after the gate preview', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/hand-offs?show=routed');
    await page.getByRole('heading', { name: 'Nothing routed yet' }).waitFor();
    await bookMeeting(page);
    await page.goto(`${world().product.url}/hand-offs`);
    const list = page.getByRole('region', { name: 'Leads to route' });
    await list.getByRole('button', { name: /from B2BEA vendor/ }).click();
    const panel = page.getByRole('region', { name: 'The meeting' });
    await panel.getByText('Suggested').waitFor();
    await panel.getByText(/^(Ready to enroll|Would be )/).waitFor();
    await panel.getByLabel('Meeting notes').fill('They want to begin in spring.');
    await expectAccessible(page);
    await world().pictures(page, 'hand_offs');
    await panel.getByRole('button', { name: 'Route to 1 campaign' }).click();
    await panel.getByText('Routed by Admin').waitFor();
    await panel.getByText(/^(Enrolled|Held|Queued)/).waitFor();
    await page.getByRole('link', { name: 'Routed', exact: true }).click();
    const routed = page.getByRole('list', { name: 'Routed meetings' }).getByRole('listitem').first();
    await routed.getByText('They want to begin in spring.').waitFor();
    await routed.getByText('by Admin').waitFor();
    await routed.getByText(/^(Enrolled|Held|Queued)/).waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'hand_offs_routed');
    await page.goto(`${world().product.url}/hand-offs?show=failed`);
    await page.getByRole('heading', { name: 'No failed tasks' }).waitFor();
  });

  test('an executive declines a requested lead, and enrolls it in two clicks when asked again', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/leads');
    expect(await requestAsAgent(page, world().product.url)).toBe('entry_restricted');
    await world().open('/hand-offs');
    const list = page.getByRole('region', { name: 'Leads to route' });
    await list.getByRole('button', { name: /requested by Brooke/ }).click();
    const panel = page.getByRole('region', { name: 'The meeting' });
    await panel.getByText(/Brooke requested the enrollment/).waitFor();
    await panel.getByText(/requested this one\.$/).waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'hand_offs_entry');
    await panel.getByRole('button', { name: /^Don’t enroll…/ }).click();
    await page.getByLabel('Reason').fill('Too early.');
    await page.getByRole('button', { name: 'Don’t enroll', exact: true }).click();
    await page.getByText(/^Not enrolled: /).waitFor();
    expect(await requestAsAgent(page, world().product.url)).toBe('entry_restricted');
    await page.reload();
    await list.getByRole('button', { name: /requested by Brooke/ }).click();
    await panel.getByText(/Too early\./).waitFor();
    await panel.getByRole('button', { name: 'Route to 1 campaign' }).click();
    await panel.getByText('Routed by Admin').waitFor();
  });

  test('a manual send is copied, recorded as sent, and leaves the list', { timeout: STEP_MS }, async () => {
    const page = await world().open('/leads');
    await requestPersonal(page);
    await page.goto(`${world().product.url}/personal`);
    await page.getByRole('button', { name: /^Copy text/ }).waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'personal');
    await pressKey(page, 's');
    await page.getByText(/^Recorded: LinkedIn to/).waitFor();
    await page.getByRole('heading', { name: 'No manual sends' }).waitFor();
  });

  test('a call opens the phone, and its result is recorded', { timeout: STEP_MS }, async () => {
    const page = await world().open('/leads');
    await requestPersonal(page, 'call');
    await page.goto(`${world().product.url}/personal`);
    await page.getByRole('button', { name: /By hand · step 1 · Call/ }).click();
    await page.getByRole('link', { name: 'Call', exact: true }).waitFor();
    expect(await page.getByRole('link', { name: 'Call', exact: true }).getAttribute('href')).toBe(
      'tel:+12025550123',
    );
    await expectAccessible(page);
    await world().pictures(page, 'personal_call');
    await page.getByRole('group', { name: 'I called' }).getByRole('button', { name: 'No answer' }).click();
    await page.getByText(/^Recorded: Call to/).waitFor();
    await page.getByRole('link', { name: 'Call', exact: true }).waitFor({ state: 'detached' });
  });

  test('a text message opens with its text', { timeout: STEP_MS }, async () => {
    const page = await world().open('/leads');
    await requestPersonal(page, 'sms');
    await page.goto(`${world().product.url}/personal`);
    await page.getByRole('button', { name: /By hand · step 1 · SMS/ }).click();
    const link = page.getByRole('link', { name: 'Open in your messages' });
    await link.waitFor();
    expect(await link.getAttribute('href')).toMatch(/^sms:\+12025550123\?body=Hi%20/);
    await expectAccessible(page);
    await world().pictures(page, 'personal_sms');
    await pressKey(page, 's');
    await page.getByText(/^Recorded: SMS to/).waitFor();
  });
}

type Drafts = { items: { lead_id: string; enrollment_id: string }[] };

/** Calls the API from the page as its signed-in user. */
function ask<Answer>(page: Page, method: string, path: string, body?: object): Promise<Answer> {
  return page.evaluate(
    async ([method, path, body]) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`/api/v1${path}`, { method, ...(body === '' ? {} : { headers, body }) });
      return answer.json();
    },
    [method, path, body === undefined ? '' : JSON.stringify(body)] as const,
  ) as Promise<Answer>;
}

/** Ends the enrollment of a lead that has received no message, so that it can be enrolled elsewhere. */
async function freeLead(page: Page): Promise<string> {
  const drafted = () => ask<Drafts>(page, 'GET', '/drafts?status=drafted&limit=50');
  await expect.poll(async () => (await drafted()).items.length, { timeout: 10_000 }).toBeGreaterThan(0);
  const { lead_id, enrollment_id } = (await drafted()).items.at(-1)!;
  await ask(page, 'POST', `/enrollments/${enrollment_id}/exit`, { exit_reason: 'rejected' });
  return lead_id;
}

/** Enrolls a lead in the prospecting campaign and ends that with a meeting. */
async function bookMeeting(page: Page): Promise<void> {
  const asked = { lead_id: await freeLead(page), campaign: 'b2bea_membership' };
  const { enrollment_id } = await ask<{ enrollment_id: string }>(page, 'POST', '/sequence_requests', asked);
  await ask(page, 'POST', `/enrollments/${enrollment_id}/exit`, { exit_reason: 'meeting' });
}

/** Creates a campaign with one manual step on this channel, and enrolls one lead. */
async function requestPersonal(page: Page, channel = 'linkedin'): Promise<void> {
  const step = {
    ...{ step_number: 1, delay_days: 0, channel, content_type: 'follow_up' },
    requires_personal_send: true,
    template_instructions: 'Say hello.',
    template: { body: 'Hi {{ lead.first_name }},\n\nit was good to meet you. Shall we stay in touch?' },
  };
  const slug = `by_${channel}`;
  const definition = { name: 'By hand', client: 'b2bea', type: 'membership', owner_role: 'roles.sales' };
  await ask(page, 'POST', '/campaigns', { slug, ...definition, on_exit: {}, steps: [step] });
  const lead_id = await freeLead(page);
  await ask(page, 'PATCH', `/leads/${lead_id}`, { phone: '+1 (202) 555-0123' });
  await ask(page, 'POST', '/sequence_requests', { lead_id, campaign: slug });
  await expect
    .poll(async () => (await ask<{ items: unknown[] }>(page, 'GET', '/personal_sends')).items.length, {
      timeout: 10_000,
    })
    .toBe(1);
}

/** Imports a lead, and requests it with an agent's key. Returns the reason of the refusal. */
async function requestAsAgent(page: Page, url: string): Promise<string | null> {
  const headers = { Origin: url };
  const api = `${url}/api/v1`;
  const file = {
    data: 'Email,First name\nroute@me.example,Rowan\n',
    headers: { ...headers, 'Content-Type': 'text/csv' },
  };
  expect((await page.request.post(`${api}/leads/import`, file)).status()).toBe(200);
  const data = { name: 'for the entry', agent_id: 'roles.sales' };
  const { key } = await (await page.request.post(`${api}/api_keys`, { data, headers })).json();
  const asked = {
    lead_id: 'route@me.example',
    campaign_slug: 'b2bea_membership_close',
    notes: 'Asked for a price.',
  };
  const answer = await fetch(`${api}/sequence_requests`, {
    method: 'POST',
    body: JSON.stringify(asked),
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
  });
  return ((await answer.json()) as { reason: string | null }).reason;
}
