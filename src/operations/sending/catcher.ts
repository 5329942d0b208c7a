import { z } from 'zod';
import type { CaughtOrigin } from '../../connectors/connector.ts';
import { isUserMessageOf } from '../../coordinator/sending/message_id.ts';
import { readUnsubscribeToken } from '../../coordinator/sending/unsubscribe_token.ts';
import { AppError } from '../../errors.ts';
import { noun } from '../fields.ts';
import { operation } from '../operation.ts';
import { pageInput, pageOf } from '../page.ts';

export const listCaughtMessages = operation({
  name: 'list_caught_messages',
  summary: 'List your organization’s mail in the embedded catcher with its raw source, newest first.',
  http: { method: 'GET', path: '/catcher/messages' },
  cli: { command: 'mail', columns: 'received_at to is_to_user subject message_id' },
  input: z.object(pageInput),
  output: pageOf(
    noun('CaughtMessage', {
      id: z.string(),
      received_at: z.string(),
      envelope: z.object({ from: z.string(), to: z.array(z.string()) }),
      message_id: z.string(),
      from: z.string(),
      to: z.array(z.string()),
      is_to_user: z
        .boolean()
        .describe('a notification or a test message to one of your users; else to a lead'),
      subject: z.string(),
      text: z.string(),
      html: z.string(),
      headers: z.array(z.object({ name: z.string(), value: z.string() })),
      raw: z.string(),
    }),
  ),
  errors: 'no_catcher',
  run: async ({ context, principal, input }) => {
    if (context.catcher === null) {
      throw new AppError('no_catcher', 'No catcher: this installation sends to a real mail server.');
    }
    const { limit, cursor } = input;
    const { secret, catcher } = context;
    const { org_id } = principal;
    const isShown = (caught: CaughtOrigin) => isOf(secret, org_id, caught);
    const page = await catcher.messages({ limit, isShown, ...(cursor === undefined ? {} : { cursor }) });
    const items = page.items.map((mail) => {
      return { ...mail, is_to_user: isUserMessageOf(secret, org_id, mail.message_id) };
    });
    return { ...page, items };
  },
});

/** Matches what only this product writes: an unsubscribe token, or the id of a test message. */
function isOf(secret: string, org_id: string, { message_id, unsubscribe_url }: CaughtOrigin): boolean {
  if (isUserMessageOf(secret, org_id, message_id)) return true;
  const token = /\/u\/([\w-]+)$/.exec(unsubscribe_url ?? '')?.[1];
  return token !== undefined && readUnsubscribeToken(secret, token)?.org_id === org_id;
}
