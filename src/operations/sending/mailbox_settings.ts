import { z } from 'zod';
import { storable } from '../../coordinator/gate/rows.ts';
import type { Scope } from '../../coordinator/gate/scope.ts';
import { passwordOwner } from '../../coordinator/sending/mailbox_logins.ts';
import { sealSecret } from '../../coordinator/sending/sealed_secret.ts';
import { isTimeZone } from '../../core/gate/schedule.ts';
import { type GetMailboxResult, setMailbox } from '../../db/queries/mailboxes.gen.ts';
import { AppError } from '../../errors.ts';
import type { Principal } from '../../principal.ts';
import { MAIL_SECURITY_VALUES, type MailboxesRow } from '../../schema.gen.ts';
import { headerLine, id, noun } from '../fields.ts';
import { userKey } from '../user_keys.ts';
import { word } from './mailbox_client.ts';

const MESSAGES_MAX = 100_000;

const cap = z.int().min(1).max(MESSAGES_MAX).nullable().optional();
const hostName = z
  .string()
  .trim()
  .max(253)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$/, 'is not a host name or address');
const serverFields = {
  host: hostName,
  port: z.int().min(1).max(65_535),
  security: z.enum(MAIL_SECURITY_VALUES).describe('tls from the first byte, starttls as an upgrade, or none'),
};
const secretText = word(4_096);
const loginKind = z.enum(['password', 'oauth']).meta({ id: 'MailLogin' });
const loginFields = {
  login: loginKind
    .default('password')
    .describe('oauth: with the token from connect_mailbox, without user and password'),
  user: secretText.max(320).optional(),
  password: secretText.optional(),
};

/** A token is never sent unencrypted, and the provider determines its user. */
function refuseMixedLogin({ value, issues }: z.core.ParsePayload<z.output<typeof server>>): void {
  const fault = (path: string, message: string) =>
    issues.push({ code: 'custom', path: [path], message, input: value });
  if (value.login !== 'oauth') return;
  if (value.security === 'none') fault('security', 'must be tls or starttls for login oauth');
  if (value.user !== undefined) fault('user', 'must be left out for login oauth');
  if (value.password !== undefined) fault('password', 'must be left out for login oauth');
}

const server = z.strictObject({ ...serverFields, ...loginFields }).meta({ id: 'MailServerInput' });

/** The settings of a mailbox that may change. */
export const settingsInput = {
  display_name: headerLine(200).optional().describe('shown as the sender'),
  owner_user_id: userKey.nullable().optional().describe('user whose leads get it first'),
  client_id: z.string().min(1).max(64).nullable().optional().describe('brand whose campaigns it sends'),
  smtp: server
    .check(refuseMixedLogin)
    .nullable()
    .optional()
    .describe('mail server; null: SMTP_URL. The password is sealed and never shown; omit it to keep it'),
  imap: server
    .check(refuseMixedLogin)
    .refine(({ login, user }) => login === 'oauth' || user !== undefined, {
      path: ['user'],
      message: 'is required unless login is oauth',
    })
    .nullable()
    .optional()
    .describe('server to read replies from; null: none'),
  time_zone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'expected an IANA time zone such as Europe/London')
    .nullable()
    .optional()
    .describe('time zone of its sending day; null: the organization’s'),
  hourly_cap: cap.describe('messages in any 60 minutes; null: the policy’s limit'),
  daily_cap: cap.describe('messages per day; null: the policy’s limit'),
  gap_seconds: z.int().min(0).max(86_400).nullable().optional().describe('null: the policy’s gap'),
  recipient_domain_daily_cap: cap.describe('messages per day to one domain; null: the policy’s limit'),
  warm_up_began_on: z.iso.date().nullable().optional().describe('first day of the warm-up; null: no warm-up'),
};
const settings = z.object(settingsInput);
export type SettingsInput = z.output<typeof settings>;

