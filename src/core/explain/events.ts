/** What each event of the log says, in one or two sentences. */

import type { EventType, TouchResult } from '../../schema.gen.ts';
import { RESULT_WORDS } from '../channels.ts';
import type { GateTrace, Outcome } from '../gate/decision.ts';
import { WAKES } from '../gate/wakes.ts';
import { plainWords, sentence } from '../gate/words.ts';
import { isRecord, textOf } from '../json.ts';
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
  /** The policy in force, and its window. */
  policy_version: number;
  window_hours: number;
  /** Requests by id: they know the person who asked. */
  askers: ReadonlyMap<string, Asker>;
};

/** An event in words. Times are in the lead's zone; nobody is named by a bare id where a name is known. */
function eventText(event: HistoryEvent, context: EventContext): string {
  return sentence(EVENT_WORDS[event.event_type](event, context));
}

export function happenedOf(event: HistoryEvent, context: EventContext): Happened {
  const { id: event_id, event_type, timestamp } = event;
  return { at: timestamp.toISOString(), text: eventText(event, context), event_id, event_type };
}

/** How a call ended, as its person said. */
function resultWords(event: HistoryEvent): string {
  const result = textOf(event.detail, 'result') as TouchResult | null;
  return result === null ? '' : ` (${RESULT_WORDS[result].toLowerCase()})`;
}

/** The same with the gates that were asked, each with what it saw. */
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
  requested: (event, context) => `${asker(event, context)} asked for ${campaign(event)}.`,
  enrolled: (event, context) =>
    `the lead entered ${campaign(event)}: ${asker(event, context)} had asked for it, and every gate passed.`,
  dispatched: (event) => `${step(event)} was due, every gate passed, and its draft was requested.`,
  drafted: (event, { speaker }) =>
    event.resolution === 'template' || event.resolution === 'model'
      ? `${step(event)} was drafted ${event.resolution === 'model' ? 'by the language model' : 'from its template'}.`
      : `${speaker.actor(event)} drafted ${step(event)}.`,
  edited: (event, { speaker }) =>
    `${speaker.actor(event)} edited the draft of ${step(event)}; an earlier approval no longer counts.`,
  approved: (event, { speaker }) =>
    event.resolution === 'template'
      ? `${step(event)} needed no further approval: a person had approved its template.`
      : `${speaker.actor(event)} approved the draft of ${step(event)}.`,
  approval_withdrawn: (event, { speaker }) =>
    `${speaker.actor(event)} took the approval of ${step(event)} back; it waits for a person again.`,
  draft_rejected: (event, { speaker }) =>
    `${speaker.actor(event)} rejected the draft of ${step(event)}${because(event)}; the touch was dropped.`,
  sent: (event, { speaker }) =>
    event.resolution === 'person_says_sent'
      ? `${speaker.actor(event)} found that ${step(event)} had reached the lead after all.`
      : event.resolution === 'answer_says_sent'
        ? `${step(event)} had reached the lead after all: what came back shows it.`
        : `${step(event)} was sent.`,
  marked_sent: (event, { speaker }) =>
    `${speaker.actor(event)} sent ${step(event)} personally${resultWords(event)}${
      event.resolution === 'outside_gate' ? ', although the gate would not have let it go' : ''
    }.`,
  held: stopped,
  suppressed: stopped,
  skipped: (event, context) => skippedWords(event, asker(event, context)),
  released: (event) => `the wait of ${step(event)} ended: every gate passed.`,
  deferred,
  paused,
  resumed: (event, { speaker }) =>
    event.actor_kind === 'human' || event.actor_kind === 'agent'
      ? `${speaker.actor(event)} let ${campaign(event)} go on.`
      : `${campaign(event)} went on: what had stopped it was over.`,
  exited: (event, { speaker }) =>
    `${campaign(event)} ended because ${exitWords(event.resolution)}.${successor(event, speaker)}`,
  canceled: canceled,
  failed: failed,
  unknown: (event) =>
    `nobody can tell whether ${step(event)} arrived: the mail server gave no final answer. ` +
    'It counts as a touch, the lead was stopped, and a person has to say what happened.',
  late_reply: (event) =>
    `the mail server answered for ${step(event)} after its outcome had been settled without it${reply(event)}.`,
  retried: (event, { speaker }) =>
    `${step(event)} did not leave: ${retryCause(event)}. It is tried again${at(event, speaker)}.`,
  opted_out: optedOut,
  opt_out_lifted: (event, { speaker }) => `${speaker.actor(event)} lifted the opt-out${because(event)}.`,
  template_approved: (event, { speaker }) =>
    `${speaker.actor(event)} approved the template of ${step(event)}.`,
  replied,
  auto_replied: autoReplied,
  bounced,
  delivery_delayed: deliveryDelayed,
  complained,
  reply_read: (event, { speaker }) => replyRead(event, speaker),
};

/** A decision of the gate that was no yes: what was stopped, how long, and the gate's reason. */
function stopped(event: HistoryEvent, context: EventContext): string {
  const trace = readTrace(event.trace);
  const last = trace.at(-1);
  const what =
    event.moment === 'requested' || event.step_number === null
      ? `the request for ${campaign(event)} by ${asker(event, context)}`
      : step(event);
  const outcome = OUTCOME_WORDS[event.coordinator_action as Outcome] ?? 'was stopped';
  const wait = waits(event) ? until(event, context.speaker) || openEnd(last) : '';
  const reason =
    event.suppressed_reason === null ? 'the gate stopped it' : reasonWords(event.suppressed_reason);
  const why = last === undefined ? `${sentence(reason)}.` : gateSentence(last, gateContext(event, context));
  return `${what} ${outcome}${wait}. ${why}`;
}

