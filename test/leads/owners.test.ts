import { beforeAll, describe, expect, test } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { FLAG_CHECKS } from '../../src/coordinator/upkeep/checks.ts';
import { transaction } from '../../src/db/pool.ts';
import { completeCampaign } from '../../src/operations/campaigns/definition.ts';
import { importCampaigns } from '../../src/operations/campaigns/writing.ts';
import type { OperationName } from '../../src/operations/definitions.ts';
import type { Principal } from '../../src/principal.ts';
import { runCheck } from '../../src/worker/checks.ts';
import { testDatabase } from '../database.ts';
import { mailFrom, take } from '../inbound/inbound_world.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { DAY_MS } from '../world.ts';

/* A rep owns 40 leads among 4,000, 20 of them through accounts: lists, counts, and notifications of the rep name these 40. */

const { db } = await testDatabase();
const LEADS = 4_000;
const OWNED = 40;
let world: TaskWorld;
let rep: Principal;
let colleague: Principal;
let owned: string[];

beforeAll(async () => {
  world = await taskWorld(db);
  rep = await world.addPerson('rep');
  colleague = await world.addPerson('rep');
  owned = await addLeads();
});

/** Every hundredth lead is the rep's, half of them through an account; the one after it the colleague's. Others have no owner. */
async function addLeads(): Promise<string[]> {
  const account_id = `(SELECT a.id FROM accounts a WHERE a.org_id = $1 AND a.name = 'Company ' || n)`;
  await db.query(
    `INSERT INTO accounts (org_id, id, name, owner_user_id)
     SELECT $1, gen_random_uuid(), 'Company ' || n, CASE WHEN n % 200 = 100 THEN $2::uuid END FROM generate_series(100, $3, 100) AS n`,
    [world.org_id, userOf(rep), LEADS],
  );
  const { rows } = await db.query<{ id: string; n: number }>(
    `INSERT INTO leads (org_id, id, account_id, email, first_name, last_name, icp_tier, segment, owner_user_id)
     SELECT $1, gen_random_uuid(), CASE WHEN n % 100 = 0 THEN ${account_id} END, 'lead' || n || '@prospect.example', 'Pat', 'Doe',
            (ARRAY['T1', 'T2'])[1 + (n / 100) % 2]::icp_tier, CASE WHEN (n / 100) % 4 = 0 THEN 'smb' END,
            CASE WHEN n % 200 = 0 THEN $2::uuid WHEN n % 100 = 1 THEN $3::uuid END
     FROM generate_series(1, $4) AS n RETURNING id, substring(email from '[0-9]+')::int AS n`,
    [world.org_id, userOf(rep), userOf(colleague), LEADS],
  );
  return rows
    .filter(({ n }) => n % 100 === 0)
    .map(({ id }) => id)
    .sort();
}

function userOf(principal: Principal): string {
  if (principal.kind !== 'human') throw new Error('an agent is not a user');
  return principal.user_id;
}

type Found = { id: string; lead_id: string; effective_owner_user_id: string };

