import { z } from 'zod';
import type { Scope } from '../../coordinator/gate/scope.ts';
import { pauseByPerson, resumeByPerson } from '../../coordinator/sending/mailboxes.ts';
import type { Queryable } from '../../db/pool.ts';
import * as mailboxes from '../../db/queries/mailboxes.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { requireAddress } from '../../mail/addresses.ts';
import { MAILBOX_PAUSED_BY_VALUES } from '../../schema.gen.ts';
import { existing, id, instant, noun, nullableInstant, reason, requirePerson } from '../fields.ts';
import { getLeadMailboxOperation, setLeadMailboxOperation } from '../leads/mailbox.ts';
import { type Call, operation, transactWork } from '../operation.ts';
import { BY_ID, pagedList } from '../page.ts';
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
  status: z.string().describe('ok; paused, with the reason; or resting until the next attempt'),
  paused_at: nullableInstant.describe('sends nothing since then'),
  paused_reason: z.string().nullable(),
  paused_by: z.enum(MAILBOX_PAUSED_BY_VALUES).nullable().describe('server: the mail server rejected it'),
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

const list = pagedList({
  name: 'list_mailboxes',
  summary: 'List mailboxes; paused ones with the reason.',
  path: '/mailboxes',
  cli: {
    command: 'mailboxes',
    empty: 'No mailboxes. Add one: touchline mailbox add ADDRESS',
    columns: 'address display_name id status',
  },
  item: mailbox,
  order: BY_ID,
  rows: async ({ context, page, db }) => shown(context, await mailboxes.listMailboxes.run(page, db)),
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
  run: async ({ context, principal: { org_id }, input: { id } }) =>
    shownOne(context, await mailboxes.getMailbox.one({ org_id, id }, context.db)),
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
      const { context, principal, expected } = call;
      refuseIfStale(expected, mailbox, await shownOne(context, found, scope.tx));
      await setSettings(scope, found, settings, { secret: context.secret, principal });
      if (dkim !== undefined) await setDkim(scope, found, dkim, context.secret);
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
    onMailbox(call, (scope, { id }, user_id) =>
      pauseByPerson(scope, id, { reason: call.input.reason, user_id }),
    ),
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
      if (undo) return mailboxes.reviveMailbox.run({ org_id, id }, tx);
      const retired = { org_id, id, now: clock.now(), reason: given(reason), user_id };
      return mailboxes.retireMailbox.run(retired, tx);
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
    requirePerson(principal);
    const { address: written, ...settings } = input;
    const { address } = requireAddress(written);
    const id = newId(context.clock);
    const made = await transactWork({ context, principal }, async (scope) => {
      const { tx, org_id, now } = scope;
      const { display_name } = settings;
      await mailboxes.insertMailbox.run({ org_id, id, address, display_name, now }, tx);
      const inserted = await mailboxes.getMailbox.one({ org_id, id }, tx);
      await setSettings(scope, inserted!, settings, { secret: context.secret, principal });
      return mailboxes.getMailbox.one({ org_id, id }, tx);
    });
    return shownOne(context, made);
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
  { context, principal, input: { id } }: Call<{ id: string }>,
  act: (scope: Scope, found: mailboxes.GetMailboxResult, user_id: string) => Promise<unknown>,
) {
  const user_id = requirePerson(principal);
  return transactWork({ context, principal }, async (scope) => {
    const { tx, org_id } = scope;
    const found = existing(await mailboxes.lockMailbox.one({ org_id, id }, tx), 'mailbox');
    await act(scope, found, user_id);
    return shownOne(context, await mailboxes.getMailbox.one({ org_id, id }, tx), tx);
  });
}

function given(text: string | undefined): string {
  if (text !== undefined) return text;
  const errors = [{ path: 'reason', message: 'is required to pause or retire a mailbox' }];
  throw new AppError('reason_required', 'Pausing or retiring a mailbox requires a reason.', { errors });
}

/** Leaves the sealed secrets out: `mailbox` names every field of the answer. */
async function shown(
  { db: reader, clock }: Call<unknown>['context'],
  found: readonly mailboxes.GetMailboxResult[],
  db: Queryable = reader,
) {
  const grants = await shownGrants(db, found);
  return found.map((one) => {
    const { dkim_private_key: _, smtp_password: __, imap_password: ___, ...row } = one;
    const oauth = grants.get(row.id) ?? null;
    const status = statusText(one, clock.now());
    return { ...row, status, dkim: shownDkim(one), oauth, ...shownServers(one) };
  });
}

/** Throws `not_found` without a row. */
async function shownOne(
  context: Call<unknown>['context'],
  found: mailboxes.GetMailboxResult | undefined,
  db?: Queryable,
) {
  const [one] = await shown(context, [existing(found, 'mailbox')], db);
  return one!;
}

function statusText(row: mailboxes.GetMailboxResult, now: Date): string {
  const { paused_at, paused_reason, retry_at, retired_at, retired_reason } = row;
  if (retired_at !== null) return `retired: ${retired_reason}`;
  if (paused_at !== null) return `paused: ${paused_reason}`;
  return retry_at !== null && retry_at > now ? `resting until ${retry_at.toISOString()}` : 'ok';
}
