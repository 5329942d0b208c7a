import type { Context } from '../context.ts';
import type { ReservedSend } from '../coordinator/sending/sending.ts';
import { unsubscribeToken } from '../coordinator/sending/unsubscribe_token.ts';
import type { OutboundMail } from '../mail/messages.ts';

export type SendingOrg = { org_id: string; name: string; legal_name: string | null; postal_address: string };

/**
 * The message of a reserved send: from its mailbox, signed with the mailbox's key, in the thread of the messages sent in
 * this enrollment, with an unsubscribe link.
 */
export function outboundMail(
  context: Pick<Context, 'clock' | 'public_url' | 'secret'>,
  org: SendingOrg,
  send: ReservedSend,
): OutboundMail {
  const { item, mailbox, thread } = send;
  const last = thread.at(-1);
  const unsubscribe_url = `${context.public_url}/u/${unsubscribeToken(context.secret, {
    org_id: org.org_id,
    lead_id: item.lead_id,
    queue_id: item.id,
  })}`;
  return {
    message_id: send.message_id,
    from: { name: mailbox.display_name, address: mailbox.address },
    to: { address: send.to_id },
    subject: send.subject,
    text: send.body,
    ...(last === undefined ? {} : { in_reply_to: last, references: thread }),
    list_unsubscribe_url: unsubscribe_url,
    footer: { sender_name: org.legal_name ?? org.name, postal_address: org.postal_address, unsubscribe_url },
    date: context.clock.now(),
    ...(mailbox.dkim === null ? {} : { dkim: mailbox.dkim }),
    ...(mailbox.connection === null ? {} : { connection: mailbox.connection }),
  };
}
