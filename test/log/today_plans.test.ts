import { beforeAll, expect, it } from 'vitest';
import { transaction } from '../../src/db/pool.ts';
import { leadsWithoutOwner } from '../../src/db/queries/assignments.gen.ts';
import {
  countDraftsOfLeads,
  decidableDraftPage,
  decidableDraftPageOfLeads,
} from '../../src/db/queries/drafts.gen.ts';
import { claimResumableEnrollments } from '../../src/db/queries/enrollments.gen.ts';
import { listFlags } from '../../src/db/queries/flags.gen.ts';
import { handOffPage, routedHandOffPage } from '../../src/db/queries/hand_offs.gen.ts';
import { personalSendPageOfOwners } from '../../src/db/queries/personal_sends.gen.ts';
import * as today from '../../src/db/queries/today.gen.ts';
import type { Statement } from '../../src/db/statement.ts';
import { CAMPAIGN_APPROVERS_VALUES, SUPPRESSED_REASON_VALUES } from '../../src/schema.gen.ts';
import { discarding, planOf, scanned } from '../database/plan.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, START, type World } from '../world.ts';

const { db } = await testDatabase({ statement_timeout_ms: 60_000 });
const NIL = '00000000-0000-0000-0000-000000000000';
const CLOSE = 'b2bea_membership_close';
const BIG = ['sales_send_queue', 'agent_tasks', 'inbound_messages', 'flags', 'leads', 'campaign_contacts'];
let world: World;
let user_id: string;

beforeAll(async () => {
  world = await createWorld(db);
  user_id = world.person.kind === 'human' ? world.person.user_id : '';
  await fill(world);
}, 60_000);

async function expectIndexes(asked: readonly (readonly [object, object])[]): Promise<void> {
  const { org_id } = world;
  for (const [statement, params] of asked) {
    const given = { org_id, user_id, ...params };
    const { name } = statement as Statement<never, unknown>;
    const nodes = await planOf<never>(db, org_id, statement as Statement<never, unknown>, given as never);
    const big = scanned(nodes).filter(
      (table) => BIG.includes(table) || table.startsWith('cadence_event_log'),
    );
    expect(big, name).toEqual([]);
    expect(discarding(nodes), name).toEqual([]);
  }
}

it('Today reads by index, however many rows there are', async () => {
  const { org_id } = world;
  const since = new Date(START - DAY_MS);
  const limit = 1_001;
  const page = { after_time: null, after_id: null, limit: 51 };
  await expectIndexes([
    [today.countWaiting, { roles: ['rep'], limit }],
    [today.firstWaiting, {}],
    [today.sentByHour, { since, limit }],
    [today.heldByHour, { since, until: new Date(START), limit }],
    [await withinStoppedByHour(), { since, until: new Date(START), limit }],
    [handOffPage, page],
    [routedHandOffPage, page],
    [routedHandOffPage, { ...page, after_time: new Date(START), after_id: org_id }],
  ]);
}, 60_000);

it('an owner’s lists and counts begin with the owner’s rows, under every rule of approvers', async () => {
  const { org_id } = world;
  const owner_user_ids = [await ownSome()];
  const { rows } = await db.query<{ id: string }>('SELECT leads_of($1, $2) AS id', [org_id, owner_user_ids]);
  const lead_ids = rows.map(({ id }) => id);
  expect(lead_ids).toHaveLength(40);
  const page = { after_scheduled_at: null, after_id: null, limit: 51 };
  const since = new Date(START - DAY_MS);
  const owned = { owner_user_ids, lead_ids, user_id: owner_user_ids[0], since, until: new Date(START) };
  const flags = {
    open_only: true,
    kind: null,
    mine: false,
    roles: [],
    agent_id: null,
    before_id: null,
    limit: 51,
  };
  await expectIndexes([
    [personalSendPageOfOwners, { ...page, ...owned }],
    [today.countWaitingOfLeads, owned],
    [today.firstWaitingOfLeads, owned],
    [today.sentByHourOfLeads, owned],
    [today.heldByHourOfLeads, owned],
    [listFlags, { ...flags, lead_ids: null, owned_lead_ids: lead_ids, owner_user_ids }],
    [leadsWithoutOwner, { after_id: NIL, limit: 200 }],
    [claimResumableEnrollments, { now: new Date(START), policy_version: 2, limit: 500, set_aside: [] }],
  ]);
  for (const approvers of CAMPAIGN_APPROVERS_VALUES) {
    await db.query(`UPDATE campaigns SET approvers = $2 WHERE org_id = $1 AND send_rule <> 'pre_approved'`, [
      org_id,
      approvers,
    ]);
    await expectIndexes([
      [decidableDraftPageOfLeads, { ...page, ...owned, campaign_id: null }],
      [countDraftsOfLeads, owned],
      [today.countWaitingOfLeads, owned],
    ]);
    const all = { org_id, user_id: owned.user_id!, campaign_id: null, ...page };
    expect(scanned(await planOf(db, org_id, decidableDraftPage, all))).not.toContain('sales_send_queue');
  }
}, 60_000);

