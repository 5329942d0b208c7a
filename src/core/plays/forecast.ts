const DAYS_A_WEEK = 7;

/**
 * Touches per week from enrollment, for this many leads that begin together: the steps of that week, and per lead at most
 * the cap. Weeks of 168 hours; a cap of null: none.
 */
export function touchesByWeek(
  steps: readonly { delay_days: number }[],
  leads: number,
  max_touches_per_week: number | null,
): { week: number; touches: number }[] {
  const last = steps.at(-1);
  if (last === undefined) return [];
  return Array.from({ length: Math.floor(last.delay_days / DAYS_A_WEEK) + 1 }, (_, week) => {
    const due = steps.filter(({ delay_days }) => Math.floor(delay_days / DAYS_A_WEEK) === week).length;
    return { week: week + 1, touches: leads * Math.min(due, max_touches_per_week ?? due) };
  });
}
