import { z } from 'zod';
import { pauseByPerson, resumeByPerson } from '../coordinator/mailboxes.ts';
import type { Scope } from '../coordinator/scope.ts';
import { transaction } from '../db/pool.ts';
import {
  type GetMailboxResult,
  getMailbox,
  listMailboxes,
  lockMailbox,
  setMailboxName,
} from '../db/queries/mailboxes.gen.ts';
import { AppError } from '../errors.ts';
import { actorOf } from '../principal.ts';
import { MAILBOX_PAUSED_BY_VALUES } from '../schema.gen.ts';
import { id, instant, notFound, nullableInstant, reason } from './fields.ts';
import { dkimInput, dkimOutput, setDkim, shownDkim } from './mailbox_dkim.ts';
import { type Call, operation } from './operation.ts';
import { pageInput, pageOf, readIdCursor, toPage } from './page.ts';
import { refuseIfStale } from './version.ts';

const mailbox = z.object({
  id,
  address: z.string(),
  display_name: z.string(),
  status: z.string().describe('ok; paused, with the reason; or resting until its server is tried again'),
  paused_at: nullableInstant.describe('since then nothing is sent from it'),
  paused_reason: z.string().nullable(),
  paused_by: z
    .enum(MAILBOX_PAUSED_BY_VALUES)
    .nullable()
    .describe('server: the mail server refused the mailbox'),
  paused_by_user_id: id.nullable(),
  unreachable_count: z.number().describe('tries in a row at which its server could not be reached'),
  unreachable_error: z.string().nullable(),
  retry_at: nullableInstant.describe('when its server is tried again'),
  dkim: dkimOutput.nullable(),
  created_at: instant,
});

/** Its keys speak for the org: nobody else changes it, and no agent. */

const list = operation({
  name: 'list_mailboxes',
  summary: 'Lists the addresses that mail is sent from, paused ones with the reason.',
  http: { method: 'GET', path: '/mailboxes' },
  cli: {
    command: 'mailboxes',
    empty: 'No mailboxes: no brand has a sender yet.',
    columns: ['address', 'display_name', 'id', 'status'],
  },
  input: z.object(pageInput),
  output: pageOf(mailbox),
  errors: [],
  run: async ({ context, principal: { org_id }, input: { cursor, limit } }) => {
    const after_id = readIdCursor(cursor);
    const rows = await listMailboxes.run({ org_id, after_id, limit: limit + 1 }, context.db);
    return toPage(
      rows.map((row) => shown(row, context.clock.now())),
      limit,
      (row) => [row.id],
    );
  },
});

const get = operation({
  name: 'get_mailbox',
  summary: 'One mailbox, with the DNS record that its signature needs.',
  http: { method: 'GET', path: '/mailboxes/{id}' },
  version: 'shown',
  cli: { command: 'mailbox', args: ['id'] },
  input: z.object({ id }),
  output: mailbox,
  errors: ['not_found'],
  run: async ({ context, principal: { org_id }, input }) => {
    const [found] = await getMailbox.run({ org_id, id: input.id }, context.db);
    if (found === undefined) throw notFound('mailbox');
    return shown(found, context.clock.now());
  },
});

const patch = operation({
  name: 'patch_mailbox',
  summary: 'Changes name, pause or signature of a mailbox. The private key is sealed and never shown again.',
  http: { method: 'PATCH', path: '/mailboxes/{id}' },
  version: 'checked',
  cli: { command: 'mailbox set', args: ['id'] },
  input: z.object({
    id,
    display_name: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .regex(/^\P{Cc}*$/u, 'has a control character')
      .optional()
      .describe('shown as the sender'),
    paused: z
      .boolean()
      .optional()
      .describe('true, with a reason: nothing is sent from it; false: it goes on'),
    reason: reason.optional().describe('why it is paused'),
    dkim: dkimInput.nullable().optional().describe('null ends the signing'),
  }),
  output: mailbox,
  errors: [
    'not_found',
    'reason_required',
    'dkim_key_invalid',
    'dkim_domain_unaligned',
    'not_human',
    'version_changed',
  ],
  run: (call) =>
    onMailbox(call, async (scope, found, user_id) => {
      const { display_name, paused, dkim, reason } = call.input;
      const { org_id, tx } = scope;
      refuseIfStale(call.expected, mailbox, shown(found, call.context.clock.now()));
      if (display_name !== undefined) await setMailboxName.run({ org_id, id: found.id, display_name }, tx);
      if (dkim !== undefined) await setDkim(scope, found, dkim, call.context.secret);
      if (paused === true) await pauseByPerson(scope, found.id, { reason: given(reason), user_id });
      if (paused === false) await resumeByPerson(scope, found.id, user_id);
    }),
});

