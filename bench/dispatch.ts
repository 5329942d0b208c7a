/**
 * Measures how many due touches are decided and recorded in a second: by the product's own dispatch, by the same work as
 * one job, handler and transaction per touch on pg-boss and on graphile-worker, and by bare SQL that only writes the rows
 * (the floor). All use one database, one after the other, in one run.
 *
 * Options: `--enrollments`, `--events`, `--leads`, `--workers`, `--seconds`, `--only` (some of the contestants),
 * `--baseline-events` (first measure the product with a short past), `--database-url`, `--out FILE`.
 */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { type BenchDatabase, openBenchDatabase } from './dispatch/database.ts';
import { type Figure, runHeats } from './dispatch/heats.ts';
import { addPastEvents } from './dispatch/history.ts';
import { type Options, readOptions } from './dispatch/options.ts';
import { say } from './dispatch/progress.ts';
import { rateOf } from './dispatch/race.ts';
import { planSlices, shareOut } from './dispatch/slices.ts';
import { verify } from './dispatch/verify.ts';
import { buildWorld } from './dispatch/world.ts';

export async function run(args: string[]): Promise<Record<string, unknown>> {
  const options = readOptions(args);
  const database = await openBenchDatabase(options.database_url);
  try {
    const figures = await measureAll(database, options);
    if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(figures, null, 2)}\n`);
    return figures;
  } finally {
    await database.close();
  }
}

async function measureAll(database: BenchDatabase, options: Options): Promise<Record<string, unknown>> {
  const { enrollments, leads, events, baseline_events } = options;
  const started_ms = performance.now();
  const world = await buildWorld(database, { leads, enrollments });
  await addPastEvents(database, world, { count: baseline_events ?? events, before: 0 });
  const slices = planSlices(enrollments, options.seconds * 2);
  await shareOut(database, world, slices);
  let build_ms = performance.now() - started_ms;
  let baseline: Figure | null = null;
  if (baseline_events !== null) {
    const short = { ...options, only: ['touchline'] as const };
    const share = { ...slices, touchline: Math.floor(slices.touchline / 2) };
    baseline = (await runHeats(database, world, short, share)).figures.touchline!;
    slices.touchline -= share.touchline;
    const more_ms = performance.now();
    await addPastEvents(database, world, { count: events - baseline_events, before: baseline_events });
    build_ms += performance.now() - more_ms;
  }
  const { figures, tuning } = await runHeats(database, world, options, slices);
  const checks = await verify(database, world);
  say('done');
  const rates = Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, rateOf(figure)]));
  const { touchline } = figures;
  return {
    touches_per_second: rates,
    peak_rss_mb: touchline?.peak_rss_mb ?? null,
    ratios: ratios(rates),
    ...(baseline === null || touchline === undefined
      ? {}
      : {
          baseline: { events: baseline_events, touches_per_second: rateOf(baseline) },
          cost_per_touch_ratio: round(rateOf(baseline) / rateOf(touchline)),
        }),
    contestants: figures,
    tuning,
    checks,
    world: {
      leads,
      enrollments,
      events,
      build_seconds: round(build_ms / 1000),
      database_mb: await sizeMb(database),
    },
    run: {
      workers: options.workers,
      seconds: options.seconds,
      processors: cpus().length,
      node: process.version,
      postgres: await serverVersion(database),
    },
  };
}

/** The product's rate as a multiple of each other rate, and as a share of the floor's. */
function ratios(rates: Record<string, number>): Record<string, number> {
  const own = rates.touchline;
  if (own === undefined) return {};
  const others = Object.entries(rates).filter(([name, rate]) => name !== 'touchline' && rate > 0);
  return Object.fromEntries(others.map(([name, rate]) => [`touchline_to_${name}`, round(own / rate)]));
}

function round(value: number): number {
  return Number(value.toFixed(3));
}

async function sizeMb(database: BenchDatabase): Promise<number> {
  const { rows } = await database.db.query<{ mb: number }>(
    `SELECT (pg_database_size(current_database()) / 1048576)::int AS mb`,
  );
  return rows[0]!.mb;
}

async function serverVersion(database: BenchDatabase): Promise<string> {
  const { rows } = await database.db.query<{ version: string }>(
    `SELECT current_setting('server_version') AS version`,
  );
  return rows[0]!.version;
}
