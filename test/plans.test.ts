import { beforeAll, describe, expect, it } from 'vitest';
import { transaction } from '../src/db/pool.ts';
import { draftPage, draftsOfItems, getDraft } from '../src/db/queries/drafts.gen.ts';
import {
  claimArchivedEnrollments,
  claimDueEnrollments,
  claimFinishedEnrollments,
  claimResumableEnrollments,
  listEnrollments,
  listEnrollmentsOfCampaign,
  listMissedAbmEnds,
} from '../src/db/queries/enrollments.gen.ts';
import { eventsBetween, listEvents } from '../src/db/queries/events.gen.ts';
import {
  leadEnrollments,
  leadEvents,
  leadOpenItems,
  leadTouchesSince,
  leadWaitingRequests,
} from '../src/db/queries/explanations.gen.ts';
import { loadLeadFacts } from '../src/db/queries/facts.gen.ts';
import { getLead, leadSuppressed, listLeads, listLeadsOfTier } from '../src/db/queries/leads.gen.ts';
import {
  bouncesOfMailbox,
  countedAttempts,
  itemsWithoutMailbox,
  lockSendingMailboxes,
  plannedItems,
} from '../src/db/queries/mailboxes.gen.ts';
import {
  claimDeferredItems,
  claimSendableItems,
  getQueueItem,
  heldItemsOfLeads,
  heldPage,
  leadsToRelease,
  queueItems,
  queuePage,
} from '../src/db/queries/send_queue.gen.ts';
import {
  claimDueRequests,
  claimRequestsOfArchived,
  waitingTwins,
} from '../src/db/queries/sequence_requests.gen.ts';
import {
  claimDraftingTasks,
  claimEnrollmentTasks,
  claimTasks,
  deadEndTasks,
  failExhaustedTasks,
  listTasks,
  longestWaitingTasks,
  waitingMeetings,
} from '../src/db/queries/tasks.gen.ts';
import type { Statement } from '../src/db/statement.ts';
import {
  CADENCE_STATE_VALUES,
  ENROLLMENT_STATUS_VALUES,
  ICP_TIER_VALUES,
  QUEUE_STATUS_VALUES,
  SUPPRESSED_REASON_VALUES,
} from '../src/schema.gen.ts';
import { testDatabase } from './database.ts';
import { discarding, planOf, scanned } from './plan.ts';
import { createWorld, START, type World } from './world.ts';

/* The statements that run all day must find their rows by index, however much else is in the tables. */

const { db } = await testDatabase({ statement_timeout_ms: 60_000 });
const LEADS = 20_000;
let world: World;

