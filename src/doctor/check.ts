import { toAppError } from '../db/errors.ts';

/** `skipped`: nothing to check, or no way to check it. */
export type CheckStatus = 'ok' | 'warning' | 'failure' | 'skipped';

/** The result of one check. */
export type Check = {
  name: string;
  status: CheckStatus;
  /** The finding, in a sentence. */
  seen: string;
  /** What to do about it; null if nothing. */
  next: string | null;
};

export type Finding = Omit<Check, 'name'>;

/** People wait for all checks. A slower check is itself a finding. */
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

/** `1 message`, `2 messages`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Runs one check within its time limit. Errors become findings, so the doctor never fails. */
export async function check(
  name: string,
  look: () => Promise<Finding> | Finding,
  limit_ms = CHECK_MS,
  late = failure(
    `no answer within ${limit_ms / 1000} s`,
    'Check the network of this machine, then try again.',
  ),
): Promise<Check> {
  const over = Promise.withResolvers<Finding>();
  const timer = setTimeout(over.resolve, limit_ms, late);
  try {
    return { name, ...(await Promise.race([Promise.resolve().then(look), over.promise])) };
  } catch (error) {
    return { name, ...thrown(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** The time limit for many checks of one kind, and how many run at once. */
export type Patience = { left_ms(): number; inTurn<T>(run: () => Promise<T>): Promise<T> };

export function patience(limit_ms: number, beside: number): Patience {
  const until_ms = performance.now() + limit_ms;
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    left_ms: () => until_ms - performance.now(),
    async inTurn(run) {
      if (running >= beside) await new Promise<void>((resolve) => waiting.push(resolve));
      else running += 1;
      try {
        return await run();
      } finally {
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}

/**
 * Runs a check in its turn while time remains; later checks are skipped. `late` is the finding if the check itself is too
 * slow.
 */
export function checkInTime(
  { left_ms, inTurn }: Patience,
  name: string,
  look: () => Promise<Finding> | Finding,
  late?: Finding,
): Promise<Check> {
  return inTurn(async () => {
    const unseen = skipped('the time for all mailboxes ran out', 'Run touchline doctor again.');
    if (left_ms() <= 0) return { name, ...unseen };
    return left_ms() < CHECK_MS ? check(name, look, left_ms(), unseen) : check(name, look, CHECK_MS, late);
  });
}

function thrown(error: unknown): Finding {
  const { code } = error as { code?: unknown };
  const because = typeof code === 'string' && /^[A-Z]/.test(code) ? ` (${code})` : '';
  const refusal = toAppError(error);
  if (refusal === undefined) return failure(`${(error as Error).message}${because}`, 'Report this as a bug.');
  return failure(
    `${refusal.message.replace(/\.$/, '')}${refusal === error ? '' : because}`,
    refusal.hint ?? 'Fix this, then run touchline doctor again.',
  );
}
