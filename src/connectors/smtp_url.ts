import { AppError } from '../errors.ts';
import { readMailServerUrl } from './mail_server_url.ts';
import type { SmtpTarget } from './smtp_line.ts';

/**
 * Parses an `SMTP_URL`: `smtps://user:password@host:465` (TLS from the start) or `smtp://user:password@host:587`
 * (STARTTLS); user and password percent-encoded. Options: `?tls=require|prefer|off` and `?name=our.host.name` (for EHLO).
 * Without `tls`, STARTTLS is required if a password would cross a network, off on this machine, and otherwise used if
 * offered. Throws `AppError('smtp_url_invalid')`.
 */
export function smtpTarget(text: string, ca?: string): SmtpTarget {
  const { host, port, tls, login, options } = readMailServerUrl(text, {
    scheme: 'smtp',
    port: 587,
    tls_port: 465,
    options: ['name'],
    invalid,
  });
  const name = options.get('name');
  if (name !== null && !/^[A-Za-z0-9.\-[\]:]{1,255}$/.test(name)) throw invalid('its name is no host name');
  return {
    host,
    port,
    tls: tls ?? (login === null ? 'prefer' : 'require'),
    auth: login === null ? null : { user: login.user, pass: login.password },
    ...(name === null ? {} : { name }),
    ...(ca === undefined ? {} : { ca }),
  };
}

function invalid(why: string): AppError {
  return new AppError('smtp_url_invalid', `The SMTP URL cannot be used: ${why}.`);
}
