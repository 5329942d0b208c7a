import { existsSync, readFileSync, renameSync } from 'node:fs';
import { pino } from 'pino';
import { smtpSender } from '../../src/connectors/smtp.ts';
import type { Context } from '../../src/context.ts';
import type { Connection, Pool } from '../../src/db/pool.ts';
import { openAppPool } from '../../src/db/roles.ts';
import { readMail } from '../../src/mail/read_mail.ts';
import { openTemplates } from '../../src/templates/threads.ts';
import { startWorker } from '../../src/worker/loop.ts';
import { requireBroken } from './broken_build.ts';
import { readFileClock } from './failpoint_clock.ts';

export type FailpointWorkerOptions = {
  database_url: string;
  smtp_url: string;
  secret: string;
  /** How long the server lets a transaction of this process stay idle. */
  idle_in_transaction_ms: number;
  clock_file: string;
  /** Holds the armed point, for the first process that reaches it; see `Armed`. */
  armed_file: string;
  /**
   * While this file exists, the process prints `idle` once each of its loops has begun a new round, and moves the file
   * away.
   */
  idle_file: string;
  /** Whether notifications leave by email too. */
  sends_notices: boolean;
};

/** Content of `armed_file`, as JSON. */
export type Armed = { point: string; signal: 'SIGKILL' | 'SIGSTOP' };

const PATIENT_MS = 30_000;
const NAME = /^\/\* (\S+) \*\//;
/** Each of these starts a worker loop again: the one that decides, and the one that sends. */
const ROUNDS_BEGIN = ['events.ensureEventPartitions', 'mailboxes.itemsWithoutMailbox'];

/* The product's worker in a separate process, with a clock that the test moves. It kills or stops itself at the armed point
   of the database's work. Prints `ready`, then `hit` before that, or `idle`. On SIGTERM it finishes the current batch and
   exits with code 0. */
const options = JSON.parse(process.argv[2] ?? '') as FailpointWorkerOptions;
const say = (line: string) => process.stdout.write(`${line}\n`);
/** The loops that began a round since this process was asked whether it is idle. */
const begun = new Set<string>();
const pool = await openAppPool({
  url: options.database_url,
  application_name: 'touchline-failpoint-worker',
  max: 4,
  statement_timeout_ms: PATIENT_MS,
  on_error: () => undefined,
});
const mail = smtpSender({
  url: options.smtp_url,
  connection_timeout_ms: PATIENT_MS,
  socket_timeout_ms: PATIENT_MS,
  // A session for each message, so that each passes every point.
  max_messages: 1,
});
const context: Context = {
  db: withPoints(pool),
  clock: readFileClock(options.clock_file),
  log: pino({ level: 'error', base: null }, pino.destination({ dest: 2, sync: true })),
  secret: options.secret,
  public_url: 'http://touchline.test',
  catcher: null,
  readMail,
  templates: openTemplates(),
  nudge: () => {},
  ...(options.sends_notices ? { mail } : {}),
};
requireBroken();
const worker = startWorker(context, mail);
process.once('SIGTERM', async () => {
  await worker.stop();
  await mail.close();
  await pool.close();
  process.exit(0);
});
say('ready');

function withPoints(db: Pool): Pool {
  return {
    ...db,
    async checkout() {
      const own = await db.checkout();
      const limit = `; set local idle_in_transaction_session_timeout = ${Math.trunc(options.idle_in_transaction_ms)}`;
      const query = watched((text, values) =>
        own.query(text.startsWith('begin') ? text + limit : text, values),
      );
      return { query, release: (discard) => own.release(discard) };
    },
  };
}

/** The same queries, with a check of the armed point before and after each and around each commit. */
function watched(query: Connection['query']): Connection['query'] {
  let in_transaction: string[] = [];
  return async (text, values) => {
    if (text.startsWith('begin')) in_transaction = [];
    const name = NAME.exec(text)?.[1];
    if (name !== undefined) in_transaction.push(name);
    if (name !== undefined && ROUNDS_BEGIN.includes(name)) beginRound(name);
    const points =
      text === 'commit' ? in_transaction.map((ran) => `commit of ${ran}`) : name === undefined ? [] : [name];
    pass(points.map((point) => `before ${point}`));
    const result = await query(text, values);
    pass(points.map((point) => `after ${point}`));
    return result as never;
  };
}

/** A loop that starts again has finished its work; the process is idle when all have. */
function beginRound(name: string): void {
  if (!existsSync(options.idle_file)) begun.clear();
  else begun.add(name);
  if (begun.size < ROUNDS_BEGIN.length || !take(options.idle_file)) return;
  begun.clear();
  say('idle');
}

/** Ends or stops here if one of these is armed and no other process was faster. */
function pass(points: readonly string[]): void {
  if (points.length === 0) return;
  const armed = readArmed();
  if (armed === null || !points.includes(armed.point) || !take(options.armed_file)) return;
  say('hit');
  process.kill(process.pid, armed.signal);
}

function readArmed(): Armed | null {
  try {
    return JSON.parse(readFileSync(options.armed_file, 'utf8')) as Armed;
  } catch {
    return null;
  }
}

/** If several processes want the file, one gets it. */
function take(file: string): boolean {
  try {
    renameSync(file, `${file}.taken`);
    return true;
  } catch {
    return false;
  }
}
