import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { compilePlay } from '../../src/coordinator/plays/plays.ts';
import { transaction } from '../../src/db/pool.ts';
import { approveDraft } from '../../src/operations/drafts/decisions.ts';
import type { CampaignsRow, PlayRunsRow, SequenceRequestsRow } from '../../src/schema.gen.ts';
import { Isolation } from '../../src/worker/isolation.ts';
import { PLAY_STAGES, runStage, STAGES } from '../../src/worker/stages.ts';
import type { TestDb } from '../database.ts';
import { createPlayWorld, LATEST } from './play_world.ts';

export type PlayRunWorld = Awaited<ReturnType<typeof createPlayRunWorld>>;

/** A play world with active plays and leads in their segment. */
export async function createPlayRunWorld(db: TestDb) {
  const world = await createPlayWorld(db);
  const { org_id, clock, context, worker_context } = world;
  const asCoordinator = <T>(act: (scope: Parameters<typeof compilePlay>[0]) => Promise<T>) =>
    transaction(worker_context.db, coordinatorActor(org_id), (tx) => act({ tx, org_id, clock }));
  return {
    ...world,
    asCoordinator,
    compile: (play_id: string) => asCoordinator((scope) => compilePlay(scope, play_id)),
    /** An active play with no target but its segment, unless `columns` say otherwise. */
    activePlay: async (segment: string, columns: Record<string, unknown> = {}) =>
      world.playIn('active', { segment, target_definition: {}, ...columns }),
    campaign: async (play_id: string) =>
      (await world.rows<CampaignsRow>('campaigns', `play_id = '${play_id}'`))[0]!,
    run: async (play_id: string) =>
      (await world.rows<PlayRunsRow>('play_runs', `play_id = '${play_id}'`))[0]!,
    requests: (play_id: string, where = 'true') =>
      world.rows<SequenceRequestsRow>(
        'sequence_requests',
        `play_id = '${play_id}' AND ${where} ORDER BY lead_id`,
      ),
    /** Leads that the play enrolled. */
    enrolled: async (play_id: string) =>
      (
        await world.rows<{ lead_id: string }>('campaign_contacts', `play_id = '${play_id}' ORDER BY lead_id`)
      ).map((row) => row.lead_id),
    /** A person approves the lead's current draft as it is; then the worker runs. */
    async approveTouch(lead_id: string): Promise<void> {
      const { draft } = await world.draftOf(lead_id);
      const input = { id: draft.id, content_hash: draft.content_hash };
      await approveDraft.run({ context, principal: world.person, input });
      await world.work();
    },
    /** Rounds of one stage as a worker runs them, setting aside rows that fail. */
    async rounds(name: string, count: number): Promise<void> {
      const isolation = new Isolation(worker_context);
      for (let n = 0; n < count; n += 1) await isolation.run(org_id, stageNamed(name));
    },
    /** Runs one stage of the worker once. */
    stage: (name: string, batch: Parameters<typeof runStage>[3] = {}) =>
      runStage(worker_context, org_id, stageNamed(name), batch),
    retire: (play_id: string, reason = 'completed') =>
      world.as(
        'other_revops',
        `UPDATE sales_play_library SET state = 'retired', retired_at = ${LATEST}, retired_by_user_id = $2, retire_reason = $3
         WHERE play_id = $1`,
        [play_id, world.people.get('other_revops'), reason],
      ),
    /** The config as a RevOps user sets it. */
    setAutoSunset: (auto_sunset: boolean) =>
      world.as(
        'revops',
        `UPDATE sales_play_library_config SET auto_sunset = $1, updated_by_user_id = $2 WHERE segment IS NULL AND org_id = $3`,
        [auto_sunset, world.people.get('revops'), org_id],
      ),
  };
}

function stageNamed(name: string) {
  return [...PLAY_STAGES, ...STAGES].find((stage) => stage.name === name)!;
}
