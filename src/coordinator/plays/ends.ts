import { claimRequestsOfClosedPlays, sunsetPlays } from '../../db/queries/play_runs.gen.ts';
import { lockClaimed } from '../gate/facts.ts';
import type { Batch, Scope } from '../gate/scope.ts';
import { withdrawRequests } from '../gate/withdrawals.ts';
import { notifyOfRetirement } from './notes.ts';

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
  await notifyOfRetirement(
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
  const closed = await lockClaimed(scope, found, claimed);
  const now_ms = clock.now_ms();
  for (const resolution of ['play_retired', 'play_over', 'play_not_begun'] as const) {
    const ids = closed.filter((row) => row.play_closed === resolution).map((row) => row.id);
    await withdrawRequests(scope, ids, resolution, now_ms);
  }
  return found.length;
}
