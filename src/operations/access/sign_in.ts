import { z } from 'zod';
import type { Context } from '../../context.ts';
import { DAY_MS } from '../../core/durations.ts';
import { actingDb } from '../../db/acting.ts';
import { toAppError } from '../../db/errors.ts';
import { type AnyPool, transaction } from '../../db/pool.ts';
import { insertSession, presentedLinkOrg, useSignInLink } from '../../db/queries/principals.gen.ts';
import {
  type ListPresentedUsersResult,
  listPresentedUsers,
  lockUserToSignIn,
} from '../../db/queries/sessions.gen.ts';
import { setPasswordHash } from '../../db/queries/users.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { noun } from '../fields.ts';
import { type Client, operation } from '../operation.ts';
import { hashPassword, isOutdated, PASSWORD_LENGTH_MAX, verifyPassword } from './passwords.ts';
import { newToken, sha256 } from './sessions.ts';
import { countAttempt } from './sign_in_throttle.ts';

/** A stolen cookie works for two weeks at most, used or not. */
const SESSION_MS = 14 * DAY_MS;

/** Every address costs the same number of password checks, whether no organization knows it, or one, or two. */
const CHECKS = 2;
const CANDIDATES_MAX = 20;

const USER_AGENT_MAX = 500;

const output = z.object({
  expires_at: z.string(),
  set_session: z.object({ token: z.string(), expires_at: z.string() }).nullable(),
});

type SignedIn = z.infer<typeof output>;
type Person = { org_id: string; user_id: string };
/** No principal yet: the statement names the address. */
type Asking = { db: AnyPool };
type Signing = Pick<Context, 'clock' | 'secret'> & Asking;

const createSession = operation({
  name: 'create_session',
  summary: 'Sign in with email address and password, or with a one-time link.',
  http: { method: 'POST', path: '/sessions' },
  answers_secret: true,
  input: z.object({
    email: z.string().trim().min(1).max(254).optional(),
    password: z.string().min(1).max(PASSWORD_LENGTH_MAX).optional(),
    organization: z.string().max(63).optional().describe('slug, if several organizations have the address'),
    link_token: z.string().min(1).max(200).optional().describe('instead of all other inputs'),
  }),
  output,
  errors: 'sign_in_failed link_invalid rate_limited',
  run: ({ context, input, client }) => {
    const { email, password, organization, link_token } = input;
    if (link_token !== undefined && email === undefined && password === undefined) {
      return signInByLink(context, link_token, client);
    }
    if (link_token === undefined && email !== undefined && password !== undefined) {
      const given = { email: email.toLowerCase(), password, organization };
      return signInByPassword(context, given, client);
    }
    const message = 'give either email and password, or link_token';
    throw new AppError('input_invalid', `The input is not valid: ${message}.`, {
      errors: [{ path: '', message }],
    });
  },
});

const getSignInOptions = operation({
  name: 'get_sign_in_options',
  summary: 'Show the ways to sign in.',
  http: { method: 'GET', path: '/sign_in_options' },
  output: noun('SignInOptions', {
    password: z.boolean(),
    link: z.boolean(),
    sso: z.boolean().describe('by OpenID Connect: send the browser to /api/v1/sessions/oidc/start'),
  }),
  run: async ({ context }) => ({ password: true, link: true, sso: context.has_sso === true }),
});

export const signInOperations = [createSession, getSignInOptions] as const;

async function signInByLink(context: Signing, token: string, client?: Client): Promise<SignedIn> {
  const { db, clock } = context;
  const token_sha256 = sha256(token);
  const link = await presentedLinkOrg.one(
    { token_sha256 },
    actingDb(db, presenting(token_sha256.toString('hex'))),
  );
  const org_id = link?.org_id;
  const signed_in =
    org_id &&
    (await transaction(db, signingIn(org_id), async (tx) => {
      const [used] = await useSignInLink.run({ org_id, token_sha256, now: clock.now() }, tx);
      return used === undefined
        ? null
        : openSession(tx, context, { org_id, user_id: used.user_id, sign_in_link_id: used.id }, client);
    }).catch(nullIfInactive));
  if (signed_in) return signed_in;
  throw new AppError('link_invalid', 'This sign-in link has expired or was already used.', {
    hint: 'Create a new one with npx touchline link on the machine where Touchline runs.',
  });
}

/**
 * An unknown address, a missing password, a wrong password, and a deactivated user are refused alike, after the same work.
 * If users of several organizations have the address, the first whose password matches signs in.
 */
