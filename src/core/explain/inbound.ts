/** Received messages in words. */
import type { ReplyIntent } from '../../schema.gen.ts';
import { textOf } from '../json.ts';
import type { HistoryEvent } from './history.ts';
import { type Speaker, stepWords } from './words.ts';

const INTENT_WORDS: Readonly<Record<ReplyIntent, string>> = {
  interested: 'as interested',
  meeting: 'as a meeting request',
  question: 'as a question',
  not_now: 'as “not now”',
  not_interested: 'as not interested',
  unsubscribe: 'as an unsubscribe request',
  wrong_person: 'as a wrong person',
  out_of_office: 'as out of office',
  other: 'as other',
};

/** Why a reply paused a sequence, by the reason stored in its row. */
export const ANSWER_PAUSE_WORDS: Readonly<Record<string, string>> = {
  reply: 'the lead replied',
  not_now: 'the lead asked to be contacted later',
  out_of_office: 'the lead is out of the office',
};

export function replied(event: HistoryEvent): string {
  const about = event.step_number === null ? '' : ` to ${touch(event)}`;
  switch (textOf(event.detail, 'sender')) {
    case 'suppressed':
      return `someone asked, from another address than the lead’s, to end our messages, in reply${about}. That address is suppressed, and a person decides about the lead.`;
    case 'other':
      return `someone replied${about} from another address than the lead’s, so a person must review it.`;
    default:
  }
  const doubt =
    event.resolution === 'sender_only'
      ? ' It matches the lead only by sender address, which can be forged, so a person must review it.'
      : '';
  return `the lead replied${about}.${doubt}`;
}

export function autoReplied(event: HistoryEvent): string {
  return event.resolution === 'out_of_office'
    ? 'an auto-reply said that the lead is out of the office.'
    : `an auto-reply to ${touch(event)} arrived.`;
}

export function bounced(event: HistoryEvent): string {
  const status = textOf(event.detail, 'status');
  const code = status === null ? '' : ` (${status})`;
  switch (event.resolution) {
    case 'hard':
      return `${touch(event)} bounced${code}: the address does not exist, and no message goes to it again.`;
    case 'other_suppressed':
      return `a report about ${touch(event)} says that another address does not exist${code}. That address is suppressed; the lead continues.`;
    case 'other_address':
      return `a report about ${touch(event)} names another address${code}; the lead continues.`;
    case 'policy':
      return `${touch(event)} was rejected for its content or its sender${code}; the address may be valid.`;
    default:
      return `${touch(event)} bounced temporarily${code}; the address may work later.`;
  }
}

export function deliveryDelayed(event: HistoryEvent): string {
  return `a mail server is still trying to deliver ${touch(event)}.`;
}

export function complained(event: HistoryEvent): string {
  return `the lead marked ${touch(event)} as spam; no message goes to the address again.`;
}

export function replyRead(event: HistoryEvent, speaker: Speaker): string {
  const reader = textOf(event.detail, 'read_by');
  const who =
    reader === null || reader === 'rules'
      ? 'fixed rules'
      : /^[0-9a-f-]{36}$/.test(reader)
        ? speaker.person(reader)
        : speaker.agent(reader);
  const until =
    event.until === null ? '' : ` The sequence resumes on ${speaker.when(event.until)} at the earliest.`;
  const note = textOf(event.detail, 'note');
  return `the reply was classified ${INTENT_WORDS[event.resolution as ReplyIntent] ?? 'by a person'} by ${who}${
    note === null ? '' : ` (“${note}”)`
  }.${until}`;
}

function touch(event: HistoryEvent): string {
  return event.step_number === null ? 'a message' : stepWords(event);
}
