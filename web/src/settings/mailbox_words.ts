import type { GetMailboxDkimOutput } from '../api/schema.d.ts';
import { localTime } from '../ui/time.tsx';
import type { Mailbox } from './use_settings.ts';

type StateWords = 'Retired' | 'Paused' | 'Not connected' | 'Unreachable' | 'Active';
export type MailboxState = { words: StateWords; is_bad: boolean; why: string | null };

/** The state of a mailbox for display. */
export function stateOf(mailbox: Mailbox, now_ms: number | undefined): MailboxState {
  const { retired_at, retired_reason, paused_at, paused_reason, retry_at, unreachable_error, oauth } =
    mailbox;
  if (retired_at !== null) return { words: 'Retired', is_bad: false, why: retired_reason };
  if (paused_at !== null) return { words: 'Paused', is_bad: true, why: paused_reason };
  if (usesOauth(mailbox) && oauth?.connected_at == null) {
    return {
      words: 'Not connected',
      is_bad: true,
      why: 'The mailbox’s user must consent at the provider first.',
    };
  }
  if (retry_at !== null && Date.parse(retry_at) > (now_ms ?? Date.now())) {
    const why = `Its server cannot be reached${unreachable_error === null ? '' : ` (${unreachable_error})`}. Next attempt: ${localTime(retry_at)}.`;
    return { words: 'Unreachable', is_bad: true, why };
  }
  return { words: 'Active', is_bad: false, why: null };
}

/** Explains why the mailbox sends nothing regardless of its limits; null if only the limits decide. */
export function stoppedWords(mailbox: Mailbox, now_ms: number | undefined): string | null {
  switch (stateOf(mailbox, now_ms).words) {
    case 'Retired':
      return 'Retired mailboxes send nothing.';
    case 'Paused':
      return 'It sends nothing until someone resumes it.';
    case 'Not connected':
      return 'It sends nothing until it is connected.';
    case 'Unreachable':
      return 'It sends nothing until the next attempt to reach its server.';
    default:
      return null;
  }
}

export function usesOauth({ smtp, imap }: Pick<Mailbox, 'smtp' | 'imap'>): boolean {
  return smtp?.login === 'oauth' || imap?.login === 'oauth';
}

/** How Touchline signs in at the mail server. */
export function signInWords({ smtp, oauth }: Pick<Mailbox, 'smtp' | 'oauth'>): string {
  if (smtp === null) return 'Default server';
  if (smtp.login === 'oauth') return `OAuth${oauth === null ? '' : `, ${PROVIDER_WORDS[oauth.provider]}`}`;
  return smtp.login === 'password' ? `Password, as ${smtp.user}` : 'None';
}

export function serverWords(server: Mailbox['smtp']): string {
  return server === null ? '' : `${server.host}:${server.port}, ${SECURITY_WORDS[server.security]}`;
}

export const SECURITY_WORDS = {
  tls: 'TLS',
  starttls: 'STARTTLS',
  none: 'no encryption',
} as const;

export const PROVIDER_WORDS = {
  google: 'Google',
  microsoft: 'Microsoft 365',
  custom: 'another provider',
} as const;

/** Why the provider last issued no token. */
export function failureWords(failure: string): string {
  return failure === 'invalid_grant'
    ? 'The consent has expired. Reconnect the mailbox.'
    : `The provider issued no token (${failure.replaceAll('_', ' ')}).`;
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

const SELECTOR_MAX = 63;

/** A selector that differs from the current one: each mailbox of a domain needs its own key. */
export function newSelector({ address, dkim }: Pick<Mailbox, 'address' | 'dkim'>): string {
  if (dkim === null) {
    const local_part = address.slice(0, address.lastIndexOf('@')).toLowerCase();
    const name = local_part.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '');
    return `touchline-${name}`.slice(0, SELECTOR_MAX).replace(/-+$/, '');
  }
  const [, stem = '', number = '1'] = /^(.*?)(?:-([0-9]{1,6}))?$/.exec(dkim.selector) ?? [];
  const end = `-${Number(number) + 1}`;
  return `${stem.slice(0, SELECTOR_MAX - end.length).replace(/-+$/, '')}${end}`;
}

type Said = { words: string; look: 'notice_good' | 'notice_bad' | '' };
type DkimState = GetMailboxDkimOutput['state'];

/** Explains the DNS state of a DKIM key and what to do about it. */
export function dkimStateWords(state: DkimState): Said {
  return DKIM_STATE_WORDS[state];
}

const DKIM_STATE_WORDS: Readonly<Record<DkimState, Said>> = {
  published: { words: 'DNS has this key. Receivers can check the signature.', look: 'notice_good' },
  missing: {
    words:
      'DNS does not have this key yet. Publish the record below; it can take hours to appear everywhere.',
    look: 'notice_bad',
  },
  several: {
    words: 'DNS has more than one key at this name, so receivers may use the wrong one. Keep only this one.',
    look: 'notice_bad',
  },
  revoked: { words: 'DNS says this key is revoked. Publish the value below.', look: 'notice_bad' },
  other_key: {
    words: 'DNS has another key at this name. Publish the value below, or use a key with another selector.',
    look: 'notice_bad',
  },
  other_algorithm: {
    words: 'DNS has the key with another signature algorithm. Publish the value below unchanged.',
    look: 'notice_bad',
  },
  test: {
    words: 'DNS has the key in test mode (t=y). Publish the value below without that flag.',
    look: 'notice_bad',
  },
  unanswered: { words: 'DNS gave no answer. Check again in a moment.', look: '' },
  unsigned: { words: 'DKIM is no longer on.', look: '' },
};
