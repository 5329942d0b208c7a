import type { ContestantName } from './contestant.ts';
import type { BenchDatabase } from './database.ts';
import type { Options } from './options.ts';
import { isPeer, PEERS, type PeerName, putJobs } from './peers.ts';
import { say } from './progress.ts';
import { type Entry, type Heat, type Measured, measure, rateOf } from './race.ts';
import { floorBatch, PEER_TOUCHES_PER_SECOND, type Slices } from './slices.ts';
import type { World } from './world.ts';

/** A contestant over all its heats. */
export type Figure = Measured & { heats: number[] };
type FigureName = ContestantName | 'floor_one_connection';
export type Heats = { figures: Partial<Record<FigureName, Figure>>; tuning: Record<string, unknown> };
type Runner = { figure: FigureName; entry: Entry };
type RunOptions = Pick<Options, 'seconds' | 'workers' | 'only'>;

const WARM_UP_SECONDS_MAX = 2;
/** There and back, so that no contestant always has the emptier tables or the warmer cache; a long run does it twice. */
const ROUNDS = 2;
const LONG_ROUNDS = 4;
const LONG_FROM_SECONDS = 16;
/** Concurrent handlers in each process of a peer: trials find the best number. */
const CONCURRENCIES = [2, 6, 16];
/** For runs too short for trials. */
const CONCURRENCY_UNTRIED = 6;
const TRIALS_FROM_SECONDS = 2;
const TRIAL_SECONDS_MAX = 2;
/** Share of a peer's enrollments for each trial. */
const TRIAL_SHARE = 0.08;

/** Runs all contestants, one at a time, in one order and then in reverse. */
export async function runHeats(
  database: BenchDatabase,
  world: World,
  options: RunOptions,
  slices: Slices,
): Promise<Heats> {
  const rounds = options.seconds >= LONG_FROM_SECONDS ? LONG_ROUNDS : ROUNDS;
  const seconds = options.seconds / rounds;
  const runners = runnersOf(options);
  const tuning: Heats['tuning'] = { floor_batch: floorBatch(slices) };
  for (const { entry } of runners) {
    if (!isPeer(entry.name)) continue;
    await PEERS[entry.name].prepare(database.url);
    const trials = await tune(database, world, entry, entry.name, { seconds, slice: slices[entry.name] });
    tuning[entry.name] = { ...PEERS[entry.name].tuning, concurrency: entry.concurrency, trials };
  }
  // One checkpoint for all. After a checkpoint the first change of each page is written whole, and one per heat would
  // charge that to every heat, while a server does it once in many minutes.
  await database.settle();
  // An uncounted lap for shared pages: the first change after a checkpoint writes a page whole, and the first contestant
  // would pay for all.
  const [first] = runners;
  if (first !== undefined && rounds === LONG_ROUNDS) {
    const limit = Math.floor(limitOf(first.figure, slices) / (rounds + 1));
    await heat(database, world, first.entry, { seconds, limit });
    say(`${'warm-up lap'.padEnd(28)} done`);
  }
  const figures: Heats['figures'] = {};
  for (let index = 0; index < rounds; index += 1) {
    for (const { figure, entry } of index % 2 === 0 ? runners : runners.toReversed()) {
      const share = limitOf(figure, slices) / (rounds + 1);
      const measured = await heat(database, world, entry, { seconds, limit: Math.floor(share) });
      say(`${figure.padEnd(28)} ${rateOf(measured).toLocaleString('en')} touches/s`);
      figures[figure] = sum(figures[figure], measured);
    }
  }
  return { figures, tuning };
}

function runnersOf({ workers, only }: RunOptions): Runner[] {
  const runners: Runner[] = only.map((name) => ({ figure: name, entry: { name, workers, concurrency: 1 } }));
  if (only.includes('floor'))
    runners.push({ figure: 'floor_one_connection', entry: { name: 'floor', workers: 1, concurrency: 1 } });
  return runners;
}

/** The two forms of the floor share its enrollments; a peer's trials have used some of its own. */
function limitOf(figure: FigureName, slices: Slices): number {
  if (figure === 'floor') return slices.floor * 0.7;
  if (figure === 'floor_one_connection') return slices.floor * 0.3;
  return isPeer(figure) ? slices[figure] * (1 - TRIAL_SHARE * CONCURRENCIES.length) : slices[figure];
}

/** Finds the best number of concurrent handlers for a peer. Returns the rates. */
async function tune(
  database: BenchDatabase,
  world: World,
  entry: Entry,
  name: PeerName,
  given: { seconds: number; slice: number },
): Promise<Record<string, number>> {
  const trials: Record<string, number> = {};
  entry.concurrency = CONCURRENCY_UNTRIED;
  if (given.seconds < TRIALS_FROM_SECONDS) return trials;
  const seconds = Math.min(TRIAL_SECONDS_MAX, given.seconds);
  let best = -1;
  for (const concurrency of CONCURRENCIES) {
    const limit = Math.floor(given.slice * TRIAL_SHARE);
    const rate = rateOf(await heat(database, world, { ...entry, concurrency }, { seconds, limit }));
    trials[concurrency] = rate;
    if (rate > best) {
      best = rate;
      entry.concurrency = concurrency;
    }
  }
  say(`${name.padEnd(28)} best with ${entry.concurrency} concurrent handlers`);
  return trials;
}

/** A peer gets its jobs first. If there are few, the warm-up must leave most of them. */
async function heat(
  database: BenchDatabase,
  world: World,
  entry: Entry,
  { seconds, limit }: Pick<Heat, 'seconds' | 'limit'>,
): Promise<Measured> {
  let warm_up_seconds = Math.min(WARM_UP_SECONDS_MAX, seconds / 2);
  if (isPeer(entry.name)) {
    const jobs = await putJobs(database, entry.name, limit);
    warm_up_seconds = Math.min(warm_up_seconds, jobs / 4 / PEER_TOUCHES_PER_SECOND);
  }
  return measure(database, world, entry, { seconds, warm_up_seconds, limit });
}

function sum(known: Figure | undefined, more: Measured): Figure {
  const rate = rateOf(more);
  if (known === undefined) return { ...more, heats: [rate] };
  return {
    heats: [...known.heats, rate],
    touches: known.touches + more.touches,
    elapsed_ms: known.elapsed_ms + more.elapsed_ms,
    peak_rss_mb: Math.max(known.peak_rss_mb, more.peak_rss_mb),
    outcomes: {
      dispatched: known.outcomes.dispatched + more.outcomes.dispatched,
      held: known.outcomes.held + more.outcomes.held,
      suppressed: known.outcomes.suppressed + more.outcomes.suppressed,
    },
  };
}
