import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { startCatcher } from '../../src/connectors/catcher.ts';
import { systemDb } from '../../src/db/acting.ts';
import { type Runtime, startRuntime } from '../../src/start/runtime.ts';
import { CHECKS } from '../../src/worker/checks.ts';
import { DRAFT_WITH_MODEL } from '../../src/worker/model_drafts.ts';
import { SEND } from '../../src/worker/send.ts';
import { PLAY_STAGES, STAGES } from '../../src/worker/stages.ts';
import { testDatabase } from '../database.ts';
import { GOOD } from '../drafts/model_world.ts';
import { replaysEveryDecision } from '../gate/replay.ts';
import { mailFrom } from '../inbound/inbound_world.ts';
import { startFakeModel } from '../mail/fake_model.ts';
import { startImapServer } from '../mail/imap_server.ts';
import { type Causes, MAILBOX, prepareCauses, SECRET } from './causes.ts';

/* The worker of `touchline work`, through the composition root: it logs in to the database as the owner of the tables and
   works as touchline_app. Each stage and each check has one item to find, and the test verifies that it was found. */

const { db, owner_url } = await testDatabase();
const dir = await mkdtemp(join(tmpdir(), 'touchline-stages-'));
const catcher = await startCatcher({ clock: startClock(), dir });
const imap = await startImapServer({ user: MAILBOX });
const model = await startFakeModel(() => ({ object: GOOD }));
const printed: string[] = [];
let causes: Causes;
let runtime: Runtime;

beforeAll(async () => {
  causes = await prepareCauses(db, Date.now());
  imap.append(mailFrom('else@else.example', 'Who are you?'));
  runtime = await startRuntime({
    config: configured(),
    speed: 1,
    embedded: false,
    say: (line) => printed.push(line),
  });
}, 120_000);

afterAll(async () => {
  await runtime?.stop();
  await Promise.all([catcher.close(), imap.close(), model.close()]);
  await rm(dir, { recursive: true, force: true });
}, 60_000);

function configured() {
  return readConfig({
    DATABASE_URL: owner_url,
    TOUCHLINE_DATA_DIR: dir,
    TOUCHLINE_SECRET: SECRET,
    SMTP_URL: catcher.url,
    IMAP_URL: imap.url,
    LLM_BASE_URL: model.url,
    LLM_MODEL: 'fake',
    TOUCHLINE_LOG_LEVEL: 'silent',
  });
}

/** Names of work not found yet. */
async function unseen(): Promise<string[]> {
  const names = Object.keys(causes.seen);
  const { rows } = await db.query<{ seen: boolean[] }>(
    `SELECT ARRAY[${Object.values(causes.seen).join(', ')}] AS seen`,
  );
  return names.filter((_, at) => !rows[0]!.seen[at]).sort();
}

/** The cron of the schedule ticks every minute; these are the jobs that its ticks create. */
async function tickEveryCheck(): Promise<void> {
  const boss = new PgBoss({
    connectionString: owner_url,
    schema: 'pgboss',
    createSchema: false,
    migrate: false,
    options: '-c role=touchline_app',
  });
  await boss.start();
  const { main, stalled } = causes.org_ids;
  await boss.insert(
    'org_checks',
    CHECKS.map(({ name: check }) => {
      const org_id = check === 'stall_escalation' ? stalled : main;
      return { data: { check, org_id }, singletonKey: `${check}/${org_id}` };
    }),
  );
  await boss.stop({ graceful: false });
}

test('the world holds work for every stage of the worker', () => {
  const done = [...STAGES, ...PLAY_STAGES, ...CHECKS].map(({ name }) => name);
  const loops = [SEND, DRAFT_WITH_MODEL, 'webhooks', 'receive'];
  expect(Object.keys(causes.seen).sort()).toEqual([...done, ...loops].sort());
});

test('each stage finds it, working as touchline_app', { timeout: 60_000 }, async () => {
  const asked = await systemDb(runtime.context.db).query('SELECT current_user AS role');
  expect(asked.rows).toEqual([{ role: 'touchline_app' }]);
  expect(await unseen()).toEqual(Object.keys(causes.seen).sort());
  runtime.startWorker();
  await expect.poll(queueIsThere, { timeout: 20_000 }).toBe(true);
  await tickEveryCheck();
  await expect.poll(unseen, { timeout: 30_000, interval: 200 }).toEqual([]);
});

async function queueIsThere(): Promise<boolean> {
  const { rows } = await db.query<{ there: boolean }>(
    `SELECT to_regclass('pgboss.queue') IS NOT NULL AS there`,
  );
  if (!rows[0]!.there) return false;
  return (await db.query(`SELECT FROM pgboss.schedule`)).rows.length === CHECKS.length;
}

replaysEveryDecision(db, ['dispatched']);
