import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedPostgres, startEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { openOwnerPool } from '../../src/db/open.ts';
import type { OwnerPool } from '../../src/db/pool.ts';
import { simulateClock } from '../../src/db/queries/simulated_clock.gen.ts';
import { openAppPool } from '../../src/db/roles.ts';
import { databaseUrl } from '../database_server.ts';
import type { World } from '../world.ts';
import { createOneMailWorld } from './adversary_world.ts';
import { auditDatabaseKill } from './database_kill_audit.ts';
import { type Acknowledged, startLoad } from './database_kill_load.ts';
import { type Random, seededRandom } from './seeded_random.ts';
import { beginSharedClock, type SharedClock, sharedClock } from './shared_clock.ts';
import { startSink } from './sink.ts';
import { shortenLeases, spawnWorker } from './worker_process.ts';

export type DatabaseKillOptions = {
  seed: number;
  kills: number;
  /** Server settings over the product's own, on which the promise depends. */
  settings?: Readonly<Record<string, string>>;
};

export type DatabaseKillReport = {
  seed: number;
  kills: number;
  /** Work that the database acknowledged, by kind. */
  acknowledged: Record<keyof Acknowledged, number>;
  /** Failed calls, whose outcome was not promised, by cause. */
  failed: Record<string, number>;
  sent: number;
  unknown: number;
  run_ms: number;
  findings: string[];
};

const WORKERS = 2;
/** One second is a minute: retries and leases take minutes. */
const SPEED = 60;
/** Real time. */
const LEASE_MS = 4_000;
const LOAD_MS = [1_000, 2_500] as const;
const HANDOVER_MS = 30;
const SETTLED_WITHIN_MS = 60_000;

/**
 * Kills the database server's first process repeatedly under a load of requests, approvals, unsubscribes, and messages. All
 * acknowledged work must exist afterward, and the workers must recover automatically.
 */
export async function runDatabaseKill({
  seed,
  kills,
  settings = {},
}: DatabaseKillOptions): Promise<DatabaseKillReport> {
  const dir = await mkdtemp(join(tmpdir(), 'touchline-database-kill-'));
  let server = await startEmbedded({ data_dir: dir, settings });
  const options = { application_name: 'touchline-database-kill', on_error: () => undefined };
  const owner = await openOwnerPool({ ...options, url: server.url, max: 2 });
  await migrate(owner);
  await simulateClock.run({ now: new Date() }, owner).finally(() => owner.close());
  const app = await openAppPool({ ...options, url: server.app_url });
  const admin_url = databaseUrl(server.admin_url, 'touchline');
  const db = { ...(await openOwnerPool({ ...options, url: admin_url })), app };
  const world = await createOneMailWorld(db);
  const clock = beginSharedClock(world.clock.now_ms(), SPEED);
  Object.assign(world.clock, sharedClock(clock));
  await shortenLeases(db, LEASE_MS * SPEED);
  const sink = await startSink({
    slots: WORKERS,
    // Spends most of a worker's time between the two transactions, where a kill leaves an unknown outcome.
    hold: (_slot, point) => (point === 'dot' ? sleep(HANDOVER_MS) : undefined),
  });
  const began = performance.now();
  const workers = sink.ports.map((port) => spawnWorker(workerOptions(server, world, { clock, port })));
  const load = startLoad(world);
  try {
    await Promise.all(workers.map((worker) => worker.ready));
    await untilTrue(
      () => sink.journal.length > 0 && Object.values(load.acknowledged).every((ids) => ids.size > 0),
    );
    server = await killRepeatedly(server, { dir, kills, settings, random: seededRandom(seed) });
    await load.stop();
    const is_settled = await settle(world);
    const findings = workers.every((worker) => worker.isRunning()) ? [] : ['a worker ended'];
    await Promise.all(workers.map((worker) => worker.stop()));
    if (!is_settled) findings.push('the workers did not finish what was approved');
    const {
      sent,
      unknown,
      findings: audited,
    } = await auditDatabaseKill(world, load.acknowledged, sink.journal);
    // Each worker has one message in hand when the server dies.
    if (unknown > kills * WORKERS) findings.push(`${unknown} messages are unknown after ${kills} kills`);
    const counts = Object.entries(load.acknowledged).map(([kind, ids]) => [kind, ids.size]);
    return {
      seed,
      kills,
      acknowledged: Object.fromEntries(counts) as DatabaseKillReport['acknowledged'],
      failed: load.failures(),
      sent,
      unknown,
      run_ms: Math.round(performance.now() - began),
      findings: [...findings, ...audited],
    };
  } finally {
    await load.stop();
    await Promise.all(workers.map((worker) => worker.kill()));
    await sink.close();
    await Promise.all([app.close(), db.close()]);
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

function workerOptions(
  server: EmbeddedPostgres,
  world: World,
  { clock, port }: { clock: SharedClock; port: number },
) {
  return {
    database_url: server.app_url,
    smtp_url: `smtp://127.0.0.1:${port}`,
    clock,
    secret: world.context.secret,
    connection_timeout_ms: 10_000,
    socket_timeout_ms: 10_000,
    idle_in_transaction_ms: 2_000,
  };
}

type Killing = { dir: string; kills: number; settings: Readonly<Record<string, string>>; random: Random };

/** Kills after a while of work each time; the next server takes over the directory and the port. Returns the last one. */
async function killRepeatedly(
  first: EmbeddedPostgres,
  { dir, kills, settings, random }: Killing,
): Promise<EmbeddedPostgres> {
  let server = first;
  for (let killed = 0; killed < kills; killed += 1) {
    await sleep(random.integer(...LOAD_MS));
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    await server.stop();
    server = await startEmbedded({ data_dir: dir, port: first.port, settings });
  }
  return server;
}

/** A kill before any work shows nothing. The report's figures show what never happened. */
async function untilTrue(happened: () => boolean): Promise<void> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  while (!happened() && performance.now() < deadline) await sleep(50);
}

/** Waits until no work is under way: a deferred message takes some minutes of the clock. */
async function settle({ db, org_id }: World): Promise<boolean> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  while (performance.now() < deadline) {
    const open = await countOpen(db, org_id).catch(() => null);
    if (open === 0) return true;
    await sleep(200);
  }
  return false;
}

async function countOpen(db: OwnerPool, org_id: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT (SELECT count(*) FROM sales_send_queue WHERE org_id = $1 AND status = 'approved')::int
          + (SELECT count(*) FROM send_attempts WHERE org_id = $1 AND stage IN ('intent', 'data'))::int AS count`,
    [org_id],
  );
  return rows[0]!.count;
}
