import { beforeAll, describe, expect, test } from 'vitest';
import { FLAG_CHECKS } from '../../src/coordinator/upkeep/checks.ts';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import type { OperationName } from '../../src/operations/definitions.ts';
import type { Principal } from '../../src/principal.ts';
import type { UserRole } from '../../src/schema.gen.ts';
import { runCheck } from '../../src/worker/checks.ts';
import { testDatabase } from '../database.ts';
import { answer, lastMessage, take } from '../inbound/inbound_world.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { DAY_MS } from '../world.ts';
import { defineByHand } from './by_hand.ts';

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

  test('shows the leads of a named owner, also to others', async () => {
    const asked = { owner_user_id: userOf(rep), limit: 200 };
    const listed = async (who: Principal, more = {}) =>
      ((await world.call('list_leads', who, { ...asked, ...more })).items as Found[])
        .map(({ id }) => id)
        .sort();
    expect(await listed(colleague)).toEqual(owned);
    expect(await listed(colleague, { scope: 'mine' })).toEqual([]);
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
  await defineByHand(db, world);
  const theirs = owned.slice(0, 9);
  const others = await leadsOfColleague(0, 5);
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
  // Two more are of earlier assignments.
  expect(await everyPage('list_notifications', colleague, {})).toHaveLength(2 * others.length + 2);
  expect(await everyPage('list_notifications', world.person, {})).toEqual([]);
  expect((await world.call('count_drafts', rep, { scope: 'mine' })).waiting).toBe(theirs.length);
  const today = await world.call('get_today', rep, { scope: 'mine' });
  expect(today.personal_sends).toMatchObject({ count: theirs.length, first: { lead_id: theirs[0] } });
  expect(today).toMatchObject({ flags: { count: theirs.length }, notifications: { count: notified.length } });
});

test('the pages of a user whose role decides for everyone begin with all leads, also for an owner', async () => {
  const beginsWith = async (...roles: UserRole[]) =>
    (await world.call('get_me', { ...rep, roles } as Principal, {})).default_scope;
  expect(await beginsWith('rep')).toBe('mine');
  expect(await beginsWith('rep', 'slm')).toBe('team');
  for (const role of ['exec', 'revops', 'admin'] as const) expect(await beginsWith('rep', role)).toBe('all');
});

