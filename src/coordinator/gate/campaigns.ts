import type { AddressedStep } from '../../core/gate/unreachable.ts';
import { type CampaignsForRequestResult, campaignsForRequest } from '../../db/queries/campaigns.gen.ts';
import type { Scope } from './scope.ts';

export type CampaignForRequest = Omit<CampaignsForRequestResult, 'first_delay_days'> & {
  first_delay_days: number;
};

/** The query builds the steps as objects of this shape, in order. */
export function stepsForRequest({
  steps,
}: Pick<CampaignsForRequestResult, 'steps'>): readonly AddressedStep[] {
  return steps as unknown as readonly AddressedStep[];
}

export type PlayClosed = 'play_retired' | 'play_over' | 'play_not_begun';

/** Campaigns by id; campaigns without steps cannot enroll leads and are left out. */
export async function loadCampaignsForRequest(
  scope: Pick<Scope, 'tx' | 'org_id' | 'clock'>,
  ids: readonly string[],
): Promise<Map<string, CampaignForRequest>> {
  const unique_ids = [...new Set(ids)];
  const rows = await campaignsForRequest.run({ ...asked(scope), ids: unique_ids, slugs: [] }, scope.tx);
  return new Map(rows.filter(hasSteps).map((row) => [row.id, row]));
}

/** One campaign by its slug, with or without steps; undefined if there is none. */
export async function findCampaignForRequest(
  scope: Pick<Scope, 'tx' | 'org_id' | 'clock'>,
  slug: string,
): Promise<CampaignsForRequestResult | undefined> {
  return (await findCampaignsForRequest(scope, [slug])).get(slug);
}

export async function findCampaignsForRequest(
  scope: Pick<Scope, 'tx' | 'org_id' | 'clock'>,
  slugs: readonly string[],
): Promise<Map<string, CampaignsForRequestResult>> {
  if (slugs.length === 0) return new Map();
  const asked_slugs = { ...asked(scope), ids: [], slugs: [...new Set(slugs)] };
  const rows = await campaignsForRequest.run(asked_slugs, scope.tx);
  return new Map(rows.map((row) => [row.slug, row]));
}

export function hasSteps(row: CampaignsForRequestResult): row is CampaignForRequest {
  return row.first_delay_days !== null;
}

function asked({ org_id, clock }: Pick<Scope, 'org_id' | 'clock'>) {
  return { org_id, now: clock.now() };
}
