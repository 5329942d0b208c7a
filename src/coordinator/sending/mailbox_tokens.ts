import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../clock.ts';
import {
  type MailOauth,
  OAUTH_REFUSALS,
  type OauthAnswer,
  type OauthClient,
  type OauthTokens,
} from '../../connectors/oauth_port.ts';
import { MINUTE_MS } from '../../core/durations.ts';
import { systemDb } from '../../db/acting.ts';
import { isTransient } from '../../db/errors.ts';
import { type AnyPool, type Tx, transaction } from '../../db/pool.ts';
import * as sql from '../../db/queries/mailbox_grants.gen.ts';
import type { MailboxesRow } from '../../schema.gen.ts';
import { coordinatorActor } from '../gate/scope.ts';
import { openSecret, sealSecret } from './sealed_secret.ts';

/** A token is renewed this early, so that it outlasts a batch; one that lasts less than twice as long, halfway. */
const RENEW_BEFORE_MS = 5 * MINUTE_MS;
/** Longer than a provider takes to answer and we to store it: a renewal that has not settled by then is dead. */
const LEASE_MS = 30_000;
/** How long to wait for another process's renewal, and how often to check for it. */
const WAIT_MS = 15_000;
const LOOK_MS = 100;
/** A failover of the database takes seconds, and a refresh token that was exchanged works only once. */
const STORE_TRIES = 6;
const STORE_WAIT_MS = 200;

/** The parts that a renewal needs. No transaction is open during one. */
export type TokenContext = { db: AnyPool; clock: Clock; secret: string; mail_oauth?: MailOauth | undefined };

export type TokenOwner = { org_id: string; mailbox_id: string };

/**
 * - `token`: valid, with its login user.
 * - `refused`: a person must connect the mailbox again.
 * - `unreachable`: the provider gave no answer; the fault may pass.
 */
export type TokenAnswer =
  | { kind: 'token'; user: string; access_token: string }
  | { kind: 'refused'; reason: string; code: string }
  | { kind: 'unreachable'; reason: string; code: string };

export type SealedOf = 'client_secret' | 'code_verifier' | 'refresh_token' | 'access_token';

export function grantSecretOwner(what: SealedOf, { org_id, mailbox_id }: TokenOwner): readonly string[] {
  return [`mailbox_grant_${what}`, org_id, mailbox_id];
}

export function clientOf(grant: sql.GetMailboxGrantResult, secret: string): OauthClient | null {
  const { provider, authorize_url, token_url, oauth_client_id, oauth_client_secret, scopes } = grant;
  const client = { provider, authorize_url, token_url, client_id: oauth_client_id, scopes };
  if (oauth_client_secret === null) return { ...client, client_secret: null };
  const client_secret = openSecret(secret, oauth_client_secret, grantSecretOwner('client_secret', grant));
  return client_secret === null ? null : { ...client, client_secret };
}

/**
 * A valid access token, renewed first if necessary. `refused`: a token that a mail server rejected, so another is needed.
 * All processes share one token; one of them renews it, and the others wait for the result. Throws only database errors.
 */
export async function freshToken(
  context: TokenContext,
  owner: TokenOwner,
  { refused = null }: { refused?: string | null } = {},
): Promise<TokenAnswer> {
  const began_at = context.clock.now();
  const give_up_ms = performance.now() + WAIT_MS;
  let seen: Buffer | null | undefined;
  for (;;) {
    const [grant] = await sql.getMailboxGrant.run(owner, systemDb(context.db, owner.org_id));
    const known = grant === undefined ? null : knownTokens(context, owner, grant);
    if (known === null || grant === undefined) return toConnect(owner, 'not_connected');
    if (known === 'unreadable') return toConnect(owner, 'secret_unreadable');
    if (known.access_token !== null && known.access_token !== refused) {
      // A token that another process renewed while this one waited is as fresh as possible.
      const is_new = seen !== undefined && !(seen?.equals(grant.access_token!) ?? false);
      if (context.clock.now() < (is_new ? grant.access_expires_at! : grant.access_renew_at!)) {
        return { kind: 'token', user: grant.login_user, access_token: known.access_token };
      }
    }
    seen ??= grant.access_token;
    if (grant.failure !== null && grant.failed_at! > began_at) return failed(owner, grant.failure);
    const answer = await renewInTurn(context, turnOf(owner, grant), known);
    if (answer === null) {
      if (performance.now() > give_up_ms) return failed(owner, 'busy');
      await sleep(LOOK_MS);
    } else if (answer.kind !== 'tokens') return failed(owner, answer.code);
    else if (answer.is_kept) {
      return { kind: 'token', user: grant.login_user, access_token: answer.tokens.access_token };
    }
  }
}

