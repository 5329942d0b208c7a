/**
 * One lead's story from the stored traces: what happened, what was not sent and why, what is next and when. Pure: the same
 * history always gives the same explanation.
 */

import { HOUR_MS } from '../durations.ts';
import type { TouchFact } from '../gate/facts.ts';
import { localDayAt } from '../gate/schedule.ts';
import { type Opening, openingOf } from '../gate/send_hours.ts';
import { ANY_HOUR, firstFitMs, touchesInWindow, touchesOnDay } from '../gate/touch_window.ts';
import { hoursWords, STATE_WORDS, touchCount } from '../gate/words.ts';
import { type EventContext, happenedOf, notSentOf } from './events.ts';
import type {
  Asker,
  Explanation,
  Happened,
  HistoryEvent,
  HistoryTouch,
  LeadHistory,
  Names,
  NextThing,
  NotSent,
  TouchWindow,
} from './history.ts';
import { nextThings } from './next.ts';
import { isNotSent } from './stops.ts';
import { suppressedWords } from './suppression_words.ts';
import { ENROLLMENT_WORDS, inWords, isoOf, quoted, type Speaker, speaker } from './words.ts';

/** Explains a lead. Every event appears exactly once: under what happened or under what was not sent. */
export function explainLead(history: LeadHistory): Explanation {
  const { lead, now_ms, policy, policy_version } = history;
  const says = speaker(history.names, lead.time_zone);
  const context: EventContext = {
    speaker: says,
    policy_version,
    window_hours: policy.touch_cap.window_hours,
    askers: new Map(history.askers.map((asker) => [asker.id, asker])),
  };
  const happened: Happened[] = [];
  const not_sent: NotSent[] = [];
  const stops: Stop[] = [];
  for (const event of history.events) {
    if (isNotSent(event)) {
      const stop = notSentOf(event, context);
      not_sent.push(stop);
      stops.push({ ...stop, is_touch: event.moment !== 'requested' });
    } else happened.push(happenedOf(event, context));
  }
  const free_ms = stopReason(lead, says) === null ? nextFreeMs(history) : null;
  const next = nextThings(history, says, free_ms);
  const { id, email, company, time_zone, cadence_state } = lead;
  return {
    lead: { id, email, name: nameOf(history), company, time_zone, cadence_state },
    as_of: isoOf(now_ms),
    summary: summaryOf(history, says, { free_ms, next, last_stop: stops.at(-1) }),
    happened,
    not_sent,
    next,
    window: windowOf(history, free_ms),
  };
}

/** The names that events mention, and the zone for their times. */
export type AboutEvents = { names: Names; time_zone: string; askers: readonly Asker[] };

/** One event in words, for timelines that have no whole history. */
export function explainEvent(event: HistoryEvent, about: AboutEvents): string {
  return happenedOf(event, contextOf(about)).text;
}

/** The gates that ran at an event, each with the facts it saw; empty if none ran. */
export function explainGates(event: HistoryEvent, about: AboutEvents): NotSent['gates'] {
  return notSentOf(event, contextOf(about)).gates;
}

/** The policy of the decision is unknown here, so the words say "the rolling window". */
function contextOf({ names, time_zone, askers }: AboutEvents): EventContext {
  return {
    speaker: speaker(names, time_zone),
    policy_version: -1,
    window_hours: 0,
    askers: new Map(askers.map((asker) => [asker.id, asker])),
  };
}

/** `is_touch`: false for a request. */
type Stop = NotSent & { is_touch: boolean };

function summaryOf(
  history: LeadHistory,
  says: Speaker,
  {
    free_ms,
    next,
    last_stop,
  }: { free_ms: number | null; next: readonly NextThing[]; last_stop: Stop | undefined },
): string {
  const sentences = [stateSentence(history)];
  const stop = stopReason(history.lead, says);
  if (stop === null) sentences.push(touchSentence(history, says, free_ms));
  const [first] = next;
  if (first !== undefined)
    sentences.push(
      stop === null
        ? (pausedMailbox(first, history) ?? waitSentence(first, says))
        : `Nothing may be sent: ${stop}.`,
    );
  if (first === undefined || first.waits_for === 'nothing') {
    const since_ms = history.now_ms - history.policy.touch_cap.window_hours * HOUR_MS;
    const is_recent =
      last_stop !== undefined && Temporal.Instant.from(last_stop.at).epochMilliseconds >= since_ms;
    if (is_recent && stop === null)
      sentences.push(last_stop.is_touch ? `Last touch not sent: ${last_stop.text}` : last_stop.text);
  }
  return sentences.join(' ');
}

/** Names the mailbox if the next step is an approved message whose mailbox is paused. */
function pausedMailbox({ waits_for, campaign, step_number }: NextThing, history: LeadHistory): string | null {
  const item = history.items.find(
    (one) =>
      one.status === 'approved' &&
      one.campaign_slug === campaign &&
      one.step_number === step_number &&
      !one.requires_personal_send &&
      one.mailbox_retired === null &&
      one.mailbox_paused !== null,
  );
  if (waits_for !== 'person' || item === undefined) return null;
  return `Next: waiting for a person to resume the mailbox ${item.mailbox_address}, which is paused.`;
}

