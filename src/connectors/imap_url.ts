import { AppError } from '../errors.ts';
import type { MailConnection } from '../mail/messages.ts';
import type { MailCredentials } from './mail_receiver.ts';
import { type MailServerTls, readMailServerUrl } from './mail_server_url.ts';

export type ImapTarget = {
  host: string;
  port: number;
  tls: MailServerTls;
  /** Null: credentials are requested for every session. */
  auth: MailCredentials | null;
  /** A further certificate authority (PEM). */
  ca?: string;
};

/**
 * Parses an `IMAP_URL`: `imaps://user:password@host:993` (TLS from the start, RFC 8314) or `imap://user:password@host:143`
 * (STARTTLS); user and password percent-encoded. Option: `?tls=require|prefer|off`. By default STARTTLS is required, since
 * every mailbox has a password, except on this machine. Throws `AppError('imap_url_invalid')`.
 */
export function imapTarget(text: string, ca?: string): ImapTarget {
  const { host, port, tls, login } = readMailServerUrl(text, {
    scheme: 'imap',
    port: 143,
    tls_port: 993,
    options: [],
    invalid: (why) => new AppError('imap_url_invalid', `The IMAP URL cannot be used: ${why}.`),
  });
  return { host, port, tls: tls ?? 'require', auth: login, ...(ca === undefined ? {} : { ca }) };
}

const TLS = { tls: 'implicit', starttls: 'require', none: 'off' } as const;

/** The same for a mailbox's own server. */
export function imapTargetOf({ host, port, security, auth }: MailConnection): ImapTarget {
  return {
    host,
    port,
    tls: TLS[security],
    auth: auth !== null && 'pass' in auth ? { user: auth.user, password: auth.pass } : auth,
  };
}
