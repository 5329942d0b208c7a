import { AuthenticationFailure, ImapFlow, type ImapFlowError, type ImapFlowOptions } from 'imapflow';
import type { MailLogin } from '../mail/messages.ts';
import type { MailFolder } from './mail_receiver.ts';
import type { MailTarget } from './mail_server_url.ts';
import { printable } from './smtp_reply.ts';

export type ImapLimits = {
  /** Covers name lookup, TCP, TLS, login, and opening the folder. */
  connection_timeout_ms: number;
  /** For one whole response, including a message of `max_bytes`. */
  reply_timeout_ms: number;
  /** How long one IDLE lasts. */
  idle_ms: number;
  /** Polling interval for a server without IDLE. */
  poll_ms: number;
  /** The limit of one message. */
  max_bytes: number;
};

/** A message's size, date, and first bytes: at most `max_bytes` plus one. */
type FetchedMail = { size_bytes: number; internal_date: Date | null; source: Buffer };

/** A folder, open read-only. Its failures are thrown as `SessionLost`. One command at a time. */
export type ImapFolder = {
  readonly uid_validity: number;
  /** The UID of the next message when the folder was opened; null if the server does not report it. */
  readonly uid_next: number | null;
  /** Whether the server reports new messages. */
  readonly idles: () => boolean;
  /** In ascending order. */
  uidsAfter(uid: number): Promise<number[]>;
  /** Messages that the server received on that day or later, by its own calendar. */
  uidsSince(day: Date): Promise<number[]>;
  has(uid: number): Promise<boolean>;
  /** Null if the server returns nothing. */
  fetch(uid: number): Promise<FetchedMail | null>;
  /** Waits until something may be new, or for the polling interval. */
  change(): Promise<void>;
  close(): void;
};

/** `refused`: the server refused a command or sent an unreadable answer. Otherwise the connection is gone. */
export class SessionLost extends Error {
  readonly refused: boolean;
  constructor(why: string, refused = false) {
    super(why);
    this.name = 'SessionLost';
    this.refused = refused;
  }
}

export type Opened =
  | { kind: 'open'; folder: ImapFolder }
  | { kind: 'refused'; response: string }
  | { kind: 'no_folder'; response: string }
  | { kind: 'failed'; why: string };

// A SEARCH reply is one line: 2 million UIDs of 8 digits.
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const LITERAL_SLACK_BYTES = 1024 * 1024;

/**
 * Opens a session and its folder: name lookup, TCP, TLS, login, EXAMINE, all within `connection_timeout_ms`. Compression
 * and other extensions are off, so they cannot fail.
 */
export async function openFolder(
  target: MailTarget,
  auth: MailLogin,
  name: MailFolder,
  limits: ImapLimits,
  signal?: AbortSignal,
): Promise<Opened> {
  if (signal?.aborted) return { kind: 'failed', why: 'stopped' };
  const client = new ImapFlow(clientOptions(target, auth, limits));
  const stop = () => {
    signal?.removeEventListener('abort', stop);
    client.close();
  };
  signal?.addEventListener('abort', stop);
  client.on('close', stop);
  // Without a listener, an error event would end the process. The pending command throws the error itself.
  client.on('error', stop);
  try {
    return await within(client, limits.connection_timeout_ms, async () => {
      await client.connect();
      // imapflow would use YOUNGER, relative to this machine's clock, instead of SINCE.
      client.capabilities.delete('WITHIN');
      const path = name === 'inbox' ? 'INBOX' : await junkPath(client);
      if (path === null) {
        stop();
        return { kind: 'no_folder', response: 'the mailbox has no junk folder' };
      }
      const { uidValidity, uidNext } = await client.mailboxOpen(path, { readOnly: true });
      if (!Number(uidValidity)) throw new SessionLost('the server reports no UIDVALIDITY for the folder');
      const place = { uid_validity: Number(uidValidity), uid_next: uidNext || null };
      return { kind: 'open', folder: { ...place, ...reading(client, limits) } };
    });
  } catch (error) {
    stop();
    return notOpened(error as ImapFlowError);
  }
}

function clientOptions(target: MailTarget, auth: MailLogin, limits: ImapLimits): ImapFlowOptions {
  const max_literal = limits.max_bytes + LITERAL_SLACK_BYTES;
  return {
    host: target.host,
    port: target.port,
    secure: target.tls === 'implicit',
    // If omitted, STARTTLS is used where offered.
    ...(target.tls === 'require' ? { doSTARTTLS: true } : target.tls === 'off' ? { doSTARTTLS: false } : {}),
    auth: 'access_token' in auth ? { user: auth.user, accessToken: auth.access_token } : auth,
    tls: target.ca === undefined ? {} : { ca: target.ca },
    clientInfo: { name: 'Touchline' },
    logger: false,
    disableAutoIdle: true,
    disableAutoEnable: true,
    disableCompression: true,
    connectionTimeout: limits.connection_timeout_ms,
    greetingTimeout: limits.connection_timeout_ms,
    // Each command has its own deadline; this one must not end a session whose caller is slow.
    socketTimeout: Math.max(limits.idle_ms, limits.poll_ms) + 2 * limits.reply_timeout_ms,
    maxLineLength: MAX_LINE_BYTES,
    maxLiteralSize: max_literal,
    maxResponseSize: max_literal + MAX_LINE_BYTES,
  };
}

