import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendQueueOperations } from '../../src/operations/sending/send_queue.ts';
import type { TestDatabase } from '../database.ts';
import type { World } from '../world.ts';
import { type Audit, audit, type Fault } from './auditor.ts';
import { seededRandom } from './seeded_random.ts';
import { beginSharedClock, machineMs, type SharedClock, sharedClock } from './shared_clock.ts';
import { type Revops, revopsOf } from './storm_people.ts';
import { type StormSink, startStormSink } from './storm_sink.ts';
import { createStormWorld, type StormSize } from './storm_world.ts';
import type { WorkerOptions } from './worker_main.ts';
import { breakDatabase, shortenLeases, spawnWorker, type WorkerProcess } from './worker_process.ts';

export type StormOptions = StormSize & {
  seed: number;
  processes: number;
  /** Simulated seconds per second. */
  speed: number;
  /** A random worker is killed or stopped this often. */
  fault_every_ms: number;
  deadline_ms: number;
  broken_build?: string | undefined;
  /** Pairs of leads that a person merges during the storm. */
  merges?: number;
  /** So many of the merged leads opt out afterward, by the address that they had from the merged row. */
  opt_outs?: number;
};

export type StormReport = Audit & {
  seed: number;
  finished: boolean;
  kills: number;
  stalls: number;
  merges: number;
  opt_outs: number;
  /** Unknown outcomes that a person had to settle. */
  settled: number;
  setup_ms: number;
  storm_ms: number;
  simulated_days: number;
  /** Errors that the workers logged, by first line, the most frequent first. */
  complaints: string[];
};

/**
 * Real time. A lease must outlast a stall of the mail session, and a long stall must outlast the lease. Several stalled
 * workers may hold one lead in turn: a lease outlasts that too, as the product's own lease does many times over.
 */
const LEASE_MS = 3_000;
const IDLE_IN_TRANSACTION_MS = 400;
const SILENCE_MS = 600;
const SOCKET_TIMEOUT_MS = 1_000;
const SHORT_STALL_MS = [200, 800] as const;
const LONG_STALL_MS = [3_300, 4_000] as const;
/** After this long a message of unknown outcome is either in the sink's journal or will never be. */
const TRUTH_MS = 1_500;
/** A machine that is slow to start processes must keep some running. */
const RUNNING_LEAST = 4;
/** A worker starts faster than this on an idle machine. If it takes n times as long, so do the pauses between faults. */
const START_MS = 1_000;
const LOOK_EVERY_MS = 200;
/** A storm ends before the server would first collect statistics, and plans for empty tables are slow. */
const ANALYZE_EVERY_LOOKS = 10;
const REVOPS_EVERY_LOOKS = 12;
const DAY_MS = 24 * 3_600_000;

/**
 * Several worker processes send hot leads through their campaigns while some of the workers are killed or stalled; a person
 * settles unknown outcomes. Ends when every enrollment has ended or at the deadline, and returns the auditor's findings.
 */
