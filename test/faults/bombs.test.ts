import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { USER_ROLE_VALUES } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { ANALYSIS } from '../plays/play_calls.ts';
import { PLAY } from '../plays/play_world.ts';
import { readExposition } from '../telemetry/exposition.ts';
import { aliasBomb, BOMBS, bombCampaign, slowYaml, step } from '../templates/bombs.ts';
import { createWorld } from '../world.ts';
import type { Posted } from './poster.ts';

/* A complete server to which some users post bodies that cost more than their size suggests, while other users keep
   working. */

const MAIN = fileURLToPath(new URL('../../bin/touchline.mjs', import.meta.url));
const METRICS_TOKEN = 'a-token-of-machines';
/** Requests that users make all day. */
const ORDINARY = ['/me', '/leads?limit=20', '/drafts?limit=20', '/campaigns', '/today'];
/** A shared machine is sometimes slow; a blocked server is always slow. */
const TRIES = 10;
const RATIO_MAX = 2;
const SERVES = /serves at (http:\S+)\. /;

const { db, owner_url } = await testDatabase();
const world = await createWorld(db, { start_ms: performance.timeOrigin });
for (let at = 0; at < 20; at += 1) await world.addLead();
const segment = 'Budgets';
await db.query(
  `INSERT INTO territory_definitions (org_id, segment, name, created_at, updated_at) VALUES ($1, $2, 'A segment', now(), now())`,
  [world.org_id, segment],
);
const user_id = world.person.kind === 'human' ? world.person.user_id : '';
const person_key = await addKey('user_id', user_id);
const brain_key = await addKey('agent_id', 'AGT-901');
const server = await startServer();
afterAll(async () => {
  const exited = once(server.child, 'exit');
  server.child.kill('SIGTERM');
  await exited;
});

it('other users wait at most twice as long while costly bodies are posted', {
  timeout: 120_000,
}, async () => {
  const wide = Object.fromEntries(Array.from({ length: 60_000 }, (_, at) => [`k${at}`, 1]));
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'none', arguments: wide } };
  const posted = [
    ['/campaigns', JSON_TYPE, JSON.stringify(wide), 'json_too_many_values'],
    [
      '/campaigns',
      JSON_TYPE,
      JSON.stringify({ steps: Array(60_000).fill({ a: 1 }) }),
      'json_too_many_values',
    ],
    ['/campaigns', JSON_TYPE, '['.repeat(400_000) + ']'.repeat(400_000), 'json_too_deep'],
    ['/../../mcp', JSON_TYPE, JSON.stringify(call), 'json_too_many_values'],
    ['/leads/import?dry_run=true', 'text/csv', `email\n${'"\n'.repeat(200_000)}`, 'email_missing'],
    ['/leads/import?dry_run=true', 'text/csv', `email\n${'x\n'.repeat(50_000)}`, 'email_invalid'],
    ['/leads/import?dry_run=true', 'text/csv', `email${',c'.repeat(50_000)}\n`, 'csv_invalid'],
  ] as const;
  const bodies: Posted[] = posted.map(([path, type, body]) => ({ path: `/api/v1${path}`, type, body }));
  for (const path of ORDINARY) expect((await ask('GET', path)).status, path).toBe(200);
  const ratios: number[] = [];
  while (ratios.length < TRIES && !ratios.some((ratio) => ratio <= RATIO_MAX)) {
    const quiet = await timings(async () => ordinary(20));
    const poster = new Worker(new URL('./poster.ts', import.meta.url), {
      workerData: { url: server.url, key: person_key, bodies },
    });
    const codes = once(poster, 'message');
    const busy = await timings(async () => ordinary(40));
    poster.postMessage('end');
    expect((await codes)[0]).toEqual(posted.map(([, , , code]) => code));
    quiet.push(...(await timings(async () => ordinary(20))));
    ratios.push(median(busy) / median(quiet));
  }
  expect(Math.min(...ratios), `of the medians: ${ratios.join(', ')}`).toBeLessThanOrEqual(RATIO_MAX);
});

it('an agent whose documents exceed the budget is paused, and another user’s campaign is checked promptly', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, proposeBomb));
  const codes = answers.map(({ code }) => code);
  expect(codes.filter((code) => code === 'template_over_budget')).toHaveLength(3);
  expect(codes.filter((code) => code === 'checks_paused')).toHaveLength(9);
  const paused = await proposeBomb();
  expect(paused).toMatchObject({ status: 429, code: 'checks_paused' });
  expect(Number(paused.retry_after)).toBeGreaterThan(30);
  const fair = { ...bombCampaign('fair'), steps: [step(0, 'Hello')] };
  expect((await ask('POST', '/campaigns', fair)).status).toBe(200);
}, 60_000);

