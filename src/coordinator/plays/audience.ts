import type { Audience } from '../../core/plays/audience.ts';
import {
  type CountMatchesParams,
  countMatches as countMatchesOfPart,
  matchChangedLeads,
  matchLeads as matchLeadsOfPart,
} from '../../db/queries/play_runs.gen.ts';
import type { Scope } from '../gate/scope.ts';

/** Leads that one statement looks at: some tens of milliseconds, however few of them match. */
const LOOKED_AT_ONCE = 5_000;
/** A preview that would take longer than some seconds says what it has counted so far. */
const COUNT_LOOKS_MAX = 100;

/** What is asked: whom the play is for, and who is left out. */
export type MatchAsked = {
  audience: Audience;
  campaign_id: string;
  limit: number;
  /** Leads that are not to be found. */
  set_aside: readonly string[];
};

/** `rest_after`: the lead after which the next look goes on; null once there are no more. */
export type Matches = { lead_ids: string[]; rest_after: string | null };

/**
 * The next leads after `after_lead_id` that a play is for and that its campaign has no answer for yet: never asked, or
 * refused before the lead or its account last changed. Looks at some 5,000 leads, so it may find none and not be done.
 * Looks at few first: a play for most leads finds enough among them, and none is looked at twice.
 */
export async function matchLeads(
  { org_id, tx }: Pick<Scope, 'org_id' | 'tx'>,
  { audience, campaign_id, limit, set_aside }: MatchAsked,
  after_lead_id: string | null,
): Promise<Matches> {
  const asked = { ...audience, org_id, campaign_id, set_aside: [...set_aside] };
  const lead_ids: string[] = [];
  let rest_after = after_lead_id;
  for (let window = limit, looked_at = 0; looked_at < LOOKED_AT_ONCE; looked_at += window, window *= 2) {
    const wanted = limit - lead_ids.length;
    const part = { ...asked, limit: wanted, window, after_lead_id: rest_after };
    const found = (await matchLeadsOfPart.one(part, tx))!;
    lead_ids.push(...found.lead_ids);
    if (lead_ids.length === limit) return { lead_ids, rest_after: lead_ids.at(-1)! };
    if (found.looked_at_count < window) return { lead_ids, rest_after: null };
    rest_after = found.last_id;
  }
  return { lead_ids, rest_after };
}

/**
 * The same of the leads that changed since then, or whose account did. `too_many`: more changed than are looked at at once,
 * so that a pass through all is due.
 */
export async function matchChanged(
  { org_id, tx }: Pick<Scope, 'org_id' | 'tx'>,
  { audience, campaign_id, limit, set_aside }: MatchAsked,
  changed_since: Date,
): Promise<{ lead_ids: string[]; too_many: boolean }> {
  const asked = { ...audience, org_id, campaign_id, limit, set_aside: [...set_aside], changed_since };
  const found = (await matchChangedLeads.one({ ...asked, window: LOOKED_AT_ONCE }, tx))!;
  return { lead_ids: found.lead_ids, too_many: found.looked_at_count >= LOOKED_AT_ONCE };
}

/**
 * How many leads a play is or would be for, enrolled or not. Counts among 500,000 leads at most; `is_complete` says
 * whether those were all.
 */
export async function countMatches(
  { org_id, tx }: Pick<Scope, 'org_id' | 'tx'>,
  audience: Audience,
): Promise<{ match_count: number; is_complete: boolean }> {
  let match_count = 0;
  let after_lead_id: string | null = null;
  for (let looks = 0; looks < COUNT_LOOKS_MAX; looks += 1) {
    const asked: CountMatchesParams = { ...audience, org_id, after_lead_id, window: LOOKED_AT_ONCE };
    const [part] = await countMatchesOfPart.run(asked, tx);
    match_count += part!.match_count;
    if (part!.looked_at_count < LOOKED_AT_ONCE) return { match_count, is_complete: true };
    after_lead_id = part!.last_id;
  }
  return { match_count, is_complete: false };
}
