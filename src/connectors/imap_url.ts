import { isIP } from 'node:net';
import { AppError } from '../errors.ts';
import type { MailConnection } from '../mail/messages.ts';
import type { MailCredentials } from './mail_receiver.ts';

export type ImapTarget = {
  host: string;
  port: number;
  /** `implicit`: TLS from the first byte. `require`: STARTTLS or nothing. `prefer`: STARTTLS if offered. */
  tls: 'implicit' | 'require' | 'prefer' | 'off';
  /** Null: credentials are requested for every session. */
  auth: MailCredentials | null;
  /** A further certificate authority (PEM). */
  ca?: string;
};

const TLS_MODES = ['require', 'prefer', 'off'] as const;

/**
 * Parses an `IMAP_URL`: `imaps://user:password@host:993` (TLS from the start, RFC 8314) or `imap://user:password@host:143`
 * (STARTTLS); user and password percent-encoded. Option: `?tls=require|prefer|off`. By default STARTTLS is required, since
 * every mailbox has a password, except on this machine.
 *
 * Throws `AppError('imap_url_invalid')`, whose text never repeats the URL, since it holds a password.
 */
export function imapTarget(text: string, ca?: string): ImapTarget {
  if (!URL.canParse(text)) throw invalid('it is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'imap:' && url.protocol !== 'imaps:')
    throw invalid('it must begin with imap:// or imaps://');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host === '') throw invalid('it has no host');
  if (url.pathname !== '' && url.pathname !== '/') throw invalid('it must have no path');
  for (const key of url.searchParams.keys()) {
    if (key !== 'tls') throw invalid(`it has an unknown option "${key}"`);
  }
  return {
    host,
    port: url.port === '' ? (url.protocol === 'imaps:' ? 993 : 143) : Number(url.port),
    tls: tlsMode(url, host),
    auth: credentials(url),
    ...(ca === undefined ? {} : { ca }),
  };
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

function credentials(url: URL): MailCredentials | null {
  if (url.username === '' && url.password === '') return null;
  if (url.username === '' || url.password === '')
    throw invalid('it needs both a user and a password, or neither');
  try {
    return { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  } catch {
    throw invalid('its user or password is not percent-encoded');
  }
}

function tlsMode(url: URL, host: string): ImapTarget['tls'] {
  const asked = url.searchParams.get('tls');
  if (url.protocol === 'imaps:') {
    if (asked !== null && asked !== 'require') throw invalid('imaps:// is always TLS');
    return 'implicit';
  }
  const mode = TLS_MODES.find((known) => known === asked);
  if (asked !== null && mode === undefined) throw invalid(`its tls must be one of ${TLS_MODES.join(', ')}`);
  return mode ?? (isLoopback(host) ? 'off' : 'require');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function invalid(why: string): AppError {
  return new AppError('imap_url_invalid', `The IMAP URL cannot be used: ${why}.`);
}
