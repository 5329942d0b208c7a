import { randomBytes } from 'node:crypto';
import { newId } from '../../src/ids.ts';
import { sha256 } from '../../src/operations/access/sessions.ts';
import type { AgentKind, UserRole } from '../../src/schema.gen.ts';
import { AGENT_KIND_VALUES, USER_ROLE_VALUES } from '../../src/schema.gen.ts';
import { API_BASE, inputsInQuery, pathParams, type RoutedOperation } from '../../src/surfaces/routing.ts';
import type { World } from '../world.ts';

export type Answer = { status: number; code: string | null; text: string };

/** A caller on any surface: the matrix needs no more of a surface than this. */
export type Caller = {
  name: string;
  /** Null: no user or agent. */
  who: { roles: readonly UserRole[] } | { agent_kind: AgentKind } | null;
  ask(operation: RoutedOperation, input: Record<string, unknown>, csv?: string): Promise<Answer>;
};

/** Credentials of a caller, on any surface. */
export type Shown = Pick<Caller, 'name' | 'who'> & { key?: string; session?: string };

/** No one; a user of each role, by session and by key; an agent of each kind. */
export async function everyone(world: World): Promise<Shown[]> {
  const all: Shown[] = [{ name: 'nobody', who: null }];
  for (const role of USER_ROLE_VALUES) {
    const user_id = await addPerson(world, role);
    const who = { roles: [role] };
    all.push({ name: `${role} by session`, who, session: await addSession(world, user_id) });
    all.push({ name: `${role} by key`, who, key: await addKey(world, { user_id }) });
  }
  for (const agent_kind of AGENT_KIND_VALUES) {
    const [agent] = await world.rows<{ id: string }>(
      'agents',
      `kind = '${agent_kind}' AND id <> 'AGT-302' AND (kind <> 'role' OR side = 'sales')`,
    );
    const key = await addKey(world, { agent_id: agent!.id });
    all.push({ name: `${agent_kind} agent`, who: { agent_kind }, key });
  }
  return all;
}

export function httpCallers(url: string, all: readonly Shown[]): Caller[] {
  return all.map(({ name, who, key, session }) => {
    const by_session = session && { cookie: `touchline_session=${session}`, origin: url };
    return { name, who, ask: asker(url, key ? { authorization: `Bearer ${key}` } : by_session || {}) };
  });
}

function asker(url: string, headers: Record<string, string>): Caller['ask'] {
  return async (operation, input, csv) => {
    const in_path = pathParams(operation.http.path);
    const path = operation.http.path.replace(/\{([a-z0-9_]+)\}/g, (_, name: string) =>
      encodeURIComponent(String(input[name])),
    );
    const rest = Object.entries(input).filter(([name]) => !in_path.includes(name));
    const by_query = inputsInQuery(operation);
    const query = by_query ? new URLSearchParams(rest.map(([name, value]) => [name, String(value)])) : '';
    const body = csv ?? (by_query ? undefined : JSON.stringify(Object.fromEntries(rest)));
    const media_type = csv === undefined ? 'application/json' : 'text/csv';
    const response = await fetch(`${url}${API_BASE}${path}${String(query) === '' ? '' : `?${query}`}`, {
      method: operation.http.method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': media_type }) },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const code = response.status >= 400 ? (JSON.parse(text) as { code: string }).code : null;
    return { status: response.status, code, text };
  };
}

async function addPerson({ db, org_id, clock }: World, role: UserRole): Promise<string> {
  const id = newId(clock);
  await db.query(
    `INSERT INTO users (org_id, id, email, name, roles) VALUES ($1, $2, $3, $4, $5::user_role[])`,
    [org_id, id, `${role}@people.example`, role, [role]],
  );
  return id;
}

async function addSession({ db, org_id, clock }: World, user_id: string): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await db.query(
    `INSERT INTO sessions (org_id, id, user_id, token_sha256, expires_at) VALUES ($1, $2, $3, $4, '2100-01-01')`,
    [org_id, newId(clock), user_id, sha256(token)],
  );
  return token;
}

/** A key that acts for this user or agent. */
export async function addKey(
  { db, org_id, clock }: World,
  { user_id = null, agent_id = null }: { user_id?: string | null; agent_id?: string | null },
): Promise<string> {
  const key = `tl_${randomBytes(32).toString('base64url')}`;
  await db.query(
    `INSERT INTO api_keys (org_id, id, name, prefix, key_sha256, user_id, agent_id) VALUES ($1, $2, 'test', 'tl_', $3, $4, $5)`,
    [org_id, newId(clock), sha256(key), user_id, agent_id],
  );
  return key;
}
