import type { MailSender, SendHooks, SendOutcome } from '../../src/connectors/connector.ts';
import { coordinatorActor, type Scope } from '../../src/coordinator/gate/scope.ts';
import { recordOutcome } from '../../src/coordinator/sending/outcomes.ts';
import { mayBeginData, type ReservedSend, reserveSends } from '../../src/coordinator/sending/sending.ts';
import { transaction } from '../../src/db/pool.ts';
import type { OutboundMail } from '../../src/mail/messages.ts';
import { approveDraft } from '../../src/operations/drafts/decisions.ts';
import type {
  MailboxesRow,
  SalesSendQueueRow,
  SendAttemptsRow,
  StagedDraftsRow,
} from '../../src/schema.gen.ts';
import { type SendOptions, sendApproved } from '../../src/worker/send.ts';
import { SEND_SETTINGS } from '../../src/worker/send_settings.ts';
import { runStage, STAGES } from '../../src/worker/stages.ts';
import type { World } from '../world.ts';

/** Leads with one approved, unsent message each. Returns their ids in the order of sending. */
export async function approvedLeads(
  world: World,
  count: number,
  campaign = 'b2bea_membership_close',
): Promise<string[]> {
  const { db, org_id } = world;
  await db.query(`UPDATE campaigns SET send_rule = 'approve_each' WHERE org_id = $1 AND slug = $2`, [
    org_id,
    campaign,
  ]);
  const lead_ids: string[] = [];
  for (let made = 0; made < count; made += 1) {
    const lead_id = await world.addLead();
    lead_ids.push(lead_id);
    await world.request(lead_id, campaign);
  }
  await world.work();
  for (const lead_id of lead_ids) await approve(world, lead_id);
  const items = await world.rows<SalesSendQueueRow>(
    'sales_send_queue',
    `status = 'approved' ORDER BY scheduled_at, id`,
  );
  return items.map((item) => item.lead_id);
}

/** A person approves every pending draft of the org. */
export async function approveDrafts(world: World): Promise<void> {
  const drafts = await world.rows<StagedDraftsRow>('staged_drafts');
  for (const { id, content_hash } of drafts) {
    await approveDraft.run({
      context: world.context,
      principal: world.person,
      input: { id, content_hash },
    });
  }
}

export async function approve(world: World, lead_id: string): Promise<void> {
  const { draft } = await world.draftOf(lead_id);
  const input = { id: draft.id, content_hash: draft.content_hash };
  await approveDraft.run({ context: world.context, principal: world.person, input });
}

/** A scripted mail server. `true` stands for a message that is accepted, the check before DATA included. */
export function scripted(
  answer: (message: OutboundMail, hooks: SendHooks) => SendOutcome | true | Promise<SendOutcome | true>,
): MailSender & { messages: OutboundMail[] } {
  const messages: OutboundMail[] = [];
  return {
    messages,
    async send(message, hooks = {}) {
      const said = await answer(message, hooks);
      if (said !== true) return said;
      if ((await hooks.beforeData?.()) === false) return { kind: 'canceled' };
      messages.push(message);
      return { kind: 'sent', response: '250 ok' };
    },
    verify: async () => {},
    close: async () => {},
  };
}

/** One batch of this world's org alone: other tests of the file have orgs in the same database. */
export async function deliver(world: World, mail: MailSender, options: SendOptions = {}): Promise<number> {
  const org = { org_id: world.org_id, name: 'Testers', legal_name: null, postal_address: '1 Test Street' };
  return sendApproved(world.worker_context, org, mail, options);
}

/** Reserves a batch, like a worker that then gets stuck. */
export function reserve(world: World): Promise<ReservedSend[]> {
  const { lease_ms } = SEND_SETTINGS;
  const { secret } = world.context;
  return inScope(world, (scope) => reserveSends(scope, { limit: 20, secret, lease_ms, speed: 1 }));
}

export function beginData(world: World, send: ReservedSend): Promise<boolean> {
  return inScope(world, (scope) => mayBeginData(scope, send));
}

export function record(world: World, send: ReservedSend, outcome: SendOutcome): Promise<void> {
  const { item, attempt_id } = send;
  return inScope(world, (scope) => recordOutcome(scope, { item, attempt_id, outcome }));
}

/** Settles messages without a living worker; returns their number. */
export function sweep(world: World): Promise<number> {
  const stage = STAGES.find(({ name }) => name === 'settle_expired_attempts')!;
  return runStage(world.worker_context, world.org_id, stage);
}

export function attempts(world: World): Promise<SendAttemptsRow[]> {
  return world.rows<SendAttemptsRow>('send_attempts', 'true ORDER BY started_at, id');
}

function inScope<T>(world: World, run: (scope: Scope) => Promise<T>): Promise<T> {
  const { org_id, clock } = world;
  return transaction(world.db, coordinatorActor(org_id), (tx) => run({ tx, org_id, clock }));
}

export async function mailboxOf(world: World): Promise<MailboxesRow> {
  const [mailbox] = await world.rows<MailboxesRow>('mailboxes');
  return mailbox!;
}

export async function itemOf(world: World, lead_id: string): Promise<SalesSendQueueRow> {
  return (await world.draftOf(lead_id)).item;
}
