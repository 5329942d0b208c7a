import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { systemDb } from '../db/acting.ts';
import { type Db, transaction } from '../db/pool.ts';
import {
  findKeyPrincipal,
  findSessionPrincipal,
  getUserByEmail,
  insertSession,
  insertSignInLink,
  presentedKeyOrg,
  presentedLinkOrg,
  presentedSessionOrg,
  revokeSession,
  useSignInLink,
} from '../db/queries/principals.gen.ts';
import type { Statement } from '../db/statement.ts';
import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { UserRole } from '../schema.gen.ts';
import { USER_ROLE_VALUES } from '../schema.gen.ts';
import { id, notFound } from './fields.ts';
import { operation, type Principal } from './operation.ts';

const DAY_MS = 24 * 3_600_000;
const SESSION_MS = 14 * DAY_MS;
const LINK_MS = DAY_MS;

const createSession = operation({
  name: 'create_session',
  summary: 'Signs a person in with a one-time link.',
  http: { method: 'POST', path: '/sessions' },
  answers_secret: true,
  input: z.object({ link_token: z.string().min(1).max(200) }),
  output: z.object({
    expires_at: z.string(),
    set_session: z.object({ token: z.string(), expires_at: z.string() }).nullable(),
  }),
  errors: ['link_invalid'],
  run: async ({ context, input }) => {
    const { db, clock } = context;
    const now = clock.now();
    const token_sha256 = sha256(input.link_token);
    const org_id = await presentedOrg(db, presentedLinkOrg, token_sha256);
    const token = randomBytes(32).toString('base64url');
    const expires_at = new Date(now.getTime() + SESSION_MS * clock.speed);
    const signed_in =
      org_id !== null &&
      (await transaction(db, { org_id, kind: 'system', id: 'sign_in' }, async (tx) => {
        const [used] = await useSignInLink.run({ org_id, token_sha256, now }, tx);
        if (used === undefined) return false;
        const { user_id } = used;
        const session = { org_id, id: newId(clock), user_id, user_agent: null, now, expires_at };
        await insertSession.run({ ...session, token_sha256: sha256(token) }, tx);
        return true;
      }));
    if (!signed_in) {
      throw new AppError('link_invalid', 'This sign-in link was used already, or it is too old.', {
        status: 401,
        hint: 'On the machine where Touchline runs, npx touchline link makes a new one.',
      });
    }
    const expires = expires_at.toISOString();
    return { expires_at: expires, set_session: { token, expires_at: expires } };
  },
});

const createSignInLink = operation({
  name: 'create_sign_in_link',
  summary: 'Makes a link that signs a person in, once, within a day. Give it to nobody else.',
  http: { method: 'POST', path: '/sign_in_links' },
  cli: { command: 'link' },
  answers_secret: true,
  input: z.object({ email: z.email().max(254).optional().describe('whom it is for; default: yourself') }),
  output: z.object({ url: z.string(), email: z.string() }),
  errors: ['not_found'],
  text: ({ url, email }) => `Signs ${email} in, once:\n${url}`,
  run: async ({ context, principal, input }) => {
    if (principal.kind !== 'human')
      throw new AppError('not_human', 'Agents do not sign in.', { status: 403 });
    const { org_id } = principal;
    const email = (input.email ?? principal.email).toLowerCase();
    const [user] = await getUserByEmail.run({ org_id, email }, context.db);
    if (user === undefined || user.deactivated_at !== null) throw notFound('person');
    const token = await makeSignInLink(context.db, context.clock, { org_id, user_id: user.id });
    return { url: `${context.public_url}/sign-in#${token}`, email };
  },
});

const deleteSession = operation({
  name: 'delete_session',
  summary: 'Signs out: this session, or another one of yours.',
  http: { method: 'DELETE', path: '/sessions/{id}' },
  input: z.object({ id: z.string().max(64).describe('id of the session, or `current`') }),
  output: z.object({ set_session: z.null().optional().describe('the cookie is cleared') }),
  errors: ['not_found'],
  run: async ({ context, principal, input }) => {
    if (principal.kind !== 'human')
      throw new AppError('not_human', 'Agents have no sessions.', { status: 403 });
    const session_id = input.id === 'current' ? principal.session_id : z.uuid().safeParse(input.id).data;
    const { org_id, user_id } = principal;
    const now = context.clock.now();
    const revoked =
      session_id === undefined
        ? []
        : await revokeSession.run({ org_id, id: session_id, user_id, now }, context.db);
    if (revoked.length === 0) throw new AppError('not_found', 'There is no such session.', { status: 404 });
    return session_id === principal.session_id ? { set_session: null } : {};
  },
});

