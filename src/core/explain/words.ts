/**
 * Words for every value the schema names. Each table lists all values of its enum, so a new value fails the type check
 * here.
 */

import type { Channel, DeferredReason, EnrollmentStatus } from '../../schema.gen.ts';
import { CHANNELS } from '../channels.ts';
import { DAY_MS } from '../durations.ts';
import type { GateTrace } from '../gate/decision.ts';
import { isInstant, isTimeZone } from '../gate/schedule.ts';
import { plainWords } from '../gate/words.ts';
import { isRecord } from '../json.ts';
import type { HistoryEvent, Names } from './history.ts';

/** Why a touch that passed the gates is sent later. */
const DEFERRED_WORDS: Record<DeferredReason, string> = {
  business_hours: 'it was outside the send window',
  holiday: 'it was a holiday',
  mailbox_hourly: 'its mailbox reached the hourly limit',
  mailbox_daily: 'its mailbox reached the daily limit',
  mailbox_gap: 'its mailbox spaces its messages',
  mailbox_warm_up: 'its mailbox is warming up and reached today’s limit',
  recipient_domain_daily: 'the daily limit for the recipient’s domain was reached',
  bounce_rate: 'its mailbox’s bounce rate is too high for new enrollments',
};

/** The same with the counts that `detail` has. */
export function deferredWords(reason: string, detail: unknown): string {
  const known = Object.hasOwn(DEFERRED_WORDS, reason);
  const words = known ? DEFERRED_WORDS[reason as DeferredReason] : plainWords(reason);
  const counts = countsOf(reason, isRecord(detail) ? detail : {});
  return counts === null ? words : `${words} (${counts})`;
}

function countsOf(reason: string, said: Readonly<Record<string, unknown>>): string | null {
  const { count, limit, address, domain, warm_up_day, holiday, sent_count, bounced_count } = said;
  if (reason === 'holiday') return typeof holiday === 'string' ? holiday : null;
  if (reason === 'bounce_rate')
    return typeof sent_count === 'number'
      ? `${address}: ${bounced_count} of ${sent_count} in 24 hours`
      : null;
  if (typeof limit !== 'number') return null;
  switch (reason) {
    case 'mailbox_gap':
      return `${address}: ${limit} seconds`;
    case 'mailbox_hourly':
    case 'mailbox_daily':
      return `${address}: ${count} of ${limit}`;
    case 'mailbox_warm_up':
      return `${address}: ${count} of ${limit}, warm-up day ${warm_up_day}`;
    case 'recipient_domain_daily':
      return `${domain} from ${address}: ${count} of ${limit}`;
    default:
      return null;
  }
}

export const SAYS_WORDS: Record<GateTrace['says'], string> = {
  pass: 'passed',
  hold: 'held',
  queue: 'queued',
  block: 'blocked',
  refuse: 'refused',
};

export const ENROLLMENT_WORDS: Record<EnrollmentStatus, string> = {
  active: 'is running',
  paused: 'is paused',
  converted: 'converted',
  rejected: 'was ended',
  timed_out: 'ended without a reply',
};

/** How a sequence ended, after "because". Exit reasons are text in the log, so `exitWords` has a fallback. */
const EXIT_WORDS: Readonly<Record<string, string>> = {
  converted: 'the lead converted',
  meeting: 'a meeting was booked',
  registered: 'the lead registered',
  no_engagement: 'the last step was sent and no reply came',
  rejected: 'the lead declined',
  left_company: 'the lead is the wrong person or left the company',
  compliance_block: 'the lead may not be contacted',
  merged: 'the lead was merged into another one',
  campaign_archived: 'its campaign was archived',
  unreachable: 'the lead has no address for a step',
};

/** Why a touch failed, after "because". Reasons not listed appear as logged. */
export const FAILURE_WORDS: Readonly<Record<string, string>> = {
  no_draft: 'no text could be drafted',
  no_step: 'its step was removed from the campaign',
  gave_up: 'the mail server kept reporting temporary errors',
  internal_error: 'an internal error occurred',
  message_invalid: 'the message could not be built, so no mail server was contacted',
  rejected_message: 'the mail server rejected the message',
  rejected_recipient: 'the mail server rejected the recipient',
  rejected_sender: 'the mail server rejected the mailbox',
};

/** Why a request was withdrawn, unless an exit reason says so. */
export const WITHDRAWN_WORDS: Readonly<Record<string, string>> = {
  merged: 'the lead was merged into another one',
  superseded: 'a newer request for the same campaign passed',
  already_enrolled: 'the lead was already enrolled',
  no_steps: 'the campaign no longer has steps',
  play_retired: 'its play was retired',
  play_over: 'its play has ended',
  play_not_begun: 'its play has not started',
};

