import { AppError } from '../errors.ts';
import type { MailConnection, MailLogin } from '../mail/messages.ts';
import { isLoopbackAddress } from '../public_address.ts';

/** A mail server to connect to. */
export type MailTarget = {
  host: string;
  port: number;
  /** `implicit`: TLS from the first byte. `require`: STARTTLS or nothing. `prefer`: STARTTLS if offered. */
  tls: 'implicit' | 'require' | 'prefer' | 'off';
  auth: MailLogin | null;
  /** Our name in EHLO; without it nodemailer's: the machine's name if it has a dot, else `[127.0.0.1]`. */
  name?: string;
  /** A further certificate authority (PEM), for a server with a private one. */
  ca?: string;
};

const SCHEMES = {
  smtp: { port: 587, tls_port: 465, options: ['tls', 'name'], code: 'smtp_url_invalid' },
  imap: { port: 143, tls_port: 993, options: ['tls'], code: 'imap_url_invalid' },
};
const TLS_MODES = ['require', 'prefer', 'off'] as const;

/**
 * Parses an `SMTP_URL` or `IMAP_URL`: `smtps://user:password@host:465` (TLS from the start, RFC 8314) or
 * `smtp://user:password@host:587` (STARTTLS); user and password percent-encoded. Options: `?tls=require|prefer|off`, and
 * for SMTP `?name=our.host.name` (for EHLO). Without `tls`, STARTTLS is off on this machine, required if a password would
 * cross a network, as it always does for IMAP, and otherwise used if offered. Throws `smtp_url_invalid` or
 * `imap_url_invalid`; the text never repeats the URL, which holds a password.
 */
export function mailTarget(scheme: 'smtp' | 'imap', text: string, ca?: string): MailTarget {
  const known = SCHEMES[scheme];
  const invalid = (why: string) =>
    new AppError(known.code, `The ${scheme.toUpperCase()} URL cannot be used: ${why}.`);
  if (!URL.canParse(text)) throw invalid('it is not a URL');
  const url = new URL(text);
  const is_implicit = url.protocol === `${scheme}s:`;
  if (!is_implicit && url.protocol !== `${scheme}:`)
    throw invalid(`it must begin with ${scheme}:// or ${scheme}s://`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host === '') throw invalid('it has no host');
  if (url.pathname !== '' && url.pathname !== '/') throw invalid('it must have no path');
  for (const key of url.searchParams.keys()) {
    if (!known.options.includes(key)) throw invalid(`it has an unknown option "${key}"`);
  }
  const asked = url.searchParams.get('tls');
  const mode = TLS_MODES.find((one) => one === asked);
  if (is_implicit && asked !== null && mode !== 'require') throw invalid(`${scheme}s:// is always TLS`);
  if (asked !== null && mode === undefined) throw invalid(`its tls must be one of ${TLS_MODES.join(', ')}`);
  const name = url.searchParams.get('name');
  if (name !== null && !/^[A-Za-z0-9.\-[\]:]{1,255}$/.test(name)) throw invalid('its name is no host name');
  const auth = loginOf(url, invalid);
  const usual = auth === null && scheme === 'smtp' ? 'prefer' : 'require';
  const is_local = host === 'localhost' || isLoopbackAddress(host);
  return {
    host,
    port: url.port === '' ? (is_implicit ? known.tls_port : known.port) : Number(url.port),
    tls: is_implicit ? 'implicit' : (mode ?? (is_local ? 'off' : usual)),
    auth,
    ...(name === null ? {} : { name }),
    ...(ca === undefined ? {} : { ca }),
  };
}

function loginOf(url: URL, invalid: (why: string) => AppError): MailLogin | null {
  if (url.username === '' && url.password === '') return null;
  if (url.username === '' || url.password === '')
    throw invalid('it needs both a user and a password, or neither');
  try {
    return { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  } catch {
    throw invalid('its user or password is not percent-encoded');
  }
}

const TLS = { tls: 'implicit', starttls: 'require', none: 'off' } as const;

/** The server of one mailbox. */
export function targetOf({ host, port, security, auth }: MailConnection): MailTarget {
  return { host, port, tls: TLS[security], auth };
}

/** A temporary failure: no session. */
export function serverUnusable(why: string): AppError {
  return new AppError('mailbox_unreachable', `The mail server is not usable: ${why}`, {
    hint: 'Check host, port, and TLS, then try again.',
  });
}

export function sessionRejected(response: string, else_to_check: string): AppError {
  return new AppError('mailbox_refused', `The mail server rejected the session: ${response}`, {
    hint: `Check the user name, the password, and ${else_to_check}.`,
  });
}
