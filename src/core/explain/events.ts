/** Sentences for each event of the log. */

import type { EventType, TouchResult } from '../../schema.gen.ts';
import { RESULT_WORDS } from '../channels.ts';
import type { GateTrace, Outcome } from '../gate/decision.ts';
import { WAKES } from '../gate/wakes.ts';
import { plainWords, sentence } from '../gate/words.ts';
import { isRecord, textOf } from '../json.ts';
import { askedAgain, asker, isRouted } from './asked_again.ts';
import { type GateContext, gateSentence, readTrace, reasonWords } from './gates.ts';
import type { Asker, Happened, HistoryEvent, NotSent } from './history.ts';
import {
  ANSWER_PAUSE_WORDS,
  autoReplied,
  bounced,
  complained,
  deliveryDelayed,
  replied,
  replyRead,
} from './inbound.ts';
import { missingWords, skippedWords } from './unreachable.ts';
import {
  deferredWords,
  exitWords,
  FAILURE_WORDS,
  quoted,
  type Speaker,
  stepWords,
  WITHDRAWN_WORDS,
} from './words.ts';

export type EventContext = {
  speaker: Speaker;
  /** The policy in force and its window. */
  policy_version: number;
  window_hours: number;
  /** Requests by id, which name the person who requested. */
  askers: ReadonlyMap<string, Asker>;
};

/** An event in words. Times are in the lead's zone; names replace ids where known. */
function eventText(event: HistoryEvent, context: EventContext): string {
  return sentence(EVENT_WORDS[event.event_type](event, context));
}

export function happenedOf(event: HistoryEvent, context: EventContext): Happened {
  const { id: event_id, event_type, timestamp } = event;
  return { at: timestamp.toISOString(), text: eventText(event, context), event_id, event_type };
}

/** The recorded result of a call. */
function resultWords(event: HistoryEvent): string {
  const result = textOf(event.detail, 'result') as TouchResult | null;
  return result === null ? '' : ` (${RESULT_WORDS[result].toLowerCase()})`;
}

/** The same with every gate that ran and the facts it saw. */
export function notSentOf(event: HistoryEvent, context: EventContext): NotSent {
  const gates = readTrace(event.trace).map((trace) => ({
    gate: trace.gate,
    says: trace.says,
    text: gateSentence(trace, gateContext(event, context)),
  }));
  return {
    ...happenedOf(event, context),
    reason: event.suppressed_reason ?? event.resolution ?? event.event_type,
    until: event.until?.toISOString() ?? null,
    gates,
  };
}

type Words = (event: HistoryEvent, context: EventContext) => string;

