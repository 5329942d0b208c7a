import type { UsableMailboxesResult } from '../../db/queries/mailboxes.gen.ts';
import { AppError } from '../../errors.ts';
import type { MailConnection } from '../../mail/messages.ts';
import type { MailboxesRow, MailSecurity } from '../../schema.gen.ts';
import { freshToken, grantSecretOwner, type TokenContext } from './mailbox_tokens.ts';
import { openSecret } from './sealed_secret.ts';

type Kind = 'smtp' | 'imap';
type Server<K extends Kind> = Pick<
  MailboxesRow,
  'org_id' | 'id' | `${K}_host` | `${K}_port` | `${K}_security` | `${K}_user` | `${K}_password` | `${K}_oauth`
>;

type Reached = { host: string; port: number; security: MailSecurity };

/** Binds a mailbox's sealed password to the mailbox and to the server that receives it. */
export function passwordOwner(
  kind: Kind,
  { org_id, id }: { org_id: string; id: string },
  { host, port, security }: Reached,
): readonly string[] {
  const way = security === 'none' ? 'clear' : 'encrypted';
  return [...olderOwner(kind, org_id, id), host, String(port), way];
}

/**
 * The connection to a mailbox's own server; null if it has none, undefined if the password cannot be opened. For OAuth it
 * comes without a login, which `withToken` adds.
 */
export function connectionOf(row: Server<'smtp'>, secret: string): MailConnection | null | undefined {
  const { smtp_host: host, smtp_port: port, smtp_security: security } = row;
  if (host === null || port === null || security === null) return null;
  if (row.smtp_user === null || row.smtp_password === null) return { host, port, security, auth: null };
  const pass = openPassword(secret, row.smtp_password, 'smtp', row, { host, port, security });
  return pass === null ? undefined : { host, port, security, auth: { user: row.smtp_user, pass } };
}

/** The connection to the server where a mailbox's replies are read; null if it has none. Otherwise as `connectionOf`. */
export function inboxOf(row: Server<'imap'>, secret: string): MailConnection | null | undefined {
  const { imap_host: host, imap_port: port, imap_security: security } = row;
  const { imap_user: user, imap_password: password } = row;
  if (host === null || port === null || security === null) return null;
  if (row.imap_oauth) return { host, port, security, auth: null };
  if (user === null || password === null) return null;
  const pass = openPassword(secret, password, 'imap', row, { host, port, security });
  return pass === null ? undefined : { host, port, security, auth: { user, pass } };
}

/** The owner that passwords were bound to before they were bound to a server. */
function olderOwner(kind: Kind, org_id: string, mailbox_id: string): readonly string[] {
  return [`mailbox_${kind}`, org_id, mailbox_id];
}

/** A password stored for an unencrypted connection also opens for an encrypted one, never the reverse. */
function openPassword(
  secret: string,
  sealed: Buffer,
  kind: Kind,
  row: { org_id: string; id: string },
  reached: Reached,
): string | null {
  return (
    openSecret(secret, sealed, passwordOwner(kind, row, reached)) ??
    openSecret(secret, sealed, passwordOwner(kind, row, { ...reached, security: 'none' })) ??
    openSecret(secret, sealed, olderOwner(kind, row.org_id, row.id))
  );
}

/** As `connectionOf`, with the stored token: no token is renewed within a transaction. */
export function sendingConnection(
  row: UsableMailboxesResult,
  { secret, now }: { secret: string; now: Date },
): MailConnection | null | undefined | 'no_token' {
  const connection = connectionOf(row, secret);
  if (!row.smtp_oauth || !connection) return connection;
  const { org_id, id: mailbox_id, login_user: user, access_token: sealed, access_expires_at } = row;
  if (user === null || sealed === null || access_expires_at === null || access_expires_at <= now)
    return 'no_token';
  const access_token = openSecret(secret, sealed, grantSecretOwner('access_token', { org_id, mailbox_id }));
  return access_token === null ? undefined : { ...connection, auth: { user, access_token } };
}

/**
 * The connection with a valid token, renewed if necessary. `refused`: a token that the server rejected. Throws
 * `mailbox_refused` if a person must connect the mailbox, and `mailbox_unreachable` (503) if the fault may pass.
 */
export async function withToken(
  context: TokenContext,
  { org_id, id: mailbox_id }: { org_id: string; id: string },
  connection: MailConnection,
  refused: string | null = null,
): Promise<MailConnection & { auth: { user: string; access_token: string } }> {
  const answer = await freshToken(context, { org_id, mailbox_id }, { refused });
  if (answer.kind === 'token') {
    const { user, access_token } = answer;
    return { ...connection, auth: { user, access_token } };
  }
  const detail = `The mailbox cannot log in: ${answer.reason}.`;
  if (answer.kind === 'refused') {
    throw new AppError('mailbox_refused', detail, {
      hint: 'An admin must connect it again, in a browser where they are signed in.',
    });
  }
  throw new AppError('mailbox_unreachable', detail, { hint: 'Try again in a minute.' });
}

/**
 * Tries a server with a token, and once more with a new one if the server rejects the first: it may have ended earlier than
 * its provider said. Throws as `withToken` does, and any error of `attempt`.
 */
export async function tryWithToken<T>(
  context: TokenContext,
  mailbox: { org_id: string; id: string },
  connection: MailConnection,
  attempt: (connection: MailConnection) => Promise<T>,
): Promise<T> {
  const first = await withToken(context, mailbox, connection);
  try {
    return await attempt(first);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'mailbox_refused') throw error;
    return attempt(await withToken(context, mailbox, connection, first.auth.access_token));
  }
}