const serverOutput = noun('MailServer', {
  ...serverFields,
  login: loginKind.nullable().describe('null: no login'),
  user: z.string().nullable(),
  has_password: z.boolean(),
});
export const settingsOutput = {
  owner_user_id: id.nullable(),
  client_id: z.string().nullable(),
  smtp: serverOutput.nullable().describe('null: the server of SMTP_URL'),
  imap: serverOutput.nullable(),
  time_zone: z.string().nullable(),
  hourly_cap: z.number().nullable(),
  daily_cap: z.number().nullable(),
  gap_seconds: z.number().nullable(),
  recipient_domain_daily_cap: z.number().nullable(),
  warm_up_began_on: z.string().nullable(),
};

/**
 * Merges the given settings into the stored ones. Throws `admin_only` if someone else sets servers, and `password_missing`.
 */
export async function setSettings(
  { tx, org_id }: Scope,
  found: GetMailboxResult,
  given: SettingsInput,
  { secret, principal }: { secret: string; principal: Principal },
): Promise<void> {
  const { smtp, imap, ...plain } = given;
  const is_admin = principal.kind === 'human' && principal.roles.includes('admin');
  if ((smtp !== undefined || imap !== undefined) && !is_admin) {
    throw new AppError('admin_only', 'Only an admin may set the mail servers of a mailbox.', {
      hint: 'Omit smtp and imap, or ask an admin.',
    });
  }
  const sealing = { secret, org_id };
  const [to, from] = [
    serverColumns('smtp', smtp, found, sealing),
    serverColumns('imap', imap, found, sealing),
  ];
  const wanted = { ...found, ...plain, ...to, ...from } as MailboxesRow;
  const { smtp_password, imap_password, dkim_private_key: _, ...row } = wanted;
  await setMailbox.run({ org_id, id: found.id, row: storable(row), smtp_password, imap_password }, tx);
}

/** Servers without passwords and tokens. */
export const shownServers = (row: GetMailboxResult) => ({
  smtp: shownServer('smtp', row),
  imap: shownServer('imap', row),
});

type Kind = 'smtp' | 'imap';

function shownServer(kind: Kind, row: GetMailboxResult): z.input<typeof serverOutput> | null {
  const [host, port, security] = [row[`${kind}_host`], row[`${kind}_port`], row[`${kind}_security`]];
  if (host === null || port === null || security === null) return null;
  const has_password = row[`${kind}_password`] !== null;
  const login = row[`${kind}_oauth`] ? 'oauth' : has_password ? 'password' : null;
  return { host, port, security, login, user: row[`${kind}_user`], has_password };
}

const NO_SERVER = { host: null, port: null, user: null, security: null, oauth: false, password: null };

/**
 * Without a password the sealed one stays, but only for the same user at the same server: pointing a mailbox at another
 * server must not expose its password.
 */
function serverColumns(
  kind: Kind,
  given: SettingsInput['smtp'],
  found: GetMailboxResult,
  { secret, org_id }: { secret: string; org_id: string },
): Record<string, unknown> {
  const columns = (server: Record<keyof typeof NO_SERVER, unknown>) =>
    Object.fromEntries(Object.entries(server).map(([name, value]) => [`${kind}_${name}`, value]));
  if (given === undefined) return {};
  if (given === null) return columns(NO_SERVER);
  const { host, port, security, login, user = null, password } = given;
  if (login === 'oauth') return columns({ ...NO_SERVER, host, port, security, oauth: true });
  if (user === null && password !== undefined) throw loginFault(kind, 'user', 'is required with a password');
  const is_same =
    found[`${kind}_host`] === host && found[`${kind}_port`] === port && found[`${kind}_user`] === user;
  const is_as_safe = security !== 'none' || found[`${kind}_security`] === 'none';
  const kept = is_same && is_as_safe ? found[`${kind}_password`] : null;
  const owner = passwordOwner(kind, { org_id, id: found.id }, { host, port, security });
  const sealed = password === undefined ? kept : sealSecret(secret, password, owner);
  if (user !== null && sealed === null)
    throw loginFault(kind, 'password', 'is required for this user and server');
  return columns({ host, port, user, security, oauth: false, password: user === null ? null : sealed });
}

function loginFault(kind: Kind, field: string, message: string): AppError {
  return new AppError('password_missing', 'A login needs both a user and a password.', {
    errors: [{ path: `${kind}.${field}`, message }],
    hint: 'Enter the password again when host, port, user, or security changes.',
  });
}
