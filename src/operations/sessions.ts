import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Queryable } from '../db/pool.ts';
import {
  findKeyPrincipal,
  findSessionPrincipal,
  getUserByEmail,
  insertSession,
  insertSignInLink,
  revokeSession,
  useSignInLink,
} from '../db/queries/principals.gen.ts';
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
  who: 'public',
  http: { method: 'POST', path: '/sessions' },
  input: z.object({ link_token: z.string().min(1).max(200) }),
  output: z.object({
    expires_at: z.string(),
    set_session: z.object({ token: z.string(), expires_at: z.string() }).nullable(),
  }),
  errors: ['link_invalid'],
  run: async ({ context, input }) => {
    const { db, clock } = context;
    const now = clock.now();
    const [used] = await useSignInLink.run({ token_sha256: sha256(input.link_token), now }, db);
    if (used === undefined) {
      throw new AppError('link_invalid', 'This sign-in link was used already, or it is too old.', {
        status: 401,
        hint: 'On the machine where Touchline runs, npx touchline link makes a new one.',
      });
    }
    const token = randomBytes(32).toString('base64url');
    const expires_at = new Date(now.getTime() + SESSION_MS * clock.speed);
    const { org_id, user_id } = used;
    await insertSession.run(
      { org_id, id: newId(clock), user_id, token_sha256: sha256(token), user_agent: null, now, expires_at },
      db,
    );
    const expires = expires_at.toISOString();
    return { expires_at: expires, set_session: { token, expires_at: expires } };
  },
});

const createSignInLink = operation({
  name: 'create_sign_in_link',
  summary: 'Makes a link that signs a person in, once, within a day. Give it to nobody else.',
  who: { people: ['admin'], agents: false },
  http: { method: 'POST', path: '/sign_in_links' },
  cli: { command: 'link' },
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
  who: { people: 'all', agents: false },
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
  who: { people: 'all', agents: true },
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
  db: Queryable,
  clock: Clock,
  person: { org_id: string; user_id: string },
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const now = clock.now();
  const expires_at = new Date(now.getTime() + LINK_MS * clock.speed);
  await insertSignInLink.run(
    { ...person, id: newId(clock), token_sha256: sha256(token), now, expires_at },
    db,
  );
  return token;
}

/** Who a request's credentials stand for. Null for anything unknown, expired or revoked: all look alike. */
export function principalLookup(db: Queryable, clock: Clock) {
  return {
    byKey: async (key: string): Promise<Principal | null> => {
      const [row] = await findKeyPrincipal.run({ key_sha256: sha256(key), now: clock.now() }, db);
      if (row === undefined) return null;
      const { org_id } = row;
      if (row.user_id !== null && row.email !== null && row.user_name !== null) {
        const roles = (row.roles ?? []) as UserRole[];
        return { kind: 'human', org_id, user_id: row.user_id, email: row.email, name: row.user_name, roles };
      }
      if (row.agent_id === null || row.agent_kind === null) return null;
      const name = row.agent_name ?? row.agent_id;
      return { kind: 'agent', org_id, agent_id: row.agent_id, agent_kind: row.agent_kind, name };
    },
    bySession: async (token: string): Promise<Principal | null> => {
      const [row] = await findSessionPrincipal.run({ token_sha256: sha256(token), now: clock.now() }, db);
      if (row === undefined) return null;
      const { org_id, user_id, email, session_id, user_name: name } = row;
      return { kind: 'human', org_id, user_id, email, name, roles: row.roles as UserRole[], session_id };
    },
  };
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
