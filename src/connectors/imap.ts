import { setTimeout as delay } from 'node:timers/promises';
import { MINUTE_MS } from '../core/durations.ts';
import { AppError } from '../errors.ts';
import type { MailLogin } from '../mail/messages.ts';
import { type Reluctance, readFolder } from './imap_reading.ts';
import { type ImapLimits, type Opened, openFolder } from './imap_session.ts';
import type {
  AskedCredentials,
  MailFolder,
  MailReceiver,
  ReceiveEnd,
  ReceiveOptions,
} from './mail_receiver.ts';
import { type MailTarget, mailTarget, serverUnusable, sessionRejected } from './mail_server_url.ts';

export type ImapReceiverOptions = Partial<ImapLimits> & {
  /** `imap://` or `imaps://`, see `mailTarget`; or the parsed URL. */
  url: string | MailTarget;
  /**
   * Credentials instead of the URL's, requested for every session. An error from it fails the session; `mailbox_refused`
   * fails it until a person has looked.
   */
  credentials?: (asked: AskedCredentials) => Promise<MailLogin>;
  /** A further certificate authority (PEM). */
  ca?: string;
  /** The shortest and longest wait after a lost session; default 1 s and 5 min. */
  backoff_ms?: { least: number; longest: number };
};

const LIMITS: ImapLimits = {
  connection_timeout_ms: MINUTE_MS,
  reply_timeout_ms: 5 * MINUTE_MS,
  idle_ms: 9 * MINUTE_MS,
  poll_ms: MINUTE_MS,
  max_bytes: 25 * 1024 * 1024,
};
/** After 30 minutes of IDLE, a server may log us out (RFC 2177). */
const MAX_IDLE_MS = 28 * MINUTE_MS;
// A session that lasted this long resets the count of failures.
const SETTLED_MS = MINUTE_MS;

/**
 * Receives over IMAP4rev1 (RFC 3501), one session for each `receive`. Throws an `AppError` (`imap_url_invalid`)
 * for options that can never work.
 */
export function imapReceiver(options: ImapReceiverOptions): MailReceiver {
  const { url } = options;
  const target = typeof url === 'string' ? mailTarget('imap', url, options.ca) : url;
  const { auth } = target;
  const credentials = options.credentials ?? (auth === null ? null : async () => auth);
  if (credentials === null) {
    throw new AppError('imap_url_invalid', 'The IMAP URL cannot be used: it has no user and password.');
  }
  const limits = { ...LIMITS, ...options };
  limits.idle_ms = Math.min(limits.idle_ms, MAX_IDLE_MS);

  /** An access token may have expired: a refused one is replaced once. */
  const open = async (folder: MailFolder, signal?: AbortSignal): Promise<Opened> => {
    let refused_token: string | null = null;
    for (let refused = false; ; refused = true) {
      const given: MailLogin | Unanswered = await credentials({ refused, refused_token }).catch(unanswered);
      if ('kind' in given) return given;
      const opened = await openFolder(target, given, folder, limits, signal);
      if (opened.kind !== 'refused' || refused || 'pass' in given) return opened;
      refused_token = given.access_token;
    }
  };

  return {
    receive: (asked) => receiveUntilTheEnd(asked, open, limits, options.backoff_ms),
    async verify(folder = 'inbox') {
      const opened = await open(folder);
      if (opened.kind !== 'open') throw unverified(opened);
      opened.folder.close();
    },
  };
}

type Unanswered = Extract<Opened, { kind: 'refused' | 'failed' }>;

function unanswered(error: unknown): Unanswered {
  if (!(error instanceof AppError)) return { kind: 'failed', why: 'no credentials' };
  const { code, message } = error;
  return code === 'mailbox_refused'
    ? { kind: 'refused', response: message }
    : { kind: 'failed', why: message };
}

async function receiveUntilTheEnd(
  asked: ReceiveOptions,
  open: (folder: MailFolder, signal: AbortSignal) => Promise<Opened>,
  { max_bytes }: ImapLimits,
  backoff_ms = { least: 1_000, longest: 5 * MINUTE_MS },
): Promise<ReceiveEnd> {
  const reluctance: Reluctance = { uid_validity: 0, uid: 0, times: 0 };
  let attempts = 0;
  const onProgress = () => {
    attempts = 0;
  };
  while (!asked.signal.aborted) {
    const opened = await open(asked.folder, asked.signal);
    let why: string;
    if (opened.kind === 'open') {
      const began_ms = performance.now();
      why = await readFolder(opened.folder, { ...asked, max_bytes, reluctance, onProgress });
      if (performance.now() - began_ms >= SETTLED_MS) attempts = 0;
    } else if (asked.signal.aborted) break;
    else if (opened.kind === 'failed') why = opened.why;
    else return opened;
    if (asked.signal.aborted) break;
    attempts += 1;
    const wait_ms = waitMs(attempts, backoff_ms);
    asked.onState?.({ kind: 'lost', why, attempts, wait_ms });
    await delay(wait_ms, undefined, { signal: asked.signal }).catch(() => undefined);
  }
  return { kind: 'stopped' };
}

/** Doubles with each attempt, less up to half at random, so that a server's mailboxes do not reconnect at once. */
function waitMs(attempts: number, { least, longest }: { least: number; longest: number }): number {
  const full_ms = Math.min(longest, least * 2 ** Math.min(attempts, 30));
  return Math.max(least, Math.round(full_ms * (0.5 + Math.random() / 2)));
}

function unverified(opened: Exclude<Opened, { kind: 'open' }>): AppError {
  if (opened.kind === 'failed') return serverUnusable(opened.why);
  if (opened.kind === 'no_folder') {
    return new AppError('mail_folder_missing', `Folder not found: ${opened.response}`, {
      hint: 'Create the folder in the mailbox, or mark it on the server.',
    });
  }
  return sessionRejected(opened.response, 'whether IMAP is enabled for the mailbox');
}
