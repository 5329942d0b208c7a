import type { AddressedStep } from '../../core/gate/unreachable.ts';
import { type CampaignsForRequestResult, campaignsForRequest } from '../../db/queries/campaigns.gen.ts';
import type { Scope } from './scope.ts';

export type CampaignForRequest = Omit<CampaignsForRequestResult, 'first_delay_days'> & {
  first_delay_days: number;
};

/** The query makes the steps of objects of this shape, in their order. */
export function stepsForRequest({
  steps,
}: Pick<CampaignsForRequestResult, 'steps'>): readonly AddressedStep[] {
  return steps as unknown as readonly AddressedStep[];
}

/** Why the play that a campaign runs lets nobody in now. */
export type PlayClosed = 'play_retired' | 'play_over' | 'play_not_begun';

/** Campaigns by id, as far as they have steps: one without steps cannot be entered. */
export async function loadCampaignsForRequest(
  scope: Pick<Scope, 'tx' | 'org_id' | 'clock'>,
  ids: readonly string[],
): Promise<Map<string, CampaignForRequest>> {
  const unique_ids = [...new Set(ids)];
  const rows = await campaignsForRequest.run({ ...asked(scope), ids: unique_ids, slugs: [] }, scope.tx);
  return new Map(rows.filter(hasSteps).map((row) => [row.id, row]));
}

/** One campaign by its slug, steps or none; undefined when there is no such campaign. */
export async function findCampaignForRequest(
  scope: Pick<Scope, 'tx' | 'org_id' | 'clock'>,
  slug: string,
): Promise<CampaignsForRequestResult | undefined> {
  return (await findCampaignsForRequest(scope, [slug])).get(slug);
}

/** Campaigns by slug, steps or none. */
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
