import { findCampaignForRequest, hasSteps } from '../../src/coordinator/gate/campaigns.ts';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { requestSequences } from '../../src/coordinator/gate/sequence_requests.ts';
import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import { campaignOperations } from '../../src/operations/campaigns/campaigns.ts';
import { readCampaignYaml } from '../../src/operations/campaigns/definition.ts';
import { importCampaigns } from '../../src/operations/campaigns/writing.ts';
import type { TestDb } from '../database.ts';
import { checks } from '../templates/shared.ts';
import { createWorld, type World } from '../world.ts';

/** The size of the workload: every lead is in every campaign at once, so that its touches compete for the caps. */
export type StormSize = { leads: number; campaigns: number; steps: number };

/** Time zones that never share one date all at once, one of them half an hour off. */
const TIME_ZONES = ['Europe/London', 'America/Los_Angeles', 'Asia/Kolkata', 'Pacific/Auckland', 'Asia/Tokyo'];
/** Leads whose requests are made in one transaction. */
const BATCH = 50;

/**
 * An org whose messages need no person: pre-approved campaigns with templates that a person approved, and hot leads, each
 * requested for all of them. The caps are the shipped ones, three in 168 hours and one a day, unless `policy` says
 * otherwise.
 */
export async function createStormWorld(
  db: TestDb,
  size: StormSize,
  policy: Record<string, unknown> = {},
): Promise<World> {
  const world = await createWorld(db, { policy });
  const slugs = campaignSlugs(size.campaigns);
  const campaigns = await Promise.all(slugs.map((slug) => campaignOf(slug, size.steps)));
  await transaction(db.app, { org_id: world.org_id, kind: 'system', id: 'setup' }, (tx) =>
    importCampaigns(tx, world.org_id, world.clock, campaigns),
  );
  const approve = campaignOperations.find(({ name }) => name === 'approve_template')!;
  const call = { context: world.context, principal: world.person };
  for (const slug of campaignSlugs(size.campaigns)) {
    const steps = await world.rows<{ step_number: number; template_hash: string }>(
      'campaign_sequences',
      `campaign_id = (SELECT id FROM campaigns c WHERE c.org_id = campaign_sequences.org_id AND c.slug = '${slug}')`,
    );
    for (const { step_number, template_hash } of steps) {
      await approve.run({ ...call, input: { slug, step_number, template_hash } as never });
    }
  }
  const leads = await addLeads(world, size.leads);
  for (let at = 0; at < leads.length; at += BATCH) await enroll(world, leads.slice(at, at + BATCH), size);
  return world;
}

/** The campaigns of such a world. */
export function campaignSlugs(campaigns: number): string[] {
  return Array.from({ length: campaigns }, (_, at) => `storm_${at + 1}`);
}

function campaignOf(slug: string, steps: number) {
  const lines = Array.from(
    { length: steps },
    (_, at) => `
  - step_number: ${at + 1}
    delay_days: ${at}
    channel: email
    content_type: follow_up
    template_instructions: Say hello.
    template: { subject: "${slug} ${at + 1}", body: "Hi {{ lead.first_name }}, {{ sender.name }}" }`,
  );
  return readCampaignYaml(
    checks(),
    `slug: ${slug}
name: ${slug}
client: b2bea
type: event
owner_role: AGT-304
send_rule: pre_approved
steps:${lines.join('')}
`,
  );
}

/** Adds leads to the world, in several time zones. Returns their ids. */
export async function addLeads(world: World, count: number): Promise<string[]> {
  if (count === 0) return [];
  const account_id = newId(world.clock);
  await world.db.query(`INSERT INTO accounts (org_id, id, name) VALUES ($1, $2, 'Account')`, [
    world.org_id,
    account_id,
  ]);
  const ids = Array.from({ length: count }, () => newId(world.clock));
  await world.db.query(
    `INSERT INTO leads (org_id, id, account_id, email, first_name, icp_tier, time_zone)
     SELECT $1, u.id, $2, 'hot' || u.at || '@prospect.example', 'Lead ' || u.at, 'T2',
            ($4::text[])[1 + u.at % cardinality($4::text[])]
     FROM unnest($3::uuid[]) WITH ORDINALITY AS u (id, at)`,
    [world.org_id, account_id, ids, TIME_ZONES],
  );
  return ids;
}

async function enroll(world: World, lead_ids: readonly string[], size: StormSize): Promise<void> {
  const { org_id, clock } = world;
  await transaction(world.db.app, coordinatorActor(org_id), async (tx) => {
    const scope = { tx, org_id, clock };
    for (const slug of campaignSlugs(size.campaigns)) {
      const campaign = await findCampaignForRequest(scope, slug);
      if (campaign === undefined || !hasSteps(campaign)) throw new Error(`no campaign ${slug}`);
      const answers = await requestSequences(
        scope,
        lead_ids.map((lead_id) => ({ lead_id, campaign, requested_by: 'AGT-304' })),
      );
      const refused = answers.find((answer) => answer.kind !== 'answered' || answer.enrollment_id === null);
      if (refused !== undefined) throw new Error(`not enrolled: ${JSON.stringify(refused)}`);
    }
  });
}
