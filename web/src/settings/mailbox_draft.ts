import type { Mailbox } from './use_settings.ts';

type Security = 'tls' | 'starttls' | 'none';

/** A mail server as form fields. `login` none: the server requires no sign-in. */
export type ServerDraft = {
  host: string;
  port: string;
  security: Security;
  login: 'password' | 'oauth' | 'none';
  user: string;
  /** Empty: keeps the stored password. */
  password: string;
};

export type MailboxDraft = Record<
  | 'address'
  | 'display_name'
  | 'owner_user_id'
  | 'client_id'
  | 'time_zone'
  | 'warm_up_began_on'
  | 'hourly_cap'
  | 'daily_cap'
  | 'gap_seconds'
  | 'recipient_domain_daily_cap',
  string
> & { smtp: ServerDraft | null; imap: ServerDraft | null };

/** Labels of the fields. */
export const DRAFT_WORDS: Readonly<Record<keyof MailboxDraft, string>> = {
  address: 'Address',
  display_name: 'Name',
  owner_user_id: 'Owner',
  client_id: 'Brand',
  time_zone: 'Time zone',
  warm_up_began_on: 'Warm-up start',
  hourly_cap: 'Hourly limit',
  daily_cap: 'Daily limit',
  gap_seconds: 'Seconds between messages',
  recipient_domain_daily_cap: 'Limit per recipient domain and day',
  smtp: 'Outgoing mail',
  imap: 'Incoming mail',
};

export function mailboxDraft(mailbox: Mailbox | null): MailboxDraft {
  return {
    address: mailbox?.address ?? '',
    display_name: mailbox?.display_name ?? '',
    owner_user_id: mailbox?.owner_user_id ?? '',
    client_id: mailbox?.client_id ?? '',
    time_zone: mailbox?.time_zone ?? '',
    warm_up_began_on: mailbox?.warm_up_began_on ?? '',
    hourly_cap: textOf(mailbox?.hourly_cap),
    daily_cap: textOf(mailbox?.daily_cap),
    gap_seconds: textOf(mailbox?.gap_seconds),
    recipient_domain_daily_cap: textOf(mailbox?.recipient_domain_daily_cap),
    smtp: serverDraft(mailbox?.smtp ?? null),
    imap: serverDraft(mailbox?.imap ?? null),
  };
}

/** The request body. Includes mail servers only for admins and only if changed, since a password is never sent back. */
export function bodyOf(draft: MailboxDraft, mailbox: Mailbox | null, has_servers: boolean) {
  const before = mailboxDraft(mailbox);
  const changed = (kind: 'smtp' | 'imap') =>
    has_servers && JSON.stringify(draft[kind]) !== JSON.stringify(before[kind])
      ? { [kind]: serverOf(draft[kind]) }
      : {};
  return {
    display_name: draft.display_name.trim(),
    client_id: draft.client_id || null,
    time_zone: draft.time_zone.trim() || null,
    warm_up_began_on: draft.warm_up_began_on || null,
    hourly_cap: numberOf(draft.hourly_cap),
    daily_cap: numberOf(draft.daily_cap),
    gap_seconds: numberOf(draft.gap_seconds),
    recipient_domain_daily_cap: numberOf(draft.recipient_domain_daily_cap),
    ...(has_servers ? { owner_user_id: draft.owner_user_id || null } : {}),
    ...changed('smtp'),
    ...changed('imap'),
  };
}

/** Defaults of most providers, so that users enter only the host. */
export const NEW_SERVER: Record<'smtp' | 'imap', ServerDraft> = {
  smtp: { host: '', port: '587', security: 'starttls', login: 'password', user: '', password: '' },
  imap: { host: '', port: '993', security: 'tls', login: 'password', user: '', password: '' },
};

function serverDraft(server: Mailbox['smtp']): ServerDraft | null {
  if (server === null) return null;
  const { host, port, security, login, user } = server;
  return { host, port: String(port), security, login: login ?? 'none', user: user ?? '', password: '' };
}

function serverOf(server: ServerDraft | null) {
  if (server === null) return null;
  const { host, port, security, login, user, password } = server;
  const reached = { host: host.trim(), port: Number(port), security };
  if (login !== 'password') return { ...reached, login: login === 'oauth' ? login : ('password' as const) };
  return { ...reached, login, user, ...(password === '' ? {} : { password }) };
}

function textOf(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}

function numberOf(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}
