import type { Decision, SuppressedReason } from './decision.ts';

/** What a decision was before it was asked again: why it waited, and until when. */
export type Wait = { reason: SuppressedReason | null; until_ms: number | null };

/**
 * A wait of so many hours that is asked again before they are over, because the policy changed, goes on: for the same
 * reason it does not begin anew. A hold for lack of room is another matter, since its end follows from the ledger.
 */
export function keepEarlierEnd(decision: Decision, before: Wait, now_ms: number): Decision {
  const { outcome, reason, until_ms } = decision;
  if (outcome !== 'queue' || until_ms === null || reason !== before.reason) return decision;
  if (before.until_ms === null || before.until_ms <= now_ms || before.until_ms >= until_ms) return decision;
  return { ...decision, until_ms: before.until_ms };
}