export async function runStorm({ db, url }: TestDatabase, options: StormOptions): Promise<StormReport> {
  const began = machineMs();
  const world = await createStormWorld(db, options);
  const leads = await world.rows<{ id: string; email: string }>('leads', 'true ORDER BY id');
  await shortenLeases(db, LEASE_MS * options.speed);
  await breakDatabase(db, options.broken_build);
  const sink = await startStormSink(options.processes, SILENCE_MS);
  const cache_dir = await mkdtemp(join(tmpdir(), 'touchline-storm-'));
  const storm_began = machineMs();
  const clock = beginSharedClock(world.clock.now_ms(), options.speed);
  const crew = startCrew(options, { url, secret: world.context.secret, clock, sink, cache_dir });
  try {
    const revops = revopsOf(world, clock, leads, options);
    const { finished, settled } = await lookAfter(world, clock, options, { ...crew, revops });
    await crew.stop();
    const storm_ms = machineMs() - storm_began;
    const found = await audit(db, {
      org_id: world.org_id,
      steps: options.steps,
      journal: sink.journal,
      clock,
      faults: crew.faults,
      addresses: new Map(leads.map(({ id, email }) => [id, email])),
      merges: revops.merges,
      opt_outs: revops.opt_outs,
    });
    if (revops.isDue())
      found.findings.push('not finished: a pair of leads is not merged, or has not opted out');
    if (!finished)
      found.findings.push(`not finished: ${await openWork(world)} enrollments or attempts are still open`);
    return {
      ...found,
      seed: options.seed,
      finished,
      kills: crew.faults.filter(({ kind }) => kind === 'kill').length,
      stalls: crew.faults.filter(({ kind }) => kind === 'stall').length,
      merges: revops.merges.length,
      opt_outs: revops.opt_outs.length,
      settled,
      setup_ms: Math.round(storm_began - began),
      storm_ms: Math.round(storm_ms),
      simulated_days: Math.round((storm_ms * options.speed) / DAY_MS),
      complaints: crew.complaints(),
    };
  } finally {
    await crew.killAll();
    await sink.close();
    await rm(cache_dir, { recursive: true, force: true });
  }
}

/** Waits for the end. Until then, a person reads unknown outcomes and settles them from the sink's journal. */
async function lookAfter(
  world: World,
  clock: SharedClock,
  options: StormOptions,
  crew: Crew & { revops: Revops },
): Promise<{ finished: boolean; settled: number }> {
  const context = { ...world.context, clock: sharedClock(clock) };
  const resolve = sendQueueOperations.find(({ name }) => name === 'resolve_queue_item')!;
  const deadline = machineMs() + options.deadline_ms;
  let settled = 0;
  for (let looks = 1; machineMs() < deadline; looks += 1) {
    await sleep(LOOK_EVERY_MS);
    if (looks % ANALYZE_EVERY_LOOKS === 1) await world.db.query('ANALYZE');
    for (const { id, message_id } of await unknownItems(
      world,
      context.clock.now_ms() - TRUTH_MS * options.speed,
    )) {
      const went = crew.sink.journal.some(
        (entry) => entry.message_id === message_id && entry.end_ms !== null,
      );
      await resolve.run({ context, principal: world.person, input: { id, went } as never });
      settled += 1;
    }
    if (looks % REVOPS_EVERY_LOOKS === 0) await crew.revops.doNext();
    if ((await openWork(world)) === 0 && !crew.revops.isDue()) return { finished: true, settled };
  }
  return { finished: false, settled };
}

async function unknownItems(world: World, before_ms: number): Promise<{ id: string; message_id: string }[]> {
  const { rows } = await world.db.query<{ id: string; message_id: string }>(
    `SELECT q.id, a.message_id FROM sales_send_queue q
     JOIN send_attempts a ON a.org_id = q.org_id AND a.queue_id = q.id AND a.stage = 'unknown'
     WHERE q.org_id = $1 AND q.status = 'unknown' AND a.finished_at <= $2`,
    [world.org_id, new Date(before_ms)],
  );
  return rows;
}

/** An opt-out ends enrollments while their last message may still be on its way. */
async function openWork(world: World): Promise<number> {
  const { rows } = await world.db.query<{ count: number }>(
    `SELECT ((SELECT count(*) FROM campaign_contacts WHERE org_id = $1 AND status IN ('active', 'paused'))
             + (SELECT count(*) FROM send_attempts WHERE org_id = $1 AND stage IN ('intent', 'data', 'unknown')))::int AS count`,
    [world.org_id],
  );
  return rows[0]!.count;
}

type Crew = ReturnType<typeof startCrew>;
type Surroundings = { url: string; secret: string; clock: SharedClock; sink: StormSink; cache_dir: string };

