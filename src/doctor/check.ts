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

export type Finding = Omit<Check, 'name'>;

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

/** `1 message`, `2 messages`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Runs one check within its time. What it throws is what was seen: a doctor does not fall ill. */
export async function check(
  name: string,
  look: () => Promise<Finding> | Finding,
  limit_ms = CHECK_MS,
  late = failure(`no answer within ${limit_ms / 1000} s`, 'See what this machine waits for, and try again.'),
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

/** How long people wait for many checks of one kind, and how many of these run beside each other. */
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
 * Runs a check in its turn, as long as there is time; what the time does not reach was not looked at. `late` is what is
 * found where the check itself takes too long.
 */
export function checkInTime(
  { left_ms, inTurn }: Patience,
  name: string,
  look: () => Promise<Finding> | Finding,
  late?: Finding,
): Promise<Check> {
  return inTurn(async () => {
    const unseen = skipped('the time for all mailboxes was over', 'Run touchline doctor again.');
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
    refusal.hint ?? 'Put that right and run touchline doctor again.',
  );
}
