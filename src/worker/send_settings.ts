import { MINUTE_MS } from '../core/durations.ts';
import { AppError } from '../errors.ts';

/** The sender's time limits and batch size. Real milliseconds, independent of the product's clock. */
export type SendSettings = {
  /**
   * How long a reserved message belongs to one worker. Afterward the sweep returns it to the queue or, past the point of no
   * return, records its delivery as unknown. Must be longer than any hand-over: see `checkSendSettings`.
   */
  lease_ms: number;
  /** Messages reserved at a time. They are sent one after another; those that the lease does not cover are returned. */
  batch: number;
  /** For name lookup, TCP, TLS, greeting, and login together. */
  connection_timeout_ms: number;
  /** For one reply of the server. */
  socket_timeout_ms: number;
  /** For a replacement of a refused token: two requests, and another process's turn. */
  token_timeout_ms: number;
  /** For the two transactions around a hand-over, and for a busy machine. */
  margin_ms: number;
};

export const SEND_SETTINGS: SendSettings = {
  // Longer than any hand-over, and short enough that a dead worker's message is still sent the same morning.
  lease_ms: 15 * MINUTE_MS,
  batch: 20,
  connection_timeout_ms: 30_000,
  socket_timeout_ms: 60_000,
  token_timeout_ms: 40_000,
  margin_ms: 30_000,
};

/**
 * The longest possible hand-over: a dead idle session, one that requires another token, a new one, MAIL, RCPT, DATA, and
 * the message.
 */
export function longestSendMs(settings: SendSettings): number {
  const { connection_timeout_ms, socket_timeout_ms, token_timeout_ms, margin_ms } = settings;
  return 2 * connection_timeout_ms + token_timeout_ms + 5 * socket_timeout_ms + margin_ms;
}

/** Throws `lease_too_short` if a lease could end during a hand-over. Called before a worker starts. */
export function checkSendSettings(settings: SendSettings): SendSettings {
  const longest_ms = longestSendMs(settings);
  if (settings.lease_ms > longest_ms) return settings;
  throw new AppError(
    'lease_too_short',
    `A lease of ${settings.lease_ms} ms can end while a message is handed over: that takes up to ${longest_ms} ms.`,
  );
}
