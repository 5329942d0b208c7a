/** What the log says of messages that came back, in words. */
import type { ReplyIntent } from '../../schema.gen.ts';
import { textOf } from '../json.ts';
import type { HistoryEvent } from './history.ts';
import { type Speaker, stepWords } from './words.ts';

const INTENT_WORDS: Readonly<Record<ReplyIntent, string>> = {
  interested: 'as interested',
  meeting: 'as a yes to a meeting',
  question: 'as a question',
  not_now: 'as “not now”',
  not_interested: 'as a no',
  unsubscribe: 'as a wish to hear no more',
  wrong_person: 'as written by the wrong person',
  out_of_office: 'as an absence',
  other: 'as none of the usual',
};

/** Why a sequence was paused by what came back: also the reason that its row holds. */
export const ANSWER_PAUSE_WORDS: Readonly<Record<string, string>> = {
  reply: 'the lead answered',
  not_now: 'the lead asked to be written to later',
  out_of_office: 'the lead is away',
};

export function replied(event: HistoryEvent): string {
  const about = event.step_number === null ? '' : ` to ${touch(event)}`;
  const doubt =
    event.resolution === 'sender_only'
      ? ' Only the address says that it was the lead, so somebody has to look at it.'
      : '';
  return `the lead answered${about}.${doubt}`;
}

export function autoReplied(event: HistoryEvent): string {
  return event.resolution === 'out_of_office'
    ? 'an automatic answer said that the lead is away.'
    : `an automatic answer to ${touch(event)} came.`;
}

export function bounced(event: HistoryEvent): string {
  const status = textOf(event.detail, 'status');
  const code = status === null ? '' : ` (${status})`;
  switch (event.resolution) {
    case 'hard':
      return `${touch(event)} came back${code}: nobody is reached at this address, and it is not written to again.`;
    case 'policy':
      return `${touch(event)} was refused for what it is, or who sent it${code}; that says nothing of the address.`;
    default:
      return `${touch(event)} came back for now${code}; the address may work another day.`;
  }
}

export function deliveryDelayed(event: HistoryEvent): string {
  return `a mail server is still trying to deliver ${touch(event)}.`;
}

export function complained(event: HistoryEvent): string {
  return `the lead marked ${touch(event)} as spam; the address is not written to again.`;
}

export function replyRead(event: HistoryEvent, speaker: Speaker): string {
  const reader = textOf(event.detail, 'read_by');
  const who =
    reader === null || reader === 'rules'
      ? 'fixed rules'
      : /^[0-9a-f-]{36}$/.test(reader)
        ? speaker.person(reader)
        : speaker.agent(reader);
  const until = event.until === null ? '' : ` It goes on ${speaker.when(event.until)} at the earliest.`;
  const note = textOf(event.detail, 'note');
  return `the answer was read ${INTENT_WORDS[event.resolution as ReplyIntent] ?? 'by somebody'} by ${who}${
    note === null ? '' : ` (“${note}”)`
  }.${until}`;
}

function touch(event: HistoryEvent): string {
  return event.step_number === null ? 'a message' : stepWords(event);
}
