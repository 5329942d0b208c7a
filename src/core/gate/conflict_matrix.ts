/**
 * The conflict matrix of the AGT-302 specification: which of sales and marketing has priority for a lead, by ICP tier and
 * by the fresher signal.
 */
import type { Facts, IcpTier, Side } from './facts.ts';
import type { MatrixRow, Policy } from './policy.ts';

/** The facts that the matrix uses. */
export type LeadSignals = Pick<Facts, 'icp_tier' | 'sales_signal_at_ms' | 'marketing_signal_at_ms'>;

export type Recency = 'sales_fresher' | 'marketing_fresher';

/** Sales is fresher unless marketing's signal is strictly newer or the only one. */
export function recency(lead: LeadSignals): Recency {
  const { sales_signal_at_ms: sales, marketing_signal_at_ms: marketing } = lead;
  if (marketing === null) return 'sales_fresher';
  return sales === null || marketing > sales ? 'marketing_fresher' : 'sales_fresher';
}

/** The tier that a lead counts as: its own, or the policy's `unknown_tier`. */
export function effectiveTier(lead: LeadSignals, policy: Policy): IcpTier {
  return lead.icp_tier ?? policy.unknown_tier;
}

/** The row of the matrix that settles a conflict on this lead. */
export function matrixRow(lead: LeadSignals, policy: Policy): MatrixRow {
  return policy.conflict_matrix[effectiveTier(lead, policy)][recency(lead)];
}

/** A held touch, as far as its order of release depends on it. Times are epoch milliseconds. */
export type HeldTouch = { id: string; side: Side; due_at_ms: number; created_at_ms: number };

/**
 * Compares the held touches of one lead, first to be released first: the side that the matrix prefers, then sides without
 * conflicts, then the other side; within a side by due time, then age, then id, so that the order is total.
 */
export function releaseOrder(lead: LeadSignals, policy: Policy): (a: HeldTouch, b: HeldTouch) => number {
  const { winner } = matrixRow(lead, policy);
  const rank = (side: Side): number => {
    if (side === winner) return 0;
    return side === 'sales' || side === 'marketing' ? 2 : 1;
  };
  return (a, b) =>
    rank(a.side) - rank(b.side) ||
    a.due_at_ms - b.due_at_ms ||
    a.created_at_ms - b.created_at_ms ||
    (a.id < b.id ? -1 : Number(a.id > b.id));
}
