import { z } from 'zod';
import type { Scope } from '../../coordinator/gate/scope.ts';
import { pauseByPerson, resumeByPerson } from '../../coordinator/sending/mailboxes.ts';
import { type Queryable, transaction } from '../../db/pool.ts';
import {
  type GetMailboxResult,
  getMailbox,
  insertMailbox,
  listMailboxes,
  lockMailbox,
  retireMailbox,
  reviveMailbox,
} from '../../db/queries/mailboxes.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { requireAddress } from '../../mail/addresses.ts';
import { actorOf } from '../../principal.ts';
import { MAILBOX_PAUSED_BY_VALUES } from '../../schema.gen.ts';
import { id, instant, notFound, notHuman, noun, nullableInstant, reason } from '../fields.ts';
import { getLeadMailboxOperation, setLeadMailboxOperation } from '../leads/mailbox.ts';
import { type Call, operation } from '../operation.ts';
import { pageInput, pageOf, readIdCursor, toPage } from '../page.ts';
import { refuseIfStale } from '../version.ts';
import { connectMailbox, disconnectMailbox } from './mailbox_connect.ts';
import { oauthOutput, shownGrants } from './mailbox_connection.ts';
import { dkimInput, dkimOutput, getMailboxDkim, setDkim, shownDkim, withKey } from './mailbox_dkim.ts';
import { setSettings, settingsInput, settingsOutput, shownServers } from './mailbox_settings.ts';
import { testMailbox } from './mailbox_test.ts';
import { getMailboxUse } from './mailbox_use.ts';

const mailbox = noun('Mailbox', {
  id,
  address: z.string(),
  display_name: z.string(),
  status: z
    .string()
    .describe('ok; paused, with the reason; or resting until the next attempt to reach its server'),
  paused_at: nullableInstant.describe('sends nothing since then'),
  paused_reason: z.string().nullable(),
  paused_by: z
    .enum(MAILBOX_PAUSED_BY_VALUES)
    .nullable()
    .describe('server: the mail server rejected the mailbox'),
  paused_by_user_id: id.nullable(),
  retired_at: nullableInstant.describe('out of use since then'),
  retired_reason: z.string().nullable(),
  retired_by_user_id: id.nullable(),
  unreachable_count: z.number().describe('failed attempts in a row to reach its server'),
  unreachable_error: z.string().nullable(),
  retry_at: nullableInstant.describe('next attempt to reach its server'),
  dkim: dkimOutput.nullable(),
  oauth: oauthOutput.nullable().describe('null: never connected; servers with login oauth need it'),
  ...settingsOutput,
  created_at: instant,
});

const list = operation({
  name: 'list_mailboxes',
  summary: 'List mailboxes; paused ones with the reason.',
  http: { method: 'GET', path: '/mailboxes' },
  cli: {
    command: 'mailboxes',
    empty: 'No mailboxes. Add one: touchline mailbox add ADDRESS',
    columns: 'address display_name id status',
  },
  input: z.object(pageInput),
  output: pageOf(mailbox),
  run: async ({ context, principal: { org_id }, input: { cursor, limit } }) => {
    const after_id = readIdCursor(cursor);
    const rows = await listMailboxes.run({ org_id, after_id, limit: limit + 1 }, context.db);
    return toPage(await shown(context.db, rows, context.clock.now()), limit, (row) => [row.id]);
  },
});

const get = operation({
  name: 'get_mailbox',
  summary: 'Show a mailbox, with the DNS record that its signature needs.',
  http: { method: 'GET', path: '/mailboxes/{id}' },
  version: 'shown',
  cli: { command: 'mailbox', args: ['id'] },
  input: z.object({ id }),
  output: mailbox,
  errors: 'not_found',
  run: async ({ context, principal: { org_id }, input }) => {
    const [found] = await getMailbox.run({ org_id, id: input.id }, context.db);
    if (found === undefined) throw notFound('mailbox');
    return shownOne(context.db, found, context.clock.now());
  },
});

const patch = operation({
  name: 'patch_mailbox',
  summary:
    'Change the name, server, limits, pause, or signature of a mailbox. Keys and passwords are never shown again.',
  http: { method: 'PATCH', path: '/mailboxes/{id}' },
  version: 'checked',
  cli: { command: 'mailbox set', args: ['id'] },
  input: z.object({
    id,
    ...settingsInput,
    paused: z.boolean().optional().describe('true, with a reason: pause sending; false: resume'),
    reason: reason.optional().describe('why; required to pause'),
    dkim: dkimInput.nullable().optional().describe('null turns DKIM off'),
  }),
  output: mailbox,
  errors: `
    not_found reason_required dkim_key_invalid dkim_domain_unaligned dkim_selector_in_use admin_only
    password_missing mail_host_refused unknown_reference not_human version_changed`,
  run: async (call) => {
    const dkim = await withKey(call.input.dkim);
    return onMailbox(call, async (scope, found, user_id) => {
      const { id: _, paused, dkim: __, reason, ...settings } = call.input;
      const { context, principal } = call;
      refuseIfStale(call.expected, mailbox, await shownOne(scope.tx, found, call.context.clock.now()));
      await setSettings(scope, found, settings, { secret: context.secret, principal });
      if (dkim !== undefined) await setDkim(scope, found, dkim, call.context.secret);
      if (paused === true) await pauseByPerson(scope, found.id, { reason: given(reason), user_id });
      if (paused === false) await resumeByPerson(scope, found.id, user_id);
    });
  },
});

