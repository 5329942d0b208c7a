import type { Context } from '../context.ts';
import { claimModelDrafts, writeModelDraft } from '../coordinator/drafts/model_drafting.ts';
import { inScope } from './in_scope.ts';

/** Metric label of this stage. */
export const DRAFT_WITH_MODEL = 'draft_with_model';

/** Parallel calls: a model takes seconds per text, and providers accept several at once. */
const CLAIMED_AT_ONCE = 4;

/**
 * Claims a few touches of an organization and has the model draft them, without an open transaction. A failed one does not
 * affect the others; its claim expires. Returns the number of claims.
 */
export async function writeModelDrafts(
  context: Context,
  org_id: string,
  signal?: AbortSignal,
): Promise<number> {
  const { db, clock, model, metrics, log, templates } = context;
  if (model === undefined) return 0;
  const tasks = await inScope(context, { org_id, stage: DRAFT_WITH_MODEL }, (scope) =>
    claimModelDrafts(scope, CLAIMED_AT_ONCE),
  );
  const work = { db, clock, org_id, model, templates, ...(signal === undefined ? {} : { signal }) };
  const called = (call: Parameters<NonNullable<typeof metrics>['modelCalled']>[0]) =>
    metrics?.modelCalled(call);
  await Promise.all(
    tasks.map(async (task) => {
      try {
        await writeModelDraft({ ...work, called }, task);
      } catch (err) {
        metrics?.failed(DRAFT_WITH_MODEL);
        log.error({ err, org_id, id: task.id }, 'a draft was not stored; it is retried after its lease');
      }
    }),
  );
  return tasks.length;
}
