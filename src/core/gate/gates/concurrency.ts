import { HOUR_MS } from '../../durations.ts';
import { effectiveTier, matrixRow, type Recency, recency } from '../conflict_matrix.ts';
import type { FlagRequest, GateTrace } from '../decision.ts';
import type { ActiveSequence, Facts, IcpTier } from '../facts.ts';
import type { Policy } from '../policy.ts';
import { idsOf, sameSide } from '../same_side.ts';
import { sentence } from '../words.ts';
import { type About, declareGate, type GateAnswer } from './gate.ts';

type Saw = GateTrace['saw'];

const { pass, stop, gate } = declareGate({
  name: 'concurrency',
  label: 'Conflict',
  decides_by: ['conflict_matrix', 'unknown_tier', 't3_sales', 'sequences_per_side'],
  cases: {
    transactional: { text: 'A transactional message conflicts with nothing.' },
    side_conflicts_with_none: { text: 'Only sales and marketing conflict; this sequence is neither.' },
    other_side_inactive: {
      text: (saw) => `${sentence(otherSide(saw))} has no active enrollment for this lead.`,
    },
    outranks_same_side: {
      text: (saw) =>
        `${sentence(otherSide(saw))} has no active enrollment for this lead, and this sequence goes before other ${String(saw.side)} ` +
        'sequences, which wait for it to end.',
    },
    side_full: {
      text: (saw) =>
        `${sentence(String(saw.side))} already runs as many sequences for this lead as the policy allows at once ` +
        `(${String(saw.places)}), with a higher priority, a higher type, or an earlier start.`,
      leads: 'sales already runs as many sequences for them as the policy allows',
    },
    wait_over: {
      text: (saw) =>
        `${sentence(otherSide(saw))} is active on this lead too and has priority. ${tier(saw)}: this sequence has waited ` +
        `${String(saw.hours)} hours, so it continues beside the other under the caps.`,
    },
    t3_sales: {
      text: (saw) =>
        `${tier(saw)}, and T3 belongs to marketing: this is a routing error, and its agent was notified.`,
      why: 'T3 leads belong to marketing',
      leads: 'they are T3 and belong to marketing: each would be refused as a routing error',
    },
    t1_sales_fresher: { text: conflict, leads: 'marketing is active there, T1' },
    t1_marketing_fresher: {
      text: conflict,
      leads: 'marketing is active there, T1, and its signal is fresher',
    },
    t2_sales_fresher: { text: conflict, leads: 'marketing is active there, T2' },
    t2_marketing_fresher: {
      text: conflict,
      leads: 'marketing is active there, T2, and its signal is fresher',
    },
    t3_sales_fresher: { text: conflict, leads: 'marketing is active there, T3' },
    t3_marketing_fresher: {
      text: conflict,
      leads: 'marketing is active there, T3, and its signal is fresher',
    },
  },
  reasons: {
    conflict_resolved_queued: { label: 'Other side has priority', why: 'the other side has priority' },
    same_side_queued: {
      label: 'Same side already active',
      why: 'another sequence of the same side is active',
    },
    sales_on_t3: { label: 'Sales on T3', why: 'T3 leads belong to marketing, and sales never runs there' },
  },
});

/**
 * Sales and marketing never write to the same lead at the same time: the conflict matrix names the winner, and the
 * loser is queued: until the other ends, or, where the matrix says so, for fixed hours once. Within a side, only as many
 * sequences run as the policy allows, by priority, type, and beginning. If the asking sequence wins, the gate passes and lists
 * the enrollments to pause. Sides `service` and `none` never conflict; neither do transactional sequences, requested or active.
 */
export const concurrency = gate((facts, policy) => {
  const { side } = facts;
  if (facts.sequence_type === 'transactional') return pass('transactional', { side });
  if (side !== 'sales' && side !== 'marketing') return pass('side_conflicts_with_none', { side });

  const is_misrouted = side === 'sales' && effectiveTier(facts, policy) === 'T3';
  const flags: readonly FlagRequest[] = is_misrouted
    ? [{ kind: 'routing_error', for_agent: policy.routing_error_agent }]
    : [];
  if (is_misrouted && policy.t3_sales === 'refuse') return salesOnT3(facts, policy, flags);
  const places = policy.sequences_per_side[side];
  const { ahead, outranked } = sameSide(facts, places);
  if (places !== null && ahead.length >= places) return sideFull(facts, places, ahead, flags);
  const other_side = side === 'sales' ? 'marketing' : 'sales';
  return settle(facts, policy, activeOf(other_side, facts), { outranked, flags });
});

function sideFull(
  { side, priority }: Facts,
  places: number,
  ahead: readonly string[],
  flags: readonly FlagRequest[],
): GateAnswer {
  const saw = { side, priority, places, same_side_active: ahead };
  const queued = { outcome: 'queue', reason: 'same_side_queued', until_ms: null } as const;
  return stop('side_full', saw, { ...queued, wake: 'same_side_ends', flags });
}

