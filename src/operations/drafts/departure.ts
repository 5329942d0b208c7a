import type { Clock } from '../../clock.ts';
import { readLeads } from '../../coordinator/gate/facts.ts';
import { orgPolicy } from '../../coordinator/gate/scope.ts';
import { undoMs } from '../../coordinator/sending/undo_time.ts';
import { earliestDepartureMs } from '../../core/gate/departure.ts';
import type { Queryable } from '../../db/pool.ts';
import type { GetDraftResult } from '../../db/queries/drafts.gen.ts';

export type Departure = {
  /** End of the undo window. Null: the message may be sent, or is not approved. */
  undo_until: Date | null;
  /** Null: immediately after approval, or not by Touchline. */
  leaves_at: Date | null;
};

/** When an approved message is sent, as far as known. People send manual ones at any time. */
export async function departureOf(
  { db, clock }: { db: Queryable; clock: Clock },
  org_id: string,
  draft: GetDraftResult,
): Promise<Departure> {
  const { status, approved_at, requires_personal_send } = draft;
  if (status !== 'approved' || approved_at === null || requires_personal_send)
    return { undo_until: null, leaves_at: null };
  const { policy } = await orgPolicy({ tx: db, org_id });
  const undo_ms = undoMs(policy, clock.speed);
  const undo_until_ms = approved_at.getTime() + undo_ms;
  const now_ms = clock.now_ms();
  const lead = (await readLeads({ tx: db, org_id, clock }, [draft.lead_id], policy, now_ms)).get(
    draft.lead_id,
  )!;
  const { public_holidays } = lead.calendar;
  const from_ms = Math.max(now_ms, undo_until_ms, draft.scheduled_at.getTime());
  const touch = { ...lead, public_holidays, sequence_type: draft.sequence_type };
  const leaves_ms = earliestDepartureMs(touch, policy, now_ms, from_ms);
  return {
    undo_until: undo_ms === 0 ? null : new Date(undo_until_ms),
    leaves_at:
      leaves_ms === null || leaves_ms <= Math.max(now_ms, undo_until_ms) ? null : new Date(leaves_ms),
  };
}