export function sealedTokens(
  { secret, clock }: Pick<TokenContext, 'secret' | 'clock'>,
  owner: TokenOwner,
  { access_token, refresh_token, expires_in_s }: OauthTokens,
) {
  const seal = (what: SealedOf, text: string) => sealSecret(secret, text, grantSecretOwner(what, owner));
  const lasts_ms = expires_in_s * 1_000;
  const after = (wait_ms: number) => new Date(clock.now_ms() + wait_ms * clock.speed);
  return {
    access_token: seal('access_token', access_token),
    refresh_token: refresh_token === null ? null : seal('refresh_token', refresh_token),
    access_expires_at: after(lasts_ms),
    access_renew_at: after(Math.max(lasts_ms - RENEW_BEFORE_MS, lasts_ms / 2)),
  };
}

/** Why the mailbox is paused until a person connects it, with the command. */
export function reconnectReason({ mailbox_id }: Pick<TokenOwner, 'mailbox_id'>, code: string): string {
  return `${REASONS[code] ?? `the provider no longer accepts its login (${code})`}: ${connectCommand(mailbox_id)}`;
}

/** True if a mailbox is paused only until a person connects it. */
export function waitsForConnection({ id, paused_by, paused_reason }: PausedMailbox): boolean {
  return paused_by === 'server' && (paused_reason?.endsWith(`: ${connectCommand(id)}`) ?? false);
}

type PausedMailbox = Pick<MailboxesRow, 'id' | 'paused_by' | 'paused_reason'>;

function connectCommand(mailbox_id: string): string {
  return `touchline mailbox connect ${mailbox_id}`;
}

const REASONS: Readonly<Record<string, string>> = {
  not_connected: 'it logs in by OAuth and is not connected',
  secret_unreadable: 'its tokens cannot be opened with this TOUCHLINE_SECRET',
};

type Known = { client: OauthClient; refresh_token: string; access_token: string | null };

function knownTokens(
  { secret }: TokenContext,
  owner: TokenOwner,
  grant: sql.GetMailboxGrantResult,
): Known | 'unreadable' | null {
  if (grant.refresh_token === null) return null;
  const client = clientOf(grant, secret);
  const refresh_token = openSecret(secret, grant.refresh_token, grantSecretOwner('refresh_token', owner));
  if (client === null || refresh_token === null) return 'unreadable';
  const { access_token: sealed } = grant;
  const access_token = sealed && openSecret(secret, sealed, grantSecretOwner('access_token', owner));
  return { client, refresh_token, access_token };
}

type Turn = TokenOwner & { refresh_token: Buffer; access_token: Buffer | null };

function turnOf(owner: TokenOwner, { refresh_token, access_token }: sql.GetMailboxGrantResult): Turn {
  return { ...owner, refresh_token: refresh_token!, access_token };
}

/** Null while another process renews. `is_kept` is false if a person or another process was faster; their tokens stay. */
async function renewInTurn(
  context: TokenContext,
  turn: Turn,
  { client, refresh_token }: Known,
): Promise<(OauthAnswer & { is_kept: boolean }) | null> {
  const { mail_oauth } = context;
  if (mail_oauth === undefined) return { kind: 'unreachable', code: 'no_client', is_kept: false };
  if (!(await takeTurn(context, turn))) return null;
  const answer = await mail_oauth.renew(client, refresh_token);
  return { ...answer, is_kept: await settle(context, turn, answer) };
}

async function takeTurn({ db, clock }: TokenContext, turn: Turn): Promise<boolean> {
  const now = clock.now();
  const until = new Date(now.getTime() + LEASE_MS * clock.speed);
  const taken = await asCoordinator(db, turn, (tx) => sql.claimTokenRenewal.run({ ...turn, now, until }, tx));
  return taken.length > 0;
}

async function settle(context: TokenContext, turn: Turn, answer: OauthAnswer): Promise<boolean> {
  const now = context.clock.now();
  const write = (tx: Tx) => {
    if (answer.kind !== 'tokens')
      return sql.noteFailedRenewal.run({ ...turn, failure: answer.code, now }, tx);
    const { refresh_token: new_refresh_token, ...access } = sealedTokens(context, turn, answer.tokens);
    return sql.storeRenewedTokens.run({ ...turn, ...access, new_refresh_token }, tx);
  };
  for (let tries = 1; ; tries += 1) {
    try {
      return (await asCoordinator(context.db, turn, write)).length > 0;
    } catch (error) {
      if (!isTransient(error) || tries === STORE_TRIES) throw error;
      await sleep(STORE_WAIT_MS * 2 ** (tries - 1));
    }
  }
}

function asCoordinator<T>(db: AnyPool, { org_id }: TokenOwner, run: (tx: Tx) => Promise<T>): Promise<T> {
  return transaction(db, coordinatorActor(org_id), run);
}

function failed(owner: TokenOwner, code: string): TokenAnswer {
  if (OAUTH_REFUSALS.includes(code)) return toConnect(owner, code);
  return { kind: 'unreachable', code, reason: `the provider of its tokens could not be reached (${code})` };
}

function toConnect(owner: TokenOwner, code: string): TokenAnswer {
  return { kind: 'refused', code, reason: reconnectReason(owner, code) };
}
