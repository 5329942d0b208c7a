/**
 * The built-in drafter with a language model. One short transaction claims a task; the model runs outside any transaction;
 * another one stores the text, fenced by the claim. A text that arrives after the lease is discarded.
 */
import { MINUTE_MS } from '../../core/durations.ts';
import { transaction } from '../../db/pool.ts';
import { draftingContext } from '../../db/queries/drafts.gen.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { answersOfLead } from '../../db/queries/inbound.gen.ts';
import * as sql from '../../db/queries/model_calls.gen.ts';
import { endClaim } from '../../db/queries/tasks.gen.ts';
import { type NewEvent, recordEvents } from '../gate/events.ts';
import { COORDINATOR, coordinatorActor, orgPolicy, type Scope, type WorkScope } from '../gate/scope.ts';
import { budgetedModel, type ModelWork, modelBudget } from '../model/budget.ts';
import { ATTEMPTS_MAX, retryAt } from '../tasks/tasks.ts';
import { failItem, failWithoutStep, noAddress, renderedDrafts } from './drafting.ts';
import { type Written, writeTouch } from './model_writer.ts';
import type { Brief } from './prompt.ts';
import { type FirstDraft, firstDraft, storeFirstDrafts, type TouchContext } from './touch_drafts.ts';

/** Longer than two answers at their time limit (`MODEL_CALL_MS`), with the reading and writing around them. */
const MODEL_LEASE_MS = 5 * MINUTE_MS;

/** More sent messages would add nothing new. */
const SENT_TEXTS_MAX = 5;
const REPLIES_MAX = 3;

export type ModelTask = sql.ClaimModelTasksResult;

/** `late`: the lease is over, or the draft is no longer needed. `put_off`: the task is retried later. */
export type DraftOutcome = 'model' | 'fallback' | 'put_off' | 'late';

/** Claims the model's next tasks; none if the organization's daily budget is spent. Runs in its own transaction. */
export async function claimModelDrafts(scope: Scope, limit: number): Promise<ModelTask[]> {
  const { is_off, is_spent } = await modelBudget(scope);
  if (is_off || is_spent) return [];
  const now = scope.clock.now();
  const lease_until = new Date(now.getTime() + MODEL_LEASE_MS);
  const process_id = scope.process_id ?? null;
  const claim = { now, lease_until, process_id, claimed_by: COORDINATOR, attempts_max: ATTEMPTS_MAX, limit };
  return sql.claimModelTasks.run({ org_id: scope.org_id, ...claim }, scope.tx);
}

export async function writeModelDraft(
  work: ModelWork & Pick<WorkScope, 'templates'>,
  task: ModelTask,
): Promise<DraftOutcome> {
  const { db, org_id, clock, templates } = work;
  const inOwn = <T>(run: (scope: WorkScope) => Promise<T>) =>
    transaction(db, coordinatorActor(org_id), (tx) => run({ tx, org_id, clock, templates }));
  const brief = await inOwn((scope) => readBrief(scope, task));
  const model = budgetedModel(work, { purpose: 'draft', queue_id: task.queue_id });
  const is_possible = brief !== null && brief.context.to_id !== null;
  const written = is_possible ? await writeTouch(model, brief) : null;
  return inOwn(async (scope) => {
    await lockLeads.run({ org_id, lead_ids: [task.lead_id] }, scope.tx);
    if (work.signal?.aborted && !(written !== null && 'text' in written))
      return putOff(scope, task, 'stopped');
    return store(scope, task, brief?.context ?? null, written);
  });
}

async function readBrief(scope: Scope, { queue_id }: ModelTask): Promise<Brief | null> {
  const { tx, org_id } = scope;
  const [context] = await draftingContext.run({ org_id, queue_ids: [queue_id] }, tx);
  if (context === undefined) return null;
  const { enrollment_id, campaign_id, step_number } = context;
  const sent = await sql.sentTexts.run({ org_id, enrollment_id, limit: SENT_TEXTS_MAX }, tx);
  const limit = (await orgPolicy(scope)).policy.drafting.edits_shown;
  const edits = await sql.approvedEdits.run({ org_id, campaign_id, step_number, limit }, tx);
  const answers = await answersOfLead.run({ org_id, lead_id: context.lead_id, limit: REPLIES_MAX }, tx);
  return { context, sent, replies: answers.map(({ text }) => text), edits };
}