/** By SPECIAL-USE (RFC 6154), else by a usual name of spam folders. */
async function junkPath(client: ImapFlow): Promise<string | null> {
  const folders = await client.list();
  return folders.find(({ specialUse }) => specialUse === '\\Junk')?.path ?? null;
}

function reading(client: ImapFlow, limits: ImapLimits): Omit<ImapFolder, 'uid_validity' | 'uid_next'> {
  let can_idle = client.capabilities.has('IDLE');
  let stirred = false;
  let wake = () => {};
  client.on('exists', () => {
    stirred = true;
    wake();
  });
  client.on('close', () => wake());

  const ask = async <T>(run: () => Promise<T>): Promise<T> => {
    const answer = await within(client, limits.reply_timeout_ms, run).catch((error: ImapFlowError) => {
      throw lost(error);
    });
    // After the server's BYE, imapflow answers every command with nothing.
    if (client.isClosed || client.state !== client.states.SELECTED) {
      throw new SessionLost(printable(client.byeReason ?? 'the server closed the connection'));
    }
    return answer;
  };
  const search = async (query: { uid: string } | { since: Date }): Promise<number[]> => {
    const uids = await ask(() => client.search(query, { uid: true }));
    if (!Array.isArray(uids)) throw new SessionLost('the server did not answer the search', true);
    return uids;
  };
  const pause = (wait_ms: number) =>
    new Promise<'woken'>((resolve) => {
      const timer = setTimeout(() => wake(), wait_ms);
      wake = () => {
        clearTimeout(timer);
        resolve('woken');
      };
      if (stirred || client.isClosed) wake();
    });

  return {
    idles: () => can_idle,
    async uidsAfter(uid) {
      stirred = false;
      // "n:*" always includes the last message, even if its UID is below n (RFC 3501 section 6.4.8).
      const uids = await search({ uid: `${uid + 1}:*` });
      return uids.filter((found) => found > uid);
    },
    uidsSince: (since) => search({ since }),
    async has(uid) {
      // A server keeps listing removed messages until a command at which it may report the removal.
      await ask(() => client.noop());
      return (await search({ uid: `${uid}` })).includes(uid);
    },
    fetch: (uid) => ask(() => fetchOne(client, uid, limits.max_bytes + 1)),
    async change() {
      if (stirred) return;
      if (can_idle) {
        const ended = client.idle().then(
          () => 'ended',
          () => 'ended',
        );
        const by = await Promise.race([pause(limits.idle_ms), ended]);
        wake();
        // The next command ends the IDLE.
        if (by === 'woken') return;
        // A server that refuses or leaves IDLE is polled instead.
        can_idle = false;
      }
      await pause(limits.poll_ms);
      await ask(() => client.noop());
    },
    close: () => client.close(),
  };
}

/** With PEEK the message stays unseen. Updates about other messages are skipped. */
async function fetchOne(client: ImapFlow, uid: number, max_bytes: number): Promise<FetchedMail | null> {
  const wanted = { uid: true, size: true, internalDate: true, source: { start: 0, maxLength: max_bytes } };
  const messages = await client.fetchAll(String(uid), wanted, { uid: true });
  for (const message of messages) {
    if (message.uid !== uid || !Buffer.isBuffer(message.source)) continue;
    const { internalDate: date, source } = message;
    return {
      size_bytes: message.size ?? source.length,
      internal_date: date instanceof Date ? date : null,
      source,
    };
  }
  return null;
}

/**
 * No slow drip of bytes extends the deadline; after it the session is gone. imapflow never answers if it closes before it
 * is connected, so its close event is watched too, after the errors, which say more.
 */
async function within<T>(client: ImapFlow, timeout_ms: number, run: () => Promise<T>): Promise<T> {
  const over = Promise.withResolvers<never>();
  const end = (why: string) => over.reject(new SessionLost(why));
  const closed = () => setImmediate(end, 'the connection was closed');
  const timer = setTimeout(() => {
    end(`no answer within ${timeout_ms} ms`);
    client.close();
  }, timeout_ms);
  client.once('close', closed);
  try {
    return await Promise.race([run(), over.promise]);
  } finally {
    clearTimeout(timer);
    client.off('close', closed);
  }
}

function lost(error: ImapFlowError): SessionLost {
  if (error instanceof SessionLost) return error;
  const unreadable = error.code === 'LiteralTooLarge' || error.code === 'ResponseTooLarge';
  return new SessionLost(account(error), error.responseStatus !== undefined || unreadable);
}

// RFC 5530, and the wording of servers without its codes.
const PASSING = /^(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)$/i;
const PASSING_WORDS = /too many|try again|temporar|unavailable/i;

/** imapflow also reports a failed login when the connection drops during it: only the server's word counts. */
function notOpened(error: ImapFlowError): Exclude<Opened, { kind: 'open' }> {
  const why = account(error);
  const code = error.serverResponseCode ?? '';
  const said_no =
    (error.authenticationFailed === true && error.responseStatus === 'NO') ||
    error instanceof AuthenticationFailure ||
    error.message === 'Unsupported authentication mechanism';
  const passes = PASSING.test(code) || (code !== 'AUTHENTICATIONFAILED' && PASSING_WORDS.test(why));
  if (said_no && !passes) return { kind: 'refused', response: why };
  if (code === 'NONEXISTENT' || code === 'TRYCREATE') return { kind: 'no_folder', response: why };
  return { kind: 'failed', why };
}

function account(error: ImapFlowError): string {
  const said = typeof error.response === 'string' && error.response !== '' ? error.response : null;
  return printable(error.responseText ?? said ?? error.reason ?? error.message);
}
