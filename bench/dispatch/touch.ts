import pg from 'pg';
import { type DueStep, dispatchSteps } from '../../src/coordinator/cadence/dispatch.ts';
import { decisionWords } from '../../src/coordinator/gate/events.ts';
import { factsOf, type LeadSnapshot } from '../../src/coordinator/gate/facts.ts';
import { holidayCalendars } from '../../src/coordinator/gate/public_holidays.ts';
import {
  COORDINATOR,
  coordinatorActor,
  type OrgPolicy,
  orgPolicy,
} from '../../src/coordinator/gate/scope.ts';
import { HOUR_MS } from '../../src/core/durations.ts';
import type { Decision } from '../../src/core/gate/decision.ts';
import { decide } from '../../src/core/gate/gates.ts';
import type { Policy } from '../../src/core/gate/policy.ts';
import { storedFacts } from '../../src/core/gate/stored_facts.ts';
import { transaction } from '../../src/db/pool.ts';
import { loadLeadFacts, lockFreeLeads } from '../../src/db/queries/facts.gen.ts';
import { newId } from '../../src/ids.ts';
import type { Means } from './contestant.ts';

/** A peer's job. */
export type TouchJob = { enrollment_id: string };

/** The product's claim of due steps, for the one enrollment of a job, with the contents of its rows. */
const CLAIM_ONE = `
  SELECT e.id, e.lead_id, e.campaign_id, e.client_id, e.contact_id, e.requested_by, e.next_send_at, e.play_id,
         e.originating_proposal_id, c.sequence_type, c.side, c.owner_role, c.send_rule, s.step_number, s.channel,
         s.requires_personal_send
  FROM campaign_contacts e
  JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id AND c.status = 'active'
  LEFT JOIN campaign_sequences s
    ON s.org_id = e.org_id AND s.campaign_id = e.campaign_id AND s.step_number = e.current_step
  WHERE e.org_id = $1 AND e.id = $2 AND e.status = 'active' AND e.open_queue_id IS NULL AND e.next_send_at <= $3
  FOR UPDATE OF e SKIP LOCKED`;
const INSERT_ITEM = `
  INSERT INTO sales_send_queue (org_id, id, client_id, contact_id, lead_id, campaign_id, enrollment_id, step_number,
    channel, requires_personal_send, scheduled_at, status, held_until, held_reason, wake, held_policy_version, play_id,
    originating_proposal_id, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`;
const INSERT_TASK = `
  INSERT INTO agent_tasks (org_id, id, type, role, lead_id, enrollment_id, queue_id, created_at)
  VALUES ($1, $2, 'execute_sequence_step', $3, $4, $5, $6, $7)`;
const INSERT_EVENT = `
  INSERT INTO cadence_event_log (org_id, id, timestamp, event_type, coordinator_action, resolution, touch_cap_at_event,
    compliance_status, suppressed_reason, moment, until, actor_kind, actor_id, lead_id, account_id, campaign_id,
    enrollment_id, queue_id, step_number, channel, sequence_type, policy_version, play_id, originating_proposal_id, trace,
    facts)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'dispatched', $10, 'coordinator', $11, $12, $13, $14, $15, $16, $17, $18,
    $19, $20, $21, $22, $23, $24)`;

type ClaimedStep = DueStep & {
  client_id: string;
  contact_id: string;
  next_send_at: Date;
  play_id: string | null;
  originating_proposal_id: string | null;
  owner_role: string;
  send_rule: string;
  channel: string;
  requires_personal_send: boolean;
};

/** Decides the touches of jobs, one touch and one transaction per call. */
export type TouchHandler = { decide(job: TouchJob): Promise<void>; close(): Promise<void> };

/**
 * The handler of a job, as one would write it by hand for one touch: claim, lock, read, decide, and plain inserts of the
 * decision. Each statement is prepared once per connection, so that a peer does not pay for planning statements made for
 * batches. A decision that affects more than its own enrollment (a block, a conflict) is rare and left to the product's own
 * code. A job whose enrollment is no longer due does nothing.
 */
