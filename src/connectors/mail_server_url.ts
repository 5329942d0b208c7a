import { isIP } from 'node:net';
import type { AppError } from '../errors.ts';

/** `implicit`: TLS from the first byte. `require`: STARTTLS or nothing. `prefer`: STARTTLS if offered. */
export type MailServerTls = 'implicit' | 'require' | 'prefer' | 'off';

type MailServerUrl = {
  host: string;
  port: number;
  /** Null if neither the URL nor a loopback host decides. */
  tls: MailServerTls | null;
  login: { user: string; password: string } | null;
  options: URLSearchParams;
};

type Scheme = {
  scheme: 'imap' | 'smtp';
  port: number;
  tls_port: number;
  /** Known options besides `tls`. */
  options: readonly string[];
  /** Its text must never repeat the URL, which holds a password. */
  invalid: (why: string) => AppError;
};

const TLS_MODES = ['require', 'prefer', 'off'] as const;

/** The shared form of `SMTP_URL` and `IMAP_URL`; the scheme with an `s` means TLS from the first byte. */
export function readMailServerUrl(text: string, known: Scheme): MailServerUrl {
  const { scheme, invalid } = known;
  if (!URL.canParse(text)) throw invalid('it is not a URL');
  const url = new URL(text);
  const is_implicit = url.protocol === `${scheme}s:`;
  if (!is_implicit && url.protocol !== `${scheme}:`)
    throw invalid(`it must begin with ${scheme}:// or ${scheme}s://`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host === '') throw invalid('it has no host');
  if (url.pathname !== '' && url.pathname !== '/') throw invalid('it must have no path');
  for (const key of url.searchParams.keys()) {
    if (key !== 'tls' && !known.options.includes(key)) throw invalid(`it has an unknown option "${key}"`);
  }
  const asked = url.searchParams.get('tls');
  const mode = TLS_MODES.find((one) => one === asked);
  if (is_implicit && asked !== null && mode !== 'require') throw invalid(`${scheme}s:// is always TLS`);
  if (asked !== null && mode === undefined) throw invalid(`its tls must be one of ${TLS_MODES.join(', ')}`);
  return {
    host,
    port: url.port === '' ? (is_implicit ? known.tls_port : known.port) : Number(url.port),
    tls: is_implicit ? 'implicit' : (mode ?? (isLoopback(host) ? 'off' : null)),
    login: loginOf(url, invalid),
    options: url.searchParams,
  };
}

function loginOf(url: URL, invalid: Scheme['invalid']): MailServerUrl['login'] {
  if (url.username === '' && url.password === '') return null;
  if (url.username === '' || url.password === '')
    throw invalid('it needs both a user and a password, or neither');
  try {
    return { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  } catch {
    throw invalid('its user or password is not percent-encoded');
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
