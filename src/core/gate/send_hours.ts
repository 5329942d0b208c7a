/** The send window of one lead: the policy's hours, on days that neither the policy nor the lead's country closes. */
import type { Policy } from './policy.ts';
import { type ClosedDates, nextOpenMs } from './schedule.ts';

/** The first instant >= `from_ms` (epoch milliseconds) at which a message to the lead may be sent. */
export type Opening = (from_ms: number) => number;

type LeadDays = {
  /** IANA zone of the lead's hours and dates. */
  time_zone: string;
  /** Local dates, `YYYY-MM-DD`, that count as holidays besides the policy's own. */
  public_holidays: readonly string[];
};

type SendingPolicy = Pick<Policy, 'business_hours' | 'holidays'>;

/** The lead's send window as a search from any instant. Without a send window every instant is open. */
export function openingOf(lead: LeadDays, policy: SendingPolicy): Opening {
  const holidays = closedDates(lead.public_holidays, policy.holidays);
  return (from_ms) => nextOpenMs(from_ms, lead.time_zone, policy.business_hours, holidays);
}

/** The policy's own dates, and the lead's public holidays if the policy counts them. */
export function closedDates(public_holidays: readonly string[], holidays: Policy['holidays']): ClosedDates {
  if (!holidays.public || public_holidays.length === 0) return holidays;
  return { enforce: holidays.enforce, dates: [...holidays.dates, ...public_holidays] };
}
