import { toAppError } from '../db/errors.ts';

/** `skipped`: there was nothing to look at, or no way to. */
export type CheckStatus = 'ok' | 'warning' | 'failure' | 'skipped';

/** One thing that was looked at. */
export type Check = {
  name: string;
  status: CheckStatus;
  /** What was seen, in a sentence. */
  seen: string;
  /** What to do about it; null where there is nothing to be done. */
  next: string | null;
};

type Finding = Omit<Check, 'name'>;

/** People wait for all of them. A check that takes longer has found something. */
const CHECK_MS = 10_000;

export function ok(seen: string): Finding {
  return { status: 'ok', seen, next: null };
}

export function warning(seen: string, next: string): Finding {
  return { status: 'warning', seen, next };
}

export function failure(seen: string, next: string): Finding {
  return { status: 'failure', seen, next };
}

export function skipped(seen: string, next: string | null = null): Finding {
  return { status: 'skipped', seen, next };
}

/** Runs one check within its time. What it throws is what was seen: a doctor does not fall ill. */
export async function check(
  name: string,
  look: () => Promise<Finding> | Finding,
  limit_ms = CHECK_MS,
): Promise<Check> {
  const late = Promise.withResolvers<Finding>();
  const timer = setTimeout(
    () =>
      late.resolve(
        failure(`no answer within ${limit_ms / 1000} s`, 'See what this machine waits for, and try again.'),
      ),
    limit_ms,
  );
  try {
    return { name, ...(await Promise.race([Promise.resolve().then(look), late.promise])) };
  } catch (error) {
    return { name, ...thrown(error) };
  } finally {
    clearTimeout(timer);
  }
}

function thrown(error: unknown): Finding {
  const { code } = error as { code?: unknown };
  const because = typeof code === 'string' && /^[A-Z]/.test(code) ? ` (${code})` : '';
  const refusal = toAppError(error);
  if (refusal === undefined) return failure(`${(error as Error).message}${because}`, 'Report this as a bug.');
  return failure(
    `${refusal.message.replace(/\.$/, '')}${refusal === error ? '' : because}`,
    refusal.hint ?? 'Put that right and run touchline doctor again.',
  );
}