test('a day of the rep: drafts, replies, hand-offs, and the queue name the rep’s leads; approvals for others are refused', async () => {
  expect((await world.call('get_me', rep, {})).default_scope).toBe('mine');
  expect((await world.call('get_me', world.person, {})).default_scope).toBe('all');
  await db.query(`UPDATE campaigns SET approvers = 'owner' WHERE org_id = $1 AND slug = 'b2bea_membership'`, [
    world.org_id,
  ]);
  const theirs = owned.slice(10, 13);
  const others = await leadsOfColleague(5, 8);
  for (const lead_id of [...others, ...theirs]) await world.request(lead_id, 'b2bea_membership');
  await world.work();
  const leads = async (name: OperationName, input: object, who = rep) =>
    (await everyPage(name, who, input)).map(({ lead_id }) => lead_id).sort();
  const pending = { status: 'drafted', decidable: 'true' };
  expect(await leads('list_drafts', pending)).toEqual(theirs);
  expect(await leads('list_drafts', pending, colleague)).toEqual(others);
  for (const scope of ['mine', 'all'] as const) {
    const { drafts } = await world.call('get_today', rep, { scope });
    expect(drafts, scope).toMatchObject({ count: theirs.length, first: { lead_id: expect.any(String) } });
    expect(theirs, scope).toContain(drafts.first.lead_id);
    expect((await world.call('count_drafts', rep, { scope })).decidable, scope).toBe(theirs.length);
  }
  // An agent decides nothing; RevOps decides nothing here, because each lead has an owner.
  expect((await world.call('get_today', world.person, {})).drafts).toEqual({
    count: 0,
    is_more: false,
    first: null,
  });
  // The nine of the morning are manual sends.
  expect(await leads('list_send_queue', { scope: 'mine', status: 'drafted' })).toEqual(
    [...owned.slice(0, 9), ...theirs].sort(),
  );

  const { draft } = await world.draftOf(others[0]!);
  const { id, content_hash } = draft;
  for (const [name, input] of [
    ['approve_draft', { id, content_hash }],
    ['reject_draft', { id, reason: 'not theirs' }],
  ] as const) {
    expect(await world.refused(name, rep, input), name).toMatchObject({ code: 'not_approver', status: 403 });
  }
  expect(await approvedBySql(id, content_hash, rep)).toBe('TL083');
  expect(await approvedBySql(id, content_hash, colleague)).toBeNull();

  await answered(others[0]!, colleague);
  await answered(theirs[0]!, rep);
  expect(await leads('list_inbound', { scope: 'mine' })).toEqual(theirs.slice(0, 1));
  for (const [name, input] of [
    ['list_inbound', {}],
    ['list_drafts', { status: 'drafted' }],
    ['list_enrollments', {}],
  ] as const) {
    const [named] = (await world.call(name, rep, { scope: 'mine', ...input })).items;
    expect(named.owner_name, name).toBe('P');
  }
  expect(await leads('list_inbound', { scope: 'all' })).toEqual([theirs[0], others[0]].sort());
  expect((await world.call('get_today', rep, { scope: 'mine' })).replies).toMatchObject({
    count: 1,
    first: { lead_id: theirs[0] },
  });
  for (const lead_id of [others[1]!, theirs[1]!]) {
    const [enrollment] = await world.rows<{ id: string }>('campaign_contacts', `lead_id = '${lead_id}'`);
    const ended = { id: enrollment!.id, exit_reason: 'meeting' };
    await world.call('exit_enrollment', world.agent('roles.bdr'), ended);
  }
  expect((await world.call('list_hand_offs', rep, { scope: 'mine' })).items).toMatchObject([
    { lead_id: theirs[1], owner_name: 'P' },
  ]);
  expect(await leads('list_hand_offs', {})).toEqual([theirs[1], others[1]].sort());
  const { drafts, hand_offs } = await world.call('get_today', rep, { scope: 'mine' });
  // One was sent, one left the campaign. A rep routes no hand-off.
  expect({ drafts: drafts.count, hand_offs: hand_offs.count }).toEqual({ drafts: 1, hand_offs: 0 });
  const admin = await world.call('get_today', world.person, {});
  expect(admin.hand_offs.count).toBe(2);
});

async function leadsOfColleague(from: number, to: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM leads WHERE org_id = $1 AND owner_user_id = $2 ORDER BY id LIMIT $3 OFFSET $4`,
    [world.org_id, userOf(colleague), to - from, from],
  );
  return rows.map(({ id }) => id);
}

class Undone extends Error {}

/** The SQLSTATE of an approval by hand as the application’s role; null if it is allowed. Rolled back. */
async function approvedBySql(draft_id: string, content_hash: string, who: Principal): Promise<string | null> {
  const { org_id, clock } = world;
  const text = `INSERT INTO draft_approvals (org_id, id, draft_id, content_hash, approved_by_user_id, approved_at)
    VALUES ($1, $2, $3, $4, $5, $6)`;
  try {
    await transaction(db.app, { org_id, kind: 'human', id: userOf(who) }, async (tx) => {
      await tx.query(text, [org_id, newId(clock), draft_id, content_hash, userOf(who), clock.now()]);
      throw new Undone();
    });
  } catch (error) {
    return error instanceof Undone ? null : (sqlState(error) ?? String(error));
  }
  return null;
}

/** Sends the lead’s draft, and takes the lead’s answer. */
async function answered(lead_id: string, who: Principal): Promise<void> {
  const { draft } = await world.draftOf(lead_id);
  await world.call('approve_draft', who, { id: draft.id, content_hash: draft.content_hash });
  await world.work();
  await take(world, answer(await lastMessage(world, lead_id), 'Well, let me see what the colleagues say.'));
}
