import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { MailSender } from '../../src/connectors/connector.ts';
import { smtpSender } from '../../src/connectors/smtp.ts';
import type { Context } from '../../src/context.ts';
import { systemDb } from '../../src/db/acting.ts';
import type { Connection, Pool } from '../../src/db/pool.ts';
import { listOrganizations } from '../../src/db/queries/principals.gen.ts';
import { openAppPool } from '../../src/db/roles.ts';
import { readMail } from '../../src/mail/read_mail.ts';
import { openTemplates } from '../../src/templates/threads.ts';
import { startWorker, type Worker } from '../../src/worker/loop.ts';
import { sendApproved } from '../../src/worker/send.ts';
import { SEND_SETTINGS, type SendSettings } from '../../src/worker/send_settings.ts';
import { runStage, STAGES } from '../../src/worker/stages.ts';
import { requireBroken } from './broken_build.ts';
import { type SharedClock, sharedClock } from './shared_clock.ts';

/** The options of a worker process, as JSON in its first argument. */
export type WorkerOptions = {
  database_url: string;
  smtp_url: string;
  clock: SharedClock;
  secret: string;
  connection_timeout_ms: number;
  socket_timeout_ms: number;
  /** How long the server lets a transaction of this process stay idle. */
  idle_in_transaction_ms: number;
  application_name?: string;
  /** The speed that the worker is given. At 1 it looks for work twice a second, else twenty times. Default: the clock's. */
  told_speed?: number;
  /** Maximum number of connections; default 4. */
  max?: number;
  /** Names of stages, including `send`, to run in this order instead of the product's own loop. */
  stages?: readonly string[];
  /** URL of a module whose `wrapDb` receives the pool and `wrap_options` and returns the pool to use: for failpoints. */
  wrap_db?: string;
  wrap_options?: unknown;
  log_level?: string;
};

/** The export of a module named by `wrap_db`. `who` can write a line that the test reads. */
export type WrapDb = (db: Pool, options: unknown, who: { say(line: string): void }) => Pool;

const POLL_MS = 20;

/* The product's worker in a separate process, as a test configures it. Prints `ready` when it begins. On SIGTERM it
   finishes the current batch and exits with code 0. */
const options = JSON.parse(process.argv[2] ?? '') as WorkerOptions;
const say = (line: string) => process.stdout.write(`${line}\n`);
const db = await open();
const mail = smtpSender({
  url: options.smtp_url,
  connection_timeout_ms: options.connection_timeout_ms,
  socket_timeout_ms: options.socket_timeout_ms,
});
const context: Context = {
  db,
  clock: { ...sharedClock(options.clock), speed: options.told_speed ?? options.clock.speed },
  log: pino(
    { level: options.log_level ?? 'error', base: { pid: process.pid } },
    pino.destination({ dest: 2, sync: true }),
  ),
  secret: options.secret,
  public_url: 'http://touchline.test',
  catcher: null,
  readMail,
  templates: openTemplates(),
  nudge: () => {},
};
requireBroken();
// A lease is real time, which the worker converts by the speed that it was given.
const lease_ms = (SEND_SETTINGS.lease_ms * options.clock.speed) / context.clock.speed;
const settings: SendSettings = { ...SEND_SETTINGS, lease_ms };
const worker =
  options.stages === undefined
    ? startWorker(context, mail, settings)
    : runStages(context, mail, options.stages);
process.once('SIGTERM', async () => {
  await worker.stop();
  await mail.close();
  await db.close();
  process.exit(0);
});
say('ready');

async function open(): Promise<Pool> {
  const pool = await openAppPool({
    url: options.database_url,
    application_name: options.application_name ?? 'touchline-fault-worker',
    max: options.max ?? 4,
    on_error: () => undefined,
  });
  const limited = limitIdle(pool, options.idle_in_transaction_ms);
  if (options.wrap_db === undefined) return limited;
  const { wrapDb } = (await import(options.wrap_db)) as { wrapDb: WrapDb };
  return wrapDb(limited, options.wrap_options, { say });
}

/** The pool's own limit is 10 s: too long for a test of what happens afterward. */
function limitIdle(pool: Pool, idle_ms: number): Pool {
  const limit = `; set local idle_in_transaction_session_timeout = ${Math.trunc(idle_ms)}`;
  return {
    ...pool,
    async checkout() {
      const own = await pool.checkout();
      const query: Connection['query'] = (text, values) =>
        own.query(text.startsWith('begin') ? text + limit : text, values);
      return { query, release: (discard) => own.release(discard) };
    },
  };
}

/** Runs the stages with these names in a loop until it is stopped. */
function runStages(context: Context, mail: MailSender, names: readonly string[]): Worker {
  let stopping = false;
  const one = async (name: string, org: Parameters<typeof sendApproved>[1]) => {
    if (name === 'send') return sendApproved(context, org, mail, { settings });
    const stage = STAGES.find((known) => known.name === name);
    if (stage === undefined) throw new Error(`no stage is named ${name}`);
    return runStage(context, org.org_id, stage);
  };
  const done = (async () => {
    while (!stopping) {
      try {
        for (const org of await listOrganizations.run({ limit: 100 }, systemDb(context.db))) {
          for (const name of names) await one(name, org);
        }
      } catch (error) {
        context.log.error({ err: error }, 'a stage failed');
      }
      await sleep(POLL_MS);
    }
  })();
  return {
    nudge: () => {},
    stop: () => {
      stopping = true;
      return done;
    },
  };
}