async function signInByPassword(
  context: Signing,
  given: { email: string; password: string; organization: string | undefined },
  client?: Client,
): Promise<SignedIn> {
  const attempt = await countAttempt(context, { email: given.email, address: client?.address ?? null });
  const people = await peopleWith(context, given.email);
  const candidates = people.filter(({ slug }) => (given.organization ?? slug) === slug);
  const hashes = candidates.map(({ password_hash }) => password_hash);
  const padding = Array.from({ length: Math.max(0, CHECKS - hashes.length) }, () => null);
  const checked = await Promise.all(
    [...hashes, ...padding].map((hash) => verifyPassword(hash, given.password)),
  );
  const person = candidates.find((one, at) => checked[at] && one.deactivated_at === null);
  const signed_in = person && (await signInChecked(context, person, given.password, client));
  if (!signed_in) {
    throw new AppError('sign_in_failed', 'The address or the password is wrong.', {
      status: 401,
      hint: 'Without a password, sign in with a link. An admin can create one.',
    });
  }
  await attempt.succeeded();
  return signed_in;
}

async function signInChecked(
  context: Signing,
  { org_id, id, password_hash }: ListPresentedUsersResult,
  password: string,
  client?: Client,
): Promise<SignedIn | null> {
  const new_hash = isOutdated(password_hash!) ? await hashPassword(password) : null;
  return transaction(context.db, signingIn(org_id), async (tx) => {
    const [still] = await lockUserToSignIn.run({ org_id, id, password_hash }, tx);
    if (still === undefined) return null;
    if (new_hash !== null) await setPasswordHash.run({ org_id, id, new_hash, old_hash: password_hash }, tx);
    return openSession(tx, context, { org_id, user_id: id }, client);
  });
}

/**
 * Signs in the one active user with an address that an identity provider verified. Creates no user. Throws
 * `sso_unknown_person`.
 */
export async function signInByVerifiedAddress(
  context: Signing,
  email: string,
  client?: Client,
): Promise<SignedIn> {
  const person = await personVouchedFor(context, email);
  const signed_in =
    person !== null &&
    (await transaction(context.db, signingIn(person.org_id), (tx) =>
      openSession(tx, context, person, client),
    ).catch(nullIfInactive));
  if (signed_in) return signed_in;
  throw new AppError('sso_unknown_person', 'No active user has your address.', {
    hint: 'Ask an admin to add you, with the address that your organization signs you in with.',
  });
}

/** The one active user with this address, in exactly one organization; else null. */
export async function personVouchedFor(context: Asking, email: string): Promise<Person | null> {
  const people = await peopleWith(context, email.toLowerCase());
  const active = people.filter(({ deactivated_at }) => deactivated_at === null);
  const [person] = active;
  return person !== undefined && active.length === 1 ? { org_id: person.org_id, user_id: person.id } : null;
}

function peopleWith({ db }: Asking, email: string): Promise<ListPresentedUsersResult[]> {
  return transaction(db, presenting(email), (tx) =>
    listPresentedUsers.run({ email, limit: CANDIDATES_MAX }, tx),
  );
}

/** The organization is not known yet: the database shows what belongs to the presented address or token. */
function presenting(presented: string) {
  return { org_id: null, kind: 'system', id: 'sign_in', presented } as const;
}

function signingIn(org_id: string) {
  return { org_id, kind: 'system', id: 'sign_in' } as const;
}

async function openSession(
  tx: Parameters<typeof insertSession.run>[1],
  { clock }: Signing,
  person: Person & { sign_in_link_id?: string },
  client?: Client,
): Promise<SignedIn> {
  const now = clock.now();
  const token = newToken();
  const expires_at = new Date(now.getTime() + SESSION_MS * clock.speed);
  const user_agent = client?.user_agent?.slice(0, USER_AGENT_MAX) ?? null;
  const { org_id, user_id, sign_in_link_id = null } = person;
  const session = { org_id, user_id, sign_in_link_id, id: newId(clock), user_agent, now, expires_at };
  await insertSession.run({ ...session, token_sha256: sha256(token) }, tx);
  const expires = expires_at.toISOString();
  return { expires_at: expires, set_session: { token, expires_at: expires } };
}

/** A user deactivated in the same moment counts as deactivated before. */
function nullIfInactive(error: unknown): null {
  if (toAppError(error)?.code === 'person_inactive') return null;
  throw error;
}
