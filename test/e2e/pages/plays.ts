import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openPage } from '../browser.ts';
import { expectAccessible, type PagesWorld, pressKey } from '../pages_world.ts';
import { STEP_MS } from '../step_ms.ts';

/** The segment of the panel play, full with three active plays. */
const SEGMENT = 'enterprise_strategic';
const CAP = 3;

type Call = <Body>(method: string, path: string, body?: unknown) => Promise<Body>;
type Known = { play_id: string; content_hash: string };

/** Plays: the board, one play from draft to active with two users, and the caps. */
export function playsPages(world: () => PagesWorld): void {
  let leader: Call;

  test('the board shows plays by state and filters them by segment and text', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/plays');
    const drafts = page.getByRole('region', { name: 'Draft' });
    await drafts.getByRole('link').nth(1).waitFor();
    await page.getByRole('region', { name: 'Under review' }).getByText('1 of 2').waitFor();
    await page.getByRole('region', { name: 'Retired' }).getByText('Rejected as a draft').waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'plays_board');
    await page.getByLabel('Segment', { exact: true }).selectOption(SEGMENT);
    await expect.poll(() => drafts.getByRole('link').count()).toBe(1);
    await page.getByLabel('Segment', { exact: true }).selectOption('');
    await page.getByLabel('Search plays').fill('spring PANEL');
    await page.waitForURL(/q=spring/);
    await expect.poll(() => page.locator('.board .row').count()).toBe(1);
    await page.locator('h1').click();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'A seat on the spring panel', level: 1 }).waitFor();
  });

  test('a conflicting save of a play shows the other user’s version and keeps the edits', {
    timeout: STEP_MS,
  }, async () => {
    const { page } = world().desk;
    leader = await salesLeader(world());
    await page.getByText('If it ran now').waitFor();
    await page.getByText(/leads? match(es)?\./).waitFor();
    await pressKey(page, 'p');
    await page.getByText('No edits since').waitFor();
    await pressKey(page, 'e');
    await page.getByRole('heading', { name: /^Edit/, level: 1 }).waitFor();
    await page.getByLabel('Hypothesis').fill('One stage for one person opens the whole account.');
    await page.getByRole('button', { name: 'Move step 1 down' }).click();
    await page.keyboard.press('Control+Enter');
    await page.getByText('Must be day 5 or later, after the previous step.').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Move step 2 up' }).click();
    await page.getByRole('button', { name: 'Add step' }).click();
    await page.getByLabel('What to write').last().fill('Thank them, and say when the next panel is.');
    await world().pictures(page, 'play_edit');
    const play_id = /plays\/([^/]+)\/edit/.exec(page.url())![1]!;
    await leader('PATCH', `/plays/${play_id}`, { hypothesis: 'Theirs.', name: 'A seat on the panel' });
    await page.keyboard.press('Control+Enter');
    await page.getByText('changed the same fields while you were editing').waitFor();
    world().expectRefused(412);
    await page.getByText('Theirs: Theirs.').waitFor();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('A seat on the panel');
    await world().pictures(page, 'play_conflict');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('heading', { name: 'A seat on the panel', level: 1, exact: true }).waitFor();
    await page.getByText('One stage for one person').first().waitFor();
    await world().pictures(page, 'play_review');
    await page.getByText('Edit history (2)').click();
    await page.getByText('Step 4').waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'play_changes');
    await world().open('/');
    await page.getByText('Plays to approve').waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'today_play');
    await page.getByText('Plays to approve').click();
    await page.getByRole('link', { name: /^A seat on the panel/ }).click();
    await page.getByRole('heading', { name: 'A seat on the panel', level: 1, exact: true }).waitFor();
  });

  test('in a full segment, the second approval offers a play to retire and then completes', {
    timeout: STEP_MS,
  }, async () => {
    const { page } = world().desk;
    const play_id = /plays\/([^/]+)$/.exec(page.url())![1]!;
    await fillSegment(page, world(), leader);
    const { content_hash } = await leader<Known>('GET', `/plays/${play_id}`);
    await leader('POST', `/plays/${play_id}/approve`, { role: 'slm', content_hash });
    await page.getByRole('complementary').getByText('Sales leader at RedKey').first().waitFor();
    await page.getByRole('button', { name: 'Approve as RevOps' }).click();
    const dialog = page.getByRole('dialog', { name: 'Active play cap reached' });
    await dialog.getByText('No leads enrolled yet.').first().waitFor();
    world().expectRefused(409);
    await expectAccessible(page);
    await world().pictures(page, 'play_no_room');
    await dialog.getByRole('button', { name: /^Retire “Filler/ }).click();
    await page.getByRole('link', { name: 'View campaign' }).waitFor();
    await page.getByRole('button', { name: /^Retire/ }).waitFor();
    await page.getByRole('button', { name: /^Record results/ }).click();
    await page.getByLabel(/^Meetings/).fill('12.5');
    await page.getByRole('button', { name: 'Save results' }).click();
    await page.getByRole('cell', { name: '12.5%' }).waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'play_active');
  });

  test('outcomes with and without a brain have counts, and say what a comparison needs', {
    timeout: STEP_MS,
  }, async () => {
    const page = await world().open('/plays');
    await page.getByRole('link', { name: 'Outcomes' }).click();
    await page.getByRole('heading', { level: 1, name: 'Outcomes with and without a brain' }).waitFor();
    await page.getByRole('rowheader', { name: 'People who met' }).first().waitFor();
    await page
      .getByText(/^The smaller group needs [0-9]+ more people/)
      .first()
      .waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'play_outcomes');
    await page.getByRole('link', { name: '12 quarters' }).click();
    await page.getByRole('rowheader', { name: 'People who met' }).first().waitFor();
  });

  test('the default cap and the cap of one segment are changed', { timeout: STEP_MS }, async () => {
    const page = await world().open('/plays/caps');
    await page.getByLabel('Cap for Enterprise', { exact: true }).selectOption('7');
    await page.getByRole('button', { name: 'Save caps' }).click();
    await page.getByText('0 of 7').waitFor();
    await expectAccessible(page);
    await world().pictures(page, 'plays_caps');
  });
}

