import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { sealSecret } from '../../src/coordinator/sending/sealed_secret.ts';
import { reserveSends } from '../../src/coordinator/sending/sending.ts';
import { webhookSecretOwner } from '../../src/coordinator/webhooks/message.ts';
import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import { runStage, STAGES } from '../../src/worker/stages.ts';
import type { TestDb } from '../database.ts';
import { CAMPAIGN, mailFrom, take } from '../inbound/inbound_world.ts';
import { approvedLeads } from '../sending/send_world.ts';
import { tasksOf } from '../tasks/task_world.ts';
import { type FlagWorld, flagWorld } from '../upkeep/flag_world.ts';
import { createWorld, DAY_MS, HOUR_MS, type World } from '../world.ts';
import { playCauses } from './play_causes.ts';
import { addRequest, is, isGone, type Seen } from './seen.ts';

/* Work for each stage and each check of the worker, in the past of the real clock. */

export type Causes = { seen: Seen; org_ids: { main: string; stalled: string } };

/** The first org's mailbox, and the process's login to its inbox. */
export const MAILBOX = 'tara@b2bea.test';
/** The process's secret. */
export const SECRET = 'a secret of this test only, as long as one has to be';
const AGO_MS = 40 * DAY_MS;

export async function prepareCauses(db: TestDb, now_ms: number): Promise<Causes> {
  const world = await flagWorld(db, { start_ms: now_ms - AGO_MS, sender_address: MAILBOX });
  const seen = {
    ...(await sending(world)),
    ...(await held(world)),
    ...(await enrollments(world)),
    ...(await tasks(world)),
    ...(await webhooks(world)),
    ...(await playCauses(world)),
    ...(await retention(world)),
    ...(await gone(world)),
  };
  const stalled = await stalledLead(db, now_ms);
  return {
    seen: { ...seen, ...stalled.seen },
    org_ids: { main: world.org_id, stalled: stalled.org_id },
  };
}

/** One message whose sender has died, and one that can be sent. */
async function sending(world: FlagWorld): Promise<Seen> {
  await approvedLeads(world, 2);
  const [died] = await transaction(world.db.app, coordinatorActor(world.org_id), (tx) =>
    reserveSends(
      { tx, org_id: world.org_id, clock: world.clock },
      { limit: 1, secret: SECRET, lease_ms: HOUR_MS, speed: 1 },
    ),
  );
  const items = await world.rows<{ id: string }>(
    'sales_send_queue',
    `status = 'approved' AND id <> '${died!.item.id}'`,
  );
  return {
    settle_expired_attempts: is('send_attempts', died!.attempt_id, `stage <> 'intent'`),
    send: is('sales_send_queue', items[0]!.id, `status = 'sent'`),
  };
}

/** A touch held by the cap, and a queued request; both could have continued long ago. */
async function held(world: FlagWorld): Promise<Seen> {
  const { org_id, clock } = world;
  const lead_id = await world.addLead();
  await world.request(lead_id, CAMPAIGN);
  const enrollment = await world.enrollment(lead_id, CAMPAIGN);
  for (const hours of [1, 2, 3]) await world.addTouch(enrollment, clock.now_ms() - hours * HOUR_MS);
  await runStage(world.worker_context, org_id, STAGES.find(({ name }) => name === 'dispatch_steps')!);
  const [item] = await world.rows<{ id: string }>(
    'sales_send_queue',
    `lead_id = '${lead_id}' AND status = 'held'`,
  );
  const request_id = await addRequest(world, {
    campaign_id: enrollment.campaign_id,
    lead_id: await world.addLead(),
    held_until: new Date(clock.now_ms() + DAY_MS),
  });
  return {
    release_holds: is('sales_send_queue', item!.id, `status <> 'held'`),
    release_requests: is('sequence_requests', request_id, `status <> 'held'`),
  };
}

