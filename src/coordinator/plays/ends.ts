import { lockFreeLeads } from '../../db/queries/facts.gen.ts';
import { claimRequestsOfClosedPlays, sunsetPlays } from '../../db/queries/play_runs.gen.ts';
import type { Batch, Scope } from '../gate/scope.ts';
import { withdrawRequests } from '../gate/withdrawals.ts';
import { tellOfRetirement } from './notes.ts';

/** Retires plays whose period is over, if the library's config says so. Returns how many. */
export async function retireOverduePlays(
  scope: Scope,
  { limit, set_aside, claimed }: Batch,
): Promise<number> {
  const { org_id, tx, clock, log } = scope;
  const retired = await sunsetPlays.run({ org_id, now: clock.now(), limit, set_aside }, tx);
  const play_ids = retired.map((row) => row.play_id);
  if (play_ids.length === 0) return 0;
  claimed(play_ids);
  await tellOfRetirement(
    scope,
    retired.map((play) => ({ ...play, retire_reason: 'auto_sunset' })),
  );
  log?.info({ org_id, play_ids }, 'plays were retired: their period is over');
  return play_ids.length;
}

/**
 * Withdraws pending requests for plays that were retired or whose period is over; current enrollments finish. Returns the
 * number of requests found.
 */
export async function endClosedPlays(scope: Scope, { limit, set_aside, claimed }: Batch): Promise<number> {
  const { org_id, tx, clock } = scope;
  const found = await claimRequestsOfClosedPlays.run({ org_id, now: clock.now(), limit, set_aside }, tx);
  if (found.length === 0) return 0;
  claimed(found.map((row) => row.id));
  const lead_ids = [...new Set(found.map((row) => row.lead_id))];
  const locked = new Set((await lockFreeLeads.run({ org_id, lead_ids }, tx)).map((row) => row.id));
  const now_ms = clock.now_ms();
  for (const resolution of ['play_retired', 'play_over', 'play_not_begun'] as const) {
    const closed = found.filter((row) => row.play_closed === resolution && locked.has(row.lead_id));
    await withdrawRequests(
      scope,
      closed.map((row) => row.id),
      resolution,
      now_ms,
    );
  }
  return found.length;
}