export function exitWords(exit_reason: string | null): string {
  if (exit_reason === null) return 'it was ended';
  return EXIT_WORDS[exit_reason] ?? plainWords(exit_reason);
}

/** Names and times in one lead's explanation. */
export type Speaker = {
  /** `Tue, Nov 24, 2026, 9:00 AM EST` */
  when(instant: Date | number): string;
  /** `Jan 1, 2027`, of an end that people give as a day. */
  last_day(instant: Date): string;
  /** `Nov 24`. */
  day(instant: Date | number): string;
  person(user_id: string): string;
  /** `Brooke (roles.sales)` */
  agent(agent_id: string): string;
  /** The actor of an event. */
  actor(event: Pick<HistoryEvent, 'actor_kind' | 'actor_id'>): string;
  campaign(slug: string): string;
  /** A merged lead. */
  lead(lead_id: string): string;
};

/** The requester of an enrollment: the person if one requested it, else the agent. */
export function askerWords(
  asked: { requested_by: string | null; requested_by_user_id: string | null },
  says: Speaker,
): string {
  if (asked.requested_by_user_id !== null) return says.person(asked.requested_by_user_id);
  return asked.requested_by === null ? 'an agent' : says.agent(asked.requested_by);
}

export function speaker(names: Names, time_zone: string): Speaker {
  const person = (user_id: string) => inWords(names.people[user_id] ?? 'a person');
  const agent = (agent_id: string) => {
    const name = names.agents[agent_id];
    return name === undefined ? agent_id : `${inWords(name)} (${agent_id})`;
  };
  return {
    last_day: (instant) => sayLastDay(instant, time_zone),
    day: (instant) => sayDay(typeof instant === 'number' ? instant : instant.getTime(), time_zone),
    when: (instant) => sayTime(typeof instant === 'number' ? instant : instant.getTime(), time_zone),
    person,
    agent,
    actor: ({ actor_kind, actor_id }) => {
      switch (actor_kind) {
        case 'human':
          return person(actor_id);
        case 'agent':
          return agent(actor_id);
        case 'coordinator':
          return 'the coordinator';
        case 'system':
          return actor_id === 'unsubscribe_link' ? 'the recipient' : 'the system';
      }
    },
    campaign: (slug) => quoted(names.campaigns[slug] ?? slug),
    lead: (lead_id) => inWords(names.leads?.[lead_id] ?? 'another lead'),
  };
}

export function quoted(name: string): string {
  return `“${inWords(name)}”`;
}

/** A name for use in a sentence: without the marks that would reverse the sentence's direction. */
export function inWords(name: string): string {
  return name.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '');
}

/** `step 2 of “After the fair” (an email)`, as far as known. */
export function stepWords(step: {
  step_number: number | null;
  campaign_name: string | null;
  channel: Channel | null;
  /** The number of steps in the campaign, where that helps. */
  step_count?: number;
}): string {
  const campaign = step.campaign_name === null ? 'a campaign' : quoted(step.campaign_name);
  if (step.step_number === null) return campaign;
  const channel = step.channel === null ? '' : ` (${CHANNELS[step.channel].noun})`;
  const number =
    step.step_count === undefined ? step.step_number : `${step.step_number} of ${step.step_count}`;
  return `step ${number} of ${campaign}${channel}`;
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Midnight UTC is the day itself, as in a file. */
export function sayLastDay(instant: Date, time_zone: string): string {
  const is_day = instant.getTime() % DAY_MS === 0;
  const timeZone = is_day || !isTimeZone(time_zone) ? 'UTC' : time_zone;
  return instant.toLocaleDateString('en-US', { dateStyle: 'medium', timeZone });
}

function sayDay(ms: number, time_zone: string): string {
  const zone = isTimeZone(time_zone) ? time_zone : 'UTC';
  const local = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
  return `${MONTHS[local.month - 1]} ${local.day}`;
}

export function sayTime(ms: number, time_zone: string): string {
  if (!isInstant(ms)) return 'an unknown time';
  const zone = isTimeZone(time_zone) ? time_zone : 'UTC';
  const local = Temporal.Instant.fromEpochMilliseconds(Math.floor(ms)).toZonedDateTimeISO(zone);
  const day = `${WEEKDAYS[local.dayOfWeek - 1]}, ${MONTHS[local.month - 1]} ${local.day}, ${local.year}`;
  const minute = String(local.minute).padStart(2, '0');
  return `${day}, ${local.hour % 12 || 12}:${minute} ${local.hour < 12 ? 'AM' : 'PM'} ${zoneName(ms, zone)}`;
}

/** `EST`, `GMT+1`, `UTC`. */
function zoneName(ms: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'short' }).formatToParts(ms);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
}

/** ISO 8601 in UTC with milliseconds, as `Date` writes it. */
export function isoOf(ms: number): string {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(ms)).toString({ fractionalSecondDigits: 3 });
}
