import type { Clock } from '../../clock.ts';
import type { OperationContext } from '../../context.ts';
import { countOpenEnrollments } from '../../db/queries/campaigns.gen.ts';

/** Up to here what is open in a campaign is counted each time; beyond, counting would cost more than the whole list. */
export const COUNTED_EACH_TIME_MAX = 1_000;

/** How old a larger count may be. A thousandth more or less is not news within this time. */
const COUNT_MAX_AGE_MS = 10_000;

type Counts = { at_ms: number; by_campaign: Promise<ReadonlyMap<string, number>> };

/** What this process counted last, by org; for each clock its own, since there is one of them in a process. */
const counted = new WeakMap<Clock, Map<string, Counts>>();

/**
 * How many enrollments are open in each campaign of an org, by the campaign's id, as of at most ten seconds ago; campaigns
 * without any are missing. Whoever asks while it is counted waits for the same answer.
 */
export function openEnrollments({ clock, db }: OperationContext, org_id: string): Counts['by_campaign'] {
  const by_org = counted.get(clock) ?? new Map<string, Counts>();
  counted.set(clock, by_org);
  const known = by_org.get(org_id);
  if (known !== undefined && performance.now() - known.at_ms < COUNT_MAX_AGE_MS) return known.by_campaign;
  const by_campaign = countOpenEnrollments
    .run({ org_id }, db)
    .then((rows) => new Map(rows.map((row) => [row.campaign_id, row.open_enrollments])));
  by_org.set(org_id, { at_ms: performance.now(), by_campaign });
  // A count that failed is nobody's answer but of those who wait for it.
  by_campaign.catch(() => by_org.delete(org_id));
  return by_campaign;
}
