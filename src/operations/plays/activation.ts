/** Activation of plays, and the refusal when the library is full. */
import type { z } from 'zod';
import type { OperationContext } from '../../context.ts';
import { asCoordinator } from '../../coordinator/gate/scope.ts';
import { notifyOfActivation } from '../../coordinator/plays/notes.ts';
import { compilePlay, playSteps } from '../../coordinator/plays/plays.ts';
import { sentence } from '../../core/gate/words.ts';
import type { SuggestedCadence } from '../../core/plays/cadence.ts';
import type { ActingDb, Tx } from '../../db/pool.ts';
import { retirementCandidates } from '../../db/queries/plays.gen.ts';
import { AppError } from '../../errors.ts';
import { actorOf, type Principal } from '../../principal.ts';
import { lacksBeforeSteps, type playDetail } from './output.ts';

type Play = z.input<typeof playDetail>;

/**
 * Activates a complete play and compiles its campaign. Throws `play_incomplete` or `play_cadence_invalid` with the path of
 * everything missing.
 */
export async function activated(
  { clock }: OperationContext,
  tx: Tx,
  principal: Principal,
  play: Play,
  activate: () => Promise<unknown>,
): Promise<void> {
  const { org_id } = principal;
  const errors = await lacksBeforeSteps({ db: tx, clock }, org_id, play);
  if (errors.length > 0) {
    throw new AppError('play_incomplete', 'The play is incomplete.', {
      errors,
      hint: 'Edit the play; then two people approve it again.',
    });
  }
  await playSteps(tx, org_id, play.suggested_cadence as SuggestedCadence);
  await activate();
  const scope = { tx, org_id, clock };
  await asCoordinator(tx, actorOf(principal), () => compilePlay(scope, play.play_id));
  await notifyOfActivation(scope, play);
}

/**
 * When a cap refuses a play, names plays to retire, oldest and weakest first. Reads them after the refusal has rolled back.
 */
export async function explainFullLibrary<T>(
  db: ActingDb,
  org_id: string,
  play_id: string,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code !== 'TL026' && code !== 'TL027') throw error;
    const active = await retirementCandidates.run({ org_id, play_id }, db);
    throw new AppError(
      code === 'TL026' ? 'play_cap_reached' : 'account_play_active',
      `${sentence((error as Error).message)}. Nothing was changed.`,
      {
        status: 409,
        cause: error,
        hint: `Retire one of these first: ${active.map(({ name }) => `“${name}”`).join(', ')}.`,
        extra: {
          active_plays: active.map((one) => ({ ...one, activated_at: one.activated_at.toISOString() })),
        },
      },
    );
  }
}