async function store(
  scope: WorkScope,
  task: ModelTask,
  read: TouchContext | null,
  written: Written | null,
): Promise<DraftOutcome> {
  const { tx, org_id } = scope;
  const [context] = await draftingContext.run({ org_id, queue_ids: [task.queue_id] }, tx);
  if (context === undefined || context.to_id === null) return endUndrafted(scope, task, context ?? null);
  if (read === null || written === null || isOtherStep(read, context))
    return putOff(scope, task, 'step_changed');
  const draft = await draftOf(scope, context, context.to_id, written);
  if ('error' in draft) return putOff(scope, task, draft.error);
  if (!(await isStillOurs(scope, task, { draft_id: draft.id }))) return 'late';
  const outcome = 'text' in written ? 'model' : 'fallback';
  const resolution = outcome === 'model' ? 'model' : 'template';
  await storeFirstDrafts(scope, [{ draft, context }], { resolution });
  return outcome;
}

/** True if the step or the address changed while the model wrote. */
function isOtherStep(read: TouchContext, now: TouchContext): boolean {
  const fields = ['template_hash', 'template_instructions', 'channel', 'send_rule', 'to_id'] as const;
  return fields.some((field) => read[field] !== now[field]);
}

async function draftOf(
  scope: WorkScope,
  context: TouchContext,
  to_id: string,
  written: Written,
): Promise<FirstDraft | { error: string }> {
  if (!('text' in written)) {
    const fallback_reason = written.fallback.slice(0, 200);
    const [rendered] = await renderedDrafts(scope, [{ context, fallback_reason }]);
    if (rendered === undefined) throw new Error('nothing was rendered');
    return 'error' in rendered ? { error: `${written.fallback}; ${rendered.error}` } : rendered;
  }
  const by = { written_by_agent_id: context.owner_role, template_hash: null, written_with: 'model' } as const;
  return firstDraft(scope, context, { ...written.text, ...by, to_id });
}

/** The step was removed, or the lead has no address for its channel. */
async function endUndrafted(
  scope: Scope,
  task: ModelTask,
  context: TouchContext | null,
): Promise<DraftOutcome> {
  if (!(await isStillOurs(scope, task, {}))) return 'late';
  const events: NewEvent[] = [];
  if (context === null) await failWithoutStep(scope, [task.queue_id], events);
  else events.push(await failItem(scope, context, noAddress(context)));
  await recordEvents(scope, events);
  return 'late';
}

/** Completes the claim; false if its lease is over or another worker has claimed the task. */
async function isStillOurs(
  scope: Scope,
  { id, claim_id }: ModelTask,
  result: { draft_id?: string },
): Promise<boolean> {
  const { tx, org_id, clock } = scope;
  const done = { status: 'done', result, error: null, retry_at: null } as const;
  return (await endClaim.run({ org_id, id, claim_id, ...done, now: clock.now() }, tx)).length > 0;
}

/** Returns the task for a later attempt, or fails it after the last one, so that a person decides. */
async function putOff(scope: Scope, task: ModelTask, error: string): Promise<DraftOutcome> {
  const { tx, org_id, clock } = scope;
  const { id, claim_id, attempt_count } = task;
  const now = clock.now();
  const retry_at = retryAt(now, attempt_count);
  const status = retry_at === null ? 'failed' : 'open';
  const given = { status, result: null, error: error.slice(0, 500), retry_at, now } as const;
  const ended = await endClaim.run({ org_id, id, claim_id, ...given }, tx);
  return ended.length === 0 ? 'late' : 'put_off';
}