it('other users wait at most twice as long while twenty bombs are posted', { timeout: 240_000 }, async () => {
  expect(
    (await ask('POST', '/campaigns', { ...bombCampaign('bombed'), steps: [step(0, 'Hello')] })).status,
  ).toBe(200);
  for (const path of ORDINARY) expect((await ask('GET', path)).status, path).toBe(200);
  const ratios: number[] = [];
  while (ratios.length < TRIES && !ratios.some((ratio) => ratio <= RATIO_MAX)) {
    const quiet = await timings(async () => ordinary(20));
    let posted: Answer[] | undefined;
    // Each try has new users, none of whom is paused yet.
    const keys = await Promise.all(Array.from({ length: 7 }, () => addPerson()));
    const bombs = Promise.all(twentyBombs(keys)).then((answers) => {
      posted = answers;
    });
    const busy = await timings(async () => {
      while (posted === undefined) await ordinary(1);
    });
    await bombs;
    quiet.push(...(await timings(async () => ordinary(20))));
    for (const { code } of posted!) expect(code).toMatch(CODES);
    expect(busy.length).toBeGreaterThan(20);
    ratios.push(median(busy) / median(quiet));
  }
  expect(Math.min(...ratios), `of the medians: ${ratios.join(', ')}`).toBeLessThanOrEqual(RATIO_MAX);

  const page = await fetch(`${server.url}/metrics`, {
    headers: { authorization: `Bearer ${METRICS_TOKEN}` },
  });
  const counted = readExposition(await page.text()).get('touchline_over_budget_total')!.samples;
  expect(counted.map(({ labels }) => `${labels.kind} ${labels.budget}`).sort()).toEqual(
    expect.arrayContaining(['campaign time', 'play time']),
  );
  expect(server.said()).toContain('exceeded its budget');
});

const CODES = /^(template_over_budget|yaml_over_budget|yaml_invalid|checks_paused)$/;

function twentyBombs(keys: readonly string[]): Promise<Answer>[] {
  const body = bombCampaign('bomb');
  const kinds = [
    (key: string) => ask('POST', '/campaigns', body, key),
    (key: string) =>
      ask('PUT', '/campaigns/bombed/steps', { steps: [step(0, 'Hello'), step(1, BOMBS.loop_in_loop)] }, key),
    () => proposeBomb(),
    (key: string) => ask('POST', '/campaigns/import', { yaml: slowYaml() }, key),
    (key: string) => ask('POST', '/campaigns/import', { yaml: aliasBomb() }, key),
  ];
  return Array.from({ length: 20 }, (_, at) => kinds[at % kinds.length]!(keys[at % keys.length]!));
}

function proposeBomb(): Promise<Answer> {
  const steps = bombCampaign('bomb').steps.map(({ step_number: _, ...rest }) => rest);
  const play = { ...PLAY, scope: 'segment', segment, proposal: ANALYSIS, client_id: 'b2bea' };
  return ask('POST', '/plays', { ...play, suggested_cadence: { steps } }, brain_key);
}

let measured: number[] = [];

async function timings(run: () => Promise<unknown>): Promise<number[]> {
  measured = [];
  await run();
  return measured;
}

async function ordinary(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const path of ORDINARY) {
      const began_ms = performance.now();
      await ask('GET', path);
      measured.push(performance.now() - began_ms);
    }
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

type Answer = { status: number; code?: unknown; retry_after?: unknown };

const JSON_TYPE = 'application/json';

async function ask(method: string, path: string, body?: unknown, key = person_key): Promise<Answer> {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': JSON_TYPE }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { code, retry_after } = (await response.json()) as Omit<Answer, 'status'>;
  return { status: response.status, code, retry_after };
}

/** The key of another user with every permission. */
async function addPerson(): Promise<string> {
  const id = newId(world.clock);
  await db.query(
    `INSERT INTO users (org_id, id, email, name, roles) VALUES ($1, $2, $3, 'Someone', $4::user_role[])`,
    [world.org_id, id, `${id}@people.example`, [...USER_ROLE_VALUES]],
  );
  return addKey('user_id', id);
}

async function addKey(owner: 'user_id' | 'agent_id', owner_id: string): Promise<string> {
  const id = newId(world.clock);
  const key = `tl_${id.replaceAll('-', '')}`;
  await db.query(
    `INSERT INTO api_keys (org_id, id, name, prefix, key_sha256, ${owner}) VALUES ($1, $2, 'test', 'tl_', $3, $4)`,
    [world.org_id, id, createHash('sha256').update(key).digest(), owner_id],
  );
  return key;
}

type Server = { child: ChildProcess; url: string; said: () => string };

async function startServer(): Promise<Server> {
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: owner_url,
      TOUCHLINE_SECRET: 'x'.repeat(32),
      TOUCHLINE_METRICS_TOKEN: METRICS_TOKEN,
      PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const started = Promise.withResolvers<void>();
  child.once('exit', () => started.reject(new Error(`the server ended: ${text}`)));
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      if (SERVES.test(text)) started.resolve();
    });
  await started.promise;
  return { child, url: SERVES.exec(text)![1]!, said: () => text };
}
