import { ADDRESSES, type Address, CHANNELS } from '../../core/channels.ts';
import { leadsWords } from '../../core/explain/gates.ts';
import type { Decision } from '../../core/gate/decision.ts';
import { decide } from '../../core/gate/gates.ts';
import {
  missingAddress,
  type Reach,
  reachesNobody,
  stepsAhead,
  UNREACHABLE,
  type UnreachableStep,
} from '../../core/gate/unreachable.ts';
import { audienceOf, type TargetDefinition } from '../../core/plays/audience.ts';
import type { PlayStep, SuggestedCadence } from '../../core/plays/cadence.ts';
import { touchesByWeek } from '../../core/plays/forecast.ts';
import { leadEmails } from '../../db/queries/plays.gen.ts';
import type { SuppressedReason } from '../../schema.gen.ts';
import { factsOf, type LeadSnapshot, readLeads } from '../gate/facts.ts';
import { COORDINATOR, orgPolicy, type Scope } from '../gate/scope.ts';
import { countMatches, matchLeads } from './audience.ts';
import { playSteps } from './plays.ts';

/** Leads per round of decisions, and the maximum in all: a few seconds for the waiting user. */
const ASKED_AT_ONCE = 500;
const ASKED_MAX = 10_000;
/** Scans of leads of which few or none match. */
const LOOKS_MAX = 200;
/** An id that no campaign has: a play without a campaign has made no requests. */
const NO_CAMPAIGN = '00000000-0000-0000-0000-000000000000';

type PreviewedPlay = {
  segment: string | null;
  account_id: string | null;
  target_definition: unknown;
  suggested_cadence: unknown;
  campaign_id: string | null;
};

type Answered = {
  outcome: Decision['outcome'];
  reason: SuppressedReason | null;
  /** The exact case as one stable word; null if allowed. */
  because: string | null;
  says: string;
  leads: number;
  examples: { lead_id: string; email: string }[];
};
type Tally = Omit<Answered, 'says' | 'examples'> & { lead_ids: string[] };

const EXAMPLES = 3;

export type PlayPreview = {
  /** Leads that match now, and whether all leads were scanned for this count. */
  match_count: number;
  match_count_is_complete: boolean;
  /** The matching leads without an answer yet that the gate decided for this preview, oldest first. */
  asked_count: number;
  asked_all: boolean;
  answers: Answered[];
  /** Steps that some of the allowed leads lack the address for, with the number of those leads. */
  unreachable_steps: (UnreachableStep & { leads: number })[];
  touches_by_week: { week: number; touches: number }[];
};

/**
 * Previews a play as if it ran now: writes nothing, locks nothing, and decides each lead separately. If more leads match
 * than are decided, the touches are scaled up to all matching leads.
 */
export async function previewPlay(scope: Scope, play: PreviewedPlay): Promise<PlayPreview> {
  const { tx, org_id } = scope;
  const audience = audienceOf({ ...play, target_definition: play.target_definition as TargetDefinition });
  const { policy } = await orgPolicy(scope);
  const steps = await playSteps(tx, org_id, play.suggested_cadence as SuggestedCadence);
  const { match_count, is_complete } = await countMatches(scope, audience);
  const tally = new Map<string, Tally>();
  const admitted: Reach[] = [];
  const campaign_id = play.campaign_id ?? NO_CAMPAIGN;
  const asked = { audience, campaign_id, limit: ASKED_AT_ONCE, set_aside: [] };
  let asked_count = 0;
  let after: string | null = null;
  let asked_all = false;
  for (let looks = 0; looks < LOOKS_MAX && asked_count < ASKED_MAX && !asked_all; looks += 1) {
    const found = await matchLeads(scope, asked, after);
    for (const one of await decideAll(scope, found.lead_ids, policy)) {
      const is_in_reach = !reachesNobody(steps, one.lead);
      count(tally, one.lead_id, is_in_reach ? one.decision : outOfReach(one.decision));
      if (is_in_reach && one.decision.outcome === 'allow') admitted.push(one.lead);
    }
    asked_count += found.lead_ids.length;
    after = found.rest_after;
    asked_all = after === null;
  }
  const share = asked_all || asked_count === 0 ? 1 : Math.max(1, match_count / asked_count);
  const { max_touches_per_window, window_hours } = policy.touch_cap;
  return {
    match_count,
    match_count_is_complete: is_complete,
    asked_count,
    asked_all,
    answers: await answersOf(scope, [...tally.values()]),
    unreachable_steps: outOfReachSteps(steps, admitted),
    touches_by_week: forecast(steps, admitted, share, window_hours >= 168 ? max_touches_per_window : null),
  };
}

