import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible, type PagesWorld } from '../pages_world.ts';
import { STEP_MS } from '../step_ms.ts';

/** Allows for a busy machine. */
const SOON = { timeout: 10_000 };

/** Coordinator: decisions, held touches, and unknown deliveries. */
export function coordinatorPages(world: () => PagesWorld): void {
  test('the log has filters, and its lines stay in place for a reader', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/coordinator');
    const lines = page.locator('.log_line');
    await lines.nth(20).waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'coordinator_log');
    await page.evaluate('window.scrollTo(0, 600)');
    const before = await lines.first().textContent();
    await page.evaluate(optOutSomeone);
    await page.getByRole('button', { name: /^\d+ new$/ }).waitFor();
    expect(await lines.first().textContent()).toBe(before);
    await page.getByRole('button', { name: /^\d+ new$/ }).click();
    await expect.poll(() => lines.first().textContent(), SOON).toContain('opted the lead out');
    await page.getByLabel('Reason').selectOption('abm_active_suppression');
    await page.waitForURL('**reason=abm_active_suppression');
    await page.getByLabel('Reason').selectOption('compliance_block');
    await lines.first().waitFor();
    await lines
      .first()
      .getByText(/gates? checked/)
      .click();
    await lines.first().getByText('Compliance').waitFor();
    await world().pictures(page, 'coordinator_log_filtered');
  });

  test('held touches show their release time, nearest first, and can be dropped', {
    timeout: STEP_MS,
  }, async () => {
    await pretend(world().desk.page, 'status=held', (item) => ({
      ...item,
      status: 'held',
      held_until: '2026-12-24T09:00:00.000Z',
      held_reason: 'touch_cap_exceeded',
      wake: 'at_until',
      held_place: 1,
      held_count: 2,
    }));
    const page = await world().open('/coordinator/held');
    await page.getByText('First of 2 held for this lead').first().waitFor();
    expect(await page.locator('.held_line').first().textContent()).toMatch(/B2BEA [a-z ]+, step 1/);
    await expectAccessible(page);
    await world().pictures(page, 'coordinator_held');
    await page.getByRole('button', { name: 'Drop…' }).first().click();
    await page.getByRole('dialog').getByLabel('Reason').waitFor();
    await page.keyboard.press('Escape');
    await world().open('/drafts?status=held');
    await page.locator('.rows .row').first().waitFor();
    expect(await page.locator('.rows .row').first().textContent()).toMatch(/B2BEA [a-z ]+/);
    await page.unrouteAll();
    await world().open('/coordinator/held');
    await page.getByRole('heading', { name: 'No held touches' }).waitFor();
  });

  test('conflicts name their rule, and the matrix counts uses of each rule', {
    timeout: STEP_MS,
  }, async () => {
    await world().open('/coordinator/conflicts');
    const { page } = world().desk;
    await page.evaluate(makeConflict);
    await page.reload();
    await page.locator('.log_line').first().waitFor();
    const rule = page.locator('.matrix tbody tr').filter({ hasText: 'T2' });
    await expect
      .poll(async () => (await rule.locator('td.number').allTextContents()).join())
      .toMatch(/[1-9]/);
    expect(await page.locator('.log_line').first().textContent()).toMatch(
      /T2, (sales|marketing) signal fresher/,
    );
    await expectAccessible(page);
    await world().pictures(page, 'coordinator_conflicts');
  });

  test('the chart of touches not sent links to their events', { timeout: STEP_MS }, async () => {
    const page = await world().open('/coordinator/suppressions');
    await page.getByRole('table').waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'coordinator_suppressions');
    await page.locator('.chart a').last().press('Enter');
    await page.waitForURL('**/coordinator?since=**');
    await page.locator('.log_line').first().waitFor();
  });

  test('an unknown delivery shows the effect of each answer', {
    timeout: STEP_MS,
  }, async () => {
    await pretend(world().desk.page, 'status=unknown', (item) => ({
      ...item,
      status: 'unknown',
      error: 'the line broke after the text had been sent',
      mailbox_address: 'justin@redkey.example',
      unknown_message_id: '<x.1@redkey.example>',
      unknown_since: '2026-11-24T09:00:00.000Z',
    }));
    const page = await world().open('/coordinator/unknown');
    await page.getByRole('button', { name: 'Confirm not sent' }).first().waitFor();
    await page.getByText('It is not resent').first().waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'coordinator_unknown');
    await page.unrouteAll();
    await world().open('/coordinator/unknown');
    await page.getByRole('heading', { name: 'No unknown deliveries' }).waitFor();
  });
}

type Item = Record<string, unknown>;

/** States that take days or a dropped connection, put into the server's own responses. */
async function pretend(page: Page, query: string, change: (item: Item) => Item): Promise<void> {
  await page.route(`**/api/v1/send_queue?**${query}**`, async (route) => {
    const url = route.request().url().replace(query, 'status=drafted').replace('&order=release', '');
    const answer = await route.fetch({ url });
    const { items } = (await answer.json()) as { items: Item[] };
    await route.fulfill({ json: { items: items.slice(0, 3).map(change), next_cursor: null } });
  });
}

async function optOutSomeone(): Promise<void> {
  const answer = await fetch('/api/v1/leads?blocked=false&icp_tier=T3&limit=20');
  const { items } = (await answer.json()) as { items: { id: string }[] };
  await fetch(`/api/v1/leads/${items.at(-1)!.id}/opt_out`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'asked to' }),
  });
}

/** Requests nurture for leads in a sales sequence, until one waits because sales has the fresher signal. */
async function makeConflict(): Promise<void> {
  const answer = await fetch('/api/v1/leads?icp_tier=T2&cadence_state=closing&limit=30');
  const { items } = (await answer.json()) as { items: { id: string; abm_active: boolean }[] };
  for (const { id } of items.filter(({ abm_active }) => !abm_active)) {
    const asked = await fetch('/api/v1/sequence_requests', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ lead_id: id, campaign: 'b2bea_nurture' }),
    });
    const { outcome } = (await asked.json()) as { outcome: string };
    if (outcome === 'queue') return;
  }
}