beforeAll(async () => {
  world = await createWorld(db);
  await transaction(
    db,
    { org_id: world.org_id, kind: 'system', id: 'test' },
    async (tx) => {
      const org = `'${world.org_id}'::uuid`;
      const campaign = `(SELECT id FROM campaigns WHERE org_id = ${org} AND slug = 'b2bea_membership_close')`;
      await tx.query(`CREATE TEMP TABLE many ON COMMIT DROP AS
      SELECT n, gen_random_uuid() AS lead, gen_random_uuid() AS request, gen_random_uuid() AS enrollment
      FROM generate_series(1, ${LEADS}) n`);
      await tx.query(
        `INSERT INTO leads (org_id, id, email) SELECT ${org}, lead, 'p' || n || '@many.example' FROM many`,
      );
      await tx.query('ANALYZE leads');
      await tx.query(`INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, trace,
        policy_version, enrollment_id, decided_at)
      SELECT ${org}, request, lead, ${campaign}, 'roles.sales', 'allowed', '[]', 1, enrollment, now() FROM many`);
      await tx.query('ANALYZE sequence_requests');
      // In two parts, like the product's batches: the triggers of one vast statement on a table without statistics
      // would be planned as if it were empty.
      for (const part of ['n <= 500', 'n > 500']) {
        await tx.query(`INSERT INTO campaign_contacts (org_id, id, contact_id, lead_id, campaign_id, client_id, request_id,
            requested_by, next_send_at)
          SELECT ${org}, enrollment, n::text, lead, ${campaign}, 'b2bea', request, 'roles.sales',
            '2026-11-24'::timestamptz + n * interval '1 hour' FROM many WHERE ${part}`);
        await tx.query('ANALYZE campaign_contacts');
      }
      await tx.query(`INSERT INTO sales_send_queue (org_id, id, client_id, contact_id, lead_id, campaign_id, enrollment_id,
        step_number, channel, scheduled_at)
      SELECT ${org}, gen_random_uuid(), 'b2bea', n::text, lead, ${campaign}, enrollment, 1, 'email',
        '2026-11-24'::timestamptz + n * interval '1 hour' FROM many WHERE n % 2 = 0`);
      await tx.query('ANALYZE sales_send_queue');
      await tx.query(`INSERT INTO touches (org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type,
          touched_at, local_day, time_zone, outcome, settled_at)
        SELECT org_id, gen_random_uuid(), lead_id, enrollment_id, id, campaign_id, 'email', 'closing', now(), '2026-11-24',
          'UTC', 'sent', now() FROM sales_send_queue WHERE org_id = ${org}`);
      // What was handed over, without the drafts and approvals that each would need.
      await tx.query('SET LOCAL session_replication_role = replica');
      await tx.query(`INSERT INTO send_attempts (org_id, id, queue_id, draft_id, mailbox_id, content_hash, message_id, stage,
          lease_until, started_at, finished_at, bounced_at)
        SELECT q.org_id, gen_random_uuid(), q.id, gen_random_uuid(), m.id, 'x', '<x@y>', 'accepted', q.scheduled_at,
          q.scheduled_at, q.scheduled_at, q.scheduled_at
        FROM sales_send_queue q JOIN mailboxes m ON m.org_id = q.org_id WHERE q.org_id = ${org}`);
      await tx.query('SET LOCAL session_replication_role = origin');
      await tx.query(`INSERT INTO agent_tasks (org_id, id, type, role, lead_id, queue_id)
      SELECT org_id, gen_random_uuid(), 'execute_sequence_step', 'roles.sales', lead_id, id FROM sales_send_queue
      WHERE org_id = ${org}`);
    },
    { statement_timeout_ms: 120_000 },
  );
  await db.query('ANALYZE');
}, 120_000);

/** Every table that the plan reads from front to back; and it reads nothing only to throw it away. */
async function sequentialScans<Params>(statement: Statement<Params, unknown>, params: Params) {
  const nodes = await planOf(db, world.org_id, statement, params);
  expect(discarding(nodes), `${statement.name} reads what it does not need`).toEqual([]);
  return scanned(nodes);
}

const now = new Date(START);
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const BIG = [
  'leads',
  'campaign_contacts',
  'sales_send_queue',
  'sequence_requests',
  'agent_tasks',
  'touches',
  'send_attempts',
  'cadence_event_log',
];

