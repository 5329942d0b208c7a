import { createHmac } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Context } from '../../context.ts';
import { DAY_MS, MINUTE_MS } from '../../core/durations.ts';
import { systemDb } from '../../db/acting.ts';
import type { AnyPool } from '../../db/pool.ts';
import * as sessions from '../../db/queries/sessions.gen.ts';
import { AppError } from '../../errors.ts';

const WINDOW_MS = 15 * MINUTE_MS;
/** Far more typos than a person makes; a dictionary gets nowhere at 40 an hour. */
const ACCOUNT_MAX = 10;
const ADDRESS_MAX = 30;
/** An address where the user once signed in has its own count for this long. */
const KNOWN_MS = 90 * DAY_MS;
const SWEEP_MAX = 100;

export type Attempt = {
  succeeded(): Promise<void>;
};

type Tried = { email: string; address: string | null };
type Counting = Pick<Context, 'clock' | 'secret'> & { db: AnyPool };

/**
 * Counts an attempt before the password is checked, so parallel ones cannot pass together: 10 failures in 15 minutes for
 * one account, 30 from one address, across processes. Throws `rate_limited` (429) with `retry_after`.
 *
 * No one can lock out another user permanently: the first failure fixes the time, refused attempts do not extend it, an
 * address where this user signed in before has its own count, and links and single sign-on are not counted.
 */
export async function countAttempt(context: Counting, tried: Tried): Promise<Attempt> {
  const { clock } = context;
  const db = systemDb(context.db);
  const now = clock.now();
  const until = new Date(now.getTime() + WINDOW_MS * clock.speed);
  await sessions.sweepSignInCounts.run({ now, limit: SWEEP_MAX }, db);
  const place = tried.address === null ? null : networkOf(tried.address);
  const known = place === null ? null : subject(context, 'known', tried.email, place);
  const [is_known] = known === null ? [] : await sessions.findSignInCount.run({ subject: known, now }, db);
  const account = subject(context, 'account', tried.email, is_known ? place! : '');
  const network = place === null ? null : subject(context, 'address', place);
  const counted = async (subject: Buffer) => (await sessions.countSignIn.one({ subject, now, until }, db))!;
  if (network !== null) refuseOver(ADDRESS_MAX, await counted(network), clock);
  refuseOver(ACCOUNT_MAX, await counted(account), clock);
  return {
    async succeeded() {
      await sessions.forgetSignIns.run({ subject: account }, db);
      // Reset entirely, the count could be evaded with an account of one's own.
      if (network !== null) await sessions.uncountSignIn.run({ subject: network }, db);
      if (known === null) return;
      const known_until = new Date(now.getTime() + KNOWN_MS * clock.speed);
      await sessions.countSignIn.run({ subject: known, now, until: known_until }, db);
    },
  };
}

/** Whether this text is presented for the first time within `minutes`; that uses it up. */
export async function isFirstUse(context: Counting, text: string, minutes: number): Promise<boolean> {
  const now = context.clock.now();
  const until = new Date(now.getTime() + minutes * MINUTE_MS * context.clock.speed);
  const used = { subject: subject(context, 'once', text), now, until };
  const [counted] = await sessions.countSignIn.run(used, systemDb(context.db));
  return counted!.count === 1;
}

function refuseOver(max: number, { count, until }: { count: number; until: Date }, clock: Clock): void {
  if (count <= max) return;
  // People wait in real time, not the product's clock.
  const retry_after = Math.max(1, Math.ceil((until.getTime() - clock.now_ms()) / 1_000 / clock.speed));
  throw new AppError('rate_limited', 'Too many failed sign-ins.', {
    hint: `Try again in ${Math.ceil(retry_after / 60)} minutes, or sign in with a link.`,
    extra: { retry_after },
  });
}

/** One IPv6 address comes with the 64 bits behind it. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.toLowerCase().split('%')[0]!.split('::');
  const left = head.split(':').filter((part) => part !== '');
  const right = (tail ?? '').split(':').filter((part) => part !== '');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  const groups = [...left, ...(tail === undefined ? [] : zeros), ...right];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

function subject({ secret }: Counting, ...parts: readonly string[]): Buffer {
  return createHmac('sha256', secret)
    .update(JSON.stringify(['sign in', ...parts]))
    .digest();
}
