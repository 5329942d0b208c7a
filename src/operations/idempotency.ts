import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Context } from '../context.ts';
import { DAY_MS } from '../core/durations.ts';
import { actingDb } from '../db/acting.ts';
import * as keys from '../db/queries/idempotency_keys.gen.ts';
import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import { actorOf, type Principal } from '../principal.ts';
import type { Operation } from './operation.ts';

const KEEP_MS = DAY_MS;
/** A process that has not renewed for so long is dead: a request's statements time out after 5 s. */
const LEASE_MS = 60_000;
const RENEW_MS = 15_000;
/** Requests take milliseconds; clients poll again for an import. */
const RETRY_MAX_S = 5;
/** A row may come and go between the claim and the read, but not more often than this. */
const TRIES = 5;

type KeptAnswer = { status: number; body: string | null };

/** A running request that holds its key. */
export type Claim = {
  /** Stores the answer, or only its status if the operation forbids storing. */
  answer(answer: KeptAnswer): Promise<void>;
  /** Releases the key after an internal error, so a retry starts again. */
  release(): Promise<void>;
};

type IdempotentRequest = {
  principal: Principal;
  operation: Operation;
  /** From the header `Idempotency-Key`. */
  key: string;
  /** The whole request as text, for comparison. */
  request: string;
  log?: Pick<Context['log'], 'warn'>;
};

/** A claim, or the stored answer to the same request. */
export type Idempotency = (request: IdempotentRequest) => Promise<Claim | KeptAnswer>;

/**
 * Stores answers for 24 hours by principal and key, so a client that lost one can repeat its request. Throws
 * `idempotency_key_reused` (409: the key had another request), `idempotency_in_progress` (409, with `retry_after`), or
 * `idempotency_not_replayable` (409: done, but the answer was not stored). If the process dies, the key can be claimed
 * again a minute later; the second request then meets whatever the first wrote.
 */
export function idempotencyKeys(context: Pick<Context, 'db' | 'clock' | 'secret' | 'log'>): Idempotency {
  return async (asked) => {
    const { log = context.log } = asked;
    const row = rowOf(context, asked);
    const db = actingDb(context.db, actorOf(asked.principal));
    for (let tries = 1; ; tries += 1) {
      const at = timesOf(context);
      const { request_hmac, operation, ...owner } = row;
      const claim = { ...owner, claim_id: newId(context.clock) };
      const claimed = await keys.claimIdempotencyKey.run({ ...claim, operation, request_hmac, ...at }, db);
      if (claimed.length > 0) return heldClaim(context, { db, claim, log, is_kept: isKept(asked.operation) });
      const [found] = await keys.getIdempotencyKey.run(owner, db);
      if (found !== undefined) return answerOf(found, row, context);
      if (tries === TRIES) throw inProgress(1);
    }
  };
}

/** Secrets are never stored, and streams cannot be compared. */
function isKept({ http, answers_secret }: Operation): boolean {
  return http?.stream !== true && answers_secret !== true;
}

type Row = ReturnType<typeof rowOf>;

function rowOf(
  { secret }: Pick<Context, 'secret'>,
  { principal, operation, key, request }: IdempotentRequest,
) {
  const hmac = createHmac('sha256', secret).update(`idempotency\n${operation.name}\n${request}`);
  return {
    org_id: principal.org_id,
    principal_kind: principal.kind,
    principal_id: principal.kind === 'human' ? principal.user_id : principal.agent_id,
    key,
    operation: operation.name,
    request_hmac: hmac.digest(),
  };
}

/** Clients live in real time; the product's clock may run faster. */
function timesOf({ clock }: Pick<Context, 'clock'>) {
  const now_ms = clock.now_ms();
  const after = (ms: number) => new Date(now_ms + ms * clock.speed);
  return { now: new Date(now_ms), lease_until: after(LEASE_MS), expires_at: after(KEEP_MS) };
}

function answerOf(
  found: keys.GetIdempotencyKeyResult,
  row: Row,
  { clock }: Pick<Context, 'clock'>,
): KeptAnswer {
  if (!timingSafeEqual(found.request_hmac, row.request_hmac)) throw reused(found.operation);
  if (found.status === null) {
    const left_s = (found.lease_until.getTime() - clock.now_ms()) / 1_000 / clock.speed;
    throw inProgress(Math.min(RETRY_MAX_S, Math.max(1, Math.ceil(left_s))));
  }
  if (found.replayable !== true) throw notReplayable(found.status);
  return { status: found.status, body: found.body };
}

type Held = {
  db: Parameters<typeof keys.answerIdempotencyKey.run>[1];
  claim: Omit<Row, 'operation' | 'request_hmac'> & { claim_id: string };
  is_kept: boolean;
  log: Pick<Context['log'], 'warn'>;
};

function heldClaim(context: Pick<Context, 'clock'>, { db, claim, is_kept, log }: Held): Claim {
  const renewal = setInterval(() => {
    const { lease_until } = timesOf(context);
    keys.renewIdempotencyKey
      .run({ ...claim, lease_until }, db)
      .catch((error: unknown) => log.warn({ err: error }, 'an idempotency key could not be renewed'));
  }, RENEW_MS);
  renewal.unref();
  // The work is done: a failure to store its answer must not fail the request.
  const ending = async (end: () => Promise<unknown>) => {
    clearInterval(renewal);
    try {
      await end();
    } catch (error) {
      log.warn({ err: error }, 'the answer to an idempotency key could not be kept');
    }
  };
  return {
    answer: ({ status, body }) =>
      ending(() => {
        const kept = is_kept ? { body, replayable: true } : { body: null, replayable: false };
        return keys.answerIdempotencyKey.run({ ...claim, now: context.clock.now(), status, ...kept }, db);
      }),
    release: () => ending(() => keys.releaseIdempotencyKey.run(claim, db)),
  };
}

const reused = (operation: string) =>
  new AppError(
    'idempotency_key_reused',
    `This Idempotency-Key was used for another request (${operation}) within the last 24 hours.`,
    { hint: 'Give each request a key of its own, such as a UUID; only its repetition has the same.' },
  );

const inProgress = (retry_after: number) =>
  new AppError('idempotency_in_progress', 'The first request with this Idempotency-Key still runs.', {
    hint: `Ask again in ${retry_after} s for its answer.`,
    extra: { retry_after },
  });

const notReplayable = (answered_status: number) =>
  new AppError(
    'idempotency_not_replayable',
    `This request was answered already, with status ${answered_status}; that answer is not kept.`,
    { hint: 'To do it once more, use another Idempotency-Key.', extra: { answered_status } },
  );
