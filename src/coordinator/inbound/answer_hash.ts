import { createHash } from 'node:crypto';
import type { InboundMail } from '../../mail/messages.ts';

/**
 * Identifies a message by what its sender wrote, without the lines that servers add on the way: the same message from a
 * mailbox, from another mailbox, and by `POST /inbound` has one hash. Null without a Message-ID, which reports may lack.
 */
export function answerHash(mail: InboundMail | null): Buffer | null {
  if (mail === null || mail.message_id === null) return null;
  const { message_id, in_reply_to, from, date, subject, text } = mail;
  const words = [subject, text].map((part) => part.replace(/\s+/g, ' ').trim());
  const parts = [message_id, in_reply_to, from.address, date, ...words];
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}
