import { z } from 'zod';
import { AppError } from '../errors.ts';
import { operation } from './operation.ts';
import { pageInput, pageOf } from './page.ts';

const listCaughtMessages = operation({
  name: 'list_caught_messages',
  summary: 'Lists the mail that the embedded catcher took, the newest first, with its raw source.',
  http: { method: 'GET', path: '/catcher/messages' },
  cli: { command: 'mail', columns: ['received_at', 'to', 'subject', 'message_id'] },
  input: z.object(pageInput),
  output: pageOf(
    z.object({
      id: z.string(),
      received_at: z.string(),
      envelope: z.object({ from: z.string(), to: z.array(z.string()) }),
      message_id: z.string(),
      from: z.string(),
      to: z.array(z.string()),
      subject: z.string(),
      text: z.string(),
      html: z.string(),
      headers: z.array(z.object({ name: z.string(), value: z.string() })),
      raw: z.string(),
    }),
  ),
  errors: ['no_catcher'],
  run: async ({ context, input }) => {
    if (context.catcher === null) {
      throw new AppError('no_catcher', 'Mail goes to a real server here; there is no catcher.', {
        status: 404,
      });
    }
    const { limit, cursor } = input;
    return context.catcher.messages({ limit, ...(cursor === undefined ? {} : { cursor }) });
  },
});

export const catcherOperations = [listCaughtMessages] as const;