async function everyPage(name: OperationName, who: Principal, input: object) {
  const found: Found[] = [];
  let cursor: string | undefined;
  do {
    const page = await world.call(name, who, {
      limit: 7,
      ...input,
      ...(cursor === undefined ? {} : { cursor }),
    });
    found.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

describe('list_leads', () => {
  test('shows exactly the leads of the caller, over all pages', async () => {
    const found = await everyPage('list_leads', rep, { scope: 'mine' });
    expect(found.map(({ id }) => id)).toEqual(owned);
    expect(owned).toHaveLength(OWNED);
    expect(await everyPage('list_leads', await world.addPerson('rep'), { scope: 'mine' })).toEqual([]);
  });

  test.each([
    ['a search that matches few leads', { q: 'lead100@' }, 1],
    ['a search that matches every lead', { q: 'pat' }, OWNED],
    ['a tier', { icp_tier: 'T2' }, OWNED / 2],
    ['a segment', { segment: 'smb' }, OWNED / 4],
    ['a segment of another tier', { segment: 'smb', icp_tier: 'T2' }, 0],
    ['a state', { cadence_state: 'idle' }, OWNED],
    ['a consent', { blocked: 'true' }, 0],
  ])('combines with %s', async (_what, filter, count) => {
    const found = await everyPage('list_leads', rep, { scope: 'mine', ...filter });
    expect(found.every((lead) => lead.effective_owner_user_id === userOf(rep))).toBe(true);
    expect(found).toHaveLength(count);
  });

  test('shows an agent no leads as its own, and refuses an unknown scope', async () => {
    expect((await world.call('list_leads', world.brooke, { scope: 'mine' })).items).toEqual([]);
    expect((await world.call('list_leads', world.brooke, { scope: 'all' })).items).toHaveLength(50);
    expect((await world.refused('list_leads', rep, { scope: 'theirs' })).code).toBe('input_invalid');
  });

  test('follows a change of the owner', async () => {
    const [id] = owned;
    await world.call('patch_lead', rep, { id, owner_user_id: userOf(colleague) });
    expect((await everyPage('list_leads', rep, { scope: 'mine' })).map((one) => one.id)).toEqual(
      owned.slice(1),
    );
    await world.call('patch_lead', rep, { id, owner_user_id: userOf(rep) });
    expect(await everyPage('list_leads', rep, { scope: 'mine' })).toHaveLength(OWNED);
  });

  test('shows a leader and the people of one manager the leads of the team', async () => {
    const leader = await world.addPerson('slm');
    const team = [rep, colleague].map(userOf);
    await db.query('UPDATE users SET manager_user_id = $2 WHERE id = ANY ($1)', [team, userOf(leader)]);
    for (const who of [leader, rep]) {
      const found = await everyPage('list_leads', who, { scope: 'team', limit: 200 });
      expect(new Set(found.map((lead) => lead.effective_owner_user_id))).toEqual(new Set(team));
      expect(found).toHaveLength(2 * OWNED);
    }
    expect(await everyPage('list_leads', leader, { scope: 'mine' })).toEqual([]);
    const accounts = await everyPage('list_accounts', leader, { scope: 'team' });
    expect(accounts).toHaveLength(OWNED / 2);
  });
});

test('a day of the rep: manual sends, drafts, enrollments, warnings, and Today name the rep’s leads only', async () => {
  await defineByHand();
  const theirs = owned.slice(0, 9);
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM leads WHERE org_id = $1 AND owner_user_id = $2 ORDER BY id LIMIT 5`,
    [world.org_id, userOf(colleague)],
  );
  const others = rows.map(({ id }) => id);
  for (const lead_id of [...others, ...theirs]) {
    await world.request(lead_id, 'by_hand');
    await world.work();
    world.clock.advance(60_000);
  }
  const leadsOf = async (who: Principal, input: object) =>
    (await everyPage('list_personal_sends', who, { limit: 2, ...input })).map(({ lead_id }) => lead_id);
  expect(await leadsOf(rep, { scope: 'mine' })).toEqual(theirs);
  expect(await leadsOf(rep, {})).toEqual([...others, ...theirs]);
  expect(await leadsOf(world.brooke, { scope: 'mine' })).toEqual([]);

  world.clock.advance(8 * DAY_MS);
  await runCheck(world.worker_context, world.org_id, FLAG_CHECKS.find(({ name }) => name === 'stall')!);
  const everyLead = async (name: OperationName, input: object) =>
    (await everyPage(name, rep, input)).map(({ lead_id }) => lead_id).sort();
  for (const name of ['list_drafts', 'list_enrollments', 'list_flags'] as const) {
    expect(await everyLead(name, { scope: 'mine' }), name).toEqual(theirs);
    expect(await everyLead(name, { scope: 'team' }), name).toEqual([...theirs, ...others].sort());
  }
  expect(await everyLead('list_enrollments', { scope: 'mine', lead_id: others[0]! })).toEqual([]);
  // Each lead's manual send and its stall.
  const notified = theirs.flatMap((lead_id) => [lead_id, lead_id]);
  expect(await everyLead('list_notifications', {})).toEqual(notified);
  // One more is of an earlier assignment.
  expect(await everyPage('list_notifications', colleague, {})).toHaveLength(2 * others.length + 1);
  expect(await everyPage('list_notifications', world.person, {})).toEqual([]);
  expect((await world.call('count_drafts', rep, { scope: 'mine' })).waiting).toBe(theirs.length);
  const today = await world.call('get_today', rep, { scope: 'mine' });
  expect(today.personal_sends).toMatchObject({ count: theirs.length, first: { lead_id: theirs[0] } });
  expect(today).toMatchObject({ flags: { count: theirs.length }, notifications: { count: notified.length } });

  const [own, foreign] = [theirs[1]!, others[1]!];
  for (const lead_id of [own, foreign]) {
    const [lead] = await world.rows<{ email: string }>('leads', `id = '${lead_id}'`);
    const { id } = await take(world, mailFrom(lead!.email, 'Can we meet on Tuesday?'));
    await world.call('handle_inbound', world.person, { id, intent: 'meeting' });
    await take(world, mailFrom(lead!.email, 'What does it cost?'));
  }
  const named = async (name: OperationName, scope: string) => [...new Set(await everyLead(name, { scope }))];
  for (const name of ['list_hand_offs', 'list_inbound'] as const) {
    expect(await named(name, 'mine'), name).toEqual([own]);
    expect(await named(name, 'all'), name).toEqual([own, foreign].sort());
  }
  expect(await named('list_send_queue', 'mine')).toEqual(theirs);
  expect((await world.call('get_me', rep, {})).default_scope).toBe('mine');
  expect((await world.call('get_me', world.person, {})).default_scope).toBe('all');

  // Only the person whose touch it is decides and sends.
  await db.query(`UPDATE campaigns SET approvers = 'owner' WHERE org_id = $1 AND slug = 'by_hand'`, [
    world.org_id,
  ]);
  for (const [lead_id, code] of [
    [others[0]!, 'not_approver'],
    [theirs[0]!, null],
  ] as const) {
    const { id, content_hash } = (await world.draftOf(lead_id)).draft;
    const input = { id, content_hash };
    if (code === null) await world.call('approve_draft', rep, input);
    else expect((await world.refused('approve_draft', rep, input)).code).toBe(code);
  }
});

async function defineByHand(): Promise<void> {
  const kind = { type: 'membership', owner_role: 'roles.sales', send_rule: 'approve_each' } as const;
  const step = {
    step_number: 1,
    delay_days: 0,
    when_unreachable: 'skip',
    content_type: 'follow_up',
    channel: 'email',
    requires_personal_send: true,
    template_instructions: 'Say hello.',
    template: { subject: 'Hello', body: 'Hi {{ lead.first_name }}' },
  } as const;
  const definition = completeCampaign({
    ...kind,
    slug: 'by_hand',
    name: 'by_hand',
    client_id: 'b2bea',
    on_exit: {},
    steps: [step],
  });
  await transaction(db, coordinatorActor(world.org_id), (tx) =>
    importCampaigns(tx, world.org_id, world.clock, [definition]),
  );
}
