import { beforeAll, describe, expect, it } from 'vitest';
import { type Queryable, transaction } from '../../src/db/pool.ts';
import { countDrafts, draftPage, rejectedDraftPage } from '../../src/db/queries/drafts.gen.ts';
import {
  claimArchivedEnrollments,
  claimDueEnrollments,
  claimFinishedEnrollments,
  claimResumableEnrollments,
  enrollmentPage,
  enrollmentPageOfCampaign,
  listMissedAbmEnds,
} from '../../src/db/queries/enrollments.gen.ts';
import { listEvents } from '../../src/db/queries/events.gen.ts';
import * as explanations from '../../src/db/queries/explanations.gen.ts';
import { loadLeadFacts } from '../../src/db/queries/facts.gen.ts';
import { inboundPage } from '../../src/db/queries/inbound.gen.ts';
import { leadPage, leadPageAmong, leadPageOfTier } from '../../src/db/queries/leads.gen.ts';
import {
  bouncesOfMailbox,
  countedAttempts,
  itemsWithoutMailbox,
  lockSendingMailboxes,
  plannedItems,
} from '../../src/db/queries/mailboxes.gen.ts';
import { personalSendPage } from '../../src/db/queries/personal_sends.gen.ts';
import { claimDeferredItems, claimSendableItems } from '../../src/db/queries/send_claims.gen.ts';
import {
  heldItemsOfLeads,
  heldPage,
  leadsToRelease,
  queuePage,
} from '../../src/db/queries/send_queue.gen.ts';
import {
  claimDueRequests,
  claimRequestsOfArchived,
  waitingTwins,
} from '../../src/db/queries/sequence_requests.gen.ts';
import * as suppressions from '../../src/db/queries/suppressions.gen.ts';
import {
  claimDraftingTasks,
  claimEnrollmentTasks,
  claimTasks,
  deadEndTasks,
  failExhaustedTasks,
  longestWaitingTasks,
  taskPage,
  waitingMeetings,
} from '../../src/db/queries/tasks.gen.ts';
import type { Statement } from '../../src/db/statement.ts';
import {
  CADENCE_STATE_VALUES,
  ENROLLMENT_STATUS_VALUES,
  ICP_TIER_VALUES,
  QUEUE_STATUS_VALUES,
  SUPPRESSED_REASON_VALUES,
} from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { START, type World } from '../world.ts';
import { busyWorld } from './busy_world.ts';
import { keptStatements } from './kept_statements.ts';
import { discarding, planOf, scanned } from './plan.ts';

/* The statements that run all day must find their rows by index, however many other rows the tables contain. */

const { db } = await testDatabase({ statement_timeout_ms: 60_000 });
let world: World;

beforeAll(async () => {
  world = await busyWorld(db);
}, 120_000);

/** Every table that the plan scans sequentially. Also fails if the plan reads rows only to discard them. */
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
  'suppressions',
];
const REFUSED = { id: FIRST_ID, lead_id: FIRST_ID, queue_id: FIRST_ID, reason: 'asked', now };
const SUPPRESSIONS = { before_id: null, is_lifted: false, kind: null, source: null };

