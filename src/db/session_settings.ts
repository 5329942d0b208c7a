export type SessionOptions = {
  /** Role to act as, for a login with more rights than the application should have. */
  role?: string;
  statement_timeout_ms?: number;
};

/**
 * Set at connection start, so they cost no round trip. An idle transaction keeps old row versions alive and slows every
 * claim; a lock wait beyond 2 s means that something else is wrong.
 */
export function sessionSettings({ statement_timeout_ms = 5_000, role }: SessionOptions): string {
  const settings = {
    TimeZone: 'UTC',
    statement_timeout: statement_timeout_ms,
    lock_timeout: 2_000,
    idle_in_transaction_session_timeout: 10_000,
    ...(role === undefined ? {} : { role }),
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${String(value).replaceAll(/([\\ ])/g, '\\$1')}`)
    .join(' ');
}