/** Due steps, for the model and for a template; and enrollments to end, resume or wake. */
async function enrollments(world: FlagWorld): Promise<Seen> {
  const { db, clock } = world;
  const enrolled = async (slug: string) => {
    const lead_id = await world.addLead();
    await world.request(lead_id, slug);
    return world.enrollment(lead_id, slug);
  };
  const update = (id: string, columns: string, values: unknown[] = []) =>
    db.query(`UPDATE campaign_contacts SET ${columns} WHERE id = $1`, [id, ...values]);
  const due = await enrolled(CAMPAIGN);
  const by_template = await enrolled('b2bea_nurture');
  const paused = await enrolled(CAMPAIGN);
  await update(
    paused.id,
    `status = 'paused', paused_at = $2, paused_reason = 'test', paused_until = $3, wake = 'at_until'`,
    [clock.now(), new Date(clock.now_ms() + DAY_MS)],
  );
  const missed = await enrolled(CAMPAIGN);
  await update(missed.id, `status = 'paused', paused_at = $2, paused_reason = 'test', wake = 'abm_ends'`, [
    clock.now(),
  ]);
  const finished = await enrolled(CAMPAIGN);
  for (let step = 2; step <= 8; step += 1)
    await update(finished.id, 'current_step = $2, next_send_at = NULL', [step]);
  const suppressed = await enrolled('b2bea_world');
  await db.query(
    `INSERT INTO suppressions (org_id, id, kind, value, reason, source, created_at)
     SELECT org_id, gen_random_uuid(), 'address', email_key, 'asked', 'reply', $2 FROM leads WHERE id = $1`,
    [suppressed.lead_id, clock.now()],
  );
  const [first, second] = [await world.addLead({ crm_contact_id: 'CRM-1' }), await world.addLead()].sort();
  await db.query(
    `INSERT INTO lead_merge_suggestions (org_id, lead_id, other_lead_id, reason) VALUES ($1, $2, $3, 'same_crm_record')`,
    [world.org_id, first, second],
  );
  const archived = await enrolled('b2bea_world');
  await db.query(`UPDATE campaigns SET status = 'archived' WHERE id = $1`, [archived.campaign_id]);
  const drafted = (lead_id: string, how: string) =>
    `EXISTS (SELECT FROM staged_drafts d JOIN sales_send_queue q ON q.id = d.queue_id
     WHERE q.lead_id = '${lead_id}' AND d.written_with = '${how}')`;
  return {
    dispatch_steps: `EXISTS (SELECT FROM sales_send_queue WHERE lead_id = '${due.lead_id}')`,
    draft_with_model: drafted(due.lead_id, 'model'),
    draft_touches: drafted(by_template.lead_id, 'template'),
    resume_paused: is('campaign_contacts', paused.id, `status = 'active'`),
    abm_waits: is('campaign_contacts', missed.id, `wake IS DISTINCT FROM 'abm_ends'`),
    merge_same_crm_records: is('leads', second!, `merged_into_id IS NOT NULL`),
    settle_suppressions: is('campaign_contacts', suppressed.id, `status = 'rejected'`),
    exit_finished: is('campaign_contacts', finished.id, `status = 'timed_out'`),
    end_archived: is('campaign_contacts', archived.id, `status NOT IN ('active', 'paused')`),
  };
}

/** One that was claimed five times and never done, one whose process has died, and one for the built-in worker. */
async function tasks(world: FlagWorld): Promise<Seen> {
  const { addTask, claimAs } = tasksOf(world.db, world);
  const late = await addTask({ type: 'process_reply', role: 'roles.sales', lead_id: await world.addLead() });
  for (let claims = 0; claims < 5; claims += 1) {
    await claimAs(late, 'roles.sales');
    world.clock.advance(2 * HOUR_MS);
  }
  const orphan = await addTask({
    type: 'process_reply',
    role: 'roles.sales',
    lead_id: await world.addLead(),
  });
  await world.db.query(
    `UPDATE agent_tasks SET status = 'claimed', claim_id = gen_random_uuid(), claimed_by = 'roles.sales', claimed_at = $2,
       lease_until = $2::timestamptz + interval '1 hour', attempt_count = 1, process_id = gen_random_uuid() WHERE id = $1`,
    [orphan, world.clock.now()],
  );
  const payload = { campaign: CAMPAIGN, goal: null, notes: null, routed_by_user_id: null };
  const lead_id = await world.addLead();
  const enroll = await addTask({ type: 'enroll_contact', role: 'roles.sales', lead_id, payload });
  return {
    end_dead_leases: is('agent_tasks', orphan, `process_id IS NULL`),
    end_exhausted_tasks: is('agent_tasks', late, `status = 'failed'`),
    work_tasks: is('agent_tasks', enroll, `status = 'done'`),
  };
}

/** A due delivery to a forbidden address, and one past its retention. */
async function webhooks(world: FlagWorld): Promise<Seen> {
  const { db, org_id, clock, admin_id } = world;
  const id = newId(clock);
  const secret = sealSecret(SECRET, `whsec_${'x'.repeat(40)}`, webhookSecretOwner(org_id, id));
  await transaction(db, { org_id, kind: 'human', id: admin_id }, (tx) =>
    tx.query(
      `INSERT INTO webhooks (org_id, id, url, events, secret, created_by_user_id, created_at)
       VALUES ($1, $2, 'https://127.0.0.1/in', '{task.created}', $3, $4, $5)`,
      [org_id, id, secret, admin_id, clock.now()],
    ),
  );
  const created_ms = [clock.now_ms(), clock.now_ms() + AGO_MS - DAY_MS];
  for (const at_ms of created_ms) {
    const lead_id = await world.addLead();
    await transaction(db, coordinatorActor(org_id), (tx) =>
      tx.query(
        `INSERT INTO agent_tasks (org_id, id, type, role, lead_id, created_at)
         VALUES ($1, $2, 'process_reply', 'roles.sales', $3, $4)`,
        [org_id, newId(clock), lead_id, new Date(at_ms)],
      ),
    );
  }
  const [old, fresh] = await world.rows<{ id: string }>('webhook_deliveries', 'true ORDER BY occurred_at');
  return {
    webhooks: is('webhook_deliveries', fresh!.id, `attempt_count > 0 AND last_error IS NOT NULL`),
    forget_webhook_deliveries: isGone('webhook_deliveries', `id = '${old!.id}'`),
  };
}