describe('hot statements read by index', () => {
  it.each([
    ['due steps', claimDueEnrollments, { now, limit: 1000, set_aside: [] }],
    ['finished sequences', claimFinishedEnrollments, { limit: 500, set_aside: [] }],
    ['resumable sequences', claimResumableEnrollments, { now, limit: 500, set_aside: [] }],
    ['waiting requests', claimDueRequests, { now, limit: 500, policy_version: 2, set_aside: [] }],
    ['leads with held touches', leadsToRelease, { now, limit: 500, policy_version: 2, set_aside: [] }],
    ['held touches', heldItemsOfLeads, { lead_ids: [], limit: 5000 }],
    ['sendable touches', claimSendableItems, { now, approved_until: now, mailbox_id: FIRST_ID, limit: 20 }],
    [
      'deferred touches',
      claimDeferredItems,
      { now, approved_until: now, mailbox_id: FIRST_ID, policy_version: 2, limit: 20 },
    ],
    ['touches without a mailbox', itemsWithoutMailbox, { now, limit: 500 }],
    ['mailboxes that may send', lockSendingMailboxes, { now, policy_version: 2, limit: 20 }],
    ['turns at a mailbox', plannedItems, { now, mailbox_id: FIRST_ID, policy_version: 2, limit: 5000 }],
    [
      'attempts that count against a mailbox',
      countedAttempts,
      { since: now, mailbox_id: FIRST_ID, limit: 5000 },
    ],
    ['bounces of a mailbox', bouncesOfMailbox, { since: now, now, mailbox_id: FIRST_ID }],
    ['archived sequences', claimArchivedEnrollments, { limit: 500, set_aside: [] }],
    ['requests for archived campaigns', claimRequestsOfArchived, { limit: 500, set_aside: [] }],
    ['waiting requests for the same campaign', waitingTwins, { lead_ids: [], campaign_ids: [] }],
    ['missed ends of ABM', listMissedAbmEnds, { after: '00000000-0000-0000-0000-000000000000', limit: 1000 }],
    ['drafting tasks', claimDraftingTasks, { now, limit: 200, set_aside: [], leave_to_model: false }],
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
    ['tasks out of attempts', failExhaustedTasks, { now, limit: 500, set_aside: [] }],
    ['unclaimed tasks', longestWaitingTasks, { free_since: now }],
    ['unrouted meetings', waitingMeetings, { free_since: now, after: FIRST_ID, limit: 1000 }],
    ['dead ends', deadEndTasks, { after: FIRST_ID, limit: 1000 }],
    ['suppressions to settle', suppressions.claimUnsettledSuppressions, { limit: 50, set_aside: [] }],
    ['suppressions that end', suppressions.liftEndedSuppressions, { now, limit: 500 }],
    [
      'leads that suppressions cover',
      suppressions.openLeadsOfSuppressions,
      {
        addresses: ['s1@gone1.example'],
        domains: ['gone10.example'],
        ...{ subdomains_from: ['elpmaxe.01enog.'], subdomains_to: ['elpmaxe.01enog/'] },
        limit: 500,
      },
    ],
    ['a refused recipient', suppressions.suppressRecipient, REFUSED],
    ['the suppression list', suppressions.listSuppressions, { ...SUPPRESSIONS, limit: 51 }],
    ['a value', suppressions.suppressionOfValue, { kind: 'phone', value: '+12025550123' }],
    [
      'a search in the suppression list',
      suppressions.searchSuppressions,
      { ...SUPPRESSIONS, from_value: 's1', to_value: 's2', most: 1000, limit: 51 },
    ],
    ['the number of drafts', countDrafts, { limit: 1001 }],
    ['rejected drafts', rejectedDraftPage, { before_rejected_at: now, before_id: FIRST_ID, limit: 51 }],
  ] as const)('%s', async (_name, statement, rest) => {
    const params = { org_id: world.org_id, ...rest };
    const scans = await sequentialScans<never>(statement as Statement<never, unknown>, params as never);
    expect(scans.filter((table) => BIG.includes(table!))).toEqual([]);
  });

  it('facts of a batch of leads read by index', async () => {
    const { rows } = await db.query<{ id: string }>(`SELECT id FROM leads LIMIT 100`);
    const touches_since = new Date(START - 7 * 24 * 3_600_000);
    const all = { org_id: world.org_id, lead_ids: rows.map((row) => row.id), touches_since };
    const scans = await sequentialScans(loadLeadFacts, all);
    expect(scans.filter((table) => BIG.includes(table!))).toEqual([]);
  });

  it('statements with one plan for all parameters read by index', async () => {
    const { org_id } = world;
    const { rows: items } = await db.query<{ id: string }>(`SELECT id FROM sales_send_queue LIMIT 51`);
    const { rows: leads } = await db.query<{ id: string }>(`SELECT id FROM leads LIMIT 1`);
    const [ids, id] = [items.map((row) => row.id), leads[0]!.id];
    // Parameters by name, for every statement that has one; all others are null.
    const params = {
      ...{ org_id, id, lead_id: id, campaign_id: id, inbound_id: id, play_id: id, user_id: id, slug: 'x' },
      ...{ ids, queue_id: ids[0], queue_ids: ids, slugs: ['x'], event_types: ['opted_out'], roles: ['slm'] },
      ...{
        now,
        since: now,
        until: now,
        idle_since: now,
        before_time: now,
        before_id: id,
        after_id: FIRST_ID,
      },
      ...{ segment: 'x', q_from: 'p', q_to: 'q', found_max: 100, ahead: 510, limit: 51, whole: true },
    };
    const kept = await keptStatements();
    expect(kept.length).toBeGreaterThan(50);
    for (const statement of kept) {
      const scans = await sequentialScans<never>(statement, params as never);
      expect(
        scans.filter((table) => BIG.includes(table!)),
        statement.name,
      ).toEqual([]);
    }
  });

  it('drafts that wait for a person read by index', async () => {
    const first = { after_scheduled_at: null, after_id: null, limit: 51, lead_ids: null };
    const all = { org_id: world.org_id, status: 'drafted' as const, ...first };
    const scans = await sequentialScans(draftPage, all);
    expect(scans.filter((table) => table === 'sales_send_queue')).toEqual([]);
  });
});

