import { z } from 'zod';
import type { OperationContext } from '../../context.ts';
import { connectionOf, tryWithToken } from '../../coordinator/sending/mailbox_logins.ts';
import { userMessageId } from '../../coordinator/sending/message_id.ts';
import { type GetMailboxResult, getMailbox } from '../../db/queries/mailboxes.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import type { OutboundMail } from '../../mail/messages.ts';
import { MAILBOX_PAUSED_BY_VALUES } from '../../schema.gen.ts';
import { existing, id, nullableInstant } from '../fields.ts';
import { operation } from '../operation.ts';

export const testMailbox = operation({
  name: 'test_mailbox',
  summary:
    'Test a mailbox: connect to its mail server and log in; with send, also send a test message to yourself.',
  http: { method: 'POST', path: '/mailboxes/{id}/test' },
  cli: { command: 'mailbox test', args: ['id'] },
  input: z.object({
    id,
    send: z.boolean().default(false).describe('true: also send a test message to your address'),
  }),
  output: z.object({
    id,
    address: z.string(),
    paused_at: nullableInstant,
    paused_reason: z.string().nullable(),
    paused_by: z.enum(MAILBOX_PAUSED_BY_VALUES).nullable(),
    ok: z.literal(true).describe('the server accepted connection, login, and any test message'),
    sent_to: z.string().nullable().describe('recipient of the test message'),
  }),
  errors: 'not_found mailbox_missing mailbox_refused mailbox_unreachable not_human secret_unreadable',
  run: async ({ context, principal, input }) => {
    const { org_id } = principal;
    const found = existing(await getMailbox.one({ org_id, id: input.id }, context.db), 'mailbox');
    const { mail } = context;
    if (mail === undefined || (input.send && mail.send === undefined)) {
      throw new AppError('mailbox_missing', 'This process has no mail server: SMTP_URL is not set.', {
        status: 409,
        hint: 'Set SMTP_URL for touchline serve too, to the same server as for touchline work.',
      });
    }
    let connection = connectionOf(found, context.secret);
    if (connection === undefined) {
      throw new AppError(
        'secret_unreadable',
        'The password of this mailbox cannot be decrypted with this TOUCHLINE_SECRET.',
        { hint: 'Set the password again, or restart with the original secret.' },
      );
    }
    if (connection !== null && found.smtp_oauth) {
      connection = await tryWithToken(context, found, connection, async (one) => {
        await mail.verify(one);
        return one;
      });
    } else await mail.verify(connection ?? undefined);
    let sent_to: string | null = null;
    if (input.send) {
      if (principal.kind !== 'human')
        throw new AppError('not_human', 'Only a person can receive a test message.');
      sent_to = principal.email;
      const message = testMessage(context, found, sent_to);
      const outcome = await mail.send!(connection === null ? message : { ...message, connection });
      if (outcome.kind !== 'sent')
        throw notTaken('response' in outcome ? outcome.response : 'it was not sent');
    }
    const { id, address, paused_at, paused_by, paused_reason } = found;
    return { id, address, paused_at, paused_by, paused_reason, ok: true as const, sent_to };
  },
  text: ({ id, address, paused_by, paused_reason, sent_to }) => {
    const tried =
      sent_to === null
        ? `The mail server for ${address} accepted the connection and the login. ` +
          'The sender was not tested; nothing was sent.'
        : `The mail server for ${address} accepted a test message to ${sent_to}.`;
    if (paused_by === null) return tried;
    if (paused_by === 'person') {
      return `${tried}\nA person paused the mailbox: ${paused_reason}. To resume: touchline mailbox resume ${id}.`;
    }
    return (
      `${tried}\nThe mailbox stays paused: ${paused_reason}. ` +
      `Fix the cause, then: touchline mailbox resume ${id}.`
    );
  },
});

/** Goes to the requesting person only; it reaches no lead and counts toward no limit. */
function testMessage(
  { clock, secret }: OperationContext,
  { org_id, address, display_name }: GetMailboxResult,
  to: string,
): OutboundMail {
  const mail_domain = address.slice(address.indexOf('@') + 1);
  return {
    message_id: userMessageId({ secret, mail_domain }, org_id, newId(clock)),
    from: { name: display_name, address },
    to: { address: to },
    subject: `Test of ${address}`,
    text: `Touchline sent this from ${address} because you asked for it. The mailbox works.`,
    list_unsubscribe_url: null,
    footer: null,
    date: clock.now(),
  };
}

const notTaken = (response: string) =>
  new AppError('mailbox_refused', `The mail server rejected the test message: ${response}`, {
    hint: 'Check that this user may send from the mailbox’s address.',
  });