describe('hot statements read by index', () => {
  it.each([
    ['due steps', claimDueEnrollments, { now, limit: 1000, set_aside: [] }],
    ['finished sequences', claimFinishedEnrollments, { limit: 500, set_aside: [] }],
    ['resumable sequences', claimResumableEnrollments, { now, limit: 500, set_aside: [] }],
    ['waiting requests', claimDueRequests, { now, limit: 500, policy_version: 2, set_aside: [] }],
    ['leads with held touches', leadsToRelease, { now, limit: 500, policy_version: 2, set_aside: [] }],
    ['held touches', heldItemsOfLeads, { lead_ids: [], limit: 5000 }],
    ['sendable touches', claimSendableItems, { now, mailbox_id: FIRST_ID, limit: 20 }],
    ['deferred touches', claimDeferredItems, { now, mailbox_id: FIRST_ID, policy_version: 2, limit: 20 }],
    ['touches without a mailbox', itemsWithoutMailbox, { now, limit: 500 }],
    ['mailboxes that may send', lockSendingMailboxes, { now, policy_version: 2, limit: 20 }],
    ['turns at a mailbox', plannedItems, { now, mailbox_id: FIRST_ID, policy_version: 2, limit: 5000 }],
    ['what counts against a mailbox', countedAttempts, { since: now, mailbox_id: FIRST_ID, limit: 5000 }],
    ['what came back to a mailbox', bouncesOfMailbox, { since: now, now, mailbox_id: FIRST_ID }],
    ['archived sequences', claimArchivedEnrollments, { limit: 500, set_aside: [] }],
    ['requests for what is archived', claimRequestsOfArchived, { limit: 500, set_aside: [] }],
    ['twins that wait', waitingTwins, { lead_ids: [], campaign_ids: [] }],
    ['missed ends of ABM', listMissedAbmEnds, { after: '00000000-0000-0000-0000-000000000000', limit: 1000 }],
    ['drafting tasks', claimDraftingTasks, { now, limit: 200, set_aside: [] }],
    ['enrollment tasks', claimEnrollmentTasks, { now, limit: 100, set_aside: [], attempts_max: 5 }],
    [
      'tasks to claim',
      claimTasks,
      {
        ...{
          now,
          lease_until: new Date(START + 300_000),
          claimed_by: 'roles.sales',
          limit: 10,
          attempts_max: 5,
        },
        claim_keys: ['roles.sales process_reply', 'roles.sales execute_sequence_step'],
      },
    ],
    ['tasks that nobody ended', failExhaustedTasks, { now, limit: 500, set_aside: [] }],
    ['tasks that nobody takes', longestWaitingTasks, { free_since: now }],
    ['meetings that nobody routes', waitingMeetings, { free_since: now, after: FIRST_ID, limit: 1000 }],
    ['dead ends', deadEndTasks, { after: FIRST_ID, limit: 1000 }],
  ] as const)('%s', async (_name, statement, rest) => {
    const params = { org_id: world.org_id, ...rest };
    const scans = await sequentialScans<never>(statement as Statement<never, unknown>, params as never);
    expect(scans.filter((table) => BIG.includes(table!))).toEqual([]);
  });

  it('facts of a batch of leads', async () => {
    const { rows } = await db.query<{ id: string }>(`SELECT id FROM leads LIMIT 100`);
    const touches_since = new Date(START - 7 * 24 * 3_600_000);
    const all = { org_id: world.org_id, lead_ids: rows.map((row) => row.id), touches_since };
    const scans = await sequentialScans(loadLeadFacts, all);
    expect(scans.filter((table) => BIG.includes(table!))).toEqual([]);
  });

  it('what is found by a key has one plan for all keys, and it reads by index', async () => {
    const { org_id } = world;
    const ids = (await db.query<{ id: string }>(`SELECT id FROM sales_send_queue LIMIT 51`)).rows.map(
      (row) => row.id,
    );
    const [lead] = (await db.query<{ id: string }>(`SELECT id FROM leads LIMIT 1`)).rows;
    const of_lead = { org_id, lead_id: lead!.id, limit: 50 };
    const before = { before_time: null, before_id: null };
    for (const [statement, params] of [
      [queueItems, { org_id, ids }],
      [draftsOfItems, { org_id, queue_ids: ids }],
      [getLead, { org_id, id: lead!.id, email: null }],
      [leadSuppressed, { org_id, id: lead!.id }],
      [leadEvents, { ...of_lead, ...before }],
      [leadEnrollments, of_lead],
      [leadWaitingRequests, of_lead],
      [leadOpenItems, of_lead],
      [leadTouchesSince, { ...of_lead, since: new Date(START - 7 * 24 * 3_600_000) }],
      [eventsBetween, { org_id, since: now, before_time: now, before_id: lead!.id, limit: 51 }],
      [getDraft, { org_id, id: lead!.id }],
      [getQueueItem, { org_id, id: ids[0]! }],
    ] as const) {
      expect(statement.prepared, statement.name).toBe(true);
      const scans = await sequentialScans<never>(statement as Statement<never, unknown>, params as never);
      expect(
        scans.filter((table) => BIG.includes(table!)),
        statement.name,
      ).toEqual([]);
    }
  });

  it('the drafts that wait for a person', async () => {
    const first = { after_scheduled_at: null, after_id: null, limit: 51 };
    const all = { org_id: world.org_id, status: 'drafted' as const, ...first };
    const scans = await sequentialScans(draftPage, all);
    expect(scans.filter((table) => table === 'sales_send_queue')).toEqual([]);
  });
});