describe('lists read by index under every filter', () => {
  const page = { after_id: null, limit: 51 };
  const leads = { ...page, account_id: null, cadence_state: null, blocked: null };
  const enrollments = { ...page, lead_ids: null, status: null };
  const queue = { ...page, status: null, lead_ids: null, after_time: null };
  const drafts = { ...page, status: null, after_scheduled_at: null, lead_ids: null };
  const events = { lead_ids: null, event_type: null, suppressed_reason: null, play_id: null, since: null };
  const times = { before_time: null, before_id: null, limit: 51 };
  const person = { lead_ids: ['00000000-0000-4000-8000-000000000040', FIRST_ID] };

  it.each([
    ...CADENCE_STATE_VALUES.map((cadence_state) => [leadPage, { ...leads, cadence_state }] as const),
    [leadPage, { ...leads, blocked: true }],
    [leadPageAmong, { ...leads, ...person, icp_tier: null, segment: null, q_from: null, q_to: null }],
    [personalSendPage, { ...page, ...person, after_scheduled_at: null }],
    [draftPage, { ...drafts, ...person, status: 'drafted' }],
    ...ICP_TIER_VALUES.map((icp_tier) => [leadPageOfTier, { ...leads, icp_tier }] as const),
    ...ENROLLMENT_STATUS_VALUES.map((status) => [enrollmentPage, { ...enrollments, status }] as const),
    ...QUEUE_STATUS_VALUES.map((status) => [queuePage, { ...queue, status }] as const),
    ...[queuePage, heldPage].map((statement) => [statement, queue] as const),
    // Pending drafts do not exist yet, and another statement lists sent ones.
    ...QUEUE_STATUS_VALUES.filter((status) => status !== 'pending' && status !== 'sent').map(
      (status) => [draftPage, { ...drafts, status }] as const,
    ),
    ...['open', 'claimed', 'failed', 'canceled'].map((status) => [taskPage, { ...page, status }] as const),
    ...SUPPRESSED_REASON_VALUES.map(
      (suppressed_reason) => [listEvents, { ...events, ...times, suppressed_reason }] as const,
    ),
    [listEvents, { ...events, ...times, event_type: 'opted_out' }],
    [listEvents, { ...events, ...times, ...person }],
    [enrollmentPage, { ...enrollments, ...person }],
    [inboundPage, { limit: 51, before_id: null, ...person }],
    ...[queuePage, heldPage].map((statement) => [statement, { ...queue, ...person }] as const),
  ] as const)('%o', async (statement, rest) => {
    const params = { org_id: world.org_id, ...rest };
    const scans = await sequentialScans<never>(statement as Statement<never, unknown>, params as never);
    expect(scans.filter((table) => BIG.includes(table!))).toEqual([]);
  });

  it('the touches of a lead read by index', async () => {
    const { rows } = await db.query<{ lead_id: string }>(
      `SELECT lead_id FROM touches WHERE org_id = $1 LIMIT 1`,
      [world.org_id],
    );
    const since = new Date(START - 7 * 24 * 3_600_000);
    const scans = await sequentialScans(explanations.leadTouchesSince, {
      org_id: world.org_id,
      ...rows[0]!,
      since,
      limit: 50,
    });
    expect(scans.filter((table) => BIG.includes(table!))).toEqual([]);
  });

  it('enrollments of a campaign read by index, including those that ended', async () => {
    const { rows } = await db.query<{ campaign_id: string }>(
      `SELECT id AS campaign_id FROM campaigns WHERE org_id = $1 AND slug = 'b2bea_membership_close'`,
      [world.org_id],
    );
    for (const status of [null, 'converted'] as const) {
      const of = { org_id: world.org_id, ...enrollments, ...rows[0]!, status };
      const scans = await sequentialScans(enrollmentPageOfCampaign, of);
      expect(scans.filter((table) => BIG.includes(table!))).toEqual([]);
    }
  });
});

it('approvals are found by their draft, even with old statistics', async () => {
  const { org_id } = world;
  const approveAll = async (tx: Queryable) => {
    await tx.query('SET LOCAL session_replication_role = replica');
    const org = `org_id = '${org_id}'`;
    await tx.query(
      `UPDATE sales_send_queue SET status = 'approved', mailbox_id = org_id, staged_draft_id = id WHERE ${org}`,
    );
    await tx.query(`DELETE FROM touches WHERE ${org}`);
    await tx.query(`DELETE FROM send_attempts WHERE ${org}`);
    await tx.query(`INSERT INTO draft_approvals (org_id, id, draft_id, content_hash, approved_by_user_id, approved_at)
      SELECT org_id, id, staged_draft_id, 'x', id, '2026-11-24' FROM sales_send_queue WHERE ${org}`);
  };
  await transaction(db, { org_id, kind: 'system', id: 'test' }, approveAll, { statement_timeout_ms: 60_000 });
  const later = new Date('2030-01-01T00:00:00Z');
  const params = { org_id, mailbox_id: org_id, now: later, approved_until: later, limit: 20 };
  expect(await sequentialScans(claimSendableItems, params)).not.toContain('draft_approvals');
});
