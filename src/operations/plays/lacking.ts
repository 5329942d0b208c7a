/** What a play still lacks, reported from the proposal on, not only at the second approval. */
import type { Clock } from '../../clock.ts';
import { playSteps } from '../../coordinator/plays/plays.ts';
import type { SuggestedCadence } from '../../core/plays/cadence.ts';
import type { Queryable } from '../../db/pool.ts';
import { orgDay } from '../../db/queries/plays.gen.ts';
import { AppError, type FieldError } from '../../errors.ts';
import type { PlayState } from '../../schema.gen.ts';
import { clientIds } from './references.ts';

type Reading = { db: Queryable; clock: Clock };
type Play = {
  state: PlayState;
  client_id: string | null;
  active_period_end: string | null;
  suggested_cadence: unknown;
};

/** Empty for a play that runs or ran. */
export async function lackingOf(reading: Reading, org_id: string, play: Play): Promise<FieldError[]> {
  if (play.state !== 'draft' && play.state !== 'under_review') return [];
  const before = await lacksBeforeSteps(reading, org_id, play);
  return [...before, ...(await cadenceFaultsOf(reading, org_id, play))];
}

/** Without the cadence, whose faults `playSteps` throws. */
export async function lacksBeforeSteps(
  { db, clock }: Reading,
  org_id: string,
  { client_id, active_period_end }: Pick<Play, 'client_id' | 'active_period_end'>,
): Promise<FieldError[]> {
  const errors: FieldError[] = [];
  if (client_id === null) {
    const brands = (await clientIds(db, org_id)).join(', ');
    errors.push({ path: 'client_id', message: `choose the sender’s brand: ${brands}` });
  }
  if (active_period_end === null) return errors;
  const day = await orgDay.one({ org_id, now: clock.now() }, db);
  if (active_period_end < day!.today)
    errors.push({ path: 'active_period_end', message: 'is past: the play would never run' });
  return errors;
}

async function cadenceFaultsOf(
  { db }: Reading,
  org_id: string,
  { suggested_cadence }: Pick<Play, 'suggested_cadence'>,
): Promise<readonly FieldError[]> {
  try {
    await playSteps(db, org_id, suggested_cadence as SuggestedCadence);
    return [];
  } catch (error) {
    if (error instanceof AppError && error.code === 'play_cadence_invalid') return error.errors ?? [];
    throw error;
  }
}