/** The condition that the next step waits for. The step itself is described once, under `next`. */
function waitSentence({ at, campaign, waits_for }: NextThing, says: Speaker): string {
  switch (waits_for) {
    case 'time':
      return at === null
        ? 'The next step is waiting for its time.'
        : `Next: waiting until ${says.when(Temporal.Instant.from(at).epochMilliseconds)}.`;
    case 'person':
      return 'The next step is waiting for a person.';
    case 'other_sequence':
      return 'Next: waiting for another enrollment to end.';
    case 'abm':
      return 'Next: waiting for ABM to end for the account.';
    case 'policy':
      return 'Next: waiting for a policy change.';
    case 'nothing':
      if (campaign === null) return 'Nothing is planned.';
      return at === null ? 'The next draft is being written.' : 'The next step is due now.';
  }
}

/** Why nothing may be sent to this lead under any policy, or null. */
function stopReason(lead: LeadHistory['lead'], says: Speaker): string | null {
  if (lead.unsubscribe_flag) return 'the lead unsubscribed';
  if (lead.opt_out_flag) return 'the lead opted out';
  return suppressedWords(lead.suppressions, says)?.since ?? null;
}

function stateSentence({ lead, enrollments, items, ...history }: LeadHistory): string {
  const name = nameOf({ lead }) ?? lead.email;
  const who = inWords(lead.company === null ? name : `${name} of ${lead.company}`);
  const running = enrollments.filter(({ status }) => status === 'active' || status === 'paused');
  const places = running.map(({ id, campaign_name, current_step, steps, status }) => {
    // Once a step is drafted, the enrollment points to the next step; people still see the drafted one.
    const at_step = items.find((item) => item.enrollment_id === id)?.step_number ?? current_step;
    const place = `${quoted(campaign_name)} (step ${at_step} of ${steps.length})`;
    return status === 'paused' ? `${place}, which ${ENROLLMENT_WORDS.paused}` : place;
  });
  const where = places.length === 0 ? 'in no campaign' : `in ${listed(places)}`;
  const ever = enrollments.length === 0 && history.events.length === 0 ? '; no activity yet' : '';
  return `${who} is ${STATE_WORDS[lead.cadence_state]}: ${where}${ever}.`;
}

function touchSentence(history: LeadHistory, says: Speaker, free_ms: number | null): string {
  const { max_touches_per_window: cap, window_hours } = history.policy.touch_cap;
  const counted = countedTouches(history).length;
  const room =
    free_ms === null
      ? 'the policy allows none'
      : free_ms <= history.now_ms
        ? '1 touch available now'
        : `1 touch available from ${says.when(free_ms)}`;
  return `${counted} of at most ${touchCount(cap)} ${counted === 1 ? 'counts' : 'count'} in the last ${hoursWords(window_hours)}; ${room}.`;
}

function windowOf(history: LeadHistory, free_ms: number | null): TouchWindow {
  const { max_touches_per_window: cap, window_hours } = history.policy.touch_cap;
  const counted = countedTouches(history);
  return {
    touches_counted: counted.length,
    cap,
    window_hours,
    next_free_at: free_ms === null ? null : isoOf(free_ms),
    touches: counted.map(({ touched_at, campaign_name: campaign, channel, outcome }) => ({
      at: touched_at.toISOString(),
      campaign,
      channel,
      // An unfinished touch counts from when its outcome is known.
      leaves_window_at: outcome === 'reserved' ? null : isoOf(touched_at.getTime() + window_hours * HOUR_MS),
    })),
    day: dayOf(history),
  };
}

/** The lead's local day, for the daily cap. */
function dayOf({ touches, now_ms, lead, policy }: LeadHistory): TouchWindow['day'] {
  const day = localDayAt(now_ms, lead.time_zone);
  const facts = touches.filter(({ sequence_type }) => sequence_type !== 'transactional').map(factOf);
  return {
    date: day.date,
    starts_at: isoOf(day.start_ms),
    ends_at: isoOf(day.end_ms),
    touches_counted: touchesOnDay(facts, day, now_ms),
    cap: policy.touch_cap.max_touches_per_day,
  };
}

/**
 * When the next touch is available, by the gate's own rules: now by the caps alone, later within the send window. Null if
 * the policy allows none.
 */
function nextFreeMs({ touches, now_ms, lead, policy }: LeadHistory): number | null {
  const { touch_cap } = policy;
  if (touch_cap.max_touches_per_window <= 0 || touch_cap.max_touches_per_day <= 0) return null;
  const facts = touches.filter(({ sequence_type }) => sequence_type !== 'transactional').map(factOf);
  const fitsFrom = (open: Opening) => firstFitMs(facts, now_ms, lead.time_zone, touch_cap, open);
  return fitsFrom(ANY_HOUR) === now_ms ? now_ms : fitsFrom(openingOf(lead, policy));
}

function countedTouches({ touches, now_ms, policy }: LeadHistory): HistoryTouch[] {
  return touches.filter(
    (touch) =>
      touch.sequence_type !== 'transactional' &&
      touchesInWindow([factOf(touch)], now_ms, policy.touch_cap.window_hours) === 1,
  );
}

function factOf({ touched_at, local_day, outcome }: HistoryTouch): TouchFact {
  return { at_ms: touched_at.getTime(), local_day, settled: outcome !== 'reserved' };
}

function nameOf({ lead }: Pick<LeadHistory, 'lead'>): string | null {
  const name = [lead.first_name, lead.last_name].filter((part) => part !== null && part !== '').join(' ');
  return name === '' ? null : name;
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
