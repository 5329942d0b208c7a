/**
 * The built-in drafter with a language model. A task is claimed in one short transaction, the model is asked with nothing held
 * open, and its text is stored in another one under the fence of the claim: what comes after the lease is thrown away.
 */
import { MINUTE_MS } from '../../core/durations.ts';
import { transaction } from '../../db/pool.ts';
import { draftingContext } from '../../db/queries/drafts.gen.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { answersOfLead } from '../../db/queries/inbound.gen.ts';
import {
  approvedEdits,
  type ClaimModelTasksResult,
  claimModelTasks,
  sentTexts,
} from '../../db/queries/model_calls.gen.ts';
import { endClaim } from '../../db/queries/tasks.gen.ts';
import { type NewEvent, recordEvents } from '../gate/events.ts';
import { COORDINATOR, coordinatorActor, orgPolicy, type Scope, type WorkScope } from '../gate/scope.ts';
import { budgetedModel, type ModelWork, modelBudget } from '../model/budget.ts';
import { ATTEMPTS_MAX, retryAt } from '../tasks/tasks.ts';
import { failItem, failWithoutStep, noAddress, renderedDrafts } from './drafting.ts';
import { type Written, writeTouch } from './model_writer.ts';
import type { Brief } from './prompt.ts';
import { type FirstDraft, firstDraft, storeFirstDrafts, type TouchContext } from './touch_drafts.ts';

/** Longer than two answers at their time limit (`MODEL_CALL_MS`) and what is read and written around them. */
const MODEL_LEASE_MS = 5 * MINUTE_MS;

/** More of what was sent says nothing new. */
const SENT_TEXTS_MAX = 5;
const REPLIES_MAX = 3;

export type ModelTask = ClaimModelTasksResult;

/** `late`: the lease is over, or nobody needs the text any more. `put_off`: it is tried again. */
export type DraftOutcome = 'model' | 'fallback' | 'put_off' | 'late';

/** Claims what the model is to write next; nothing where the org's day is spent. Runs in a transaction of its own. */
export async function claimModelDrafts(scope: Scope, limit: number): Promise<ModelTask[]> {
  const { is_off, is_spent } = await modelBudget(scope);
  if (is_off || is_spent) return [];
  const now = scope.clock.now();
  const lease_until = new Date(now.getTime() + MODEL_LEASE_MS);
  const process_id = scope.process_id ?? null;
  const claim = { now, lease_until, process_id, claimed_by: COORDINATOR, attempts_max: ATTEMPTS_MAX, limit };
  return claimModelTasks.run({ org_id: scope.org_id, ...claim }, scope.tx);
}

/** Writes the text of one claimed touch and stores it, or what stands in for it. */
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
  const sent = await sentTexts.run({ org_id, enrollment_id, limit: SENT_TEXTS_MAX }, tx);
  const limit = (await orgPolicy(scope)).policy.drafting.edits_shown;
  const edits = await approvedEdits.run({ org_id, campaign_id, step_number, limit }, tx);
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

/** What the model was told to write, and to whom, is what is asked for now. */
function isOtherStep(read: TouchContext, now: TouchContext): boolean {
  const of = (context: TouchContext) => [
    context.template_hash,
    context.template_instructions,
    context.channel,
    context.send_rule,
    context.to_id,
  ];
  return JSON.stringify(of(read)) !== JSON.stringify(of(now));
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

/** Its step was taken out, or the lead has no such address. */
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

/** Ends the claim as done; false where its lease is over, or it is no longer ours. */
async function isStillOurs(
  scope: Scope,
  { id, claim_id }: ModelTask,
  result: { draft_id?: string },
): Promise<boolean> {
  const { tx, org_id, clock } = scope;
  const done = { status: 'done', result, error: null, retry_at: null } as const;
  return (await endClaim.run({ org_id, id, claim_id, ...done, now: clock.now() }, tx)).length > 0;
}

/** Gives the task back: for a later try, or to a person once it has had all of them. */
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