/** A rep who owns every five-hundredth lead. Returns the rep's id. */
async function ownSome(): Promise<string> {
  const { org_id } = world;
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO users (org_id, id, email, name, roles) VALUES ($1, gen_random_uuid(), 'rep@own.example', 'Rep', '{rep}') RETURNING id`,
    [org_id],
  );
  await db.query(
    `UPDATE leads SET owner_user_id = $2 WHERE org_id = $1 AND substring(email from '[0-9]+')::int % 500 = 0`,
    [org_id, rows[0]!.id],
  );
  await db.query('ANALYZE leads');
  return rows[0]!.id;
}

/** The query within `stopped_by_hour`, because EXPLAIN of a call does not show its plan. */
async function withinStoppedByHour(): Promise<typeof today.heldByHour> {
  const { rows } = await db.query<{ body: string }>(
    `SELECT prosrc AS body FROM pg_proc WHERE proname = 'stopped_by_hour'`,
  );
  const query = /RETURN QUERY(.*?);/s.exec(rows[0]!.body)![1]!;
  const given = {
    org: '$1::uuid',
    from_time: '$2::timestamptz',
    to_time: '$3::timestamptz',
    most: '$4::int',
  };
  const text = query.replaceAll(
    /\b(org|from_time|to_time|most)\b/g,
    (name) => given[name as keyof typeof given],
  );
  expect(text.match(/LIMIT 24/g)).toHaveLength(SUPPRESSED_REASON_VALUES.length);
  return { ...today.heldByHour, name: 'within stopped_by_hour', text };
}

/** 20,000 leads with an item each, half of them drafted, and the other rows of a large org. Without triggers. */
async function fill({ org_id }: World): Promise<void> {
  const org = `'${org_id}'::uuid`;
  const campaign = `(SELECT id FROM campaigns WHERE org_id = ${org} AND slug = '${CLOSE}')`;
  const at = `to_timestamp(${START / 1_000})`;
  await transaction(db, { org_id, kind: 'coordinator', id: 'AGT-302' }, async (tx) => {
    await tx.query('SET LOCAL session_replication_role = replica');
    await tx.query(`CREATE TEMP TABLE many ON COMMIT DROP AS
      SELECT n, gen_random_uuid() AS lead FROM generate_series(1, 20000) n`);
    await tx.query(
      `INSERT INTO leads (org_id, id, email) SELECT ${org}, lead, 'p' || n || '@many.example' FROM many`,
    );
    await tx.query(`INSERT INTO sales_send_queue (org_id, id, client_id, contact_id, lead_id, campaign_id, enrollment_id,
        step_number, channel, scheduled_at, status, staged_draft_id, sent_at)
      SELECT ${org}, gen_random_uuid(), 'b2bea', n::text, lead, ${campaign}, gen_random_uuid(), 1, 'email',
        ${at} - n * interval '1 minute', (CASE WHEN n % 2 = 0 THEN 'drafted' ELSE 'sent' END)::queue_status,
        gen_random_uuid(), CASE WHEN n % 2 = 1 THEN ${at} - n * interval '1 minute' END FROM many`);
    await tx.query(`INSERT INTO campaign_contacts (org_id, id, contact_id, lead_id, campaign_id, client_id,
        request_id, requested_by, status, enrolled_at, paused_at, paused_reason, wake, paused_policy_version)
      SELECT ${org}, gen_random_uuid(), n::text, lead, ${campaign}, 'b2bea', gen_random_uuid(), 'roles.bdr', 'paused',
        ${at}, ${at}, 'reply', 'policy_changes', CASE WHEN n % 100 = 0 THEN 1 + n % 3 END FROM many`);
    await tx.query(`INSERT INTO agent_tasks (org_id, id, type, role, lead_id)
      SELECT ${org}, gen_random_uuid(), (CASE WHEN n % 10 = 0 THEN 'meeting_booked' ELSE 'process_reply' END)::task_type,
        CASE WHEN n % 10 = 0 THEN 'roles.exec' ELSE 'roles.bdr' END, lead FROM many`);
    await tx.query(`INSERT INTO agent_tasks (org_id, id, type, role, lead_id, status, finished_at, decided_by_user_id)
      SELECT ${org}, gen_random_uuid(), (CASE WHEN n % 10 = 0 THEN 'meeting_booked' ELSE 'process_reply' END)::task_type,
        CASE WHEN n % 10 = 0 THEN 'roles.exec' ELSE 'roles.bdr' END, lead, 'done', ${at} + n * interval '1 minute',
        CASE WHEN n % 10 = 0 THEN gen_random_uuid() END FROM many`);
    await tx.query(`INSERT INTO inbound_messages (org_id, id, source, raw_hash, from_address, received_at, created_at, kind,
        matched_by, lead_id, handled_at)
      SELECT ${org}, gen_random_uuid(), 'http', sha256(n::text::bytea), 'x@else.example', ${at}, ${at}, 'reply', 'sender_only',
        lead, CASE WHEN n % 4 > 0 THEN ${at} END FROM many`);
    await tx.query(`INSERT INTO flags (org_id, id, kind, subject, lead_id, raised_at)
      SELECT ${org}, gen_random_uuid(), 'stall', lead::text, lead, ${at} FROM many`);
    await tx.query(`INSERT INTO cadence_event_log (org_id, id, timestamp, event_type, coordinator_action, actor_kind,
        actor_id, lead_id, campaign_id, suppressed_reason)
      SELECT ${org}, gen_random_uuid(), ${at} - n * interval '5 seconds', 'held', 'hold', 'coordinator', 'AGT-302', lead,
        ${campaign}, (CASE WHEN n % 6 = 0 THEN 'touch_cap_exceeded' END)::suppressed_reason FROM many`);
  });
  await db.query('ANALYZE');
}
