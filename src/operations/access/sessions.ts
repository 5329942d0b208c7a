import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { DAY_MS } from '../../core/durations.ts';
import { systemDb } from '../../db/acting.ts';
import type { Pool, Queryable } from '../../db/pool.ts';
import { markKeyUsed } from '../../db/queries/api_keys.gen.ts';
import * as principals from '../../db/queries/principals.gen.ts';
import { listSessions, markSessionSeen, revokeSession } from '../../db/queries/sessions.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import type { UserRole } from '../../schema.gen.ts';
import { id, instant, notFound, noun, nullableInstant } from '../fields.ts';
import { operation, type Principal } from '../operation.ts';
import { BY_ID, pagedList } from '../page.ts';
import { userKey } from '../user_keys.ts';

const LINK_MS = DAY_MS;
/** Outlasts a long weekend; ends sessions of abandoned browsers. */
const SESSION_IDLE_MS = 4 * DAY_MS;
/** A user who checks once a month sees every sign-in by links that others created. */
const TOLD_MS = 30 * DAY_MS;
/** Last use is known to the minute, for one small write. */
const USE_MS = 60_000;

const createSignInLink = operation({
  name: 'create_sign_in_link',
  summary: 'Create a link that signs a user in once, within a day. Give it to that user only.',
  http: { method: 'POST', path: '/sign_in_links' },
  cli: { command: 'link' },
  answers_secret: true,
  input: z.object({
    email: z.email().max(254).optional().describe('address of the user; default: yourself'),
  }),
  output: noun('SignInLink', { url: z.string(), email: z.string() }),
  errors: 'not_found',
  text: ({ url, email }) => `Signs ${email} in, once:\n${url}`,
  run: async ({ context, principal, input }) => {
    if (principal.kind !== 'human') throw new AppError('not_human', 'Agents do not sign in.');
    const { org_id } = principal;
    const email = (input.email ?? principal.email).toLowerCase();
    const [user] = await principals.getUserByEmail.run({ org_id, email }, context.db);
    if (user === undefined || user.deactivated_at !== null) throw notFound('person');
    // In the caller's name: the link records its creator.
    const token = await insertLink(context.db, context.clock, { org_id, user_id: user.id });
    return { url: signInUrl(context.public_url, token), email };
  },
});

const list = pagedList({
  name: 'list_sessions',
  summary:
    'List your sessions, and the sign-ins of the last month by links that others created. Admins can list those of other users.',
  path: '/sessions',
  cli: {
    command: 'sessions',
    columns: 'id is_current is_open created_at last_seen_at link_made_by user_agent',
  },
  filters: { user_id: userKey.optional().describe('another user’s sessions; for admins') },
  item: noun('Session', {
    id,
    user_id: id,
    created_at: instant,
    last_seen_at: nullableInstant.describe('to the minute'),
    expires_at: instant,
    user_agent: z.string().nullable(),
    is_current: z.boolean(),
    is_open: z.boolean().describe('false: ended; listed because someone else created its link'),
    by_link: z.boolean().describe('started with a one-time link'),
    link_made_by_other: z.boolean().describe('the link was created by another user or the machine'),
    link_made_by_user_id: id.nullable().describe('null with such a link: created by the machine'),
    link_made_by: z.string().nullable().describe('name of the link’s creator'),
  }),
  errors: 'not_human',
  order: BY_ID,
  rows: async ({ page, db, context: { clock }, principal }) => {
    if (principal.kind !== 'human') throw new AppError('not_human', 'Agents have no sessions.');
    const user_id = page.user_id ?? principal.user_id;
    if (user_id !== principal.user_id && !principal.roles.includes('admin')) {
      throw new AppError('forbidden', 'Only an admin can see other users’ sessions.');
    }
    const rows = await listSessions.run({ ...page, user_id, ...openAt(clock), ...toldAt(clock) }, db);
    return rows.map((row) => ({ ...row, is_current: row.id === principal.session_id }));
  },
});

const deleteSession = operation({
  name: 'delete_session',
  summary: 'Sign out: end this session or another of yours. An admin can end any session.',
  http: { method: 'DELETE', path: '/sessions/{id}' },
  cli: { command: 'sessions revoke', args: ['id'] },
  input: z.object({
    id: z
      .string()
      .max(64)
      .describe('id of the session, or `current`')
      .meta({ examples: ['current'] }),
  }),
  output: z.object({ set_session: z.null().optional().describe('the cookie is cleared') }),
  errors: 'not_found',
  run: async ({ context, principal, input }) => {
    if (principal.kind !== 'human') throw new AppError('not_human', 'Agents have no sessions.');
    const session_id = input.id === 'current' ? principal.session_id : z.uuid().safeParse(input.id).data;
    const { org_id, roles } = principal;
    const now = context.clock.now();
    const user_id = roles.includes('admin') ? null : principal.user_id;
    const revoked =
      session_id === undefined
        ? []
        : await revokeSession.run({ org_id, id: session_id, user_id, now }, context.db);
    if (revoked.length === 0) throw notFound('session');
    return session_id === principal.session_id ? { set_session: null } : {};
  },
});

