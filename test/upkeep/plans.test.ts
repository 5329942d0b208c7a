import { beforeAll, describe, expect, it } from 'vitest';
import { type Actor, type Queryable, transaction } from '../../src/db/pool.ts';
import {
  leadsWithBothSides,
  leadsWithTouches,
  listEnrolledLeads,
  listPausedLeads,
  misroutedLeads,
  stalledLeads,
  unknownItems,
} from '../../src/db/queries/flag_causes.gen.ts';
import {
  endFlags,
  escalateFlags,
  listFlagRecipients,
  listFlags,
  listStandingSubjects,
  listUnansweredStalls,
} from '../../src/db/queries/flags.gen.ts';
import { listNotificationsOfAgent, listNotificationsOfUser } from '../../src/db/queries/notifications.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, START, type World } from '../world.ts';

/* However large an org is, a check reads its rows by index, page by page. */

const { db } = await testDatabase({ statement_timeout_ms: 60_000 });
const LEADS = 5_000;
const FIRST = '00000000-0000-0000-0000-000000000000';
const now = new Date(START);
let world: World;
let actor: Actor;
let user_id: string;
let page: string[];

beforeAll(async () => {
  world = await createWorld(db);
  user_id = world.person.kind === 'human' ? world.person.user_id : '';
  const org = `'${world.org_id}'::uuid`;
  const campaign = `(SELECT id FROM campaigns WHERE org_id = ${org} AND slug = 'b2bea_membership_close')`;
  const fill = [
    `UPDATE campaigns SET entry = 'open' WHERE org_id = ${org}`,
    `CREATE TEMP TABLE many ON COMMIT DROP AS SELECT n, gen_random_uuid() AS lead, gen_random_uuid() AS request,
       gen_random_uuid() AS enrollment FROM generate_series(1, ${LEADS}) n`,
    `INSERT INTO leads (org_id, id, email, owner_user_id, cadence_paused_at, cadence_pause_reason)
     SELECT ${org}, lead, 'p' || n || '@many.example', '${user_id}', CASE WHEN n % 100 = 0 THEN now() END,
       CASE WHEN n % 100 = 0 THEN 'test' END FROM many`,
    `INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, trace, policy_version,
       enrollment_id, decided_at)
     SELECT ${org}, request, lead, ${campaign}, 'roles.sales', 'allowed', '[]', 1, enrollment, now() FROM many`,
    'ANALYZE leads, sequence_requests',
    ...['n <= 500', 'n > 500'].flatMap((part) => [
      `INSERT INTO campaign_contacts (org_id, id, contact_id, lead_id, campaign_id, client_id, request_id, requested_by,
         next_send_at)
       SELECT ${org}, enrollment, n::text, lead, ${campaign}, 'b2bea', request, 'roles.sales',
         '2026-11-24'::timestamptz + n * interval '1 hour' FROM many WHERE ${part}`,
      'ANALYZE campaign_contacts',
    ]),
    `UPDATE campaign_contacts SET status = 'paused', paused_at = now(), paused_reason = 'test', wake = 'never'
     WHERE org_id = ${org} AND contact_id::int % 50 = 0`,
    `INSERT INTO sales_send_queue (org_id, id, client_id, contact_id, lead_id, campaign_id, enrollment_id, step_number,
       channel, scheduled_at)
     SELECT ${org}, gen_random_uuid(), 'b2bea', n::text, lead, ${campaign}, enrollment, 1, 'email', now()
     FROM many WHERE n % 2 = 0`,
    `SELECT set_config('touchline.actor_kind', 'coordinator', true)`,
    `INSERT INTO touches (org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type, touched_at,
       outcome, settled_at)
     SELECT org_id, gen_random_uuid(), lead_id, enrollment_id, id, campaign_id, 'email', 'closing', now(),
       'sent', now() FROM sales_send_queue WHERE org_id = ${org}`,
    `SELECT set_config('touchline.actor_kind', 'system', true)`,
    `INSERT INTO cadence_event_log (org_id, id, timestamp, event_type, coordinator_action, actor_kind, actor_id, lead_id)
     SELECT ${org}, gen_random_uuid(), '2026-11-24'::timestamptz + n * interval '9 minutes', 'edited', 'edit', 'system',
       'test', lead FROM many`,
    `INSERT INTO flags (org_id, id, kind, subject, lead_id, raised_at)
     SELECT ${org}, gen_random_uuid(), k, lead::text, lead, '2026-11-24'::timestamptz + n * interval '1 minute'
     FROM many, unnest('{stall,cap_warning}'::flag_kind[]) k`,
    `UPDATE flags SET resolved_at = now(), resolution = 'cause_gone', cause_gone_at = now()
     WHERE org_id = ${org} AND raised_at > '2026-11-24'::timestamptz + interval '1000 minutes'`,
    `INSERT INTO notifications (org_id, id, to_user_id, kind, lead_id, created_at, flag_id, read_at)
     SELECT org_id, gen_random_uuid(), '${user_id}', kind::text, lead_id, raised_at, id, resolved_at FROM flags
     WHERE org_id = ${org}`,
  ];
  actor = { org_id: world.org_id, kind: 'system', id: 'test' };
  await transaction(
    db,
    actor,
    async (tx) => {
      for (const statement of fill) await tx.query(statement);
    },
    { statement_timeout_ms: 60_000 },
  );
  await db.query('ANALYZE');
  const { rows } = await db.query<{ id: string }>('SELECT id FROM leads ORDER BY id LIMIT 100');
  page = rows.map((row) => row.id);
}, 60_000);

