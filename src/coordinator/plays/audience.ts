import type { Audience } from '../../core/plays/audience.ts';
import * as sql from '../../db/queries/play_runs.gen.ts';
import type { Scope } from '../gate/scope.ts';

/** Leads scanned per statement: some tens of milliseconds, however few match. */
const LOOKED_AT_ONCE = 5_000;
/** A preview that would take longer than a few seconds reports its count so far. */
const COUNT_LOOKS_MAX = 100;

export type MatchAsked = {
  audience: Audience;
  campaign_id: string;
  limit: number;
  set_aside: readonly string[];
};

/** `rest_after`: the lead after which the next scan continues; null at the end. */
export type Matches = { lead_ids: string[]; rest_after: string | null };

/**
 * The next leads after `after_lead_id` that match a play and that its campaign has no answer for yet: never requested, or
 * refused before the lead or its account last changed. Scans about 5,000 leads, so it may find none and not be done. The
 * first windows are small: a play that matches most leads finds enough there, and no lead is scanned twice.
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
    const found = (await sql.matchLeads.one(part, tx))!;
    lead_ids.push(...found.lead_ids);
    if (lead_ids.length === limit) return { lead_ids, rest_after: lead_ids.at(-1)! };
    if (found.looked_at_count < window) return { lead_ids, rest_after: null };
    rest_after = found.last_id;
  }
  return { lead_ids, rest_after };
}

/**
 * The same for leads that changed since then, or whose account did. `too_many`: more changed than one scan covers, so a
 * full pass is due.
 */
export async function matchChanged(
  { org_id, tx }: Pick<Scope, 'org_id' | 'tx'>,
  { audience, campaign_id, limit, set_aside }: MatchAsked,
  changed_since: Date,
): Promise<{ lead_ids: string[]; too_many: boolean }> {
  const asked = { ...audience, org_id, campaign_id, limit, set_aside: [...set_aside], changed_since };
  const found = (await sql.matchChangedLeads.one({ ...asked, window: LOOKED_AT_ONCE }, tx))!;
  return { lead_ids: found.lead_ids, too_many: found.looked_at_count >= LOOKED_AT_ONCE };
}

/**
 * The number of leads that match a play, enrolled or not. Counts among at most 500,000 leads; `is_complete` is true if
 * those were all.
 */
export async function countMatches(
  { org_id, tx }: Pick<Scope, 'org_id' | 'tx'>,
  audience: Audience,
): Promise<{ match_count: number; is_complete: boolean }> {
  let match_count = 0;
  let after_lead_id: string | null = null;
  for (let looks = 0; looks < COUNT_LOOKS_MAX; looks += 1) {
    const asked: sql.CountMatchesParams = { ...audience, org_id, after_lead_id, window: LOOKED_AT_ONCE };
    const [part] = await sql.countMatches.run(asked, tx);
    match_count += part!.match_count;
    if (part!.looked_at_count < LOOKED_AT_ONCE) return { match_count, is_complete: true };
    after_lead_id = part!.last_id;
  }
  return { match_count, is_complete: false };
}
