import { randomBytes } from 'node:crypto';
import { toAppError } from '../../src/db/errors.ts';
import { hashPassword } from '../../src/operations/access/passwords.ts';
import { principalLookup, sha256 } from '../../src/operations/access/sessions.ts';
import { registry } from '../../src/operations/registry.ts';
import type { UserRole } from '../../src/schema.gen.ts';
import { type HttpOptions, startHttp } from '../../src/surfaces/http.ts';
import type { TestDb } from '../database.ts';
import type { World } from '../world.ts';

export type Shown = { key?: string; cookie?: string; from?: string; agent?: string; body?: unknown };
// biome-ignore lint/suspicious/noExplicitAny: each test states the type of its response
export type Answer = { status: number; body: any; cookie: string | undefined; headers: Headers };
export type Door = Awaited<ReturnType<typeof openDoor>>;

export const PASSWORD = 'correct horse battery';

/** The product's own HTTP server on a test database, with its own principals. */
export async function openDoor(
  db: TestDb,
  { worker_context: context }: World,
  options: Partial<HttpOptions> = {},
) {
  const server = await startHttp({
    context,
    registry,
    principals: principalLookup(db.app, context.clock),
    host: '127.0.0.1',
    port: 0,
    web_dir: '/nonexistent',
    isReady: async () => true,
    toAppError,
    unsubscribe: { show: async () => null, confirm: async () => null },
    limits: { sign_in_per_minute: 10_000 },
    // So that a test can use any client address.
    trusted_proxies: ['127.0.0.1'],
    ...options,
  });
  const call = async (method: string, path: string, shown: Shown = {}): Promise<Answer> => {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method,
      redirect: 'manual',
      headers: {
        origin: server.url,
        ...(shown.key ? { authorization: `Bearer ${shown.key}` } : {}),
        ...(shown.cookie ? { cookie: shown.cookie } : {}),
        ...(shown.from ? { 'x-forwarded-for': shown.from } : {}),
        ...(shown.agent ? { 'user-agent': shown.agent } : {}),
        ...(shown.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(shown.body === undefined ? {} : { body: JSON.stringify(shown.body) }),
    });
    const text = await response.text();
    const [cookie] = response.headers.getSetCookie().map((line) => line.split(';')[0]!);
    const is_json = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
    return {
      status: response.status,
      body: is_json ? JSON.parse(text) : text,
      cookie,
      headers: response.headers,
    };
  };
  const signIn = async (email: string, password = PASSWORD, shown: Shown = {}): Promise<string> => {
    const answer = await call('POST', '/sessions', { ...shown, body: { email, password } });
    if (answer.cookie === undefined) throw new Error(JSON.stringify(answer.body));
    return answer.cookie;
  };
  return { ...server, call, signIn };
}

let made = 0;

/** A person of the org, with a password unless it is null. */
export async function addPerson(
  db: TestDb,
  org_id: string,
  given: { email?: string; roles?: UserRole[]; password?: string | null } = {},
): Promise<{ user_id: string; email: string }> {
  made += 1;
  const { email = `person${made}@testers.example`, roles = ['rep'], password = PASSWORD } = given;
  const hash = password === null ? null : await hashPassword(password);
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO users (org_id, id, email, name, roles, password_hash)
     VALUES ($1, gen_random_uuid(), $2, 'Person', $3::user_role[], $4) RETURNING id`,
    [org_id, email, roles, hash],
  );
  return { user_id: rows[0]!.id, email };
}

/** A key as the setup creates it: the machine's own when it is a person's. */
export async function addKey(
  db: TestDb,
  org_id: string,
  of: { user_id?: string; agent_id?: string; scopes?: string[] },
): Promise<string> {
  const key = `tl_${randomBytes(32).toString('base64url')}`;
  await db.query(
    `INSERT INTO api_keys (org_id, id, name, prefix, key_sha256, user_id, agent_id, scopes)
     VALUES ($1, gen_random_uuid(), 'test', $2, $3, $4, $5, $6)`,
    [org_id, key.slice(0, 7), sha256(key), of.user_id ?? null, of.agent_id ?? null, of.scopes ?? null],
  );
  return key;
}
