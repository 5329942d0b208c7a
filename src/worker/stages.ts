import { dispatchDueSteps } from '../coordinator/cadence/dispatch.ts';
import { exitFinished } from '../coordinator/cadence/exits.ts';
import { releaseHolds } from '../coordinator/cadence/holds.ts';
import { draftDueTouches } from '../coordinator/drafts/drafting.ts';
import { resumePaused } from '../coordinator/gate/pauses.ts';
import type { Batch, WorkScope } from '../coordinator/gate/scope.ts';
import { releaseRequests } from '../coordinator/gate/sequence_requests.ts';
import { endClosedPlays, retireOverduePlays } from '../coordinator/plays/ends.ts';
import { compilePlays } from '../coordinator/plays/plays.ts';
import { runPlays } from '../coordinator/plays/runs.ts';
import { settleExpiredAttempts } from '../coordinator/sending/attempts.ts';
import { endExhaustedTasks } from '../coordinator/tasks/tasks.ts';
import { workTasks } from '../coordinator/tasks/work.ts';
import { endArchived, endDeadLeases } from '../coordinator/upkeep/endings.ts';
import { mergeSameCrmRecords } from '../coordinator/upkeep/lead_merges.ts';
import { settleSuppressions } from '../coordinator/upkeep/suppressions.ts';
import { inScope, type WorkContext } from './in_scope.ts';

/** One kind of work: claims at most `limit` rows, processes them in the scope's transaction, returns their number. */
export type Stage = { name: string; limit: number; run: (scope: WorkScope, batch: Batch) => Promise<number> };

/** In the order in which a touch passes them, so one round can carry it from due to drafted. */
export const STAGES: readonly Stage[] = [
  { name: 'end_dead_leases', limit: 500, run: endDeadLeases },
  { name: 'settle_expired_attempts', limit: 100, run: settleExpiredAttempts },
  { name: 'end_archived', limit: 500, run: endArchived },
  { name: 'retire_overdue_plays', limit: 100, run: retireOverduePlays },
  { name: 'end_closed_plays', limit: 500, run: endClosedPlays },
  { name: 'settle_suppressions', limit: 500, run: settleSuppressions },
  { name: 'merge_same_crm_records', limit: 20, run: mergeSameCrmRecords },
  { name: 'resume_paused', limit: 500, run: resumePaused },
  { name: 'end_exhausted_tasks', limit: 500, run: endExhaustedTasks },
  { name: 'work_tasks', limit: 100, run: workTasks },
  { name: 'release_requests', limit: 500, run: releaseRequests },
  { name: 'release_holds', limit: 500, run: releaseHolds },
  { name: 'dispatch_steps', limit: 1000, run: dispatchDueSteps },
  { name: 'draft_touches', limit: 200, run: draftDueTouches },
  { name: 'exit_finished', limit: 500, run: exitFinished },
];

/** Requests of active plays: in a separate loop, because there may be many at once. */
export const PLAY_STAGES: readonly Stage[] = [
  { name: 'compile_plays', limit: 20, run: compilePlays },
  { name: 'run_plays', limit: 1000, run: runPlays },
];

/** Runs one stage once, in its own transaction, as the coordinator. */
export function runStage(
  context: WorkContext,
  org_id: string,
  stage: Stage,
  batch: Partial<Batch> = {},
): Promise<number> {
  const report: Batch['report'] = (err, about) =>
    context.log.error({ err, ...about, stage: stage.name }, 'one row failed; the others continue');
  const whole: Batch = { limit: stage.limit, set_aside: [], claimed: () => {}, report };
  const work = { org_id, stage: stage.name };
  return inScope(context, work, (scope) => stage.run(scope, { ...whole, ...batch }));
}