/** The workers, one for each port of the sink, and their faults. */
function startCrew(options: StormOptions, { url, secret, clock, sink, cache_dir }: Surroundings) {
  const random = seededRandom(options.seed);
  const faults: Fault[] = [];
  const all: WorkerProcess[] = [];
  const up = new Set<WorkerProcess>();
  let slowness = 1;
  const spawnInto = (slot: number): WorkerProcess => {
    const worker_options: WorkerOptions = {
      database_url: url,
      smtp_url: `smtp://127.0.0.1:${sink.ports[slot]}`,
      clock,
      secret,
      connection_timeout_ms: SOCKET_TIMEOUT_MS,
      socket_timeout_ms: SOCKET_TIMEOUT_MS,
      idle_in_transaction_ms: IDLE_IN_TRANSACTION_MS,
      told_speed: 1,
    };
    const worker = spawnWorker(worker_options, { broken_build: options.broken_build, cache_dir });
    all.push(worker);
    const spawned_ms = machineMs();
    worker.ready.then(
      () => {
        up.add(worker);
        slowness = Math.max(1, (machineMs() - spawned_ms) / START_MS);
      },
      () => undefined,
    );
    return worker;
  };
  const slots = Array.from({ length: options.processes }, (_, slot) => spawnInto(slot));
  const hit = (slot: number) => {
    const worker = slots[slot]!;
    const from_ms = machineMs();
    up.delete(worker);
    if (random.chance(0.5)) {
      void worker.kill();
      faults.push({ slot, kind: 'kill', from_ms, to_ms: from_ms });
      slots[slot] = spawnInto(slot);
      return;
    }
    worker.stall();
    const fault: Fault = { slot, kind: 'stall', from_ms, to_ms: Number.POSITIVE_INFINITY };
    faults.push(fault);
    const [least_ms, most_ms] = random.chance(0.5) ? SHORT_STALL_MS : LONG_STALL_MS;
    setTimeout(
      () => {
        worker.resume();
        up.add(worker);
        fault.to_ms = machineMs();
      },
      random.integer(least_ms, most_ms),
    );
  };
  const strike = () => {
    const running = slots.flatMap((worker, slot) => (up.has(worker) ? [slot] : []));
    if (running.length >= RUNNING_LEAST) hit(random.pick(running));
    timer = setTimeout(strike, options.fault_every_ms * slowness);
  };
  let timer = setTimeout(strike, options.fault_every_ms);
  return {
    sink,
    faults: faults as readonly Fault[],
    /** No more faults; all workers finish and exit. */
    async stop() {
      clearTimeout(timer);
      await Promise.all(slots.map((worker) => worker.stop()));
    },
    async killAll() {
      clearTimeout(timer);
      await Promise.all(all.map((worker) => worker.kill()));
    },
    complaints: () => tally(all.map((worker) => worker.errors())),
  };
}

/** The workers' log lines by message, with counts. */
function tally(logs: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of logs.flatMap((log) => log.split('\n')).filter(Boolean)) {
    const said = /"message":"([^"]*)"/.exec(line)?.[1] ?? line.slice(0, 200);
    counts.set(said, (counts.get(said) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([said, count]) => `${count} x ${said}`);
}

/** A report in one paragraph, for the log of a run. */
export function storyOf(report: StormReport): string {
  const { figures, findings } = report;
  const lines = [
    `storm, seed ${report.seed}: ${figures.steps} steps of ${figures.enrollments} enrollments over ${report.simulated_days}`,
    `simulated days in ${(report.storm_ms / 1000).toFixed(1)} s (and ${(report.setup_ms / 1000).toFixed(1)} s before it);`,
    `${report.kills} kills, ${report.stalls} stalls, ${report.merges} merges, ${report.opt_outs} opt-outs; ${figures.delivered} delivered in ${figures.attempts} attempts,`,
    `${figures.abandoned} of them abandoned, ${figures.unknown} unknown, ${report.settled} settled by a person;`,
    `${findings.length} findings. Workers said: ${report.complaints.join('; ') || 'nothing'}`,
  ];
  return `${lines.join(' ')}\n`;
}