/** Leads with the same addresses get the same steps. */
function forecast(
  steps: readonly PlayStep[],
  admitted: readonly Reach[],
  share: number,
  max_touches_per_week: number | null,
): PlayPreview['touches_by_week'] {
  const addresses = Object.keys(ADDRESSES) as Address[];
  const alike = Map.groupBy(admitted, (lead) => addresses.map((address) => lead[`has_${address}`]).join());
  const weeks = touchesByWeek(steps, 0, max_touches_per_week);
  for (const leads of alike.values()) {
    const count = Math.round(leads.length * share);
    for (const { week, touches } of touchesByWeek(stepsAhead(steps, leads[0]!), count, max_touches_per_week))
      weeks[week - 1]!.touches += touches;
  }
  return weeks;
}

function outOfReachSteps(
  steps: readonly PlayStep[],
  admitted: readonly Reach[],
): PlayPreview['unreachable_steps'] {
  return steps.flatMap(({ step_number, channel, when_unreachable }) => {
    const missing = CHANNELS[channel].address;
    const leads = admitted.filter((lead) => missingAddress(channel, lead) !== null).length;
    return leads === 0 ? [] : [{ step_number, channel, missing, when_unreachable, leads }];
  });
}

/** Replaces a decision that would allow an enrollment, now or later, of which no step reaches the lead. */
function outOfReach(decision: Decision): CountedDecision {
  const { outcome } = decision;
  const may_begin = outcome === 'allow' || outcome === 'hold' || outcome === 'queue';
  return may_begin ? { outcome: 'refuse', reason: null, because: UNREACHABLE } : decision;
}

type CountedDecision = Pick<Decision, 'outcome' | 'reason'> &
  Partial<Pick<Decision, 'trace'>> & { because?: string };

async function decideAll(
  scope: Scope,
  lead_ids: readonly string[],
  policy: Awaited<ReturnType<typeof orgPolicy>>['policy'],
): Promise<{ lead_id: string; lead: LeadSnapshot; decision: Decision }[]> {
  if (lead_ids.length === 0) return [];
  const now_ms = scope.clock.now_ms();
  const leads = await readLeads(scope, lead_ids, policy, now_ms);
  const play = { enrollment_id: null, sequence_type: 'prospecting', side: 'sales' } as const;
  const asker = { ...play, requested_by: COORDINATOR };
  return [...leads].map(([lead_id, lead]) => {
    return { lead_id, lead, decision: decide(factsOf(lead, asker, 'requested', now_ms), policy) };
  });
}

function count(
  tally: Map<string, Tally>,
  lead_id: string,
  { outcome, reason, ...why }: CountedDecision,
): void {
  const because = outcome === 'allow' ? null : (why.because ?? why.trace?.at(-1)?.because ?? null);
  const key = `${outcome}:${because ?? ''}`;
  const known = tally.get(key) ?? { outcome, reason, because, leads: 0, lead_ids: [] };
  if (known.lead_ids.length < EXAMPLES) known.lead_ids.push(lead_id);
  known.leads += 1;
  tally.set(key, known);
}

async function answersOf({ tx, org_id }: Scope, tallied: readonly Tally[]): Promise<Answered[]> {
  const ids = tallied.flatMap(({ lead_ids }) => lead_ids);
  const emails = new Map((await leadEmails.run({ org_id, ids }, tx)).map(({ id, email }) => [id, email]));
  const answers = tallied.map(({ lead_ids, ...one }) => ({
    ...one,
    says: one.because === null ? 'may be enrolled now' : leadsWords(one.because),
    examples: lead_ids.map((lead_id) => ({ lead_id, email: emails.get(lead_id) ?? lead_id })),
  }));
  return answers.sort((a, b) => b.leads - a.leads);
}
