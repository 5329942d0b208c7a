import { beforeAll, expect, it } from 'vitest';
import { transaction } from '../../src/db/pool.ts';
import { leadsWithoutOwner } from '../../src/db/queries/assignments.gen.ts';
import { countDraftsOfLeads, decidableDraftPage } from '../../src/db/queries/drafts.gen.ts';
import { listFlags } from '../../src/db/queries/flags.gen.ts';
import { handOffPage, routedHandOffPage } from '../../src/db/queries/hand_offs.gen.ts';
import { personalSendPageOfOwners } from '../../src/db/queries/personal_sends.gen.ts';
import * as today from '../../src/db/queries/today.gen.ts';
import { countWaiting, firstWaiting, heldByHour, sentByHour } from '../../src/db/queries/today.gen.ts';
import type { Statement } from '../../src/db/statement.ts';
import { SUPPRESSED_REASON_VALUES } from '../../src/schema.gen.ts';
import { discarding, planOf, scanned } from '../database/plan.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, START, type World } from '../world.ts';

const { db } = await testDatabase({ statement_timeout_ms: 60_000 });
const CLOSE = 'b2bea_membership_close';

let world: World;
beforeAll(async () => {
  world = await createWorld(db);
  await fill(world);
}, 60_000);

const since = new Date(START - DAY_MS);
const userId = () => (world.person.kind === 'human' ? world.person.user_id : '');

it('Today reads by index, however many rows there are', async () => {
  const { org_id } = world;
  const limit = 1_001;
  const user_id = userId();
  const page = { org_id, after_time: null, after_id: null, limit: 51 };
  for (const [statement, params] of [
    [countWaiting, { org_id, user_id, roles: ['rep'], limit }],
    [firstWaiting, { org_id }],
    [sentByHour, { org_id, since, limit }],
    [heldByHour, { org_id, since, until: new Date(START), limit }],
    [await withinStoppedByHour(), { org_id, since, until: new Date(START), limit }],
    [handOffPage, page],
    [routedHandOffPage, page],
    [routedHandOffPage, { ...page, after_time: new Date(START), after_id: org_id }],
  ] as const)
    await readsByIndex(statement as Read, params);
});

it('the pages of one owner read only the rows of the owner', async () => {
  const { org_id } = world;
  const user_id = userId();
  const { rows } = await db.query<{ id: string }>(
    'SELECT id FROM leads WHERE org_id = $1 ORDER BY id LIMIT 40',
    [org_id],
  );
  const lead_ids = rows.map(({ id }) => id);
  const owner_user_ids = [user_id];
  const of_leads = { org_id, lead_ids, owner_user_ids, since, until: new Date(START), limit: 1_001 };
  const page = { org_id, lead_ids, limit: 51, after_id: null, after_scheduled_at: null };
  const flag_page = {
    org_id,
    limit: 51,
    before_id: null,
    lead_ids: null,
    kind: null,
    open_only: true,
    mine: false,
  };
  const scoped = { owned_lead_ids: lead_ids, owner_user_ids, user_id, roles: ['rep'], agent_id: null };
  for (const [statement, params] of [
    [today.countWaitingOfLeads, of_leads],
    [today.firstWaitingOfLeads, of_leads],
    [today.sentByHourOfLeads, of_leads],
    [today.heldByHourOfLeads, of_leads],
    [countDraftsOfLeads, of_leads],
    [personalSendPageOfOwners, { ...page, owner_user_ids }],
    [decidableDraftPage, { ...page, campaign_id: null, user_id, roles: ['rep'], works: true }],
    [
      decidableDraftPage,
      { ...page, lead_ids: null, campaign_id: null, user_id, roles: ['rep'], works: true },
    ],
    [listFlags, { ...flag_page, ...scoped }],
    [leadsWithoutOwner, { org_id, after_id: org_id, limit: 500 }],
  ] as const)
    await readsByIndex(statement as Read, params);
});

type Read = Statement<never, unknown>;

async function readsByIndex(statement: Read, params: unknown): Promise<void> {
  const nodes = await planOf<never>(db, world.org_id, statement, params as never);
  const big = ['sales_send_queue', 'agent_tasks', 'inbound_messages', 'flags', 'leads'];
  expect(
    scanned(nodes).filter((table) => big.includes(table) || table.startsWith('cadence_event_log')),
    statement.name,
  ).toEqual([]);
  expect(discarding(nodes), statement.name).toEqual([]);
}

/** The query within `stopped_by_hour`, because EXPLAIN of a call does not show its plan. */
async function withinStoppedByHour(): Promise<typeof heldByHour> {
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
  return { ...heldByHour, name: 'within stopped_by_hour', text };
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
