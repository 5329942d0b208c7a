import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { compilePlay } from '../../src/coordinator/plays/plays.ts';
import { transaction } from '../../src/db/pool.ts';
import type { CampaignContactsRow, CampaignsRow } from '../../src/schema.gen.ts';
import type { TestDb } from '../database.ts';
import { playsOf } from '../plays/play_world.ts';
import { taskWorld } from '../tasks/task_calls.ts';

export const MANUAL = 'b2bea_membership';
export type LineageWorld = Awaited<ReturnType<typeof lineageWorld>>;

/** A lead that the campaign of an active play enrolled, with its lineage, and a draft play of another proposal. */
export async function lineageWorld(db: TestDb) {
  const world = await taskWorld(db);
  const { org_id, clock } = world;
  const plays = await playsOf(db, world);
  const segment = await plays.addSegment();
  const [account_id] = await world.rows<{ id: string }>('accounts').then((rows) => rows.map(({ id }) => id));
  const lead_id = await world.addLead({ segment });
  const play_id = await plays.playIn('active', { segment, target_definition: {} });
  await transaction(db, coordinatorActor(org_id), (tx) => compilePlay({ tx, org_id, clock }, play_id));
  const campaign = (await world.rows<CampaignsRow>('campaigns', `play_id = '${play_id}'`))[0]!;
  await world.request(lead_id, campaign.slug);
  const enrollmentOf = async (lead: string) =>
    (await world.rows<CampaignContactsRow>('campaign_contacts', `lead_id = '${lead}'`))[0]!.id;
  const other_play_id = await plays.playIn('draft', { segment });
  const proposalOf = async (play: string): Promise<string> =>
    (await plays.read(play)).originating_proposal_id as string;
  return {
    ...world,
    plays,
    segment,
    account_id: account_id ?? null,
    lead_id,
    campaign,
    enrollmentOf,
    enrollment_id: await enrollmentOf(lead_id),
    play_id,
    proposal_id: await proposalOf(play_id),
    other_play_id,
    other_proposal_id: await proposalOf(other_play_id),
    lineage: async (id: string) => world.call('get_lineage', world.brooke, { id }),
    record: (...rows: object[]) => world.call('record_service_rows', world.brooke, { rows }),
    refusal: (...rows: object[]) => world.refused('record_service_rows', world.brooke, { rows }),
  };
}

let rows = 0;
/** A row of a service, with an external id of its own. */
export function serviceRow(more: Record<string, unknown> = {}) {
  rows += 1;
  const occurred_at = '2026-10-05T09:00:00.000Z';
  return { service: 'qbr_log', external_id: `row-${rows}`, kind: 'qbr_held', occurred_at, ...more };
}
