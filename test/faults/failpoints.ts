import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestDatabase } from '../database.ts';
import type { World } from '../world.ts';
import { approveMail, createDraftedWorld, type Drafted } from './adversary_world.ts';
import { auditFailpoints } from './failpoint_audit.ts';
import { writeFileClock } from './failpoint_clock.ts';
import { type Crew, startCrew } from './failpoint_crew.ts';
import { FAILPOINTS, type Failpoint, type FailpointAt, nameOf, type Trial } from './failpoint_points.ts';
import { seededRandom } from './seeded_random.ts';

export type FailpointOptions = {
  seed: number;
  repeats: number;
  /** One signal for each point, which the seed chooses, instead of both: half as long. */
  one_signal?: boolean;
  /** Names of points; default: all. */
  only?: readonly string[];
  broken_build?: string;
};

export type FailpointReport = {
  seed: number;
  points: number;
  kills: number;
  stalls: number;
  delivered: number;
  unknown: number;
  run_ms: number;
  findings: string[];
};

const SIGNALS = ['SIGKILL', 'SIGSTOP'] as const;
const PROCESSES = 3;
/** A generous limit for a busy machine: a message that is not settled by then never will be. */
const SETTLED_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 10;
/** The clock moves this far beyond the end of a lease. */
const BEYOND_LEASE_MS = 1_000;

/**
 * Kills a worker, or stops it until others have taken over, at each point of a message's path. The others must complete the
 * message. The clock moves only when the test says so, so nothing depends on speed.
 */
export async function runFailpoints(
  { db, url }: Pick<TestDatabase, 'db' | 'url'>,
  { seed, repeats, one_signal = false, only, broken_build }: FailpointOptions,
): Promise<FailpointReport> {
  const points = FAILPOINTS.filter(({ name }) => only === undefined || only.includes(name));
  const { world, drafted } = await createDraftedWorld(
    db,
    points.length * (one_signal ? 1 : SIGNALS.length) * repeats,
  );
  const trials = chooseTrials({ drafted, points, seed, repeats, one_signal });
  const began = performance.now();
  const dir = await mkdtemp(join(tmpdir(), 'touchline-failpoints-'));
  const clock = writeFileClock(join(dir, 'clock'), world.clock.now_ms());
  const setClock = (ms: number) => {
    world.clock.set(ms);
    clock.set(ms);
  };
  const crew = await startCrew({
    dir,
    url,
    secret: world.context.secret,
    processes: PROCESSES,
    broken_build,
  });
  const findings: string[] = [];
  try {
    for (const trial of trials) {
      const found = await runTrial({ world, crew, setClock }, trial);
      if (found !== null) findings.push(`${nameOf(trial)}: ${found}`);
    }
    await crew.stop();
    const { delivered, unknown, findings: audited } = await auditFailpoints(world, trials, crew.journal);
    return {
      seed,
      points: points.length,
      kills: trials.filter(({ signal }) => signal === 'SIGKILL').length,
      stalls: trials.filter(({ signal }) => signal === 'SIGSTOP').length,
      delivered,
      unknown,
      run_ms: Math.round(performance.now() - began),
      findings: [...findings, ...audited],
    };
  } finally {
    await crew.killAll();
    clock.close();
    await rm(dir, { recursive: true, force: true });
  }
}

type Choice = Pick<FailpointOptions, 'seed' | 'repeats'> & {
  drafted: readonly Drafted[];
  points: readonly Failpoint[];
  one_signal: boolean;
};

/** Every point with either signal or with one of them, this many times, in an order that the seed determines. */
function chooseTrials({ drafted, points, seed, repeats, one_signal }: Choice): Trial[] {
  const random = seededRandom(seed);
  const every = points.flatMap((point) => {
    const signals = one_signal ? [random.pick(SIGNALS)] : SIGNALS;
    return signals.map((signal) => ({ point, signal }));
  });
  const bag = Array.from({ length: repeats }, () => every).flat();
  return drafted.map((mail) => ({ mail, ...bag.splice(random.integer(0, bag.length - 1), 1)[0]! }));
}

type Stage = { world: World; crew: Crew; setClock: (ms: number) => void };

/** The error of the trial, or null. The auditor, not this function, checks the message's outcome. */
async function runTrial(stage: Stage, { mail, point, signal }: Trial): Promise<string | null> {
  const { world, crew, setClock } = stage;
  await crew.idle();
  const first: FailpointAt = point.first ?? point.at;
  const hit = await crew.arm(first, point.first === undefined ? signal : 'SIGKILL');
  await approveMail(world, mail);
  if (!(await hit.happened())) return 'no process reached the point';
  let last = hit;
  if (point.first !== undefined) {
    last = await crew.arm(point.at, signal);
    await passLease(world, mail, setClock);
    if (!(await last.happened())) return 'no process swept';
  }
  const is_settled = await settle(stage, mail);
  await last.recover();
  return is_settled ? null : 'the other processes did not take over';
}

/** Waits until others have completed the message. Returns whether they have. */
async function settle({ world, setClock }: Stage, mail: Drafted): Promise<boolean> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  await passLease(world, mail, setClock);
  while (performance.now() < deadline) {
    const { status, scheduled_at, is_open } = await look(world, mail);
    if (['sent', 'unknown', 'failed', 'canceled'].includes(status)) return true;
    if (!is_open && scheduled_at.getTime() > world.clock.now_ms()) setClock(scheduled_at.getTime());
    await sleep(LOOK_EVERY_MS);
  }
  return false;
}

/** Moves the clock past the lease of the attempt that its process left open, if one exists. */
async function passLease(world: World, mail: Drafted, setClock: (ms: number) => void): Promise<void> {
  const { rows } = await world.db.query<{ lease_until: Date }>(
    `SELECT lease_until FROM send_attempts WHERE org_id = $1 AND queue_id = $2 AND stage IN ('intent', 'data')`,
    [world.org_id, mail.queue_id],
  );
  const until_ms = rows[0]?.lease_until.getTime() ?? 0;
  if (until_ms >= world.clock.now_ms()) setClock(until_ms + BEYOND_LEASE_MS);
}

async function look(world: World, mail: Drafted) {
  const { rows } = await world.db.query<{ status: string; scheduled_at: Date; is_open: boolean }>(
    `SELECT q.status, q.scheduled_at,
       EXISTS (SELECT 1 FROM send_attempts a WHERE a.org_id = q.org_id AND a.queue_id = q.id
               AND a.stage IN ('intent', 'data')) AS is_open
     FROM sales_send_queue q WHERE q.org_id = $1 AND q.id = $2`,
    [world.org_id, mail.queue_id],
  );
  return rows[0]!;
}
