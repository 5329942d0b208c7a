import { findCampaignForRequest, hasSteps } from '../../src/coordinator/gate/campaigns.ts';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { requestSequences } from '../../src/coordinator/gate/sequence_requests.ts';
import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import { readCampaignYaml } from '../../src/operations/campaigns/definition.ts';
import { importCampaigns } from '../../src/operations/campaigns/writing.ts';
import { approveDraft } from '../../src/operations/drafts/decisions.ts';
import type { TestDb } from '../database.ts';
import { checks } from '../templates/shared.ts';
import { createWorld, type World } from '../world.ts';

/** A message that is waiting for approval. Its address is unique, so that the sink's journal can distinguish it. */
export type Drafted = {
  queue_id: string;
  lead_id: string;
  draft_id: string;
  content_hash: string;
  address: string;
};

const SLUG = 'one_mail';
/** Leads whose requests are made in one transaction. */
const BATCH = 50;

/** An org with this many leads, each with one message waiting for approval. */
export async function createDraftedWorld(
  db: TestDb,
  mails: number,
): Promise<{ world: World; drafted: Drafted[] }> {
  const world = await createOneMailWorld(db);
  const lead_ids = await addLeads(world, mails);
  for (let at = 0; at < mails; at += BATCH) await requestMails(world, lead_ids.slice(at, at + BATCH));
  // A newly filled table has no statistics yet and is planned as if it were empty.
  await db.query('ANALYZE');
  await world.work();
  await db.query('ANALYZE');
  const drafted = await draftedMails(world);
  if (drafted.length !== mails) throw new Error(`${drafted.length} drafts for ${mails} leads`);
  return { world, drafted };
}

/** An org with a campaign of a single message, which a person approves. */
export async function createOneMailWorld(db: TestDb): Promise<World> {
  const world = await createWorld(db);
  const campaign = await readCampaignYaml(
    checks(),
    `slug: ${SLUG}
name: One mail
client: b2bea
type: event
owner_role: AGT-304
steps:
  - step_number: 1
    delay_days: 0
    channel: email
    content_type: follow_up
    template_instructions: Say hello.
    template: { subject: "Hello", body: "Hi {{ lead.first_name }}, {{ sender.name }}" }
`,
  );
  await transaction(db.app, { org_id: world.org_id, kind: 'system', id: 'setup' }, (tx) =>
    importCampaigns(tx, world.org_id, world.clock, [campaign]),
  );
  return world;
}

/** Adds this many leads of one account; returns their ids. */
export async function addLeads(world: World, count: number): Promise<string[]> {
  const account_id = newId(world.clock);
  await world.db.query(`INSERT INTO accounts (org_id, id, name) VALUES ($1, $2, $3)`, [
    world.org_id,
    account_id,
    `Account ${account_id}`,
  ]);
  const ids = Array.from({ length: count }, () => newId(world.clock));
  await world.db.query(
    `INSERT INTO leads (org_id, id, account_id, email, first_name, icp_tier)
     SELECT $1, id, $2, 'lead-' || id || '@prospect.example', 'Lead', 'T2' FROM unnest($3::uuid[]) AS id`,
    [world.org_id, account_id, ids],
  );
  return ids;
}

/** Requests the message for each of these leads, as an operation does; returns the requests' ids. */
export async function requestMails(world: World, lead_ids: readonly string[]): Promise<string[]> {
  const { org_id, clock } = world;
  return transaction(world.db.app, coordinatorActor(org_id), async (tx) => {
    const scope = { tx, org_id, clock };
    const campaign = await findCampaignForRequest(scope, SLUG);
    if (campaign === undefined || !hasSteps(campaign)) throw new Error(`no campaign ${SLUG}`);
    const wishes = lead_ids.map((lead_id) => ({ lead_id, campaign, requested_by: 'AGT-304' }));
    const answers = await requestSequences(scope, wishes);
    return answers.map((answer) => {
      if (answer.kind === 'answered' && answer.enrollment_id !== null) return answer.request_id;
      throw new Error(`not enrolled: ${JSON.stringify(answer)}`);
    });
  });
}

/** The messages that are waiting for approval. */
export async function draftedMails(world: World): Promise<Drafted[]> {
  const { rows } = await world.db.query<Drafted>(
    `SELECT q.id AS queue_id, q.lead_id, d.id AS draft_id, d.content_hash, l.email AS address
     FROM sales_send_queue q
     JOIN staged_drafts d ON d.org_id = q.org_id AND d.id = q.staged_draft_id
     JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
     WHERE q.org_id = $1 AND q.status = 'drafted' ORDER BY q.id`,
    [world.org_id],
  );
  return rows;
}

/** Approves this message as a person. */
export async function approveMail(world: World, { draft_id, content_hash }: Drafted): Promise<void> {
  const input = { id: draft_id, content_hash };
  await approveDraft.run({ context: world.context, principal: world.person, input });
}
