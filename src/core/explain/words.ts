/**
 * Words for everything that the schema can name. Each table lists every value of its enum, so that a new one
 * fails the type check here before anyone reads an empty sentence.
 */
import type { Channel, DeferredReason, EnrollmentStatus } from '../../schema.gen.ts';
import { CHANNELS } from '../channels.ts';
import type { GateTrace } from '../gate/decision.ts';
import { isInstant, isTimeZone } from '../gate/schedule.ts';
import { plainWords } from '../gate/words.ts';
import { isRecord } from '../json.ts';
import type { HistoryEvent, Names } from './history.ts';

/** Why a touch that the gate let go leaves later. */
const DEFERRED_WORDS: Record<DeferredReason, string> = {
  business_hours: 'it was outside the hours in which messages leave',
  holiday: 'it was a holiday on which no messages leave',
  mailbox_hourly: 'its mailbox had sent as many messages in an hour as it may',
  mailbox_daily: 'its mailbox had sent as many messages on that day as it may',
  mailbox_gap: 'its mailbox leaves time between one message and the next',
  mailbox_warm_up: 'its mailbox is new and sends only a few messages a day',
  recipient_domain_daily: 'as many messages had gone to addresses of its domain on that day as may',
  bounce_rate: 'too many messages of its mailbox came back, so nothing new begins from it',
};

/** The same with what was counted, as far as `detail` has it. */
export function deferredWords(reason: string, detail: unknown): string {
  const known = Object.hasOwn(DEFERRED_WORDS, reason);
  const words = known ? DEFERRED_WORDS[reason as DeferredReason] : plainWords(reason);
  const said = isRecord(detail) ? detail : {};
  const { count, limit, address, domain, warm_up_day, holiday, sent_count, bounced_count } = said;
  switch (reason) {
    case 'holiday':
      return typeof holiday === 'string' ? `${words} (${holiday})` : words;
    case 'mailbox_gap':
      return typeof limit === 'number' ? `${words} (${address}: ${limit} seconds)` : words;
    case 'mailbox_hourly':
    case 'mailbox_daily':
      return typeof limit === 'number' ? `${words} (${address}: ${count} of ${limit})` : words;
    case 'mailbox_warm_up':
      return typeof limit === 'number'
        ? `${words} (${address}: ${count} of ${limit}, warm-up day ${warm_up_day})`
        : words;
    case 'recipient_domain_daily':
      return typeof limit === 'number' ? `${words} (${domain} from ${address}: ${count} of ${limit})` : words;
    case 'bounce_rate':
      return typeof sent_count === 'number'
        ? `${words} (${address}: ${bounced_count} of ${sent_count} in 24 hours)`
        : words;
    default:
      return words;
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
  converted: 'ended well',
  rejected: 'was ended',
  timed_out: 'ended without an answer',
};

/** How a sequence ended, after "because". Exit reasons are text in the log, hence the fallback in `exitWords`. */
const EXIT_WORDS: Readonly<Record<string, string>> = {
  converted: 'the lead converted',
  meeting: 'a meeting was booked',
  registered: 'the lead registered',
  no_engagement: 'its last step was done and no answer came',
  rejected: 'the lead said no',
  compliance_block: 'this person must not be contacted any more',
  campaign_archived: 'its campaign was archived',
  unreachable: 'the lead lacks the address for a step',
};

/** Why a touch failed, after "because"; the log's own word where it is not here. */
export const FAILURE_WORDS: Readonly<Record<string, string>> = {
  no_draft: 'no text could be made',
  no_step: 'its step was taken out of the campaign',
  gave_up: 'the mail server had a temporary trouble for too long',
  internal_error: 'something went wrong here',
  message_invalid: 'the message could not be built, and no mail server was asked',
  rejected_message: 'the mail server refused the message',
  rejected_recipient: 'the mail server refused the address',
  rejected_sender: 'the mail server refused the sending mailbox',
};

/** Why a waiting request was withdrawn, where it is not how a sequence ends. */
export const WITHDRAWN_WORDS: Readonly<Record<string, string>> = {
  superseded: 'a newer one for the same campaign was let through',
  already_enrolled: 'the lead was in the campaign by then',
  no_steps: 'the campaign has no steps any more',
  play_retired: 'its play was retired',
  play_over: 'the period of its play is over',
  play_not_begun: 'the period of its play has not begun',
};

export function exitWords(exit_reason: string | null): string {
  if (exit_reason === null) return 'it was ended';
  return EXIT_WORDS[exit_reason] ?? plainWords(exit_reason);
}

/** Names and times as one lead's explanation says them. */
export type Speaker = {
  /** `Tue 24 Nov 2026, 09:00 in Europe/Berlin` */
  when(instant: Date | number): string;
  person(user_id: string): string;
  /** `Brooke (roles.sales)` */
  agent(agent_id: string): string;
  /** Who caused an event. */
  actor(event: Pick<HistoryEvent, 'actor_kind' | 'actor_id'>): string;
  campaign(slug: string): string;
};

export function speaker(names: Names, time_zone: string): Speaker {
  const person = (user_id: string) => inWords(names.people[user_id] ?? 'a person');
  const agent = (agent_id: string) => {
    const name = names.agents[agent_id];
    return name === undefined ? agent_id : `${inWords(name)} (${agent_id})`;
  };
  return {
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
  };
}

export function quoted(name: string): string {
  return `“${inWords(name)}”`;
}

/** A name as it stands in a sentence: marks that turn the direction of writing would turn the sentence round, too. */
export function inWords(name: string): string {
  return name.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '');
}

/** `step 2 of “After the fair” (an email)`, as far as it is known. */
export function stepWords(step: {
  step_number: number | null;
  campaign_name: string | null;
  channel: Channel | null;
  /** How many the campaign has, where that helps. */
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

export function sayTime(ms: number, time_zone: string): string {
  if (!isInstant(ms)) return 'an unknown time';
  const zone = isTimeZone(time_zone) ? time_zone : 'UTC';
  const local = Temporal.Instant.fromEpochMilliseconds(Math.floor(ms)).toZonedDateTimeISO(zone);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${WEEKDAYS[local.dayOfWeek - 1]} ${local.day} ${MONTHS[local.month - 1]} ${local.year}`;
  return `${day}, ${two(local.hour)}:${two(local.minute)} in ${zone}`;
}

/** ISO 8601 in UTC with milliseconds, as `Date` writes it. */
export function isoOf(ms: number): string {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(ms)).toString({ fractionalSecondDigits: 3 });
}