export function touchHandler(context: Means, url: string, org_id: string, concurrency: number): TouchHandler {
  const pool = new pg.Pool({ connectionString: url, max: concurrency, application_name: 'bench-handler' });
  let policy: OrgPolicy | undefined;
  const begin = `begin; select set_config('touchline.org', '${org_id}', true),
    set_config('touchline.actor_kind', 'coordinator', true), set_config('touchline.actor_id', '${COORDINATOR}', true)`;

  const decideAlone = async (client: pg.PoolClient, job: TouchJob): Promise<'done' | 'for_the_product'> => {
    const { version, policy: rules } = policy!;
    const now = context.clock.now();
    const ask = <Row extends pg.QueryResultRow>(name: string, text: string, values: unknown[]) =>
      client.query<Row>({ name, text, values });
    const [step] = (await ask<ClaimedStep>('claim', CLAIM_ONE, [org_id, job.enrollment_id, now])).rows;
    if (step === undefined || step.step_number === null) return 'done';
    const lead_ids = [step.lead_id];
    const locked = await ask('lock', lockFreeLeads.text, lockFreeLeads.values({ org_id, lead_ids }));
    if (locked.rowCount === 0) return 'done';
    const touches_since = new Date(now.getTime() - rules.touch_cap.window_hours * HOUR_MS);
    const known = await ask(
      'facts',
      loadLeadFacts.text,
      loadLeadFacts.values({ org_id, lead_ids, touches_since }),
    );
    const lead = await withCalendar(known.rows[0] as LeadSnapshot, rules, now);
    const asker = { ...step, enrollment_id: step.id };
    const decision = decide(factsOf(lead, asker, 'dispatched', now.getTime()), rules);
    if (!isPlain(decision)) return 'for_the_product';
    await insertRows(ask, { step, lead, decision, version, now });
    return 'done';
  };

  const insertRows = async (
    ask: (name: string, text: string, values: unknown[]) => Promise<unknown>,
    made: { step: ClaimedStep; lead: LeadSnapshot; decision: Decision; version: number; now: Date },
  ) => {
    const { step, lead, decision, version, now } = made;
    const queue_id = newId(context.clock);
    const held = decision.outcome === 'hold';
    const words = decisionWords(lead, decision, {
      event_type: 'dispatched',
      coordinator_action: 'dispatch',
    });
    const is_personal =
      step.requires_personal_send || step.channel === 'linkedin' || step.send_rule === 'notify_rep';
    await ask('item', INSERT_ITEM, [
      ...[org_id, queue_id, step.client_id, step.contact_id, step.lead_id, step.campaign_id, step.id],
      ...[step.step_number, step.channel, is_personal, step.next_send_at, held ? 'held' : 'pending'],
      ...[words.until, decision.reason, held ? decision.wake : null, held ? version : null],
      ...[step.play_id, step.originating_proposal_id, now],
    ]);
    if (!held) {
      const task = [org_id, newId(context.clock), step.owner_role, step.lead_id, step.id, queue_id, now];
      await ask('task', INSERT_TASK, task);
    }
    await ask('event', INSERT_EVENT, [
      ...[org_id, newId(context.clock), now, words.event_type, words.coordinator_action, words.resolution],
      ...[words.touch_cap_at_event, words.compliance_status, words.suppressed_reason, words.until],
      ...[COORDINATOR, step.lead_id, lead.account_id, step.campaign_id, step.id, queue_id, step.step_number],
      ...[step.channel, step.sequence_type, version, step.play_id, step.originating_proposal_id],
      JSON.stringify(words.trace),
      JSON.stringify(storedFacts(decision)),
    ]);
  };

  return {
    async decide(job) {
      policy ??= await orgPolicy({ tx: context.db, org_id });
      const client = await pool.connect();
      try {
        await client.query(begin);
        const how = await decideAlone(client, job);
        await client.query(how === 'done' ? 'commit' : 'rollback');
        if (how === 'for_the_product') await decideByProduct(context, org_id, job);
      } catch (error) {
        endRun(error);
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}

/** A peer would count it as a failed job and continue, and the figures would show a slow peer. */
function endRun(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

async function withCalendar(lead: LeadSnapshot, { holidays }: Policy, now: Date): Promise<LeadSnapshot> {
  const calendarOf = await holidayCalendars(holidays, [lead.country], now.getTime());
  return { ...lead, calendar: calendarOf(lead.country) };
}

/** A pass or a hold that affects no other enrollment. */
function isPlain({ outcome, losers, flags, notify_agents }: Decision): boolean {
  const plain = outcome === 'allow' || outcome === 'hold';
  return plain && losers.length + flags.length + notify_agents.length === 0;
}

async function decideByProduct(context: Means, org_id: string, job: TouchJob): Promise<void> {
  await transaction(context.db, coordinatorActor(org_id), async (tx) => {
    const values = [org_id, job.enrollment_id, context.clock.now()];
    const { rows } = await tx.query<DueStep>(CLAIM_ONE, values);
    if (rows.length > 0) await dispatchSteps({ tx, org_id, clock: context.clock }, rows);
  });
}
