import { createHmac } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Context } from '../../context.ts';
import { DAY_MS, MINUTE_MS } from '../../core/durations.ts';
import { systemDb } from '../../db/acting.ts';
import type { AnyPool } from '../../db/pool.ts';
import {
  countSignIn,
  findSignInCount,
  forgetSignIns,
  sweepSignInCounts,
  uncountSignIn,
} from '../../db/queries/sessions.gen.ts';
import { AppError } from '../../errors.ts';

const WINDOW_MS = 15 * MINUTE_MS;
/** Far more than a person mistypes, and at 40 an hour no dictionary gets anywhere. */
const ACCOUNT_MAX = 10;
/** A whole office may share one address. */
const ADDRESS_MAX = 30;
/** Whoever has signed in from an address once is counted apart there, for so long. */
const KNOWN_MS = 90 * DAY_MS;
const SWEEP_MAX = 100;

export type Attempt = {
  /** Takes it back: it was no failure. */
  succeeded(): Promise<void>;
};

type Tried = { email: string; address: string | null };
type Counting = Pick<Context, 'clock' | 'secret'> & { db: AnyPool };

/**
 * Counts a try at a password before it is looked at, so that many at once cannot pass together: 10 failures in 15 minutes
 * for one account, 30 from one address, whichever process they reach. Throws `rate_limited` (429) with `retry_after`.
 *
 * Nobody locks another one out for ever: the time is fixed by the first failure, tries that are refused do not prolong it,
 * an address from which this person has signed in before has a count of its own that strangers cannot use up, and links
 * and single sign-on do not count at all.
 */
export async function countAttempt(context: Counting, tried: Tried): Promise<Attempt> {
  const { clock } = context;
  const db = systemDb(context.db);
  const now = clock.now();
  const until = new Date(now.getTime() + WINDOW_MS * clock.speed);
  await sweepSignInCounts.run({ now, limit: SWEEP_MAX }, db);
  const place = tried.address === null ? null : networkOf(tried.address);
  const known = place === null ? null : subject(context, 'known', tried.email, place);
  const [is_known] = known === null ? [] : await findSignInCount.run({ subject: known, now }, db);
  const account = subject(context, 'account', tried.email, is_known ? place! : '');
  const network = place === null ? null : subject(context, 'address', place);
  if (network !== null) {
    refuseOver(ADDRESS_MAX, (await countSignIn.run({ subject: network, now, until }, db))[0]!, clock);
  }
  refuseOver(ACCOUNT_MAX, (await countSignIn.run({ subject: account, now, until }, db))[0]!, clock);
  return {
    async succeeded() {
      await forgetSignIns.run({ subject: account }, db);
      // Not forgotten as a whole: an account of one's own would else be a way to start anew.
      if (network !== null) await uncountSignIn.run({ subject: network }, db);
      if (known === null) return;
      await countSignIn.run(
        { subject: known, now, until: new Date(now.getTime() + KNOWN_MS * clock.speed) },
        db,
      );
    },
  };
}

/** Whether this text is shown for the first time within `minutes`; after that it is used up. */
export async function isFirstUse(context: Counting, text: string, minutes: number): Promise<boolean> {
  const now = context.clock.now();
  const until = new Date(now.getTime() + minutes * MINUTE_MS * context.clock.speed);
  const used = { subject: subject(context, 'once', text), now, until };
  const [counted] = await countSignIn.run(used, systemDb(context.db));
  return counted!.count === 1;
}

function refuseOver(max: number, { count, until }: { count: number; until: Date }, clock: Clock): void {
  if (count <= max) return;
  // People wait in real time, whatever the product's clock does.
  const retry_after = Math.max(1, Math.ceil((until.getTime() - clock.now_ms()) / 1_000 / clock.speed));
  throw new AppError('rate_limited', 'Too many failed sign-ins.', {
    hint: `Try again in ${Math.ceil(retry_after / 60)} minutes, or sign in with a link.`,
    extra: { retry_after },
  });
}

/** Whoever has one address of IPv6 has the 64 bits behind it as well. */
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