export const sessionOperations = [createSignInLink, list, deleteSession] as const;

/** A one-time link, valid for one day of real time. The token itself is not stored. */
export function makeSignInLink(
  db: Pool,
  clock: Clock,
  person: { org_id: string; user_id: string },
): Promise<string> {
  return insertLink(systemDb(db, person.org_id), clock, person);
}

export async function insertLink(
  on: Queryable,
  clock: Clock,
  person: { org_id: string; user_id: string },
): Promise<string> {
  const token = newToken();
  const now = clock.now();
  const expires_at = new Date(now.getTime() + LINK_MS * clock.speed);
  const link = { ...person, id: newId(clock), token_sha256: sha256(token), now, expires_at };
  await principals.insertSignInLink.run(link, on);
  return token;
}

/** Browsers never send the part after the #. */
export function signInUrl(public_url: string, token: string): string {
  return `${public_url}/sign-in#${token}`;
}

/** The principal of a request's credentials. Null for anything unknown, expired, or revoked, without distinction. */
export function principalLookup(db: Pool, clock: Clock) {
  const markUse = usageMarker(clock);
  // No principal yet: the statement itself finds the organization of the credentials.
  const unknown = systemDb(db);
  return {
    byKey: async (key: string): Promise<Principal | null> => {
      const key_sha256 = sha256(key);
      const now = clock.now();
      const row = await principals.keyPrincipal.one({ key_sha256, now }, unknown);
      if (row === undefined) return null;
      const { org_id } = row;
      const scoped = systemDb(db, org_id);
      const { key_id, scopes, created_by_user_id, last_used_at } = row;
      markUse(key_id, last_used_at, (at) => markKeyUsed.run({ org_id, id: key_id, ...at }, scoped));
      const shown = { id: key_id, scopes, is_machine: created_by_user_id === null };
      if (row.user_id !== null && row.email !== null && row.user_name !== null) {
        const roles = (row.roles ?? []) as UserRole[];
        const { user_id, email, user_name: name } = row;
        return { kind: 'human', org_id, user_id, email, name, roles, key: shown };
      }
      if (row.agent_id === null || row.agent_kind === null) return null;
      const { agent_id, agent_kind, agent_name } = row;
      return { kind: 'agent', org_id, agent_id, agent_kind, name: agent_name ?? agent_id, key: shown };
    },
    bySession: async (token: string): Promise<Principal | null> => {
      const token_sha256 = sha256(token);
      const row = await principals.sessionPrincipal.one({ token_sha256, ...openAt(clock) }, unknown);
      if (row === undefined) return null;
      const { org_id } = row;
      const scoped = systemDb(db, org_id);
      const { user_id, email, session_id, user_name: name, last_seen_at } = row;
      markUse(session_id, last_seen_at, (at) =>
        markSessionSeen.run({ org_id, id: session_id, ...at }, scoped),
      );
      return { kind: 'human', org_id, user_id, email, name, roles: row.roles as UserRole[], session_id };
    },
  };
}

/** Records the use of a key or session, at most once a minute, while its request runs. */
function usageMarker(clock: Clock) {
  const under_way = new Set<string>();
  return (
    subject: string,
    last: Date | null,
    mark: (at: { now: Date; before: Date }) => Promise<unknown>,
  ): void => {
    const now = clock.now();
    const before = new Date(now.getTime() - USE_MS * clock.speed);
    if ((last !== null && last >= before) || under_way.has(subject)) return;
    under_way.add(subject);
    // The next request makes up for a failed one.
    void mark({ now, before })
      .catch(() => undefined)
      .finally(() => under_way.delete(subject));
  };
}

/** Open sessions. Idle time is real time, not the product's clock. */
function openAt(clock: Clock): { now: Date; idle_since: Date } {
  const now = clock.now();
  return { now, idle_since: new Date(now.getTime() - SESSION_IDLE_MS * clock.speed) };
}

/** Start of the time for which ended sign-ins by others' links are still listed. */
function toldAt(clock: Clock): { told_since: Date } {
  return { told_since: new Date(clock.now_ms() - TOLD_MS * clock.speed) };
}

export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
