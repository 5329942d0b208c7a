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

/** What a mailbox's sealed password is bound to: its mailbox, and the server that it is shown to. */
export function passwordOwner(
  kind: Kind,
  { org_id, id }: { org_id: string; id: string },
  { host, port, security }: Reached,
): readonly string[] {
  const way = security === 'none' ? 'clear' : 'encrypted';
  return [...olderOwner(kind, org_id, id), host, String(port), way];
}

/**
 * How to reach a mailbox's own server; null: it has none. Undefined where the password cannot be opened. Where it logs in by
 * OAuth, without the login: a token is had by `withToken`.
 */
export function connectionOf(row: Server<'smtp'>, secret: string): MailConnection | null | undefined {
  const { smtp_host: host, smtp_port: port, smtp_security: security } = row;
  if (host === null || port === null || security === null) return null;
  if (row.smtp_user === null || row.smtp_password === null) return { host, port, security, auth: null };
  const pass = openPassword(secret, row.smtp_password, 'smtp', row, { host, port, security });
  return pass === null ? undefined : { host, port, security, auth: { user: row.smtp_user, pass } };
}

/** How to reach the server where a mailbox's answers are read; null: it has none. Otherwise as `connectionOf`. */
export function inboxOf(row: Server<'imap'>, secret: string): MailConnection | null | undefined {
  const { imap_host: host, imap_port: port, imap_security: security } = row;
  const { imap_user: user, imap_password: password } = row;
  if (host === null || port === null || security === null) return null;
  if (row.imap_oauth) return { host, port, security, auth: null };
  if (user === null || password === null) return null;
  const pass = openPassword(secret, password, 'imap', row, { host, port, security });
  return pass === null ? undefined : { host, port, security, auth: { user, pass } };
}

/** What passwords were bound to before they were bound to a server. */
function olderOwner(kind: Kind, org_id: string, mailbox_id: string): readonly string[] {
  return [`mailbox_${kind}`, org_id, mailbox_id];
}

/** What was given for the clear may go encrypted as well, but never the other way. */
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

/** As `connectionOf`, with the token that is there: nothing is renewed within a transaction. */
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
 * The connection with a token that lasts, renewed if need be. `refused`: one that the server did not take. Throws
 * `mailbox_refused` where a person has to connect the mailbox, `mailbox_unreachable` (503) where that may pass.
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
      hint: 'An admin connects it again, with a browser in which they are signed in.',
    });
  }
  throw new AppError('mailbox_unreachable', detail, { hint: 'Try again in a minute.' });
}

/**
 * Tries a server with a token, and once more with another where it does not take the first: it may have ended there sooner
 * than its provider said. Throws as `withToken`, and what `attempt` throws.
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