const pause = operation({
  name: 'pause_mailbox',
  summary: 'Pause all mail from a mailbox. Approved messages wait and leave once it is resumed.',
  http: { method: 'POST', path: '/mailboxes/{id}/pause' },
  cli: { command: 'mailbox pause', args: ['id'] },
  input: z.object({ id, reason }),
  output: mailbox,
  errors: 'not_found not_human',
  run: (call) =>
    onMailbox(call, async (scope, found, user_id) => {
      await pauseByPerson(scope, found.id, { reason: call.input.reason, user_id });
    }),
});

const resume = operation({
  name: 'resume_mailbox',
  summary: 'Resume a mailbox at once, whether it was paused or its server was unreachable.',
  http: { method: 'POST', path: '/mailboxes/{id}/resume' },
  cli: { command: 'mailbox resume', args: ['id'] },
  input: z.object({ id }),
  output: mailbox,
  errors: 'not_found not_human',
  run: (call) => onMailbox(call, (scope, found, user_id) => resumeByPerson(scope, found.id, user_id)),
});

const retire = operation({
  name: 'retire_mailbox',
  summary:
    'Retire a mailbox, or undo that. It is never deleted. Messages to its leads wait; no other mailbox sends them.',
  http: { method: 'POST', path: '/mailboxes/{id}/retire' },
  cli: { command: 'mailbox retire', args: ['id'] },
  input: z.object({
    id,
    reason: reason.optional().describe('why; required to retire it'),
    undo: z.boolean().default(false).describe('true: return it to use'),
  }),
  output: mailbox,
  errors: 'not_found not_human reason_required',
  run: (call) =>
    onMailbox(call, async ({ tx, org_id, clock }, { id }, user_id) => {
      const { undo, reason } = call.input;
      if (undo) await reviveMailbox.run({ org_id, id }, tx);
      else await retireMailbox.run({ org_id, id, now: clock.now(), reason: given(reason), user_id }, tx);
    }),
});

const create = operation({
  name: 'create_mailbox',
  summary: 'Add a mailbox. Its password is sealed and never shown again.',
  http: { method: 'POST', path: '/mailboxes' },
  cli: { command: 'mailbox add', args: ['address'] },
  input: z.object({
    address: z.string().trim().min(3).max(254).describe('cannot be changed later'),
    ...settingsInput,
    display_name: settingsInput.display_name.unwrap(),
  }),
  output: mailbox,
  errors: 'not_human mail_address_invalid conflict unknown_reference password_missing',
  run: async ({ context, principal, input }) => {
    if (principal.kind !== 'human') throw notHuman('Only a person may add a mailbox.');
    const { org_id } = principal;
    const { clock, secret } = context;
    const { address: written, ...settings } = input;
    const { address } = requireAddress(written);
    const id = newId(clock);
    const made = await transaction(context.db, actorOf(principal), async (tx) => {
      const { display_name } = settings;
      await insertMailbox.run({ org_id, id, address, display_name, now: clock.now() }, tx);
      const [inserted] = await getMailbox.run({ org_id, id }, tx);
      await setSettings({ tx, org_id, clock }, inserted!, settings, { secret, principal });
      return getMailbox.run({ org_id, id }, tx);
    });
    context.nudge();
    return shownOne(context.db, made[0]!, clock.now());
  },
});

export const mailboxOperations = [
  list,
  create,
  get,
  patch,
  pause,
  resume,
  retire,
  testMailbox,
  getMailboxDkim,
  connectMailbox,
  disconnectMailbox,
  getMailboxUse,
  getLeadMailboxOperation,
  setLeadMailboxOperation,
] as const;

/** Changes a mailbox in the name of the person: the database lets only people resume one. */
async function onMailbox(
  { context, principal, input }: Call<{ id: string }>,
  act: (scope: Scope, found: GetMailboxResult, user_id: string) => Promise<void>,
) {
  if (principal.kind !== 'human') throw new AppError('not_human', 'Only a person may change a mailbox.');
  const { org_id, user_id } = principal;
  const after = await transaction(context.db, actorOf(principal), async (tx) => {
    const [found] = await lockMailbox.run({ org_id, id: input.id }, tx);
    if (found === undefined) throw notFound('mailbox');
    await act({ tx, org_id, clock: context.clock }, found, user_id);
    const [changed] = await getMailbox.run({ org_id, id: input.id }, tx);
    return shownOne(tx, changed!, context.clock.now());
  });
  context.nudge();
  return after;
}

function given(text: string | undefined): string {
  if (text !== undefined) return text;
  const errors = [{ path: 'reason', message: 'is required to pause or retire a mailbox' }];
  throw new AppError('reason_required', 'Pausing or retiring a mailbox requires a reason.', { errors });
}

/** Leaves the sealed secrets out: `mailbox` names every field of the answer. */
async function shown(db: Queryable, found: readonly GetMailboxResult[], now: Date) {
  const grants = await shownGrants(db, found);
  return found.map((one) => {
    const { dkim_private_key: _, smtp_password: __, imap_password: ___, ...row } = one;
    const oauth = grants.get(row.id) ?? null;
    return { ...row, status: statusText(row, now), dkim: shownDkim(one), oauth, ...shownServers(one) };
  });
}

async function shownOne(db: Queryable, found: GetMailboxResult, now: Date) {
  const [one] = await shown(db, [found], now);
  return one!;
}

function statusText(
  row: Pick<GetMailboxResult, 'paused_at' | 'paused_reason' | 'retry_at' | 'retired_at' | 'retired_reason'>,
  now: Date,
): string {
  const { paused_at, paused_reason, retry_at, retired_at, retired_reason } = row;
  if (retired_at !== null) return `retired: ${retired_reason}`;
  if (paused_at !== null) return `paused: ${paused_reason}`;
  return retry_at !== null && retry_at > now ? `resting until ${retry_at.toISOString()}` : 'ok';
}