const me = operation({
  name: 'get_me',
  summary: 'Who you are, and what you may do.',
  http: { method: 'GET', path: '/me' },
  cli: { command: 'me' },
  input: z.object({}),
  output: z.object({
    kind: z.enum(['human', 'agent']),
    org_id: id,
    name: z.string(),
    user_id: id.nullable(),
    email: z.string().nullable(),
    roles: z.array(z.enum(USER_ROLE_VALUES)),
    agent_id: z.string().nullable(),
    now: z.string().describe('the product’s clock'),
    speed: z.number().describe('simulated seconds a second; 1 is real time'),
  }),
  errors: [],
  run: async ({ context, principal }) => {
    const { org_id, name, kind } = principal;
    const clock = { now: context.clock.now().toISOString(), speed: context.clock.speed };
    return principal.kind === 'human'
      ? {
          kind,
          org_id,
          name,
          user_id: principal.user_id,
          email: principal.email,
          roles: [...principal.roles],
          agent_id: null,
          ...clock,
        }
      : { kind, org_id, name, user_id: null, email: null, roles: [], agent_id: principal.agent_id, ...clock };
  },
});

export const sessionOperations = [createSession, createSignInLink, deleteSession, me] as const;

/** A one-time link for a person, good for a day of real time. The token itself is not stored. */
export async function makeSignInLink(
  db: Db,
  clock: Clock,
  person: { org_id: string; user_id: string },
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const now = clock.now();
  const expires_at = new Date(now.getTime() + LINK_MS * clock.speed);
  await insertSignInLink.run(
    { ...person, id: newId(clock), token_sha256: sha256(token), now, expires_at },
    systemDb(db, person.org_id),
  );
  return token;
}

/** Who a request's credentials stand for. Null for anything unknown, expired or revoked: all look alike. */
export function principalLookup(db: Db, clock: Clock) {
  return {
    byKey: async (key: string): Promise<Principal | null> => {
      const key_sha256 = sha256(key);
      const org_id = await presentedOrg(db, presentedKeyOrg, key_sha256);
      if (org_id === null) return null;
      const scoped = systemDb(db, org_id);
      const [row] = await findKeyPrincipal.run({ org_id, key_sha256, now: clock.now() }, scoped);
      if (row === undefined) return null;
      if (row.user_id !== null && row.email !== null && row.user_name !== null) {
        const roles = (row.roles ?? []) as UserRole[];
        return { kind: 'human', org_id, user_id: row.user_id, email: row.email, name: row.user_name, roles };
      }
      if (row.agent_id === null || row.agent_kind === null) return null;
      const name = row.agent_name ?? row.agent_id;
      return { kind: 'agent', org_id, agent_id: row.agent_id, agent_kind: row.agent_kind, name };
    },
    bySession: async (token: string): Promise<Principal | null> => {
      const token_sha256 = sha256(token);
      const org_id = await presentedOrg(db, presentedSessionOrg, token_sha256);
      if (org_id === null) return null;
      const scoped = systemDb(db, org_id);
      const [row] = await findSessionPrincipal.run({ org_id, token_sha256, now: clock.now() }, scoped);
      if (row === undefined) return null;
      const { user_id, email, session_id, user_name: name } = row;
      return { kind: 'human', org_id, user_id, email, name, roles: row.roles as UserRole[], session_id };
    },
  };
}

type Presented = { key_sha256: Buffer; token_sha256: Buffer };

/** The org of the one row that this secret opens; null when there is none. Whether it is still valid is asked there. */
function presentedOrg(
  db: Db,
  statement: Statement<Presented, { org_id: string }>,
  hash: Buffer,
): Promise<string | null> {
  const presenting = {
    org_id: null,
    kind: 'system',
    id: 'sign_in',
    presented: hash.toString('hex'),
  } as const;
  return transaction(db, presenting, async (tx) => {
    const row = await statement.one({ key_sha256: hash, token_sha256: hash }, tx);
    return row?.org_id ?? null;
  });
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
