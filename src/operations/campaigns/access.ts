import type { Queryable } from '../../db/pool.ts';
import { getCampaign } from '../../db/queries/campaigns.gen.ts';
import { notFound } from '../fields.ts';

/** Throws `not_found`. */
export async function campaignIdOf(db: Queryable, org_id: string, slug: string): Promise<string> {
  const campaign = await getCampaign.one({ org_id, slug }, db);
  if (campaign === undefined) throw notFound('campaign');
  return campaign.id;
}
