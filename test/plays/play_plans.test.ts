import { beforeAll, expect, it } from 'vitest';
import { audienceOf } from '../../src/core/plays/audience.ts';
import { transaction } from '../../src/db/pool.ts';
import {
  claimPlayRun,
  claimRequestsOfClosedPlays,
  matchChangedLeads,
  matchLeads,
} from '../../src/db/queries/play_runs.gen.ts';
import type { Statement } from '../../src/db/statement.ts';
import { testDatabase } from '../database.ts';
import { createPlayRunWorld, type PlayRunWorld } from './play_run_world.ts';

/* The worker's frequent queries for plays find their rows by index, as the product's own role. */

const { db } = await testDatabase({ statement_timeout_ms: 60_000 });
const LEADS = 20_000;
/** Leads outside the statement's window, which it need not read. */
const LOOKED_AT = 5_000;
let world: PlayRunWorld;
let asked: Record<string, unknown>;

beforeAll(async () => {
  world = await createPlayRunWorld(db);
  const segment = await world.addSegment();
  const play_id = await world.activePlay(segment);
  const campaign_id = await world.compile(play_id);
  const { originating_proposal_id } = await world.read(play_id);
  const values = [world.org_id, segment, LEADS];
  await db.query(
    `INSERT INTO accounts (org_id, id, name, updated_at)
     SELECT $1, gen_random_uuid(), 'Many ' || n, '2026-01-01' FROM generate_series(1, $2 / 5) n`,
    [world.org_id, LEADS],
  );
  await db.query(
    `INSERT INTO leads (org_id, id, email, segment, account_id, updated_at)
     SELECT $1, gen_random_uuid(), 'p' || n || '@many.example', $2, (array_agg(a.id))[1], '2026-01-01'
     FROM generate_series(1, $3) n JOIN (SELECT id, row_number() OVER () AS at FROM accounts WHERE org_id = $1) a
       ON a.at = 1 + n % 4000 GROUP BY n`,
    values,
  );
  await db.query(
    `UPDATE leads SET updated_at = '2026-11-24' WHERE id IN (SELECT id FROM leads ORDER BY id LIMIT 50)`,
  );
  // Most of them were requested before: the search continues after them.
  await world.as(
    'coordinator',
    `INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, reason, trace, policy_version,
       play_id, originating_proposal_id, decided_at)
     SELECT org_id, gen_random_uuid(), id, $2, 'AGT-302', 'refused', 'illegal_transition', '[]', 1, $3, $4, '2026-11-24'
     FROM leads WHERE org_id = $1 AND email LIKE '%0@many.example'`,
    [world.org_id, campaign_id, play_id, originating_proposal_id],
  );
  await db.query('ANALYZE');
  const target_definition = { titles: ['CFO'], icp_tiers: ['T1'] as const };
  const audience = audienceOf({ segment, account_id: null, target_definition });
  asked = { ...audience, org_id: world.org_id, campaign_id, window: LOOKED_AT, limit: 500, set_aside: [] };
}, 120_000);

type PlanNode = Record<string, unknown> & { Plans?: PlanNode[] };

function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

/** The nodes of the plan, run as the application's role and rolled back. */
async function planOf(statement: Statement<never, unknown>, params: Record<string, unknown>) {
  const actor = { org_id: world.org_id, kind: 'coordinator', id: 'AGT-302' } as const;
  return transaction(db.app, actor, async (tx) => {
    const { rows } = await tx.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${statement.text}`,
      statement.values(params as never),
    );
    return nodesOf(rows[0]!['QUERY PLAN'][0]!.Plan);
  });
}

const now = new Date('2026-11-24T12:00:00Z');
const changed_since = new Date('2026-11-23T00:00:00Z');

it.each([
  ['the next leads', matchLeads, { after_lead_id: '80000000-0000-4000-8000-000000000000' }],
  ['the leads of an account', matchLeads, { after_lead_id: null, segment: null, of_account: true }],
  ['changed leads', matchChangedLeads, { changed_since }],
] as const)('%s are found by index', async (_what, statement, rest) => {
  const [lead] = await world.rows<{ account_id: string }>('leads', 'account_id IS NOT NULL LIMIT 1');
  const account_id = 'of_account' in rest ? lead!.account_id : null;
  const nodes = await planOf(statement as Statement<never, unknown>, { ...asked, account_id, ...rest });
  const scans = nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']);
  expect(scans.filter((table) => table === 'leads' || table === 'sequence_requests')).toEqual([]);
  const read = nodes.filter((node) => node['Relation Name'] === 'leads');
  for (const node of read) {
    const rows =
      (Number(node['Actual Rows']) + Number(node['Rows Removed by Filter'] ?? 0)) *
      Number(node['Actual Loops']);
    expect(rows).toBeLessThanOrEqual(LOOKED_AT);
  }
});

it.each([
  ['the next play to run', claimPlayRun, { changes_until: now, pass_until: now }],
  ['requests of a closed play', claimRequestsOfClosedPlays, { limit: 500 }],
] as const)('%s is found without reading leads or requests', async (_what, statement, rest) => {
  const params = { org_id: world.org_id, now, set_aside: [], ...rest };
  const nodes = await planOf(statement as Statement<never, unknown>, params);
  const scans = nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']);
  expect(scans.filter((table) => table === 'leads' || table === 'sequence_requests')).toEqual([]);
});