describe('lists read by index, whatever they are filtered by', () => {
  const page = { after_id: null, limit: 51 };
  const leads = { ...page, account_id: null, cadence_state: null, blocked: null };
  const enrollments = { ...page, lead_id: null, status: null };
  const queue = { ...page, status: null, lead_id: null, after_time: null };
  const drafts = { ...page, status: null, after_scheduled_at: null };
  const events = { lead_id: null, event_type: null, suppressed_reason: null, play_id: null, since: null };
  const times = { before_time: null, before_id: null, limit: 51 };

  it.each([
    ...CADENCE_STATE_VALUES.map((cadence_state) => [listLeads, { ...leads, cadence_state }] as const),
    [listLeads, { ...leads, blocked: true }],
    ...ICP_TIER_VALUES.map((icp_tier) => [listLeadsOfTier, { ...leads, icp_tier }] as const),
    ...ENROLLMENT_STATUS_VALUES.map((status) => [listEnrollments, { ...enrollments, status }] as const),
    ...QUEUE_STATUS_VALUES.map((status) => [queuePage, { ...queue, status }] as const),
    ...[queuePage, heldPage].map((statement) => [statement, queue] as const),
    // What is pending has no draft yet, and what was sent is listed by a statement of its own.
    ...QUEUE_STATUS_VALUES.filter((status) => status !== 'pending' && status !== 'sent').map(
      (status) => [draftPage, { ...drafts, status }] as const,
    ),
    ...['open', 'claimed', 'failed', 'canceled'].map((status) => [listTasks, { ...page, status }] as const),
    ...SUPPRESSED_REASON_VALUES.map(
      (suppressed_reason) => [listEvents, { ...events, ...times, suppressed_reason }] as const,
    ),
    [listEvents, { ...events, ...times, event_type: 'opted_out' }],
  ] as const)('%o', async (statement, rest) => {
    const params = { org_id: world.org_id, ...rest };
    const scans = await sequentialScans<never>(statement as Statement<never, unknown>, params as never);
    expect(scans.filter((table) => BIG.includes(table!))).toEqual([]);
  });

  it('the touches of a lead', async () => {
    const { rows } = await db.query<{ lead_id: string }>(
      `SELECT lead_id FROM touches WHERE org_id = $1 LIMIT 1`,
      [world.org_id],
    );
    const since = new Date(START - 7 * 24 * 3_600_000);
    const scans = await sequentialScans(leadTouchesSince, {
      org_id: world.org_id,
      ...rows[0]!,
      since,
      limit: 50,
    });
    expect(scans.filter((table) => BIG.includes(table!))).toEqual([]);
  });

  it('enrollments of a campaign, those that ended among them', async () => {
    const { rows } = await db.query<{ campaign_id: string }>(
      `SELECT id AS campaign_id FROM campaigns WHERE org_id = $1 AND slug = 'b2bea_membership_close'`,
      [world.org_id],
    );
    for (const status of [null, 'converted'] as const) {
      const of = { org_id: world.org_id, ...enrollments, ...rows[0]!, status };
      const scans = await sequentialScans(listEnrollmentsOfCampaign, of);
      expect(scans.filter((table) => BIG.includes(table!))).toEqual([]);
    }
  });
});
