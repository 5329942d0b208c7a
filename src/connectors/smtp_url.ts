import { isIP } from 'node:net';
import { AppError } from '../errors.ts';
import type { SmtpTarget } from './smtp_line.ts';

const TLS_MODES = ['require', 'prefer', 'off'] as const;

/**
 * Parses an `SMTP_URL`: `smtps://user:password@host:465` (TLS from the start) or `smtp://user:password@host:587`
 * (STARTTLS); user and password percent-encoded. Options: `?tls=require|prefer|off` and `?name=our.host.name` (for EHLO).
 * Without `tls`, STARTTLS is required if a password would cross a network, off on this machine, and otherwise used if
 * offered.
 *
 * Throws `AppError('smtp_url_invalid')`, whose text never repeats the URL, since it holds a password.
 */
export function smtpTarget(text: string, ca?: string): SmtpTarget {
  if (!URL.canParse(text)) throw invalid('it is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:')
    throw invalid('it must begin with smtp:// or smtps://');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host === '') throw invalid('it has no host');
  if (url.pathname !== '' && url.pathname !== '/') throw invalid('it must have no path');
  for (const key of url.searchParams.keys()) {
    if (key !== 'tls' && key !== 'name') throw invalid(`it has an unknown option "${key}"`);
  }
  const auth = credentials(url);
  const name = url.searchParams.get('name');
  if (name !== null && !/^[A-Za-z0-9.\-[\]:]{1,255}$/.test(name)) throw invalid('its name is no host name');
  return {
    host,
    port: url.port === '' ? (url.protocol === 'smtps:' ? 465 : 587) : Number(url.port),
    tls: tlsMode(url, host, auth !== null),
    auth,
    ...(name === null ? {} : { name }),
    ...(ca === undefined ? {} : { ca }),
  };
}

function credentials(url: URL): SmtpTarget['auth'] {
  if (url.username === '' && url.password === '') return null;
  if (url.username === '' || url.password === '')
    throw invalid('it needs both a user and a password, or neither');
  try {
    return { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  } catch {
    throw invalid('its user or password is not percent-encoded');
  }
}

function tlsMode(url: URL, host: string, has_password: boolean): SmtpTarget['tls'] {
  const asked = url.searchParams.get('tls');
  if (url.protocol === 'smtps:') {
    if (asked !== null && asked !== 'require') throw invalid('smtps:// is always TLS');
    return 'implicit';
  }
  const mode = TLS_MODES.find((known) => known === asked);
  if (asked !== null && mode === undefined) throw invalid(`its tls must be one of ${TLS_MODES.join(', ')}`);
  if (mode !== undefined) return mode;
  if (isLoopback(host)) return 'off';
  return has_password ? 'require' : 'prefer';
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function invalid(why: string): AppError {
  return new AppError('smtp_url_invalid', `The SMTP URL cannot be used: ${why}.`);
}