/** Sales must not be active for T3. A request is refused; an active enrollment is queued. */
function salesOnT3(facts: Facts, policy: Policy, flags: readonly FlagRequest[]): GateAnswer {
  const { side, icp_tier, moment } = facts;
  const refused = moment === 'requested';
  return stop(
    't3_sales',
    { side, icp_tier, counts_as: 'T3' },
    {
      outcome: refused ? 'refuse' : 'queue',
      reason: 'sales_on_t3',
      until_ms: refused ? null : facts.now_ms + policy.retry_hours * HOUR_MS,
      wake: refused ? null : 'at_until',
      flags,
    },
  );
}

function activeOf(other_side: 'sales' | 'marketing', facts: Facts): readonly ActiveSequence[] {
  return facts.active_sequences.filter(
    (active) => active.side === other_side && active.sequence_type !== 'transactional',
  );
}

function settle(
  facts: Facts,
  policy: Policy,
  others: readonly ActiveSequence[],
  extra: { outranked: readonly string[]; flags: readonly FlagRequest[] },
): GateAnswer {
  const { side, icp_tier, sales_signal_at_ms, marketing_signal_at_ms } = facts;
  const { outranked } = extra;
  if (others.length === 0) {
    return outranked.length === 0
      ? pass('other_side_inactive', { side }, extra)
      : pass('outranks_same_side', { side, outranked }, extra);
  }
  const counts_as = effectiveTier(facts, policy);
  const { winner, loser_queued_hours } = matrixRow(facts, policy);
  const because = ROW_NAMES[counts_as][recency(facts)];
  const saw = {
    side,
    icp_tier,
    counts_as,
    sales_signal_at_ms,
    marketing_signal_at_ms,
    winner,
    other_side_active: idsOf(others),
  };
  const until_ms = loser_queued_hours === null ? null : facts.now_ms + loser_queued_hours * HOUR_MS;
  if (winner === side) {
    const losers = idsOf(
      loser_queued_hours === null ? others : stillToWait(facts, others, loser_queued_hours),
    );
    return pass(because, saw, { losers, loser_until_ms: until_ms, ...extra });
  }
  if (until_ms !== null && isWaitOver(facts, loser_queued_hours!)) {
    const waited = { ...saw, hours: loser_queued_hours, conflict_since_ms: facts.conflict_since_ms };
    return pass('wait_over', waited, extra);
  }
  return stop(because, saw, {
    outcome: 'queue',
    reason: 'conflict_resolved_queued',
    until_ms,
    wake: until_ms === null ? 'other_side_ends' : 'at_until',
    flags: extra.flags,
  });
}

/** Without the sequences that have waited their hours. */
function stillToWait(
  { now_ms }: Facts,
  others: readonly ActiveSequence[],
  hours: number,
): readonly ActiveSequence[] {
  return others.filter(({ conflict_since_ms = null }) => !isWaitOver({ conflict_since_ms, now_ms }, hours));
}

/** The side that lost waits its hours once; then it may go on beside the other, under the caps. */
function isWaitOver(
  { conflict_since_ms, now_ms }: Pick<Facts, 'conflict_since_ms' | 'now_ms'>,
  hours: number,
): boolean {
  return conflict_since_ms !== null && now_ms >= conflict_since_ms + hours * HOUR_MS;
}

const ROW_NAMES = {
  T1: { sales_fresher: 't1_sales_fresher', marketing_fresher: 't1_marketing_fresher' },
  T2: { sales_fresher: 't2_sales_fresher', marketing_fresher: 't2_marketing_fresher' },
  T3: { sales_fresher: 't3_sales_fresher', marketing_fresher: 't3_marketing_fresher' },
} as const satisfies Record<IcpTier, Record<Recency, string>>;

/** The winner and the deciding facts, both for the side that passes and for the side that waits. */
function conflict(saw: Saw, { when }: About, says: GateTrace['says']): string {
  const seen = (['sales', 'marketing'] as const).map((side) => {
    const at_ms = saw[`${side}_signal_at_ms`];
    return typeof at_ms === 'number' ? `${side} saw a signal on ${when(at_ms)}` : `${side} saw no signal`;
  });
  const is_unseen = [saw.sales_signal_at_ms, saw.marketing_signal_at_ms].every(
    (at) => typeof at !== 'number',
  );
  const signals = is_unseen ? 'neither side saw a signal' : seen.join(', ');
  const waits = says === 'pass' ? otherSide(saw) : String(saw.side);
  return (
    `${sentence(otherSide(saw))} is active on this lead too. ${tier(saw)}; ${signals}. ` +
    `By the conflict rules, ${String(saw.winner)} has priority and ${waits} waits.`
  );
}

function tier({ icp_tier, counts_as }: Saw): string {
  return icp_tier === null ? `The lead has no tier and counts as ${counts_as}` : `The lead is ${icp_tier}`;
}

function otherSide({ side }: Saw): string {
  return side === 'sales' ? 'marketing' : 'sales';
}