const OUTCOME_WORDS: Record<Outcome, string> = {
  allow: 'was let through',
  hold: 'was held',
  queue: 'was queued',
  block: 'was blocked',
  refuse: 'was refused',
};

function waits({ coordinator_action }: HistoryEvent): boolean {
  return coordinator_action === 'hold' || coordinator_action === 'queue';
}

/** What a wait without a known end waits for. */
function openEnd(last: GateTrace | undefined): string {
  switch (last?.because) {
    case 'cap_zero':
      return ` until ${WAKES.policy_changes.until}`;
    case 'lead_paused':
      return ` until ${WAKES.lead_resumes.until}`;
    default:
      return last?.gate === 'concurrency' ? ` until ${WAKES.other_side_ends.until}` : '';
  }
}

function deferred(event: HistoryEvent, { speaker }: EventContext): string {
  if (event.resolution === 'out_of_office') {
    return `the next step of ${campaign(event)} was put off${until(event, speaker)}: ${ANSWER_PAUSE_WORDS.out_of_office}.`;
  }
  return event.resolution === 'mailbox_paused'
    ? `${step(event)} did not leave: the mail server refused the sending mailbox, which was paused. ` +
        'It leaves once a person resumes the mailbox.'
    : `${step(event)} was put off${until(event, speaker)}: ${deferredWords(event.resolution ?? 'business_hours', event.detail)}.`;
}

function paused(event: HistoryEvent, { speaker }: EventContext): string {
  if (event.resolution === 'unreachable')
    return `${step(event)} waits for a person: the lead has ${missingWords(event)}.`;
  const answer = ANSWER_PAUSE_WORDS[event.resolution ?? ''];
  if (event.suppressed_reason === null && answer === undefined)
    return `${speaker.actor(event)} paused ${campaign(event)}${because(event)}.`;
  const why =
    event.suppressed_reason === null ? answer : reasonWords(event.suppressed_reason, event.resolution);
  return `${campaign(event)} was paused${until(event, speaker)}: ${why}.`;
}

function canceled(event: HistoryEvent, { speaker }: EventContext): string {
  if (event.suppressed_reason !== null) {
    return `${step(event)} was cancelled: ${reasonWords(event.suppressed_reason)}.`;
  }
  if (event.step_number === null && event.request_id !== null) {
    const why = WITHDRAWN_WORDS[event.resolution ?? ''] ?? exitWords(event.resolution);
    return `the waiting request for ${campaign(event)} was withdrawn: ${why}.`;
  }
  if (event.resolution === 'sequence_ended') {
    return `${step(event)} did not leave, and was cancelled: its sequence had ended meanwhile.`;
  }
  if (event.resolution === 'person')
    return `${speaker.actor(event)} cancelled ${step(event)}${because(event)}.`;
  return `${step(event)} was cancelled with its sequence, because ${exitWords(event.resolution)}.`;
}

function retryCause({ resolution }: HistoryEvent): string {
  if (resolution === 'server_unreachable') return 'the mail server could not be reached';
  return resolution === 'internal_error'
    ? FAILURE_WORDS.internal_error!
    : 'the mail server had a temporary trouble';
}

function failed(event: HistoryEvent, { speaker }: EventContext): string {
  if (event.resolution === 'person_says_not_sent') {
    return `${speaker.actor(event)} found that ${step(event)} had not left.`;
  }
  const { resolution } = event;
  const why =
    resolution === null ? 'it could not be sent' : (FAILURE_WORDS[resolution] ?? plainWords(resolution));
  const answer = textOf(event.detail, 'error') ?? textOf(event.detail, 'response');
  return `${step(event)} failed: ${why}${answer === null ? '' : ` (${answer})`}.`;
}

function optedOut(event: HistoryEvent, { speaker }: EventContext): string {
  if (event.resolution === 'answer')
    return 'the lead asked in an answer not to be written to again. Everything that was to be sent ended.';
  if (event.resolution === 'one_click')
    return 'the lead unsubscribed by the link in a message. Everything that was to be sent ended.';
  if (event.actor_kind === 'system' || event.actor_kind === 'coordinator') {
    return `the lead was opted out${because(event)}. Everything that was to be sent ended.`;
  }
  const how = event.resolution === 'requested' ? '' : ' with an import';
  return `${speaker.actor(event)} opted the lead out${how}${because(event)}. Everything that was to be sent ended.`;
}

function successor(event: HistoryEvent, speaker: Speaker): string {
  const next = isRecord(event.detail) ? event.detail.next : undefined;
  if (typeof next === 'string')
    return ` ${sentence(speaker.campaign(next))} was to follow and had to pass the gate.`;
  if (!isRecord(next)) return '';
  const { suggest } = next;
  const suggestion = typeof suggest === 'string' ? `; ${speaker.campaign(suggest)} was suggested` : '';
  return ` A person was asked what should follow${suggestion}.`;
}

/** Who asked for a sequence: the person where one did, on whose behalf where it was for an agent. */
function asker(event: HistoryEvent, { askers, speaker }: EventContext): string {
  const request = event.request_id === null ? undefined : askers.get(event.request_id);
  const requested_by = request?.requested_by ?? textOf(event.detail, 'requested_by');
  const user_id = request?.requested_by_user_id ?? null;
  if (user_id !== null) {
    const on_behalf = requested_by === null ? '' : ` for ${speaker.agent(requested_by)}`;
    return `${speaker.person(user_id)}${on_behalf}`;
  }
  return requested_by === null ? speaker.actor(event) : speaker.agent(requested_by);
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

/** What the server said, word for word. */
function reply(event: HistoryEvent): string {
  const response = textOf(event.detail, 'response');
  return response === null ? '' : ` (“${response}”)`;
}
