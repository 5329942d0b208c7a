import type { Context } from '../context.ts';
import { FLAG_CHECKS, type FlagCheck } from '../coordinator/upkeep/checks.ts';
import { sealLog } from '../coordinator/upkeep/event_chain.ts';
import {
  forgetCrmReports,
  forgetDeliveries,
  removeInboundSources,
  removeOldPlays,
} from '../coordinator/upkeep/retention.ts';
import { MINUTE_MS } from '../core/durations.ts';

/** At a high speed an hour passes in milliseconds; each check runs at most once per real second. */
const REST_SECONDS = 1;

/** All scheduled checks: flags, sealing the logs, and retention. */
export const CHECKS: readonly FlagCheck[] = [
  ...FLAG_CHECKS,
  // An unsealed batch can be removed unnoticed.
  { name: 'seal_log', every_minutes: 5, run: sealLog },
  { name: 'remove_inbound_sources', every_minutes: 60, run: removeInboundSources },
  { name: 'remove_old_plays', every_minutes: 60, run: removeOldPlays },
  { name: 'forget_crm_events', every_minutes: 60, run: forgetCrmReports },
  { name: 'forget_webhook_deliveries', every_minutes: 60, run: forgetDeliveries },
];

/** Runs one check for one organization. Rethrows its errors: the schedule retries, the worker's round logs them. */
export async function runCheck(context: Context, org_id: string, check: FlagCheck): Promise<void> {
  await check.run({ db: context.db, clock: context.clock, org_id });
}

/** Checks that are due and have not run since. */
export type CheckTurns = { due(org_id: string): FlagCheck[] };

/**
 * Turns for a fast clock, which real-time cron could not follow: a check is due when its interval has passed on that clock
 * since its last turn in this process. The first turn is immediate.
 */
export function checkTurns({ clock }: Pick<Context, 'clock'>): CheckTurns {
  const last_ms = new Map<string, number>();
  const rest_ms = REST_SECONDS * 1000 * clock.speed;
  return {
    due(org_id) {
      const now_ms = clock.now_ms();
      return CHECKS.filter(({ name, every_minutes }) => {
        const key = `${org_id} ${name}`;
        const wait_ms = Math.max(every_minutes * MINUTE_MS, rest_ms);
        if (now_ms - (last_ms.get(key) ?? Number.NEGATIVE_INFINITY) < wait_ms) return false;
        last_ms.set(key, now_ms);
        return true;
      });
    },
  };
}