/** Fills the segment to its cap with active plays. */
async function fillSegment(page: Page, world: PagesWorld, leader: Call): Promise<void> {
  const admin = callWith(world, await page.evaluate(newKey, {}));
  const brain = callWith(world, await page.evaluate(newKey, { agent_id: 'AGT-901' }));
  await admin('PUT', `/plays/config/${SEGMENT}`, { max_active_plays: CAP });
  for (let count = 1; count <= CAP; count += 1) {
    const { play_id } = await brain<Known>('POST', '/plays', {
      ...FILLER,
      name: `Filler ${count}`,
      proposal: { summary: 'A filler.', analysis: 'It takes a place.' },
    });
    await admin('POST', `/plays/${play_id}/pick_up`);
    await admin('POST', `/plays/${play_id}/approve`, { role: 'revops' });
    await leader('POST', `/plays/${play_id}/approve`, { role: 'slm' });
  }
}

const FILLER = {
  scope: 'segment',
  segment: SEGMENT,
  client_id: 'b2bea',
  hypothesis: 'It takes a place.',
  // Matches no lead, so that these plays change nothing else.
  target_definition: { titles: ['no such title'] },
  suggested_cadence: {
    steps: [{ delay_days: 0, channel: 'email', content_type: 'proof', template_instructions: 'Anything.' }],
  },
  success_criteria: { meeting_rate: 0.1 },
};

/** Signs in a sales leader, since one user cannot give both approvals. */
async function salesLeader(world: PagesWorld): Promise<Call> {
  const { url } = await world.desk.page.evaluate(newLeader);
  const other = await openPage(world.browser);
  await other.page.goto(url);
  await other.page.getByRole('navigation', { name: 'Main' }).waitFor();
  const key = await other.page.evaluate(newKey, {});
  await other.page.context().close();
  return callWith(world, key);
}

function callWith(world: PagesWorld, key: string): Call {
  return async (method, path, body) => {
    const answer = await fetch(`${world.product.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const read = await answer.json();
    expect(answer.ok, `${method} ${path}: ${JSON.stringify(read)}`).toBe(true);
    return read as never;
  };
}

/* These run in the browser as its signed-in user. */

async function newLeader(): Promise<{ url: string }> {
  const person = { email: 'leader@redkey.example', name: 'Sales leader at RedKey', roles: ['slm'] };
  const answer = await fetch('/api/v1/users', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(person),
  });
  return (await answer.json()) as { url: string };
}

async function newKey(whose: { agent_id?: string }): Promise<string> {
  const answer = await fetch('/api/v1/api_keys', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'test', ...whose }),
  });
  return ((await answer.json()) as { key: string }).key;
}
