import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { sealSecret } from '../../src/coordinator/sending/sealed_secret.ts';
import { newWebhookSecret, webhookSecretOwner } from '../../src/coordinator/webhooks/message.ts';
import { type OwnerPool, transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import { tamper } from '../audit/chain_world.ts';
import { playsOf } from '../plays/play_world.ts';
import { approve, deliver, scripted } from '../sending/send_world.ts';
import { tasksOf } from '../tasks/task_world.ts';
import type { World } from '../world.ts';
import { crmSubjects } from './crm_subjects.ts';
import { defineCampaigns } from './subject_campaigns.ts';

/** Rows that a request to an org may name: a separate row for each operation that consumes one. */
export type Subjects = Awaited<ReturnType<typeof subjectsOf>>;

const SHIPPED = 'b2bea_membership';

/** Fills an org with activity and returns its subjects. Its addresses end in `domain`, its slugs begin with `name`. */
export async function subjectsOf(
  db: OwnerPool,
  world: World,
  { name, domain }: { name: string; domain: string },
) {
  const { org_id } = world;
  const personal = `${name}_personal`;
  await defineCampaigns(world, name, personal);
  // With two users who work, a manual send without an owner is unassigned, so each role may record it.
  await db.query(
    `INSERT INTO users (org_id, id, email, name, roles) VALUES ($1, gen_random_uuid(), $2, 'Second', '{rep}')`,
    [org_id, `second@${domain}`],
  );
  let leads = 0;
  const addLead = () => {
    leads += 1;
    return world.addLead({ email: `lead${leads}@${domain}` });
  };
  const enrolled: string[] = [];
  for (let count = 0; count < 10; count += 1) {
    enrolled.push(await addLead());
    await world.request(enrolled.at(-1)!, SHIPPED);
  }
  const [personal_lead, assigned_lead] = [await addLead(), await addLead()];
  await world.request(personal_lead, personal);
  await world.request(assigned_lead, personal);
  await world.work();
  const unknown_lead = await addLead();
  await world.request(unknown_lead, SHIPPED);
  await world.work();
  await approve(world, unknown_lead);
  await deliver(world, scripted(vanish));
  const itemOf = async (lead_id: string) => (await world.draftOf(lead_id)).item;
  const draftOf = async (lead_id: string) => {
    const { draft } = await world.draftOf(lead_id);
    return { id: draft.id, content_hash: draft.content_hash };
  };
  const enrollmentOf = async (lead_id: string) => (await itemOf(lead_id)).enrollment_id;
  const [lead, pausing, resuming, exiting, approving, editing, rejecting, canceling, opting, withdrawing] =
    enrolled;
  await db.query(
    `UPDATE campaign_contacts SET status = 'paused', paused_at = now(), paused_reason = 'test', wake = 'never'
     WHERE org_id = $1 AND lead_id = $2`,
    [org_id, resuming],
  );
  const [account] = await world.rows<{ account_id: string }>('leads', `id = '${lead}'`);
  const [mailbox] = await world.rows<{ id: string }>('mailboxes');
  const [step] = await world.rows<{ template_hash: string }>(
    'campaign_sequences',
    `campaign_id = (SELECT id FROM campaigns WHERE org_id = '${org_id}' AND slug = '${name}')`,
  );
  const free_lead_id = await addLead();
  const user_id = world.person.kind === 'human' ? world.person.user_id : '';
  return {
    lead_id: lead!,
    lead_email: `lead1@${domain}`,
    opting_lead_id: opting!,
    free_lead_id,
    erasing_lead_id: await addLead(),
    mention_id: await mentionOf(db, world, lead!),
    suppression_id: await suppressionOf(db, world, `no@${name}.example`),
    opportunity_id: await opportunityOf(db, world, lead!),
    merge_suggestion_id: await mergeSuggestionOf(db, world, lead!, free_lead_id),
    address_id: (
      await world.rows<{ id: string }>('lead_addresses', `lead_id = '${lead!}' AND kind = 'email'`)
    )[0]!.id,
    account_id: account!.account_id,
    campaign: name,
    template_hash: step!.template_hash,
    pausing_id: await enrollmentOf(pausing!),
    resuming_id: await enrollmentOf(resuming!),
    exiting_id: await enrollmentOf(exiting!),
    approving: await draftOf(approving!),
    withdrawing: await draftOf(withdrawing!),
    editing: await draftOf(editing!),
    rejecting: await draftOf(rejecting!),
    personal: await draftOf(personal_lead),
    assigned_id: (await itemOf(assigned_lead)).id,
    canceling_id: (await itemOf(canceling!)).id,
    unknown_id: (await itemOf(unknown_lead)).id,
    acknowledged_flag_id: await raiseFlag(db, world, lead!),
    resolved_flag_id: await raiseFlag(db, world, pausing!),
    notification_id: await tell(db, world, user_id),
    mailbox_id: mailbox!.id,
    client_id: await brandOf(db, world, `${name}_brand`),
    user_id,
    key_id: await keyOf(db, world),
    webhook_id: await webhookOf(db, world),
    deleting_webhook_id: await webhookOf(db, world),
    ...(await crmSubjects(db, world, lead!)),
    ...(await taskSubjects(db, world, addLead)),
    ...(await playSubjects(db, world, name)),
  };
}

/** A task for each operation that changes one, claimed by the role's agent where the operation needs a claim. */
async function taskSubjects(db: OwnerPool, world: World, addLead: () => Promise<string>) {
  const { addTask, claimAs, dueTask } = tasksOf(db, world);
  const role = 'roles.bdr';
  const claimed = async (id: string) => ({ id, claim_id: await claimAs(id, role) });
  const reply = async () => addTask({ type: 'process_reply', role, lead_id: await addLead() });
  const meeting_id = await addTask({ type: 'meeting_booked', role: 'roles.exec', lead_id: await addLead() });
  const failed_task_id = await reply();
  await db.query(`UPDATE agent_tasks SET status = 'failed', finished_at = now() WHERE id = $1`, [
    failed_task_id,
  ]);
  const inbound_id = await answerFor(db, world, role, await addLead());
  const due = await dueTask(await addLead(), 'b2bea_membership');
  return {
    meeting_id,
    failed_task_id,
    inbound_id,
    pending_bounce_id: await pendingBounce(db, world),
    completing: await claimed(await reply()),
    failing: await claimed(await reply()),
    writing: { queue_id: due.queue_id, claim_id: await claimAs(due.id, role) },
  };
}

async function suppressionOf(db: OwnerPool, { org_id, clock }: World, address: string): Promise<string> {
  const id = newId(clock);
  await db.query(
    `INSERT INTO suppressions (org_id, id, kind, value, reason, source, created_at)
     VALUES ($1, $2, 'address', $3, 'bounced', 'bounce', $4)`,
    [org_id, id, address, clock.now()],
  );
  return id;
}

async function opportunityOf(db: OwnerPool, world: World, lead_id: string): Promise<string> {
  const id = newId(world.clock);
  await transaction(db, coordinatorActor(world.org_id), (tx) =>
    tx.query(
      `INSERT INTO opportunities (org_id, id, lead_id, name, opened_at, source, created_at, updated_at)
       VALUES ($1, $2, $3, 'Acme', $4, 'crm', $4, $4)`,
      [world.org_id, id, lead_id, world.clock.now()],
    ),
  );
  return id;
}

async function mergeSuggestionOf(db: OwnerPool, { org_id }: World, ...leads: string[]): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO lead_merge_suggestions (org_id, lead_id, other_lead_id, reason)
     VALUES ($1, least($2::uuid, $3), greatest($2::uuid, $3), 'same_profile') RETURNING id`,
    [org_id, ...leads],
  );
  return rows[0]!.id;
}

/** A text that mentions an erased lead, without an erasure. */
async function mentionOf(db: OwnerPool, { org_id, clock }: World, lead_id: string): Promise<string> {
  const id = newId(clock);
  await tamper(db, async (own) => {
    await own.query(
      `INSERT INTO erased_mentions (org_id, id, lead_id, subject_table, subject_key, field, found_at)
       VALUES ($1, $2, $3, 'clients', 'nobody', 'name', $4)`,
      [org_id, id, lead_id, clock.now()],
    );
  });
  return id;
}

/** A reply to handle, with its task. */
/** A bounce that a person must judge. */
async function pendingBounce(db: OwnerPool, world: World): Promise<string> {
  const id = newId(world.clock);
  await db.query(
    `INSERT INTO inbound_messages (org_id, id, source, raw_hash, from_address, received_at, created_at, kind, matched_by,
       bounce_severity, bounce_cause)
     VALUES ($1, $2, 'http', sha256($3), 'mailer-daemon@else.example', $4, $4, 'bounce', 'none', 'soft', 'unknown')`,
    [world.org_id, id, Buffer.from(id), world.clock.now()],
  );
  return id;
}

async function answerFor(db: OwnerPool, world: World, role: string, lead_id: string): Promise<string> {
  const { addTask } = tasksOf(db, world);
  const id = newId(world.clock);
  const task_id = await addTask({ type: 'process_reply', role, lead_id, payload: { inbound_id: id } });
  await db.query(
    `INSERT INTO inbound_messages (org_id, id, source, raw_hash, from_address, received_at, created_at, kind, matched_by,
       lead_id, text, task_id, task_role, suggested_name)
     VALUES ($1, $2, 'http', sha256($3), 'someone@else.example', $4, $4, 'reply', 'sender_only', $5, 'Why?', $6, $7, 'Bo Li')`,
    [world.org_id, id, Buffer.from(id), world.clock.now(), lead_id, task_id, role],
  );
  return id;
}

/** A play for each operation that changes one. */
async function playSubjects(db: OwnerPool, world: World, name: string) {
  const { playIn, read } = await playsOf(db, world);
  const segment = `${name}_segment`;
  await db.query(
    `INSERT INTO territory_definitions (org_id, segment, name, created_at, updated_at) VALUES ($1, $2, 'A segment', now(), now())`,
    [world.org_id, segment],
  );
  const play_id = await playIn('active', { segment });
  const picking_play_id = await playIn('draft', { segment });
  const editing_play_id = await playIn('under_review', { segment });
  const approving_play_id = await playIn('under_review', { segment });
  const retiring_play_id = await playIn('draft', { segment });
  const retired_play_id = await playIn('retired', { segment });
  const { originating_proposal_id } = await read(play_id);
  const plays = {
    play_id,
    picking_play_id,
    editing_play_id,
    approving_play_id,
    retiring_play_id,
    retired_play_id,
  };
  return { segment, proposal_id: originating_proposal_id as string, ...plays };
}

async function brandOf(db: OwnerPool, { org_id, clock }: World, client_id: string): Promise<string> {
  await db.query(`INSERT INTO clients (org_id, client_id, name, created_at) VALUES ($1, $2, 'A brand', $3)`, [
    org_id,
    client_id,
    clock.now(),
  ]);
  return client_id;
}

async function webhookOf(db: OwnerPool, { org_id, clock, context, person }: World): Promise<string> {
  const id = newId(clock);
  const secret = sealSecret(context.secret, newWebhookSecret(), webhookSecretOwner(org_id, id));
  await db.query(
    `INSERT INTO webhooks (org_id, id, url, events, secret, created_by_user_id, created_at)
     VALUES ($1, $2, 'https://hooks.example/told', '{touch.sent}', $3, $4, $5)`,
    [org_id, id, secret, person.kind === 'human' ? person.user_id : null, clock.now()],
  );
  return id;
}

async function keyOf(db: OwnerPool, { org_id, clock }: World): Promise<string> {
  const id = newId(clock);
  await db.query(
    `INSERT INTO api_keys (org_id, id, name, prefix, key_sha256, agent_id)
     VALUES ($1, $2, 'to be revoked', 'tl_', sha256(uuid_send($2)), 'roles.sales')`,
    [org_id, id],
  );
  return id;
}

/** The same subjects with ids that do not exist. */
export function unknownSubjects(known: Subjects): Subjects {
  const unknown = (key: string, value: unknown): unknown => {
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, unknown(name, inner)]));
    }
    if (key === 'campaign') return 'no_such_campaign';
    if (key === 'lead_email') return 'nobody@nowhere.example';
    return /hash/.test(key) ? value : crypto.randomUUID();
  };
  return unknown('', known) as Subjects;
}

async function vanish(_message: unknown, hooks: { beforeData?: () => Promise<boolean> }) {
  await hooks.beforeData?.();
  return { kind: 'unknown' as const, response: 'gone' };
}

async function raiseFlag(db: OwnerPool, { org_id, clock }: World, lead_id: string): Promise<string> {
  const id = newId(clock);
  await db.query(
    `INSERT INTO flags (org_id, id, kind, subject, lead_id, for_role, raised_at)
     VALUES ($1, $2, 'backlog', $3, $4, 'rep', $5)`,
    [org_id, id, id, lead_id, clock.now()],
  );
  return id;
}

async function tell(db: OwnerPool, { org_id, clock }: World, user_id: string): Promise<string> {
  const id = newId(clock);
  await db.query(
    `INSERT INTO notifications (org_id, id, to_user_id, kind, created_at) VALUES ($1, $2, $3, 'note', $4)`,
    [org_id, id, user_id, clock.now()],
  );
  return id;
}
