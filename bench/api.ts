/**
 * Measures the latency of lists and details at a steady rate over several connections, against the product's own `serve` in
 * a separate process: each operation alone, with each of its filters, and all of them mixed.
 *
 * Options: `--leads`, `--events`, `--rate` (requests a second), `--connections`, `--burst` (all connections start each
 * second together), `--seconds` (of each measurement), `--minutes` (for all of them), `--only` (names of targets, separated
 * by commas), `--database-url`, `--out FILE`.
 */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OnMachine, openMachine } from './api/machine.ts';
import { addOpenWork } from './api/open_work.ts';
import { type Options, readOptions } from './api/options.ts';
import { sampleRows } from './api/samples.ts';
import { type Server, startServer } from './api/server.ts';
import { type Shots, shoot } from './api/shots.ts';
import { type Target, targetsOf } from './api/targets.ts';
import { type BenchDatabase, openBenchDatabase } from './dispatch/database.ts';
import { addPastEvents } from './dispatch/history.ts';
import { say } from './dispatch/progress.ts';
import { buildWorld, type World } from './dispatch/world.ts';
import { wrongOption } from './option_values.ts';

/** Limit for the 99th percentile of each target. */
const P99_MAX_MS = 50;
const LEADS_PER_ACCOUNT = 10;
/** For requests to all targets, before the first measurement. */
const START_UP_SECONDS = 20;
/** Before each measurement, with the same requests. */
const WARM_UP_SECONDS = 2;
/** The target that mixes all others. */
const MIXED = 'mixed';
const MIXED_TIMES_AS_LONG = 3;
/** A stall of the machine affects only one measurement, so the median of three counts. */
const CALM_MEASUREMENTS = 3;
/** A client builds all its requests before it sends the first. */
const MIXED_ROUNDS = 8;
/** One in five leads is enrolled. */
const LEADS_PER_ENROLLMENT = 5;

/** `slowdown`: how much slower the machine was than at its best in this run (`bench/api/machine.ts`). */
type Measured = Shots & { slowdown: number; measurements: number };

type Figures = {
  operations: Record<string, Measured>;
  mixed: Measured | null;
  over_50_ms: string[];
  world: Record<string, number>;
  run: Record<string, unknown>;
};