/** Runs a statement through EXPLAIN; returns every table that its plan scans in full. */
async function scannedBy(run: (explain: Queryable) => Promise<unknown>): Promise<string[]> {
  let plan = '';
  await run({
    actor,
    async query(text, values) {
      const explained = await transaction(db.app, actor, (tx) =>
        tx.query(`EXPLAIN (FORMAT JSON) ${text}`, values),
      );
      plan = JSON.stringify(explained.rows);
      return { rows: [], rowCount: 0, command: 'EXPLAIN' };
    },
  });
  expect(plan).toContain('Node Type');
  const scans = [...plan.matchAll(/"Node Type":"Seq Scan"[^{}]*?"Relation Name":"(\w+)"/g)].map(
    (match) => match[1]!,
  );
  // There are no plays here, so a full scan of plays is as good as an index.
  const small = /^(campaigns|users|agents|accounts|organizations|clients|sales_play_library)$/;
  return scans.filter((table) => !small.test(table));
}

describe('reads by index', () => {
  const org = () => ({ org_id: world.org_id });
  const of = () => ({ ...org(), lead_ids: page });
  const of_all = { lead_ids: null, owned_lead_ids: null, owner_user_ids: null };
  const nobody = { user_id: null, roles: [], agent_id: null, ...of_all, before_id: null, limit: 51 };
  it.each<[string, (db: Queryable) => Promise<unknown>]>([
    ['a page of enrolled leads', (on) => listEnrolledLeads.run({ ...org(), after: FIRST, limit: 100 }, on)],
    ['a page of paused leads', (on) => listPausedLeads.run({ ...org(), after: FIRST, limit: 100 }, on)],
    [
      'standing flags',
      (on) => listStandingSubjects.run({ ...org(), kind: 'stall', after: '', limit: 100 }, on),
    ],
    ['unanswered stalls', (on) => listUnansweredStalls.run({ ...org(), raised_until: now, limit: 50 }, on)],
    ['touches', (on) => leadsWithTouches.run({ ...of(), touch_count: 2, touched_after: now }, on)],
    ['both sides', (on) => leadsWithBothSides.run(of(), on)],
    ['stalls', (on) => stalledLeads.run({ ...of(), quiet_since: now }, on)],
    ['misrouted leads', (on) => misroutedLeads.run({ ...of(), unknown_tier: 'T2', asked_after: now }, on)],
    ['unknown items', (on) => unknownItems.run({ ...org(), ids: page }, on)],
    [
      'warnings to end',
      (on) =>
        endFlags.run({ ...org(), kind: 'stall', subjects: page, resolution: 'x', by_user_id: null, now }, on),
    ],
    ['warnings to escalate', (on) => escalateFlags.run({ ...org(), ids: page, now }, on)],
    ['recipients', (on) => listFlagRecipients.run({ ...org(), ids: page }, on)],
    [
      'open flags',
      (on) => listFlags.run({ ...org(), ...nobody, kind: null, open_only: true, mine: false }, on),
    ],
    [
      'my unread notifications',
      (on) =>
        listNotificationsOfUser.run({ ...org(), user_id, unread_only: true, before_id: null, limit: 51 }, on),
    ],
    [
      'an agent’s notifications',
      (on) =>
        listNotificationsOfAgent.run(
          { ...org(), agent_id: 'AGT-303', unread_only: false, before_id: null, limit: 51 },
          on,
        ),
    ],
  ])('%s', async (_name, run) => {
    expect(await scannedBy(run)).toEqual([]);
  });

  it('and would fail without one', async () => {
    expect(await scannedBy((on) => on.query(`SELECT FROM leads WHERE first_name = 'x'`))).toEqual(['leads']);
  });
});
