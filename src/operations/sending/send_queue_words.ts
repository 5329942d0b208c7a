import { openAttempt, sendingWords } from '../../core/explain/sending_words.ts';
import { deferredWords } from '../../core/explain/words.ts';
import { REASONS } from '../../core/gate/gates.ts';
import type { MailboxStatesResult } from '../../db/queries/mailboxes.gen.ts';
import type { QueueItemsResult } from '../../db/queries/send_queue.gen.ts';

/** Why an item has its status, and what a person must do before it continues; null if there is nothing to say. */
export type QueueWords = { why: string | null; what_next: string | null };

const NOTHING: QueueWords = { why: null, what_next: null };

/** `mailbox`: the mailbox that sends to the lead, or likely will. */
export function queueWords(
  row: QueueItemsResult,
  mailbox: MailboxStatesResult | undefined,
  now: Date,
): QueueWords {
  switch (row.status) {
    case 'approved':
      return approvedWords(row, mailbox, now);
    case 'held':
      return { ...NOTHING, why: row.held_reason && `Held: ${REASONS[row.held_reason].why}.` };
    case 'failed':
      return failedWords(row);
    case 'unknown':
      return unknownWords(row);
    case 'canceled':
      return { ...NOTHING, why: row.error };
    default:
      return NOTHING;
  }
}

/** Sending in progress comes first, then the mailbox: while it may not send, no other reason matters. */
function approvedWords(
  row: QueueItemsResult,
  mailbox: MailboxStatesResult | undefined,
  now: Date,
): QueueWords {
  const attempt = openAttempt(row);
  if (attempt !== null) {
    const words = sendingWords(attempt, now.getTime(), (time) => time.toISOString());
    return { ...NOTHING, why: `It ${words}.` };
  }
  if (row.requires_personal_send) {
    const what_next = `Send it, then: touchline mark sent ${row.staged_draft_id} --content-hash HASH.`;
    return { why: 'A person sends this from their own account.', what_next };
  }
  if (mailbox !== undefined && mailbox.retired_at !== null) {
    const what_next = `Choose another mailbox: touchline lead mailbox ${row.lead_id} MAILBOX --reason TEXT.`;
    return { why: `The mailbox ${mailbox.address} of this lead is retired.`, what_next };
  }
  if (mailbox !== undefined && mailbox.paused_at !== null) {
    const { id, address, paused_reason, paused_by } = mailbox;
    const first = paused_by === 'server' ? 'Find out why the mail server rejected the sender, then' : '';
    const resume = `touchline mailbox resume ${id}`;
    return {
      why: `The mailbox ${address} is paused: ${paused_reason}.`,
      what_next: first === '' ? `To send it: ${resume}.` : `${first}: ${resume}.`,
    };
  }
  if (mailbox?.retry_at && mailbox.retry_at > now) {
    const why = `The mail server of ${mailbox.address} could not be reached; next attempt at ${mailbox.retry_at.toISOString()}.`;
    return { ...NOTHING, why };
  }
  if (row.scheduled_at <= now) return NOTHING;
  const { deferred_reason, deferred_detail, error } = row;
  const deferred = deferred_reason === null ? null : deferredWords(deferred_reason, deferred_detail);
  const cause = deferred !== null ? `: ${deferred}` : error !== null ? ` after: ${error}` : '';
  return { ...NOTHING, why: `It leaves at ${row.scheduled_at.toISOString()} at the earliest${cause}.` };
}

function failedWords({ id, staged_draft_id, error, is_enrolled }: QueueItemsResult): QueueWords {
  const drop = `touchline cancel ${id} --reason TEXT`;
  const again = `touchline edit draft ${staged_draft_id} --content-hash HASH (touchline draft ${staged_draft_id} shows it)`;
  return {
    why: error,
    what_next:
      staged_draft_id === null || !is_enrolled
        ? `${is_enrolled ? '' : 'The enrollment has ended, so it sends nothing more. '}To cancel it: ${drop}.`
        : `To rewrite it: ${again}, then approve it. To cancel it: ${drop}.`,
  };
}

/** An unknown delivery is settled by looking for the message, never by sending it again. */
function unknownWords({ id, unknown_message_id, error }: QueueItemsResult): QueueWords {
  const look = `Look for ${unknown_message_id ?? 'it'} in the Sent folder, the relay's log, bounces, and replies`;
  return { why: error, what_next: `${look}; then: touchline resolve ${id} --went (or --no-went).` };
}
