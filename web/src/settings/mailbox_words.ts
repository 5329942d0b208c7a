import { localTime } from '../ui/time.tsx';
import type { Mailbox } from './use_settings.ts';

export type MailboxState = { words: string; is_bad: boolean; why: string | null };

/** How a mailbox stands, for people. */
export function stateOf(mailbox: Mailbox, now_ms: number | undefined): MailboxState {
  const { retired_at, retired_reason, paused_at, paused_reason, retry_at, unreachable_error, oauth } =
    mailbox;
  if (retired_at !== null) return { words: 'Retired', is_bad: false, why: retired_reason };
  if (paused_at !== null) return { words: 'Paused', is_bad: true, why: paused_reason };
  if (usesOauth(mailbox) && oauth?.connected_at == null) {
    return { words: 'Not connected', is_bad: true, why: 'Its user has to consent at the provider first.' };
  }
  if (retry_at !== null && Date.parse(retry_at) > (now_ms ?? Date.now())) {
    const why = `Its server could not be reached${unreachable_error === null ? '' : ` (${unreachable_error})`}. It is tried again ${localTime(retry_at)}.`;
    return { words: 'Resting', is_bad: true, why };
  }
  return { words: 'Sends', is_bad: false, why: null };
}

export function usesOauth({ smtp, imap }: Pick<Mailbox, 'smtp' | 'imap'>): boolean {
  return smtp?.login === 'oauth' || imap?.login === 'oauth';
}

/** How Touchline signs in at its server. */
export function signInWords({ smtp, oauth }: Pick<Mailbox, 'smtp' | 'oauth'>): string {
  if (smtp === null) return 'By the server that Touchline was started with';
  if (smtp.login === 'oauth') return `OAuth${oauth === null ? '' : `, ${PROVIDER_WORDS[oauth.provider]}`}`;
  return smtp.login === 'password' ? `As ${smtp.user}, with a password` : 'Without signing in';
}

export function serverWords(server: Mailbox['smtp']): string {
  return server === null ? '' : `${server.host}:${server.port}, ${SECURITY_WORDS[server.security]}`;
}

export const SECURITY_WORDS = {
  tls: 'TLS from the start',
  starttls: 'TLS as an upgrade (STARTTLS)',
  none: 'no encryption',
} as const;

export const PROVIDER_WORDS = {
  google: 'Google',
  microsoft: 'Microsoft 365',
  custom: 'another provider',
} as const;

/** Why the provider last gave no token. */
export function failureWords(failure: string): string {
  return failure === 'invalid_grant'
    ? 'The consent is over. Connect it again.'
    : `The provider gave no token (${failure.replaceAll('_', ' ')}).`;
}
