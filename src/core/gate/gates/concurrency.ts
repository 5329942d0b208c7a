import { HOUR_MS } from '../../durations.ts';
import { effectiveTier, matrixRow, type Recency, recency } from '../conflict_matrix.ts';
import type { FlagRequest } from '../decision.ts';
import type { Facts, IcpTier } from '../facts.ts';
import type { Policy } from '../policy.ts';
import { type GateAnswer, pass, stop } from './answer.ts';

/**
 * Gate 4. Sales and marketing do not write to the same lead at the same time: the conflict matrix names the
 * winner, the loser is queued. If the asking side wins, the answer is a pass that lists the enrollments to
 * pause. Sides `service` and `none` conflict with nobody; neither does a transactional sequence, asking or
 * running.
 */
export function concurrency(facts: Facts, policy: Policy): GateAnswer {
  const { side } = facts;
  if (facts.sequence_type === 'transactional') return pass('concurrency', 'transactional', { side });
  if (side !== 'sales' && side !== 'marketing')
    return pass('concurrency', 'side_conflicts_with_none', { side });

  const is_misrouted = side === 'sales' && effectiveTier(facts, policy) === 'T3';
  const flags: readonly FlagRequest[] = is_misrouted
    ? [{ kind: 'routing_error', for_agent: policy.routing_error_agent }]
    : [];
  if (is_misrouted && policy.t3_sales === 'refuse') return salesOnT3(facts, policy, flags);
  const other_side = side === 'sales' ? 'marketing' : 'sales';
  return settle(facts, policy, activeOf(other_side, facts), flags);
}

/** Sales should never be active for T3. A request is refused; a sequence that runs already is set aside. */
function salesOnT3(facts: Facts, policy: Policy, flags: readonly FlagRequest[]): GateAnswer {
  const { side, icp_tier, moment } = facts;
  const refused = moment === 'requested';
  return stop(
    'concurrency',
    't3_sales',
    { side, icp_tier, counts_as: 'T3' },
    {
      outcome: refused ? 'refuse' : 'queue',
      reason: 'conflict_resolved_queued',
      until_ms: refused ? null : facts.now_ms + policy.retry_hours * HOUR_MS,
      wake: refused ? null : 'at_until',
      flags,
    },
  );
}

function activeOf(other_side: 'sales' | 'marketing', facts: Facts): readonly string[] {
  return facts.active_sequences
    .filter((active) => active.side === other_side && active.sequence_type !== 'transactional')
    .map((active) => active.enrollment_id);
}

function settle(
  facts: Facts,
  policy: Policy,
  other_side_active: readonly string[],
  flags: readonly FlagRequest[],
): GateAnswer {
  const { side, icp_tier, sales_signal_at_ms, marketing_signal_at_ms } = facts;
  if (other_side_active.length === 0) {
    return pass('concurrency', 'other_side_inactive', { side }, { losers: [], loser_until_ms: null, flags });
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
    other_side_active,
  };
  const until_ms = loser_queued_hours === null ? null : facts.now_ms + loser_queued_hours * HOUR_MS;
  if (winner === side) {
    return pass('concurrency', because, saw, { losers: other_side_active, loser_until_ms: until_ms, flags });
  }
  return stop('concurrency', because, saw, {
    outcome: 'queue',
    reason: 'conflict_resolved_queued',
    until_ms,
    wake: until_ms === null ? 'other_side_ends' : 'at_until',
    flags,
  });
}

const ROW_NAMES: Record<IcpTier, Record<Recency, string>> = {
  T1: { sales_fresher: 't1_sales_fresher', marketing_fresher: 't1_marketing_fresher' },
  T2: { sales_fresher: 't2_sales_fresher', marketing_fresher: 't2_marketing_fresher' },
  T3: { sales_fresher: 't3_sales_fresher', marketing_fresher: 't3_marketing_fresher' },
};
