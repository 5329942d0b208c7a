import { AppError } from '../errors.ts';

/** How the sender waits and what it holds meanwhile. Real milliseconds, whatever the product's clock does. */
export type SendSettings = {
  /**
   * How long a reserved message is one worker's own. When it is over, the sweep gives the message to the next one, or,
   * past the point of no return, calls its outcome unknown. It has to be longer than a hand-over can take: see
   * `checkSendSettings`.
   */
  lease_ms: number;
  /** Messages reserved at a time. They leave one after the other; what the lease does not last for is given back. */
  batch: number;
  /** For name lookup, TCP, TLS, greeting and login together. */
  connection_timeout_ms: number;
  /** For one reply of the server. */
  socket_timeout_ms: number;
  /** For a token that the server did not take, to have another: two requests, and the turn of somebody else. */
  token_timeout_ms: number;
  /** For the two transactions around a hand-over, and for a machine that is busy with something else. */
  margin_ms: number;
};

export const SEND_SETTINGS: SendSettings = {
  // Longer than any hand-over, and short enough that a message of a dead worker still leaves the same morning.
  lease_ms: 15 * 60_000,
  batch: 20,
  connection_timeout_ms: 30_000,
  socket_timeout_ms: 60_000,
  token_timeout_ms: 40_000,
  margin_ms: 30_000,
};

/**
 * The longest that one hand-over can take: a dead idle session, one at which another token is wanted, a new one, MAIL, RCPT,
 * DATA and the message.
 */
export function longestSendMs(settings: SendSettings): number {
  const { connection_timeout_ms, socket_timeout_ms, token_timeout_ms, margin_ms } = settings;
  return 2 * connection_timeout_ms + token_timeout_ms + 5 * socket_timeout_ms + margin_ms;
}

/** Throws `lease_too_short` where a lease could end under a hand-over that still runs. Asked before a worker starts. */
export function checkSendSettings(settings: SendSettings): SendSettings {
  const longest_ms = longestSendMs(settings);
  if (settings.lease_ms > longest_ms) return settings;
  throw new AppError(
    'lease_too_short',
    `A lease of ${settings.lease_ms} ms can end while a message is handed over: that takes up to ${longest_ms} ms.`,
  );
}
