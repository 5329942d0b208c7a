import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Context } from '../context.ts';
import { DAY_MS } from '../core/durations.ts';
import { actingDb } from '../db/acting.ts';
import {
  answerIdempotencyKey,
  claimIdempotencyKey,
  type GetIdempotencyKeyResult,
  getIdempotencyKey,
  releaseIdempotencyKey,
  renewIdempotencyKey,
} from '../db/queries/idempotency_keys.gen.ts';
import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import { actorOf, type Principal } from '../principal.ts';
import type { Operation } from './operation.ts';

const KEEP_MS = DAY_MS;
/** A process that has not renewed for so long is dead: the statements of a request are cut off after 5 s. */
const LEASE_MS = 60_000;
/** Three renewals may fail before the lease is over. */
const RENEW_MS = 15_000;
/** Longer is no use to a client that waits: requests take milliseconds, and of an import it asks again anyway. */
const RETRY_MAX_S = 5;
/** Rows come and go between the claim and the look at it; more often than this they do not. */
const TRIES = 5;

type KeptAnswer = { status: number; body: string | null };

/** One request under way that holds its key. */
export type Claim = {
  /** Keeps the answer. What the operation does not let be kept is not, only that it was given. */
  answer(answer: KeptAnswer): Promise<void>;
  /** Forgets the request: it failed by a fault of ours, and the next one begins anew. */
  release(): Promise<void>;
};

type IdempotentRequest = {
  principal: Principal;
  operation: Operation;
  /** The client's, from `Idempotency-Key`. */
  key: string;
  /** Everything that was asked, as text: the same text is the same request. */
  request: string;
  /** Of the request. */
  log?: Pick<Context['log'], 'warn'>;
};

/** A claim, or the answer that was given to the same request before. */
export type Idempotency = (request: IdempotentRequest) => Promise<Claim | KeptAnswer>;

/**
 * Keeps for 24 hours what requests were answered, by principal and key, so that a client that lost the answer may ask again.
 * Throws `idempotency_key_reused` (409: another request had this key), `idempotency_in_progress` (409, with `retry_after`) or
 * `idempotency_not_replayable` (409: done, but the answer was not kept). When the process dies, the key can be claimed again
 * a minute later; what the first request wrote by then is there, and the second meets it as any other request would.
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
      const claimed = await claimIdempotencyKey.run({ ...claim, operation, request_hmac, ...at }, db);
      if (claimed.length > 0) return heldClaim(context, { db, claim, log, is_kept: isKept(asked.operation) });
      const [found] = await getIdempotencyKey.run(owner, db);
      if (found !== undefined) return answerOf(found, row, context);
      if (tries === TRIES) throw inProgress(1);
    }
  };
}

/** An answer with a secret in it is nobody's to keep; a stream of any size cannot be compared with the one before. */
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

/** Clients live in real time, the product possibly in a faster one. */
function timesOf({ clock }: Pick<Context, 'clock'>) {
  const now_ms = clock.now_ms();
  const after = (ms: number) => new Date(now_ms + ms * clock.speed);
  return { now: new Date(now_ms), lease_until: after(LEASE_MS), expires_at: after(KEEP_MS) };
}

function answerOf(found: GetIdempotencyKeyResult, row: Row, { clock }: Pick<Context, 'clock'>): KeptAnswer {
  if (!timingSafeEqual(found.request_hmac, row.request_hmac)) throw reused(found.operation);
  if (found.status === null) {
    const left_s = (found.lease_until.getTime() - clock.now_ms()) / 1_000 / clock.speed;
    throw inProgress(Math.min(RETRY_MAX_S, Math.max(1, Math.ceil(left_s))));
  }
  if (found.replayable !== true) throw notReplayable(found.status);
  return { status: found.status, body: found.body };
}

type Held = {
  db: Parameters<typeof answerIdempotencyKey.run>[1];
  claim: Omit<Row, 'operation' | 'request_hmac'> & { claim_id: string };
  is_kept: boolean;
  log: Pick<Context['log'], 'warn'>;
};

function heldClaim(context: Pick<Context, 'clock'>, { db, claim, is_kept, log }: Held): Claim {
  const renewal = setInterval(() => {
    const { lease_until } = timesOf(context);
    renewIdempotencyKey
      .run({ ...claim, lease_until }, db)
      .catch((error: unknown) => log.warn({ err: error }, 'an idempotency key could not be renewed'));
  }, RENEW_MS);
  renewal.unref();
  // What was done is done: that its answer could not be kept must not turn it into a failure.
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
        return answerIdempotencyKey.run({ ...claim, now: context.clock.now(), status, ...kept }, db);
      }),
    release: () => ending(() => releaseIdempotencyKey.run(claim, db)),
  };
}

function reused(operation: string): AppError {
  return new AppError(
    'idempotency_key_reused',
    `This Idempotency-Key was used for another request (${operation}) within the last 24 hours.`,
    { hint: 'Give each request a key of its own, such as a UUID; only its repetition has the same.' },
  );
}

function inProgress(retry_after: number): AppError {
  return new AppError('idempotency_in_progress', 'The first request with this Idempotency-Key still runs.', {
    hint: `Ask again in ${retry_after} s for its answer.`,
    extra: { retry_after },
  });
}

function notReplayable(answered_status: number): AppError {
  return new AppError(
    'idempotency_not_replayable',
    `This request was answered already, with status ${answered_status}; that answer is not kept.`,
    { hint: 'To do it once more, use another Idempotency-Key.', extra: { answered_status } },
  );
}