export async function run(args: string[]): Promise<Record<string, unknown>> {
  const options = readOptions(args);
  const database = await openBenchDatabase(options.database_url);
  try {
    const started_ms = performance.now();
    const world = await buildAll(database, options);
    const key = `tl_${randomBytes(32).toString('base64url')}`;
    const server = await startServer(database.app_url, key);
    try {
      await addOpenWork(database, world, await whoAmI(server, key));
      const build_seconds = Math.round((performance.now() - started_ms) / 1000);
      const figures = await measureAll(database, world, { server, key, options });
      const { leads, enrollments } = world;
      const all: Figures = {
        ...figures,
        world: { leads, enrollments, events: options.events, build_seconds },
        run: { ...settings(options), load_before: figures.load_before, load_after: loadavg()[0] },
      };
      if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(all, null, 2)}\n`);
      return all;
    } finally {
      await server.stop();
    }
  } finally {
    await database.close();
  }
}

/** For people: one line per target. */
export function table(figures: Record<string, unknown>): string {
  const { operations, mixed, over_50_ms, ...rest } = figures as Figures;
  const shots = Object.entries(mixed === null ? operations : { ...operations, mixed });
  const width = Math.max(...shots.map(([name]) => name.length));
  const columns = [
    ...(['p50_ms', 'p95_ms', 'p99_ms', 'max_ms'] as const),
    ...(['requests_per_second', 'errors', 'slowdown', 'measurements'] as const),
  ];
  const heads = columns.map((column) =>
    column
      .replace('requests_per_second', 'req/s')
      .replace('measurements', 'of')
      .replace('_ms', ' ms')
      .padStart(9),
  );
  const lines = shots.map(
    ([name, shot]) => name.padEnd(width) + columns.map((column) => String(shot[column]).padStart(9)).join(''),
  );
  const verdict =
    over_50_ms.length === 0
      ? 'p99 below 50 ms: all of them'
      : `p99 not below 50 ms: ${over_50_ms.join(', ')}`;
  return [`${' '.repeat(width)}${heads.join('')}`, ...lines, verdict, JSON.stringify(rest)].join('\n');
}

async function buildAll(database: BenchDatabase, { leads, events }: Options): Promise<World> {
  const enrollments = Math.floor(leads / LEADS_PER_ENROLLMENT);
  const world = await buildWorld(database, { leads, enrollments, leads_per_account: LEADS_PER_ACCOUNT });
  await addPastEvents(database, world, { count: events, before: 0 });
  return world;
}

async function whoAmI(server: Server, key: string): Promise<string> {
  const me = (await answerOf(server, key, '/api/v1/me')) as { user_id: string };
  return me.user_id;
}

async function measureAll(
  database: BenchDatabase,
  world: World,
  { server, key, options }: { server: Server; key: string; options: Options },
) {
  const all = targetsOf(await sampleRows(database, world));
  const targets = chosen(all, options.only);
  // A refusal is an error of the benchmark, not a result.
  for (const { paths } of all) await answerOf(server, key, paths[0]!);
  await database.vacuum();
  await database.settle();
  const load = { ...options, url: server.url, key };
  const load_before = loadavg()[0];
  const machine = openMachine();
  const whole = options.only === null ? [...targets, { name: MIXED, paths: interleaved(targets) }] : targets;
  const found = new Map(whole.map(({ name }): [string, OnMachine<Shots>[]] => [name, []]));
  const calm = (name: string) => found.get(name)!.filter((one) => !machine.isDisturbed(one));
  const measure = async ({ name, paths }: Target) => {
    const seconds = options.seconds * (name === MIXED ? MIXED_TIMES_AS_LONG : 1);
    await shoot(paths, { ...load, seconds: WARM_UP_SECONDS });
    await untilIdle(database);
    const measured = await machine.measure(async () => {
      const shots = await shoot(paths, { ...load, seconds });
      await untilIdle(database);
      return shots;
    });
    found.get(name)!.push(measured);
    say(`${name.padEnd(28)} p99 ${measured.result.p99_ms} ms`);
  };
  // The measurement is of a server that has been up for a while, with compiled code and planned queries.
  await shoot(interleaved(all), { ...load, seconds: START_UP_SECONDS });
  const until_ms = performance.now() + options.minutes * 60_000;
  for (const target of whole) await measure(target);
  for (;;) {
    const left = whole.filter(({ name }) => calm(name).length < CALM_MEASUREMENTS);
    if (left.length === 0 || performance.now() > until_ms) break;
    say(`${left.length} will be measured again`);
    for (const target of left) if (await machine.isQuick(until_ms)) await measure(target);
  }
  const all_measured = [...found].map(([name, measurements]) => {
    const { result, ...one } = representative(measurements, calm(name));
    const slowdown = Number(machine.slowdown(one).toFixed(2));
    return [name, { ...result, slowdown, measurements: measurements.length }] as const;
  });
  const { [MIXED]: mixed = null, ...operations } = Object.fromEntries<Measured>(all_measured);
  const over_50_ms = all_measured.filter(([, { p99_ms }]) => p99_ms >= P99_MAX_MS).map(([name]) => name);
  return { operations, mixed, over_50_ms, load_before };
}

/** The median by p99 of the undisturbed measurements, or the worse of two; without any, the least disturbed one. */
function representative(
  all: readonly OnMachine<Shots>[],
  calm: readonly OnMachine<Shots>[],
): OnMachine<Shots> {
  if (calm.length === 0) return all.toSorted((a, b) => a.loop_ms - b.loop_ms)[0]!;
  return calm.toSorted((a, b) => a.result.p99_ms - b.result.p99_ms)[Math.floor(calm.length / 2)]!;
}

/** Queries still running after a measurement must not disturb the next one. */
async function untilIdle({ db }: BenchDatabase): Promise<void> {
  for (;;) {
    const { rows } = await db.query<{ active: number }>(
      `SELECT count(*)::int AS active FROM pg_stat_activity WHERE application_name = 'touchline' AND state = 'active'`,
    );
    if (rows[0]!.active === 0) return;
    await sleep(50);
  }
}

function chosen(targets: readonly Target[], only: readonly string[] | null): readonly Target[] {
  if (only === null) return targets;
  const unknown = only.filter((name) => !targets.some((target) => target.name === name));
  if (unknown.length > 0) throw wrongOption('only', targets.map(({ name }) => name).join(', '));
  return targets.filter(({ name }) => only.includes(name));
}

/** The first path of each target, then the second of each, so that all get the same number of requests. */
function interleaved(targets: readonly Target[]): string[] {
  return Array.from({ length: MIXED_ROUNDS }, (_, round) =>
    targets.map(({ paths }) => paths[round % paths.length]!),
  ).flat();
}

async function answerOf(server: Server, key: string, path: string): Promise<unknown> {
  const response = await fetch(server.url + path, { headers: { authorization: `Bearer ${key}` } });
  if (response.ok) return response.json();
  // A 503 counts as a result: too slow.
  if (response.status === 503) return null;
  throw new Error(`${path} returned ${response.status}: ${await response.text()}`);
}

function settings({ rate, connections, burst, seconds }: Options) {
  return { rate, connections, burst, seconds, processors: cpus().length, node: process.version };
}
