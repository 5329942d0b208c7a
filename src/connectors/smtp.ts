import type { AppError } from '../errors.ts';
import { requireAddress } from '../mail/addresses.ts';
import type { OutboundMail } from '../mail/messages.ts';
import { buildMime } from '../mail/mime.ts';
import { requireFooter } from '../mail/mime_footer.ts';
import type { MailSender, SendHooks, SendOutcome } from './connector.ts';
import { type MailTarget, mailTarget, serverUnusable, sessionRejected } from './mail_server_url.ts';
import { openLine, type SmtpLine } from './smtp_line.ts';
import { deliver, refusal, refused } from './smtp_session.ts';

export type SmtpSenderOptions = {
  /** `smtp://` or `smtps://`, see `mailTarget`; or the parsed URL. */
  url: string | MailTarget;
  /** Covers name lookup, TCP, TLS, greeting, EHLO, and login. */
  connection_timeout_ms: number;
  /** For one whole reply. RFC 5321 section 4.5.3.2 requires 10 minutes after the final dot. */
  socket_timeout_ms: number;
  /** A further certificate authority (PEM). */
  ca?: string;
  /** How long a session waits for its next message; default 30 s. */
  idle_ms?: number;
  /** Messages per session; default 100. A new session now and then lets the provider balance its servers. */
  max_messages?: number;
  /** Builds the bytes of a message; default `buildMime`. They are always checked before they are sent. */
  compose?: (message: OutboundMail) => Promise<Buffer>;
};

const IDLE_MS = 30_000;
const MAX_MESSAGES = 100;

type Idle = { line: SmtpLine; messages: number; timer: NodeJS.Timeout };

/**
 * A sender over SMTP. One session at a time, kept for the next message; calls wait for each other.
 *
 * A `send` takes at most `connection_timeout_ms` and four times `socket_timeout_ms`, of which two follow `beforeData`; one
 * `socket_timeout_ms` more if an idle session proves dead. Leases must be longer.
 *
 * Throws an `AppError` (`smtp_url_invalid`) for options that can never work.
 */
export function smtpSender(options: SmtpSenderOptions): MailSender {
  const { url, ca, compose = buildMime } = options;
  const target = typeof url === 'string' ? mailTarget('smtp', url, ca) : url;
  const limits = {
    connection_timeout_ms: options.connection_timeout_ms,
    reply_timeout_ms: options.socket_timeout_ms,
  };
  let idle: Idle | null = null;
  let tail: Promise<unknown> = Promise.resolve();
  let closed = false;

  const takeIdle = (): { line: SmtpLine; messages: number } | null => {
    const taken = idle;
    idle = null;
    clearTimeout(taken?.timer);
    if (taken === null || taken.line.usable()) return taken;
    taken.line.drop();
    return null;
  };
  const keep = (line: SmtpLine, messages: number) => {
    if (messages >= (options.max_messages ?? MAX_MESSAGES) || !line.usable()) return line.quit();
    const timer = setTimeout(() => takeIdle()?.line.quit(), options.idle_ms ?? IDLE_MS);
    timer.unref();
    idle = { line, messages, timer };
  };

  const send = async (message: OutboundMail, hooks: SendHooks | undefined): Promise<SendOutcome> => {
    const envelope = {
      from: requireAddress(message.from.address, 'from').address,
      to: requireAddress(message.to.address, 'to').address,
    };
    const mime = await compose(message);
    requireFooter(mime, message);
    const kept = takeIdle();
    if (kept !== null) {
      const { outcome, stale } = await deliver(kept.line, envelope, mime, hooks);
      if (outcome.kind === 'sent') keep(kept.line, kept.messages + 1);
      if (!stale) return outcome;
    }
    const opened = await openLine(target, limits);
    if (opened.kind === 'failed') return notOpened(opened);
    const { outcome } = await deliver(opened.line, envelope, mime, hooks);
    if (outcome.kind === 'sent') keep(opened.line, 1);
    return outcome;
  };

  return {
    send(message, hooks) {
      if (closed) return Promise.resolve({ kind: 'deferred', response: 'the sender is closed' });
      const result = tail.then(() => send(message, hooks));
      tail = result.catch(() => undefined);
      return result;
    },
    async verify() {
      const opened = await openLine(target, limits);
      if (opened.kind === 'failed') throw unverified(opened);
      opened.line.quit();
    },
    async close() {
      closed = true;
      await tail;
      takeIdle()?.line.quit();
    },
  };
}

type Failed = Extract<Awaited<ReturnType<typeof openLine>>, { kind: 'failed' }>;

/** The message was not mentioned yet: a temporary failure affects every message of the mailbox. */
function notOpened(failed: Failed): SendOutcome {
  const outcome: SendOutcome =
    failed.reply !== undefined && refused(failed.reply)
      ? refusal('open', failed.reply)
      : { kind: 'deferred', response: failed.why };
  return outcome.kind === 'deferred' ? { ...outcome, unreachable: true } : outcome;
}

function unverified({ reply, why }: Failed): AppError {
  if (reply === undefined || reply.code < 500) return serverUnusable(why);
  return sessionRejected(reply.text, 'whether this machine may send');
}
