import { setTimeout as sleep } from 'node:timers/promises';
import { dispatchDueSteps } from '../../src/coordinator/cadence/dispatch.ts';
import { draftDueTouches } from '../../src/coordinator/drafts/drafting.ts';
import { findCampaignForRequest, hasSteps } from '../../src/coordinator/gate/campaigns.ts';
import { type Batch, coordinatorActor, type Scope } from '../../src/coordinator/gate/scope.ts';
import { requestSequences } from '../../src/coordinator/gate/sequence_requests.ts';
import { settleMailboxes } from '../../src/coordinator/sending/mailbox_choice.ts';
import { recordOutcome } from '../../src/coordinator/sending/outcomes.ts';
import { mayBeginData, type ReservedSend, reserveSends } from '../../src/coordinator/sending/sending.ts';
import { systemDb } from '../../src/db/acting.ts';
import { transaction } from '../../src/db/pool.ts';
import { openAppPool } from '../../src/db/roles.ts';
import { openTemplates } from '../../src/templates/threads.ts';
import { manualClock } from '../manual_clock.ts';
import { requireBroken } from './broken_build.ts';
import { machineMs } from './shared_clock.ts';

/** The options of a cap race process, as JSON in its first argument. */
export type CapRaceTask = {
  database_url: string;
  org_id: string;
  slugs: readonly string[];
  /** One round for each. */
  lead_ids: readonly string[];
  connections: number;
  /** A phase of a round (requesting, dispatching, reserving) that takes longer is abandoned and reported as stuck. */
  phase_limit_ms: number;
  start_ms: number;
};

/** The process's final report, as a JSON line. */
export type CapRaceTally = {
  /** Transactions that were restarted because the lead stayed locked too long. */
  lock_timeouts: number;
  /**
   * Times that the server accepted no connection for five seconds: the machine was too busy, which is not a fault of the
   * race.
   */
  connect_timeouts: number;
  reserved: number;
  peak_connections: number;
  other_errors: Record<string, number>;
};

/** Small, so that many claim at once and each claims some of the same lead. */
const LIMIT = 5;
const SENDING = {
  limit: LIMIT,
  secret: 'a secret of this test only',
  lease_ms: 15 * 60_000,
  speed: 1,
};
/** Between two tries. All begin at the same instant and spread later. */
const PAUSE_MS = 150;

/* The product's own functions on as many real connections as the task says, all about the same lead at once: each requests
   another enrollment, dispatches, and reserves. Broken builds come through the loader, so this is a separate process. */
const task = JSON.parse(process.argv[2] ?? '') as CapRaceTask;
const { org_id } = task;
const clock = manualClock(task.start_ms);
const templates = openTemplates();
const db = await openAppPool({
  url: task.database_url,
  max: task.connections,
  application_name: 'touchline-cap-race',
});
const tally: CapRaceTally = {
  lock_timeouts: 0,
  connect_timeouts: 0,
  reserved: 0,
  peak_connections: 0,
  other_errors: {},
};
let phase_ends_ms = Number.POSITIVE_INFINITY;
requireBroken();
process.stdout.write('ready\n');
for (const lead_id of task.lead_ids) await play(lead_id);
process.stdout.write(`${JSON.stringify(tally)}\n`);
await db.close();

async function play(lead_id: string): Promise<void> {
  await all((at) => work((scope) => ask(scope, lead_id, at)));
  await all(() => untilDone(dueSteps, () => work((scope) => dispatchDueSteps(scope, batchOf(LIMIT)))));
  await work((scope) => draftDueTouches({ ...scope, templates }, batchOf(1_000)));
  // Mailboxes come first: assigning one holds all touches of its lead, which would decide the race.
  await work(settleMailboxes);
  await all(() => untilDone(waiting, reserveSome));
}

/** A batch as the worker requests it, with this size. */
function batchOf(limit: number): Batch {
  return { limit, set_aside: [], claimed: () => {}, report: () => {} };
}

async function ask(scope: Scope, lead_id: string, at: number): Promise<void> {
  const campaign = await findCampaignForRequest(scope, task.slugs[at % task.slugs.length]!);
  if (campaign === undefined || !hasSteps(campaign)) throw new Error('no campaign');
  await requestSequences(scope, [{ lead_id, campaign, requested_by: campaign.owner_role }]);
}

/** Reserves in one transaction and records the outcome in another, as after a hand-over. */
async function reserveSome(): Promise<void> {
  const reserved: ReservedSend[] = [];
  await work(async (scope) => {
    reserved.splice(0, reserved.length, ...(await reserveSends(scope, SENDING)));
  });
  tally.reserved += reserved.length;
  for (const send of reserved) {
    await work(async (scope) => {
      if (!(await mayBeginData(scope, send))) throw new Error('a touch was stopped before it was sent');
      const { item, attempt_id } = send;
      const outcome = { kind: 'sent', response: '250 ok' } as const;
      await recordOutcome(scope, { item, attempt_id, outcome });
    });
  }
}

/** Enrollments whose step is waiting to be decided. */
async function dueSteps(): Promise<number> {
  const { rows } = await systemDb(db, org_id).query<{ count: number }>(
    `SELECT count(*)::int AS count FROM campaign_contacts
     WHERE org_id = $1 AND status = 'active' AND open_queue_id IS NULL AND next_send_at <= $2`,
    [org_id, clock.now()],
  );
  return rows[0]!.count;
}

/** Touches without a decision yet. */
async function waiting(): Promise<number> {
  const { rows } = await systemDb(db, org_id).query<{ count: number }>(
    `SELECT count(*)::int AS count FROM sales_send_queue
     WHERE org_id = $1 AND status = 'approved'`,
    [org_id],
  );
  return rows[0]!.count;
}

async function untilDone(left: () => Promise<number>, step: () => Promise<unknown>): Promise<void> {
  while (machineMs() < phase_ends_ms) {
    await step();
    if ((await left().catch(afterConnecting)) === 0) return;
    await sleep(PAUSE_MS * (0.5 + Math.random()));
  }
  tally.other_errors.stuck = (tally.other_errors.stuck ?? 0) + 1;
}

/** One transaction as the coordinator, restarted if it waited too long for the lead. */
async function work(step: (scope: Scope) => Promise<unknown>): Promise<void> {
  while (machineMs() < phase_ends_ms) {
    try {
      await transaction(db, coordinatorActor(org_id), (tx) => step({ tx, org_id, clock }));
      return;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      if (code === '55P03') tally.lock_timeouts += 1;
      else if (isConnectTimeout(error)) tally.connect_timeouts += 1;
      else {
        tally.other_errors[code] = (tally.other_errors[code] ?? 0) + 1;
        return;
      }
    }
  }
}

/** An unknown count is not zero. */
function afterConnecting(error: unknown): null {
  if (!isConnectTimeout(error)) throw error;
  tally.connect_timeouts += 1;
  return null;
}

function isConnectTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'timeout exceeded when trying to connect';
}

/** The same on every connection at once. */
async function all(step: (at: number) => Promise<void>): Promise<void> {
  phase_ends_ms = machineMs() + task.phase_limit_ms;
  await Promise.all(Array.from({ length: task.connections }, (_, at) => step(at)));
  tally.peak_connections = Math.max(tally.peak_connections, db.stats().total);
}
