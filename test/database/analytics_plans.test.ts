import { beforeAll, describe, expect, it } from 'vitest';
import { transaction } from '../../src/db/pool.ts';
import {
  countConflicts,
  countFunnel,
  countHeld,
  countOpen,
  countSuppressions,
} from '../../src/db/queries/analytics.gen.ts';
import { listEvents } from '../../src/db/queries/events.gen.ts';
import type { Statement } from '../../src/db/statement.ts';
import { SUPPRESSED_REASON_VALUES } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, START, type World } from '../world.ts';
import { type PlanNode, planOf, scanned } from './plan.ts';

/* Five months of two orgs, 150,000 events of which every sixth is a suppression. A month's counts are found by index, in
   the partitions of that month, and nothing else of the log is read. */

const { db } = await testDatabase({ statement_timeout_ms: 120_000 });
const DAYS = 150;
const OWN_A_DAY = 200;
const FOREIGN_A_DAY = 800;
let own: World;

beforeAll(async () => {
  own = await createWorld(db);
  const foreign = await createWorld(db);
  const since = new Date(START - DAYS * DAY_MS);
  await db.query('SELECT ensure_event_partitions($1, $2)', [since, new Date(START)]);
  await live(own, OWN_A_DAY);
  await live(foreign, FOREIGN_A_DAY);
  await db.query('ANALYZE');
}, 180_000);

/**
 * An enrollment for every tenth event; every 20th enrollment has a held item. Triggers are off, since they would take
 * minutes.
 */
async function live({ org_id }: World, events_a_day: number): Promise<void> {
  const actor = { org_id, kind: 'coordinator', id: 'AGT-302' } as const;
  const org = `'${org_id}'::uuid`;
  const campaign = `(SELECT id FROM campaigns WHERE org_id = ${org} AND slug = 'b2bea_membership_close')`;
  const act = async (tx: { query(text: string): Promise<unknown> }) => {
    await tx.query('SET LOCAL session_replication_role = replica');
    await tx.query(`CREATE TEMP TABLE many ON COMMIT DROP AS
      SELECT n, gen_random_uuid() AS lead, gen_random_uuid() AS request, gen_random_uuid() AS enrollment
      FROM generate_series(1, ${events_a_day * 15}) n`);
    await tx.query(
      `INSERT INTO leads (org_id, id, email) SELECT ${org}, lead, 'p' || n || '@many.example' FROM many`,
    );
    await tx.query(`INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, trace,
        policy_version, enrollment_id, decided_at)
      SELECT ${org}, request, lead, ${campaign}, 'roles.sales', 'allowed', '[]', 1, enrollment, now() FROM many`);
    await tx.query(`INSERT INTO campaign_contacts (org_id, id, contact_id, lead_id, campaign_id, client_id, request_id,
        requested_by, next_send_at)
      SELECT ${org}, enrollment, n::text, lead, ${campaign}, 'b2bea', request, 'roles.sales', '2026-11-24' FROM many`);
    await tx.query(`INSERT INTO sales_send_queue (org_id, id, client_id, contact_id, lead_id, campaign_id, enrollment_id,
        step_number, channel, scheduled_at, status, held_reason, wake, held_until, held_policy_version)
      SELECT ${org}, gen_random_uuid(), 'b2bea', n::text, lead, ${campaign}, enrollment, 1, 'email', '2026-11-24', 'held',
        'touch_cap_exceeded', 'at_until', '2026-11-25', 1 FROM many WHERE n % 20 = 0`);
    await tx.query(`INSERT INTO cadence_event_log (org_id, id, timestamp, event_type, coordinator_action, actor_kind,
        actor_id, lead_id, campaign_id, enrollment_id, step_number, moment, suppressed_reason)
      SELECT ${org}, gen_random_uuid(), to_timestamp(${START / 1_000}) - s * interval '${86_400 / events_a_day} seconds',
        (CASE s % 6 WHEN 0 THEN 'held' WHEN 1 THEN 'enrolled' WHEN 2 THEN 'dispatched' WHEN 3 THEN 'drafted'
         WHEN 4 THEN 'approved' ELSE 'sent' END)::event_type, 'test', 'coordinator', 'AGT-302', m.lead, ${campaign},
        m.enrollment, 1 + s % 4, (CASE s % 6 WHEN 2 THEN 'dispatched' END)::gate_moment,
        (CASE s % 6 WHEN 0 THEN 'touch_cap_exceeded' END)::suppressed_reason
      FROM generate_series(1, ${events_a_day * DAYS}) s JOIN many m ON m.n = 1 + s % ${events_a_day * 15}`);
  };
  await transaction(db, actor, act, { statement_timeout_ms: 120_000 });
}

const until = new Date(START);
const month = { since: new Date(START - 30 * DAY_MS), until };
const all = { campaign: null, limit: 5_001 };
const suppressions = { ...month, ...all, bucket: 'day', reasons: [...SUPPRESSED_REASON_VALUES] };

describe('analytics read by index', () => {
  it.each([
    ['suppressions by reason', countSuppressions, { ...suppressions, by: 'reason' }],
    ['suppressions by campaign', countSuppressions, { ...suppressions, by: 'campaign' }],
    ['suppressions by agent', countSuppressions, { ...suppressions, by: 'agent' }],
    ['conflicts', countConflicts, { ...month, ...all }],
    ['the funnel', countFunnel, { ...month, ...all }],
    ['what is held', countHeld, all],
    ['who is where in a campaign', countOpen, { ...all, campaign: 'b2bea_membership_close' }],
  ] as const)('%s', async (_name, statement, rest) => {
    const params = { org_id: own.org_id, ...rest };
    const nodes = await planOf<never>(
      db,
      own.org_id,
      statement as Statement<never, unknown>,
      params as never,
    );
    expect(scanned(nodes).filter((table) => table !== 'organizations' && table !== 'campaigns')).toEqual([]);
    // The plan discards no log rows of another org or another time.
    expect(readOfLog(nodes)).toBeLessThanOrEqual(OWN_A_DAY * 31);
  });
});

describe('the log is filtered by index', () => {
  const page = { lead_ids: null, event_type: null, suppressed_reason: null, play_id: null, since: null };
  const before = { before_time: null, before_id: null, limit: 51 };

  it.each(['dreamborn', 'b2bea_membership_close'])('by campaign: %s', async (slug) => {
    const { rows } = await db.query<{ id: string }>(
      `SELECT id FROM campaigns WHERE org_id = $1 AND slug = $2`,
      [own.org_id, slug],
    );
    const params = { org_id: own.org_id, ...page, ...before, actor_id: null, campaign_id: rows[0]!.id };
    expect(readOfLog(await planOf(db, own.org_id, listEvents, params))).toBeLessThanOrEqual(51 * 7);
  });

  it('by a rare actor', async () => {
    const params = { org_id: own.org_id, ...page, ...before, actor_id: 'roles.bdr', campaign_id: null };
    expect(readOfLog(await planOf(db, own.org_id, listEvents, params))).toBe(0);
  });
});

/** Rows that were read from partitions of the log, including discarded rows. */
function readOfLog(nodes: readonly PlanNode[]): number {
  const of_log = nodes.filter((node) => String(node['Relation Name']).startsWith('cadence_event_log'));
  const read = (node: PlanNode) =>
    ['Actual Rows', 'Rows Removed by Filter', 'Rows Removed by Index Recheck'].reduce(
      (sum, key) => sum + Number(node[key] ?? 0) * Number(node['Actual Loops'] ?? 1),
      0,
    );
  return of_log.reduce((sum, node) => sum + read(node), 0);
}