const EVENT_WORDS: Record<EventType, Words> = {
  requested: (event, context) => `${asker(event, context)} requested ${campaign(event)}.`,
  enrolled: (event, context) =>
    `the lead was enrolled in ${campaign(event)}: ${asker(event, context)} ${isRouted(event, context) ? 'routed the lead' : 'requested it'}, and every gate passed.`,
  dispatched: (event) => `${step(event)} was due, every gate passed, and its draft was requested.`,
  drafted: (event, { speaker }) =>
    event.resolution === 'template' || event.resolution === 'model'
      ? `${step(event)} was drafted ${event.resolution === 'model' ? 'by the language model' : 'from its template'}.`
      : `${speaker.actor(event)} drafted ${step(event)}.`,
  edited: (event, { speaker }) =>
    `${speaker.actor(event)} ${event.resolution === 'address_changed' ? 'readdressed' : 'edited'} the draft of ${step(event)}; an earlier approval no longer counts.`,
  approved: (event, { speaker }) =>
    event.resolution === 'template'
      ? `${step(event)} needed no further approval: a person had approved its template.`
      : `${speaker.actor(event)} approved the draft of ${step(event)}.`,
  approval_withdrawn: (event, { speaker }) =>
    `${speaker.actor(event)} withdrew the approval of ${step(event)}; the draft is pending again.`,
  draft_rejected: (event, { speaker }) =>
    `${speaker.actor(event)} rejected the draft of ${step(event)}${because(event)}; the touch was canceled.`,
  sent: (event, { speaker }) =>
    event.resolution === 'person_says_sent'
      ? `${speaker.actor(event)} confirmed that ${step(event)} reached the lead.`
      : event.resolution === 'answer_says_sent'
        ? `${step(event)} reached the lead after all: the mail received for it proves it.`
        : `${step(event)} was sent.`,
  marked_sent: (event, { speaker }) =>
    `${speaker.actor(event)} sent ${step(event)} personally${resultWords(event)}${
      event.resolution === 'outside_gate' ? ', although a gate did not pass' : ''
    }.`,
  held: stopped,
  suppressed: stopped,
  skipped: (event, context) => skippedWords(event, asker(event, context)),
  released: (event) => `${step(event)} was released: every gate passed.`,
  deferred,
  paused,
  resumed: (event, { speaker }) =>
    event.actor_kind === 'human' || event.actor_kind === 'agent'
      ? `${speaker.actor(event)} resumed ${campaign(event)}.`
      : `${campaign(event)} resumed: the cause of the pause is gone.`,
  exited: (event, { speaker }) =>
    `${campaign(event)} ended because ${exitWords(event.resolution)}.${successor(event, speaker)}`,
  canceled: canceled,
  failed: failed,
  unknown: (event) =>
    `delivery of ${step(event)} is unknown: the mail server gave no final answer. ` +
    'It counts as a touch, the lead is paused, and a person must confirm the delivery.',
  late_reply: (event) =>
    `the mail server’s response for ${step(event)} arrived after the outcome was recorded${reply(event)}.`,
  retried: (event, { speaker }) =>
    `${step(event)} was not sent: ${retryCause(event)}. It is retried${at(event, speaker)}.`,
  opted_out: optedOut,
  opt_out_lifted: (event, { speaker }) => `${speaker.actor(event)} lifted the opt-out${because(event)}.`,
  merged: (event, { speaker }) =>
    event.actor_kind === 'human'
      ? `${speaker.actor(event)} merged ${speaker.lead(textOf(event.detail, 'merged_lead_id') ?? '')} into this one${because(event)}.`
      : `${speaker.lead(textOf(event.detail, 'merged_lead_id') ?? '')}, with the same CRM record, was merged into this one.`,
  template_approved: (event, { speaker }) =>
    `${speaker.actor(event)} approved the template of ${step(event)}.`,
  replied,
  auto_replied: autoReplied,
  bounced,
  delivery_delayed: deliveryDelayed,
  complained,
  reply_read: (event, { speaker }) => replyRead(event, speaker),
};

/** A decision that stopped a touch or request: its outcome, its end, and the gate's reason. */
function stopped(event: HistoryEvent, context: EventContext): string {
  const trace = readTrace(event.trace);
  const last = trace.at(-1);
  const what =
    event.moment === 'requested' || event.step_number === null
      ? `${isRouted(event, context) ? 'the enrollment in' : 'the request for'} ${campaign(event)} by ${asker(event, context)}`
      : step(event);
  const outcome =
    event.suppressed_reason === 'entry_restricted'
      ? 'was sent to an executive'
      : (OUTCOME_WORDS[event.coordinator_action as Outcome] ?? 'was stopped');
  const wait = waits(event) ? until(event, context.speaker) || openEnd(last) : '';
  const reason =
    event.suppressed_reason === null ? 'a gate did not pass' : reasonWords(event.suppressed_reason);
  const why = last === undefined ? `${sentence(reason)}.` : gateSentence(last, gateContext(event, context));
  return `${what} ${outcome}${wait}. ${why}${askedAgain(event, context)}`;
}

const OUTCOME_WORDS: Record<Outcome, string> = {
  allow: 'passed',
  hold: 'was held',
  queue: 'was queued',
  block: 'was blocked',
  refuse: 'was refused',
};

function waits({ coordinator_action }: HistoryEvent): boolean {
  return coordinator_action === 'hold' || coordinator_action === 'queue';
}

/** The end of a wait without a known time. */
function openEnd(last: GateTrace | undefined): string {
  switch (last?.because) {
    case 'cap_zero':
      return ` until ${WAKES.policy_changes.until}`;
    case 'lead_paused':
      return ` until ${WAKES.lead_resumes.until}`;
    case 'side_full':
      return ` until ${WAKES.same_side_ends.until}`;
    default:
      return last?.gate === 'concurrency' ? ` until ${WAKES.other_side_ends.until}` : '';
  }
}

function deferred(event: HistoryEvent, { speaker }: EventContext): string {
  if (event.resolution === 'out_of_office') {
    return `the next step of ${campaign(event)} was deferred${until(event, speaker)}: ${ANSWER_PAUSE_WORDS.out_of_office}.`;
  }
  return event.resolution === 'mailbox_paused'
    ? `${step(event)} was not sent: the mail server rejected the mailbox, which is now paused. ` +
        'It is sent once a person resumes the mailbox.'
    : `${step(event)} was deferred${until(event, speaker)}: ${deferredWords(event.resolution ?? 'business_hours', event.detail)}.`;
}

