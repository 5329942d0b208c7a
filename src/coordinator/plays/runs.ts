import { DAY_MS, MINUTE_MS } from '../../core/durations.ts';
import { audienceOf, type TargetDefinition } from '../../core/plays/audience.ts';
import { type ClaimPlayRunResult, claimPlayRun, updatePlayRun } from '../../db/queries/play_runs.gen.ts';
import { type CampaignForRequest, loadCampaignsForRequest } from '../gate/campaigns.ts';
import { type Batch, COORDINATOR, type Scope } from '../gate/scope.ts';
import { type RequestAnswer, requestSequences } from '../gate/sequence_requests.ts';
import { type MatchAsked, matchChanged, matchLeads } from './audience.ts';

/** How often the leads that changed are looked at. */
const CHANGES_EVERY_MS = MINUTE_MS;
/** A change is seen this much later than it is dated, at most: the time that its transaction may take. */
const CHANGES_OVERLAP_MS = 10 * MINUTE_MS;
/** What a look at the changes could have missed is found within a day. */
const PASS_EVERY_MS = DAY_MS;
/** A pass that had to leave leads aside is followed by another, once they may be tried again. */
const PASS_AGAIN_MS = 10 * MINUTE_MS;

/** A smaller batch is written as fast by one connection. */
const SHARED_FROM = 100;

/** Where the search for leads of a play stands: columns of play_runs. */
type Progress = Pick<
  ClaimPlayRunResult,
  'after_lead_id' | 'pass_started_at' | 'pass_finished_at' | 'changes_since'
>;

/**
 * Asks the gate for the next leads that an active play is for: one play, one batch. A pass goes through all leads by id;
 * after it those that changed are looked at, and once a day all of them again. Plays take turns, and any number of workers
 * share them. Returns how many were asked, and the limit while there is more to look at.
 */
export async function runPlays(scope: Scope, batch: Batch): Promise<number> {
  const { tx, org_id, clock } = scope;
  const now_ms = clock.now_ms();
  const claim = {
    org_id,
    now: new Date(now_ms),
    set_aside: batch.set_aside,
    changes_until: new Date(now_ms - CHANGES_EVERY_MS),
    pass_until: new Date(now_ms - PASS_EVERY_MS),
  };
  const run = await claimPlayRun.one(claim, tx);
  if (run === undefined) return 0;
  const { play_id, campaign_id } = run;
  // Named first, so that a play that cannot be worked on at all is set aside, and not the ones after it.
  batch.claimed([play_id]);
  const campaign = (await loadCampaignsForRequest(scope, [campaign_id])).get(campaign_id);
  const audience = audienceOf({ ...run, target_definition: run.target_definition as TargetDefinition });
  const asked = { audience, campaign_id, limit: batch.limit, set_aside: batch.set_aside };
  const search = beginSearch(run, now_ms);
  const found = search.in_pass
    ? await lookThroughAll(scope, asked, search.progress)
    : await lookAtChanges(scope, asked, search.progress, now_ms);
  if (found.lead_ids.length > 0) batch.claimed(found.lead_ids);
  const answered = campaign === undefined ? null : await request(scope, campaign, found.lead_ids);
  const requested = answered?.requested ?? 0;
  const progress =
    answered?.first_busy == null ? found.progress : stoppedBefore(search, found, answered.first_busy);
  await updatePlayRun.run({ org_id, play_id, ...progress, requested, now: new Date(now_ms) }, tx);
  const all_busy = requested === 0 && answered?.first_busy != null;
  return found.is_done || all_busy ? requested : batch.limit;
}

type Search = { in_pass: boolean; progress: Progress };
type Found = { lead_ids: string[]; is_done: boolean; progress: Progress };

/** A pass that goes on, a new one that is due, or a look at what changed. */
function beginSearch(run: Progress, now_ms: number): Search {
  const { after_lead_id, pass_started_at, pass_finished_at, changes_since } = run;
  const progress = { after_lead_id, pass_started_at, pass_finished_at, changes_since };
  if (pass_finished_at === null) return { in_pass: true, progress };
  if (pass_started_at.getTime() > now_ms - PASS_EVERY_MS) return { in_pass: false, progress };
  return { in_pass: true, progress: passFrom(now_ms) };
}

/** A pass sees what changed before it began. */
function passFrom(now_ms: number): Progress {
  const began = new Date(now_ms);
  return { after_lead_id: null, pass_started_at: began, pass_finished_at: null, changes_since: began };
}

async function lookThroughAll(scope: Scope, asked: MatchAsked, progress: Progress): Promise<Found> {
  const { lead_ids, rest_after } = await matchLeads(scope, asked, progress.after_lead_id);
  if (rest_after !== null)
    return { lead_ids, is_done: false, progress: { ...progress, after_lead_id: rest_after } };
  const now_ms = scope.clock.now_ms();
  const finished = { ...progress, after_lead_id: null, pass_finished_at: new Date(now_ms) };
  if (asked.set_aside.length > 0) finished.pass_started_at = new Date(now_ms - PASS_EVERY_MS + PASS_AGAIN_MS);
  return { lead_ids, is_done: true, progress: finished };
}

/** What was asked is not found again, so a look that is not done goes on from its beginning. */
async function lookAtChanges(
  scope: Scope,
  asked: MatchAsked,
  progress: Progress,
  now_ms: number,
): Promise<Found> {
  const since = new Date(progress.changes_since.getTime() - CHANGES_OVERLAP_MS);
  const { lead_ids, too_many } = await matchChanged(scope, asked, since);
  if (too_many) return { lead_ids: [], is_done: false, progress: passFrom(now_ms) };
  if (lead_ids.length === asked.limit) return { lead_ids, is_done: false, progress };
  return { lead_ids, is_done: true, progress: { ...progress, changes_since: new Date(now_ms) } };
}

/**
 * Asks for all, half of a large batch beside the other: asking is writing, and two connections write nearly twice as much.
 * What one half has answered stays answered if the other fails, and is not found again. Leads that someone else works on
 * just now are left for the next look: it begins before the first of them.
 */
async function request(
  scope: Scope,
  campaign: CampaignForRequest,
  lead_ids: readonly string[],
): Promise<{ requested: number; first_busy: number | null }> {
  const ask = async (own: Scope, part: readonly string[]): Promise<RequestAnswer[]> => {
    const requests = part.map((lead_id) => ({ lead_id, campaign, requested_by: COORDINATOR }));
    return requests.length === 0 ? [] : requestSequences(own, requests, { wait: false });
  };
  const half = scope.beside === undefined || lead_ids.length < SHARED_FROM ? 0 : lead_ids.length >> 1;
  const parts = await Promise.allSettled([
    half === 0 ? [] : scope.beside!((other) => ask(other, lead_ids.slice(0, half))),
    ask(scope, lead_ids.slice(half)),
  ]);
  const answers = parts.flatMap((part) => {
    if (part.status === 'rejected') throw part.reason;
    return part.value;
  });
  const first_busy = answers.findIndex((answer) => answer.kind === 'unknown_lead');
  const requested = answers.filter((answer) => 'request_id' in answer).length;
  return { requested, first_busy: first_busy < 0 ? null : first_busy };
}

function stoppedBefore({ in_pass, progress }: Search, { lead_ids }: Found, first_busy: number): Progress {
  if (!in_pass || first_busy === 0) return progress;
  return { ...progress, after_lead_id: lead_ids[first_busy - 1]! };
}