const pause = operation({
  name: 'pause_mailbox',
  summary: 'Stops all mail from an address. What is approved waits and leaves once the mailbox is resumed.',
  http: { method: 'POST', path: '/mailboxes/{id}/pause' },
  cli: { command: 'mailbox pause', args: ['id'] },
  input: z.object({ id, reason }),
  output: mailbox,
  errors: ['not_found', 'not_human'],
  run: (call) =>
    onMailbox(call, async (scope, found, user_id) => {
      await pauseByPerson(scope, found.id, { reason: call.input.reason, user_id });
    }),
});

const resume = operation({
  name: 'resume_mailbox',
  summary: 'Lets a mailbox send again at once, whether it was paused or its server could not be reached.',
  http: { method: 'POST', path: '/mailboxes/{id}/resume' },
  cli: { command: 'mailbox resume', args: ['id'] },
  input: z.object({ id }),
  output: mailbox,
  errors: ['not_found', 'not_human'],
  run: (call) => onMailbox(call, (scope, found, user_id) => resumeByPerson(scope, found.id, user_id)),
});

const test = operation({
  name: 'test_mailbox',
  summary:
    'Connects to the mail server and logs in. Nothing is sent or changed, and whether the server accepts the sender is not tried.',
  http: { method: 'POST', path: '/mailboxes/{id}/test' },
  cli: { command: 'mailbox test', args: ['id'] },
  input: z.object({ id }),
  output: mailbox
    .pick({ id: true, address: true, paused_at: true, paused_by: true, paused_reason: true })
    .extend({ ok: z.literal(true).describe('the server took the connection and the login') }),
  errors: ['not_found', 'mailbox_missing', 'mailbox_refused', 'mailbox_unreachable'],
  run: async ({ context, principal: { org_id }, input }) => {
    const [found] = await getMailbox.run({ org_id, id: input.id }, context.db);
    if (found === undefined) throw notFound('mailbox');
    if (context.mail === undefined) {
      throw new AppError('mailbox_missing', 'This process knows no mail server: SMTP_URL is not set.', {
        status: 409,
        hint: 'Set it for touchline serve as well, to the same server as for touchline work.',
      });
    }
    await context.mail.verify();
    const { id, address, paused_at, paused_by, paused_reason } = found;
    return { id, address, paused_at, paused_by, paused_reason, ok: true as const };
  },
  text: ({ id, address, paused_by, paused_reason }) => {
    const tried =
      `The mail server for ${address} takes the connection and the login. ` +
      'This does not try whether the server accepts the sender; nothing was sent.';
    if (paused_by === null) return tried;
    if (paused_by === 'person') {
      return `${tried}\nA person paused the mailbox: ${paused_reason}. To end that: touchline mailbox resume ${id}.`;
    }
    return (
      `${tried}\nThe mailbox stays paused, since the server refused the sender: ${paused_reason}. ` +
      `Once that is cleared up: touchline mailbox resume ${id}.`
    );
  },
});

export const mailboxOperations = [list, get, patch, pause, resume, test] as const;

/** What a person does to a mailbox, in their name: the database lets nobody else resume one. */
async function onMailbox(
  { context, principal, input }: Call<{ id: string }>,
  act: (scope: Scope, found: GetMailboxResult, user_id: string) => Promise<void>,
) {
  if (principal.kind !== 'human')
    throw new AppError('not_human', 'Only a person does this.', { status: 403 });
  const { org_id, user_id } = principal;
  const after = await transaction(context.db, actorOf(principal), async (tx) => {
    const [found] = await lockMailbox.run({ org_id, id: input.id }, tx);
    if (found === undefined) throw notFound('mailbox');
    await act({ tx, org_id, clock: context.clock }, found, user_id);
    const [changed] = await getMailbox.run({ org_id, id: input.id }, tx);
    return changed!;
  });
  context.nudge();
  return shown(after, context.clock.now());
}

function given(text: string | undefined): string {
  if (text !== undefined) return text;
  const errors = [{ path: 'reason', message: 'is required to pause a mailbox' }];
  throw new AppError('reason_required', 'Say why the mailbox is paused.', { errors });
}

/** The sealed key stays where it is: `mailbox` names every field that leaves. */
function shown({ dkim_private_key: _, ...row }: GetMailboxResult, now: Date) {
  return { ...row, status: statusText(row, now), dkim: shownDkim(row) };
}

function statusText(
  { paused_at, paused_reason, retry_at }: Pick<GetMailboxResult, 'paused_at' | 'paused_reason' | 'retry_at'>,
  now: Date,
): string {
  if (paused_at !== null) return `paused: ${paused_reason}`;
  return retry_at !== null && retry_at > now ? `resting until ${retry_at.toISOString()}` : 'ok';
}
