/**
 * Deals that are still open are censored: they say only that nothing ended by the last day on which they were seen. Pure: no clock,
 * no I/O.
 */

/** Deals of one account in one stratum and group that were last seen, or ended, on the same day after they were opened. */
export type DealsOfDay = { day: number; end: 'open' | 'won' | 'lost'; deals: number };

/**
 * The weight of a deal by its last day: 1 over the share of deals that is still followed on that day, so that those that are followed
 * stand for those that no longer are (inverse probability of censoring, with Kaplan and Meier's estimate). A deal that is
 * open before the horizon weighs nothing: `weightOf` is 0.
 */
export function weightsOf(deals: readonly DealsOfDay[], horizon_days: number): (deal: DealsOfDay) => number {
  const ended = new Array<number>(horizon_days + 1).fill(0);
  const left_off = new Array<number>(horizon_days + 1).fill(0);
  let following = 0;
  for (const { day, end, deals: count } of deals) {
    following += count;
    if (day >= horizon_days) continue;
    if (end === 'open') left_off[day]! += count;
    else ended[day]! += count;
  }
  // Deals that end on a day come before those that are no longer followed from that day.
  const followed = new Array<number>(horizon_days + 1).fill(1);
  let share = 1;
  for (let day = 0; day <= horizon_days; day += 1) {
    followed[day] = share;
    following -= ended[day]!;
    if (following > 0) share *= 1 - left_off[day]! / following;
    following -= left_off[day]!;
  }
  return ({ day, end }) => {
    if (day >= horizon_days) return followed[horizon_days]! > 0 ? 1 / followed[horizon_days]! : 0;
    return end === 'open' || followed[day]! <= 0 ? 0 : 1 / followed[day]!;
  };
}

/** Whether a deal ended within the horizon. */
export const hasEnded = ({ day, end }: DealsOfDay, horizon_days: number) =>
  end !== 'open' && day < horizon_days;
