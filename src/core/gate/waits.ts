import type { Decision, SuppressedReason } from './decision.ts';

/** A decision before the gates ran again: its reason and its end. */
export type Wait = { reason: SuppressedReason | null; until_ms: number | null };

/**
 * If a policy change makes the gates run again during a wait of fixed hours, the same reason keeps the earlier end. A cap's
 * hold is different: its end follows from the ledger.
 */
export function keepEarlierEnd(decision: Decision, before: Wait, now_ms: number): Decision {
  const { outcome, reason, until_ms } = decision;
  if (outcome !== 'queue' || until_ms === null || reason !== before.reason) return decision;
  if (before.until_ms === null || before.until_ms <= now_ms || before.until_ms >= until_ms) return decision;
  return { ...decision, until_ms: before.until_ms };
}
