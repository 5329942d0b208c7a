import { beforeAll, expect, it } from 'vitest';
import { transaction } from '../../src/db/pool.ts';
import { lineageOf } from '../../src/db/queries/lineage.gen.ts';
import { listServiceRecords, recordedRows } from '../../src/db/queries/service_records.gen.ts';
import type { Statement } from '../../src/db/statement.ts';
import { testDatabase } from '../database.ts';
import type { World } from '../world.ts';
import { busyWorld } from './busy_world.ts';
import { discarding, planOf, rowsRead, scanned } from './plan.ts';

/* Services look up lineage and hand in rows all day: each id is found by a key, however many rows there are. */

const { db } = await testDatabase({ statement_timeout_ms: 60_000 });
const MANY = 10_000;
/** Rows read for one key, with its lead, its enrollment, and its campaign. */
const READ_MAX = 20;
/** Every table that an id may be of. */
const TABLES = [
  ...['leads', 'accounts', 'sequence_requests', 'campaign_contacts', 'sales_send_queue', 'staged_drafts'],
  ...['touches', 'opportunities', 'inbound_messages', 'campaigns'],
];
let world: World;

beforeAll(async () => {
  world = await busyWorld(db);
  const { org_id } = world;
  const actor = { org_id, kind: 'coordinator', id: 'AGT-302' } as const;
  await transaction(db, actor, async (tx) => {
    await tx.query('SET LOCAL session_replication_role = replica');
    for (const text of [
      `INSERT INTO accounts (org_id, id, name, updated_at)
       SELECT $1, gen_random_uuid(), 'Many ' || n, now() FROM generate_series(1, ${MANY}) n`,
      `INSERT INTO campaigns (org_id, id, slug, name, client_id, type, owner_role, sequence_type, side)
       SELECT c.org_id, gen_random_uuid(), 'many_' || n, 'Many', c.client_id, c.type, c.owner_role, c.sequence_type, c.side
       FROM generate_series(1, ${MANY}) n, (SELECT * FROM campaigns WHERE org_id = $1 LIMIT 1) c`,
      `INSERT INTO staged_drafts (org_id, id, queue_id, version, channel, to_id, subject, body, context, template_hash, written_by_agent_id, written_with)
       SELECT org_id, gen_random_uuid(), id, 1, 'email', 'a@b.example', 'x', 'x', '{}', 'x', 'roles.sales', 'template' FROM sales_send_queue WHERE org_id = $1`,
      `INSERT INTO opportunities (org_id, id, lead_id, name, opened_at, source, created_at, updated_at)
       SELECT org_id, gen_random_uuid(), id, 'Acme', now(), 'crm', now(), now() FROM leads WHERE org_id = $1`,
      `INSERT INTO inbound_messages (org_id, id, source, raw_hash, from_address, received_at, created_at, kind, matched_by, lead_id)
       SELECT org_id, gen_random_uuid(), 'http', sha256(id::text::bytea), 'a@b.example', now(), now(), 'reply', 'sender_only', id
       FROM leads WHERE org_id = $1`,
      `INSERT INTO brain_analysis_log (org_id, proposal_id, agent_id, summary, analysis, created_at)
       SELECT $1, gen_random_uuid(), 'AGT-901', 'x', 'x', now() FROM generate_series(1, ${MANY}) n`,
      `INSERT INTO sales_play_library (org_id, play_id, scope, segment, name, hypothesis, target_definition, suggested_cadence,
         success_criteria, originating_proposal_id, writer_agent_id, drafted)
       SELECT org_id, gen_random_uuid(), 'segment', 'many', 'x', 'x', '{}', '{}', '{}', proposal_id, agent_id, '{}'
       FROM brain_analysis_log WHERE org_id = $1`,
      `INSERT INTO service_records (org_id, id, service, external_id, lead_id, originating_proposal_id, occurred_at, content_hash,
         recorded_by_agent_id, created_at)
       SELECT l.org_id, gen_random_uuid(), CASE WHEN l.n % 100 = 0 THEN 'qbr_log' ELSE 'abm_playbook' END::service_name, 'row-' || l.n, l.id,
         b.proposal_id, now(), repeat('a', 64), 'roles.sales', now()
       FROM (SELECT *, row_number() OVER () AS n FROM leads WHERE org_id = $1) l
       LEFT JOIN (SELECT *, row_number() OVER () AS n FROM brain_analysis_log WHERE org_id = $1) b ON b.n = l.n`,
    ])
      await tx.query(text, text.includes('$1') ? [org_id] : []);
  });
  await db.query('ANALYZE');
}, 120_000);

async function byIndex<Params>(statement: Statement<Params, unknown>, params: Params, read_max: number) {
  const nodes = await planOf(db, world.org_id, statement, params);
  expect(scanned(nodes)).toEqual([]);
  expect(discarding(nodes)).toEqual([]);
  expect(rowsRead(nodes)).toBeLessThanOrEqual(read_max);
}

const anyOf = async (table: string, key = 'id') =>
  (await world.rows<Record<string, string>>(table, 'true LIMIT 1'))[0]![key]!;

it.each([
  ...TABLES.map((table) => [table, 'id'] as const),
  ['sales_play_library', 'play_id'] as const,
  ['brain_analysis_log', 'proposal_id'] as const,
])('an id of %s is found by index', async (table, key) => {
  const found = await anyOf(table, key);
  await byIndex(lineageOf, { org_id: world.org_id, keys: [found], ids: [found] }, READ_MAX);
});

it('a CRM record and an unknown id are found by index', async () => {
  for (const [key, id] of [
    ['contact-7', null],
    [world.org_id, world.org_id],
  ] as const)
    await byIndex(lineageOf, { org_id: world.org_id, keys: [key], ids: [id] }, READ_MAX);
});

it('the subjects of a whole call are found by index', async () => {
  const rows = await world.rows<{ id: string }>('sales_send_queue', 'true LIMIT 500');
  const ids = rows.map(({ id }) => id);
  await byIndex(lineageOf, { org_id: world.org_id, keys: ids, ids }, 500 * READ_MAX);
});

it('rows of services are found by service, person, proposal, and key', async () => {
  const { org_id } = world;
  const page = {
    org_id,
    before_id: null,
    service: null,
    lead_ids: null,
    originating_proposal_id: null,
    limit: 51,
  };
  const lead_ids = [await anyOf('leads')];
  const originating_proposal_id = await anyOf('brain_analysis_log', 'proposal_id');
  for (const filter of [{}, { service: 'qbr_log' as const }, { lead_ids }, { originating_proposal_id }])
    await byIndex(listServiceRecords, { ...page, ...filter }, 51);
  const rows = Array.from({ length: 500 }, (_, n) => ({ service: 'abm_playbook', external_id: `row-${n}` }));
  await byIndex(recordedRows, { org_id, rows }, 2_000);
});
