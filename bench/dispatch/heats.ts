import type { Options } from '../dispatch.ts';
import type { ContestantName } from './contestant.ts';
import type { BenchDatabase } from './database.ts';
import { say } from './progress.ts';
import { type Entry, type Heat, type Measured, measure } from './race.ts';
import type { Slices } from './slices.ts';
import type { World } from './world.ts';

/** A contestant over all its heats. */
export type Figure = Measured;
export type FigureName = ContestantName | 'floor_one_connection';
export type Heats = { figures: Partial<Record<FigureName, Figure>>; tuning: Record<string, unknown> };

const WARM_UP_SECONDS_MAX = 2;
/** There and back again, so that nobody has the emptier tables or the warmer cache each time. */
const ROUNDS = 2;

/** Lets all contestants work, one at a time, in one order and then in the reverse of it. */
export async function runHeats(
  database: BenchDatabase,
  world: World,
  options: Pick<Options, 'seconds' | 'workers' | 'only'>,
  slices: Slices,
): Promise<Heats> {
  const seconds = options.seconds / ROUNDS;
  const warm_up_seconds = Math.min(WARM_UP_SECONDS_MAX, seconds / 2);
  const entries = entriesOf(options);
  const figures: Heats['figures'] = {};
  for (let index = 0; index < ROUNDS; index += 1) {
    for (const { figure, entry } of index % 2 === 0 ? entries : entries.toReversed()) {
      const limit = Math.floor(limitOf(figure, slices) / ROUNDS);
      const heat: Heat = { seconds, warm_up_seconds, limit };
      const measured = await measure(database, world, entry, heat);
      const rate = Math.round((measured.touches / measured.elapsed_ms) * 1000);
      say(`${figure.padEnd(28)} ${rate.toLocaleString('en')} touches/s`);
      figures[figure] = sum(figures[figure], measured);
    }
  }
  return { figures, tuning: {} };
}

function entriesOf({
  workers,
  only,
}: Pick<Options, 'workers' | 'only'>): { figure: FigureName; entry: Entry }[] {
  const entries: { figure: FigureName; entry: Entry }[] = only.map((name) => ({
    figure: name,
    entry: { name, workers, concurrency: 1 },
  }));
  if (only.includes('floor'))
    entries.push({ figure: 'floor_one_connection', entry: { name: 'floor', workers: 1, concurrency: 1 } });
  return entries;
}

/** The floor's enrollments are shared by its two forms. */
function limitOf(figure: FigureName, slices: Slices): number {
  if (figure === 'floor') return slices.floor * 0.7;
  return figure === 'floor_one_connection' ? slices.floor * 0.3 : slices[figure];
}

function sum(known: Figure | undefined, more: Measured): Figure {
  if (known === undefined) return more;
  return {
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
