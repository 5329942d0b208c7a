import { DAY_MS, MINUTE_MS } from '../../core/durations.ts';
import { audienceOf, type TargetDefinition } from '../../core/plays/audience.ts';
import { type ClaimPlayRunResult, claimPlayRun, updatePlayRun } from '../../db/queries/play_runs.gen.ts';
import { type CampaignForRequest, loadCampaignsForRequest } from '../gate/campaigns.ts';
import { type Batch, COORDINATOR, type Scope } from '../gate/scope.ts';
import { type RequestAnswer, requestSequences } from '../gate/sequence_requests.ts';
import { type MatchAsked, matchChanged, matchLeads } from './audience.ts';

/** How often changed leads are scanned. */
const CHANGES_EVERY_MS = MINUTE_MS;
/** A change becomes visible at most this much later than its date: the time that its transaction may take. */
const CHANGES_OVERLAP_MS = 10 * MINUTE_MS;
/** A change that the scans of changes missed is found within a day. */
const PASS_EVERY_MS = DAY_MS;
/** A pass that skipped leads is followed by another, once they may be tried again. */
const PASS_AGAIN_MS = 10 * MINUTE_MS;

/** One connection writes a smaller batch just as fast. */
const SHARED_FROM = 100;

type Progress = Pick<
  ClaimPlayRunResult,
  'after_lead_id' | 'pass_started_at' | 'pass_finished_at' | 'changes_since'
>;

/**
 * Requests enrollments for the next leads that match an active play: one play, one batch. A pass scans all leads by id;
 * after it, changed leads are scanned, and once a day all leads again. Plays take turns, and any number of workers share
 * them. Returns the number of requests, or the limit while there are more leads to scan.
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
  // Claimed first, so that a play that always fails is set aside, and not the plays after it.
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

function beginSearch(run: Progress, now_ms: number): Search {
  const { after_lead_id, pass_started_at, pass_finished_at, changes_since } = run;
  const progress = { after_lead_id, pass_started_at, pass_finished_at, changes_since };
  if (pass_finished_at === null) return { in_pass: true, progress };
  if (pass_started_at.getTime() > now_ms - PASS_EVERY_MS) return { in_pass: false, progress };
  return { in_pass: true, progress: passFrom(now_ms) };
}

/** A pass sees all changes made before it began. */
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

/** Requested leads no longer match, so an unfinished scan restarts. */
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
 * Requests all leads, half of a large batch on a second connection: requesting is mostly writing, and two connections write
 * nearly twice as much. If one half fails, the answers of the other stay, and those leads no longer match. Leads that
 * another transaction has locked are left for the next scan, which begins before the first of them.
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
