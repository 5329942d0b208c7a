import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { type MailServer, startMailServer } from './mail_server.ts';
import { type Started, touchline } from './process.ts';

/* From an empty database to a delivered message, with the commands that a user would type. */

const KEY = 'tl_key_of_a_test_on_a_database_of_its_own';
/** Approvals can be undone for ten seconds, and everything runs beside other tests. */
const ARRIVES_MS = 120_000;

/** The environment of every process of an installation on this database. */
function settingsOf(database_url: string, smtp_url: string): Record<string, string> {
  return {
    DATABASE_URL: database_url,
    SMTP_URL: smtp_url,
    TOUCHLINE_SECRET: 'a secret of this test, long enough',
    TOUCHLINE_ADMIN_KEY: KEY,
    PORT: '0',
  };
}

const INIT = [
  ...['init', '--name', 'Acme', '--sender-name', 'Ann', '--sender-address', 'ann@acme.example'],
  ...['--postal-address', '1 Way, Town'],
];

/**
 * Runs `init`, `serve`, and `work` on this database, then adds a lead, a request, and an approved draft, and waits for its
 * message at a mail server. Fails if any step fails.
 */
export async function expectMessageArrives(database_url: string): Promise<void> {
  const mail = await startMailServer();
  const env = settingsOf(database_url, mail.url);
  const running: Started[] = [];
  try {
    const init = touchline(INIT, env);
    expect(await init.exited, init.printed()).toBe(0);
    const [serve, work] = [touchline(['serve'], env), touchline(['work'], env)];
    running.push(serve, work);
    const url = await serve.until(/serves at (http:\S+)\./);
    await work.until(/works for 1 organization/);
    await sendOne({ url, key: KEY }, mail);
  } finally {
    await Promise.all(running.map(({ stop }) => stop()));
    await mail.close();
  }
  for (const { child, printed } of running) {
    expect(child.exitCode, printed()).toBe(0);
    // Background work beside the chain, for example the schedule of the checks, has its connections too.
    expect(printed()).not.toMatch(/"level":[56]0/);
  }
}

type Draft = { id: string; content_hash: string };

/** A server of the product, with an admin's key. */
export type Door = { url: string; key: string };

/** Adds a lead, a request, and an approved draft, whose message is the first to arrive at `mail`. */
export async function sendOne(door: Door, mail: MailServer): Promise<void> {
  const { version } = await ask<{ version: number }>(door, '/policy');
  const document = { business_hours: { enforce: false }, holidays: { enforce: false } };
  await ask(door, '/policy', { method: 'PUT', body: { document, expected_version: version } });
  const lead = { email: 'bo@buyer.example', first_name: 'Bo', icp_tier: 'T2', company: 'Buyer' };
  await ask(door, '/leads/import', { method: 'POST', body: [lead] });
  const request = { lead_id: lead.email, campaign: 'b2bea_membership_close' };
  expect(await ask(door, '/sequence_requests', { method: 'POST', body: request })).toMatchObject({
    outcome: 'allow',
  });
  const draft = await eventually(async () => {
    const { items } = await ask<{ items: Draft[] }>(door, '/drafts?status=drafted&limit=1');
    return items[0];
  });
  await ask(door, `/drafts/${draft.id}/approve`, {
    method: 'POST',
    body: { content_hash: draft.content_hash },
  });
  const source = await eventually(async () => mail.messages[0]);
  expect(source).toContain('To: bo@buyer.example');
  expect(mail.messages).toHaveLength(1);
}

async function eventually<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
  const latest_ms = performance.now() + ARRIVES_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > latest_ms) throw new Error(`no message arrived within ${ARRIVES_MS} ms`);
    await sleep(200);
  }
}

export async function ask<Answer>(
  { url, key }: Door,
  path: string,
  { method = 'GET', body }: { method?: string; body?: unknown } = {},
): Promise<Answer> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  expect(response.ok, `${method} ${path}: ${text}`).toBe(true);
  return JSON.parse(text) as Answer;
}