function paused(event: HistoryEvent, { speaker }: EventContext): string {
  if (event.resolution === 'unreachable')
    return `${step(event)} is waiting for a person: the lead has ${missingWords(event)}.`;
  const answer = ANSWER_PAUSE_WORDS[event.resolution ?? ''];
  if (event.suppressed_reason === null && answer === undefined)
    return `${speaker.actor(event)} paused ${campaign(event)}${because(event)}.`;
  const why =
    event.suppressed_reason === null ? answer : reasonWords(event.suppressed_reason, event.resolution);
  return `${campaign(event)} was paused${until(event, speaker)}: ${why}.`;
}

function canceled(event: HistoryEvent, context: EventContext): string {
  if (event.suppressed_reason !== null) {
    return `${step(event)} was canceled: ${reasonWords(event.suppressed_reason)}.`;
  }
  if (event.step_number === null && event.request_id !== null) {
    if (event.resolution === 'declined')
      return `${context.speaker.actor(event)} declined the request for ${campaign(event)} by ${asker(event, context)}${because(event)}.`;
    const why = WITHDRAWN_WORDS[event.resolution ?? ''] ?? exitWords(event.resolution);
    return `the request for ${campaign(event)} was withdrawn: ${why}.`;
  }
  if (event.resolution === 'sequence_ended') {
    return `${step(event)} was not sent and was canceled: its enrollment had ended.`;
  }
  if (event.resolution === 'person')
    return `${context.speaker.actor(event)} canceled ${step(event)}${because(event)}.`;
  return `${step(event)} was canceled with its enrollment because ${exitWords(event.resolution)}.`;
}

function retryCause({ resolution }: HistoryEvent): string {
  if (resolution === 'server_unreachable') return 'the mail server could not be reached';
  return resolution === 'internal_error'
    ? FAILURE_WORDS.internal_error!
    : 'the mail server reported a temporary error';
}

function failed(event: HistoryEvent, { speaker }: EventContext): string {
  if (event.resolution === 'person_says_not_sent') {
    return `${speaker.actor(event)} confirmed that ${step(event)} was not sent.`;
  }
  const { resolution } = event;
  const why =
    resolution === null ? 'it could not be sent' : (FAILURE_WORDS[resolution] ?? plainWords(resolution));
  const answer = textOf(event.detail, 'error') ?? textOf(event.detail, 'response');
  return `${step(event)} failed: ${why}${answer === null ? '' : ` (${answer})`}.`;
}

function optedOut(event: HistoryEvent, { speaker }: EventContext): string {
  if (event.resolution === 'answer') return 'the lead unsubscribed in a reply. All enrollments ended.';
  if (event.resolution === 'one_click')
    return 'the lead unsubscribed with the link in a message. All enrollments ended.';
  if (event.actor_kind === 'system' || event.actor_kind === 'coordinator') {
    return `the lead was opted out${because(event)}. All enrollments ended.`;
  }
  const how = event.resolution === 'requested' ? '' : ' with an import';
  return `${speaker.actor(event)} opted the lead out${how}${because(event)}. All enrollments ended.`;
}

function successor(event: HistoryEvent, speaker: Speaker): string {
  const next = isRecord(event.detail) ? event.detail.next : undefined;
  if (typeof next === 'string') return ` ${sentence(speaker.campaign(next))} follows if every gate passes.`;
  if (!isRecord(next)) return '';
  const { suggest } = next;
  const suggestion = typeof suggest === 'string' ? `; ${speaker.campaign(suggest)} was suggested` : '';
  return ` A person was asked to choose the next campaign${suggestion}.`;
}

function gateContext(event: HistoryEvent, context: EventContext): GateContext {
  const same_policy = event.policy_version === context.policy_version;
  return { speaker: context.speaker, window_hours: same_policy ? context.window_hours : null };
}

function step(event: HistoryEvent): string {
  return stepWords(event);
}

function campaign({ campaign_name }: HistoryEvent): string {
  return campaign_name === null ? 'a campaign' : quoted(campaign_name);
}

function until(event: HistoryEvent, speaker: Speaker): string {
  return event.until === null ? '' : ` until ${speaker.when(event.until)}`;
}

function at(event: HistoryEvent, speaker: Speaker): string {
  return event.until === null ? '' : ` on ${speaker.when(event.until)}`;
}

function because(event: HistoryEvent): string {
  const reason = textOf(event.detail, 'reason');
  return reason === null ? '' : ` (“${reason}”)`;
}

/** The server's response, verbatim. */
function reply(event: HistoryEvent): string {
  const response = textOf(event.detail, 'response');
  return response === null ? '' : ` (“${response}”)`;
}
