/** Sending hours of one lead: the hours of the policy on the days that neither the policy nor the lead's country closes. */
import type { Policy } from './policy.ts';
import { type ClosedDates, nextOpenMs } from './schedule.ts';

/** The first instant >= `from_ms` (epoch milliseconds) at which a message may leave to the lead. */
export type Opening = (from_ms: number) => number;

type LeadDays = {
  /** IANA zone in which hours and dates are the lead's. */
  time_zone: string;
  /** Local dates, `YYYY-MM-DD`, that the policy counts as holidays beside its own. */
  public_holidays: readonly string[];
};

type SendingPolicy = Pick<Policy, 'business_hours' | 'holidays'>;

/** The sending hours of a lead, as a search from any instant. The instant itself is the answer where none are enforced. */
export function openingOf(lead: LeadDays, policy: SendingPolicy): Opening {
  const holidays = closedDates(lead.public_holidays, policy.holidays);
  return (from_ms) => nextOpenMs(from_ms, lead.time_zone, policy.business_hours, holidays);
}

/** The policy's own dates and the public holidays of the lead, where the policy counts them. */
export function closedDates(public_holidays: readonly string[], holidays: Policy['holidays']): ClosedDates {
  if (!holidays.public || public_holidays.length === 0) return holidays;
  return { enforce: holidays.enforce, dates: [...holidays.dates, ...public_holidays] };
}