/** Expired data, and unsealed data. */
async function retention(world: FlagWorld): Promise<Seen> {
  const { db, org_id, clock, admin_id } = world;
  await transaction(db.app, coordinatorActor(org_id), (tx) =>
    tx.query(
      `INSERT INTO crm_events (org_id, event_id, object, record_id, action, received_at, settled_at, next_at)
       VALUES ($1, 'old', 'person', 'record', 'updated', $2, $2, $2)`,
      [org_id, clock.now()],
    ),
  );
  const { id } = await take(world, mailFrom('someone@else.example', 'Hello'));
  await db.query(
    `INSERT INTO idempotency_keys (org_id, principal_kind, principal_id, key, operation, request_hmac, claim_id, claimed_at,
       lease_until, expires_at)
     VALUES ($1, 'human', $2, 'old', 'opt_out_lead', sha256('x'), gen_random_uuid(), $3, $3, $3)`,
    [org_id, admin_id, clock.now()],
  );
  return {
    forget_crm_events: isGone('crm_events', `event_id = 'old'`),
    remove_inbound_sources: isGone('inbound_sources', `inbound_id = '${id}'`),
    idempotency_expiry: isGone('idempotency_keys', `org_id = '${org_id}' AND key = 'old'`),
    seal_log: `EXISTS (SELECT FROM event_log_batches WHERE org_id = '${org_id}' AND place IS NOT NULL)`,
    receive: `EXISTS (SELECT FROM inbound_messages WHERE org_id = '${org_id}' AND source = 'imap')`,
  };
}

/** Checks that end a warning without a cause, by the subject of such a warning. */
const OF_LEADS = ['concurrency', 'cap_warning', 'stall', 'routing_error'];
const OF_IDS = [
  'send_unknown',
  'message_invalid',
  'lead_unreachable',
  'send_unassigned',
  'mailbox_health',
  'task_dead_end',
  'task_unclaimed',
  'backlog',
];

async function gone(world: FlagWorld): Promise<Seen> {
  const seen: Seen = {};
  const raise = async (check: string, flag: { kind: string; subject: string; lead_id?: string }) => {
    const id = await raiseFlag(world, { ...flag, raised_at: world.clock.now() });
    seen[check] = is('flags', id, `resolution = 'cause_gone'`);
  };
  for (const kind of OF_LEADS) {
    const lead_id = await world.addLead();
    await raise(kind, { kind, subject: lead_id, lead_id });
  }
  for (const kind of OF_IDS) await raise(kind, { kind, subject: newId(world.clock) });
  await raise('model_budget', { kind: 'model_budget_spent', subject: '2001-01-01' });
  await raise('active_play_drift', { kind: 'active_play_drift', subject: 'org' });
  return seen;
}

async function raiseFlag({ db, org_id, clock }: World, flag: Record<string, unknown>): Promise<string> {
  const row = { org_id, id: newId(clock), ...flag };
  const names = Object.keys(row);
  const places = names.map((_, at) => `$${at + 1}`).join(', ');
  await transaction(db, { org_id, kind: 'system', id: 'test' }, (tx) =>
    tx.query(`INSERT INTO flags (${names}) VALUES (${places})`, Object.values(row)),
  );
  return row.id;
}

/** A separate org, where the check for stalls would otherwise come first: a draft that no person has opened. */
async function stalledLead(db: TestDb, now_ms: number): Promise<{ org_id: string; seen: Seen }> {
  const world = await createWorld(db, { start_ms: now_ms - AGO_MS });
  const lead_id = await world.addLead();
  await world.request(lead_id, CAMPAIGN);
  await world.work();
  const raised_at = new Date(now_ms - AGO_MS / 2);
  const id = await raiseFlag(world, { kind: 'stall', subject: lead_id, lead_id, raised_at });
  return { org_id: world.org_id, seen: { stall_escalation: is('flags', id, 'escalated_at IS NOT NULL') } };
}
