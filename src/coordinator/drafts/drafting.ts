import { ADDRESSES, CHANNELS } from '../../core/channels.ts';
import { headerText } from '../../core/header_text.ts';
import { subjectFault } from '../../core/subject_fault.ts';
import { draftingContext } from '../../db/queries/drafts.gen.ts';
import { failItemsWithoutStep } from '../../db/queries/send_queue.gen.ts';
import {
  type ClaimDraftingTasksResult,
  claimDraftingTasks,
  finishTasks,
} from '../../db/queries/tasks.gen.ts';
import type { Rendered, Template, TemplateData } from '../../templates/port.ts';
import { type NewEvent, recordEvents } from '../gate/events.ts';
import { lockClaimed } from '../gate/facts.ts';
import { type Batch, COORDINATOR, type Scope, type WorkScope } from '../gate/scope.ts';
import { moveItem } from '../gate/touches.ts';
import { modelBudget, warnOfSpentBudget } from '../model/budget.ts';
import { playTemplate } from '../plays/templates.ts';
import {
  type FirstDraft,
  firstDraft,
  storeFirstDrafts,
  type TouchContext,
  touchEvent,
} from './touch_drafts.ts';

/**
 * The built-in drafter without a model: claims drafting tasks of roles that no outside agent works, and renders each step's
 * Liquid template with the lead's fields as version 1 of the draft. The enrollment then advances to its next step. If the
 * lead lost the address, the touch fails visibly and does not block later steps. Without a template, or if the template
 * renders no sendable message, the touch waits and its task fails until a person fixes the cause and retries the task.
 * Returns the number of claimed tasks.
 */
export async function draftDueTouches(
  scope: WorkScope,
  { limit, set_aside, claimed }: Batch,
): Promise<number> {
  const { tx, org_id } = scope;
  const { leave_to_model, fallback_reason } = await modelShare(scope);
  const claim = { org_id, now: scope.clock.now(), limit, set_aside, leave_to_model };
  const found = await claimDraftingTasks.run(claim, tx);
  if (found.length === 0) return 0;
  const tasks = await lockClaimed(scope, found, claimed);
  const queue_ids = tasks.map((task) => task.queue_id);
  const contexts = await draftingContext.run({ org_id, queue_ids }, tx);
  const written: { draft: FirstDraft; context: TouchContext }[] = [];
  const events: NewEvent[] = [];
  const dead_ends = new Map<string, string>();
  const asked = contexts.map((context) => ({
    context,
    fallback_reason: isForModel(context) ? fallback_reason : null,
  }));
  for (const [at, draft] of (await renderedDrafts(scope, asked)).entries()) {
    const context = contexts[at]!;
    if (!('error' in draft)) written.push({ draft, context });
    else if (context.to_id === null) events.push(await failItem(scope, context, draft.error));
    else dead_ends.set(context.queue_id, draft.error);
  }
  await storeFirstDrafts(scope, written, { resolution: 'template' });
  if (written.some(({ draft }) => draft.written_with === 'fallback')) await warnOfSpentBudget(scope);
  const with_step = new Set(contexts.map((context) => context.queue_id));
  const without_step = queue_ids.filter((id) => !with_step.has(id));
  await failWithoutStep(scope, without_step, events);
  await endTasks(scope, tasks, dead_ends);
  await recordEvents(scope, events);
  return found.length;
}

/** `dead_ends`: why a touch has no draft, by queue item. Its task stays failed until a person retries it. */
async function endTasks(
  { tx, org_id, clock }: Scope,
  tasks: readonly ClaimDraftingTasksResult[],
  dead_ends: ReadonlyMap<string, string>,
): Promise<void> {
  const by_error = Map.groupBy(tasks, (task) => dead_ends.get(task.queue_id) ?? null);
  for (const [error, ended] of by_error) {
    const status = error === null ? 'done' : 'failed';
    const ids = ended.map((task) => task.id);
    await finishTasks.run({ org_id, now: clock.now(), claimed_by: COORDINATOR, ids, status, error }, tx);
  }
}

/** Leaves tasks to the model while its daily budget lasts; after that, templates take over and the drafts say why. */
async function modelShare(
  scope: Scope,
): Promise<{ leave_to_model: boolean; fallback_reason: string | null }> {
  const budget = scope.has_model ? await modelBudget(scope) : null;
  if (budget === null || budget.is_off) return { leave_to_model: false, fallback_reason: null };
  return { leave_to_model: !budget.is_spent, fallback_reason: budget.is_spent ? 'model_budget_spent' : null };
}

/** The same rule as `model_may_write` in the database. */
function isForModel({ play_id, send_rule }: TouchContext): boolean {
  return play_id === null && send_rule !== 'pre_approved';
}

/** Nothing is wrong with the lead, so the touch waits for a template. */
const NO_TEMPLATE = 'the step has no template and no model is connected';

/** The lead lost the address after the step was due. */
export function noAddress({ channel }: Pick<TouchContext, 'channel'>): string {
  return `the lead has no ${ADDRESSES[CHANNELS[channel].address]}`;
}

export async function failItem(scope: Scope, context: TouchContext, error: string): Promise<NewEvent> {
  await moveItem(scope, context.queue_id, ['pending'], { status: 'failed', error });
  const failed = { event_type: 'failed', coordinator_action: 'draft', resolution: 'no_draft' } as const;
  return touchEvent(context, { ...failed, detail: { error } });
}

/** Fails touches whose step was removed from the campaign while they waited. Their enrollments continue. */
export async function failWithoutStep(scope: Scope, queue_ids: string[], events: NewEvent[]): Promise<void> {
  if (queue_ids.length === 0) return;
  const { tx, org_id } = scope;
  const error = 'the step no longer exists';
  const failed = await failItemsWithoutStep.run({ org_id, ids: queue_ids, error }, tx);
  for (const { id: queue_id, ...row } of failed) {
    const why = { event_type: 'failed', coordinator_action: 'draft', resolution: 'no_step' } as const;
    events.push({ ...row, queue_id, ...why });
  }
}

/**
 * The rendered templates as version 1, in the given order, from one rendering call. `fallback_reason`: why the model did
 * not write the draft that it should have written. A template that fails leaves the others alone.
 */
export async function renderedDrafts(
  scope: WorkScope,
  asked: readonly { context: TouchContext; fallback_reason: string | null }[],
): Promise<(FirstDraft | { error: string })[]> {
  const templates = new Map<string, Template>();
  const wanted = asked.flatMap(({ context }) => {
    const template = context.to_id === null ? null : templateOf(context);
    if (template === null) return [];
    const key = templateKey(context);
    templates.set(key, template);
    return [{ template: key, data: templateData(context) }];
  });
  const rendered = (wanted.length === 0 ? [] : await scope.templates.render(templates, wanted)).values();
  return asked.map(({ context, fallback_reason }) => {
    const { to_id } = context;
    if (to_id === null) return { error: noAddress(context) };
    if (templateOf(context) === null) return { error: NO_TEMPLATE };
    const text = rendered.next().value!;
    if ('error' in text) return draftFault(context, text);
    const subject = text.subject || headerText(context.campaign_name);
    const unfit = subjectFault(subject, { campaign: { name: context.campaign_name } });
    const { has_subject } = CHANNELS[context.channel];
    if (unfit !== null && has_subject) return { error: unfit };
    return firstDraft(scope, context, {
      to_id,
      subject: has_subject ? subject : null,
      body: text.body,
      template_hash: context.template_hash,
      written_by_agent_id: context.owner_role,
      written_with: fallback_reason === null ? 'template' : 'fallback',
      fallback_reason,
    });
  });
}

/** The same key always means the same text, so the renderer may cache by it. */
function templateKey({ campaign_id, step_number, template_hash, channel }: TouchContext): string {
  return [campaign_id, step_number, template_hash ?? channel].join(' ');
}

/** Names a template that exceeds the budget by step, campaign, and a stable code, so that a person can fix it. */
function draftFault(
  { campaign_slug, step_number }: TouchContext,
  { error, over_budget }: Extract<Rendered, { error: string }>,
): { error: string } {
  if (over_budget === undefined) return { error };
  return { error: `template_over_budget: step ${step_number} of the campaign ${campaign_slug}: ${error}` };
}

function templateOf({ subject_template, body_template, ...context }: TouchContext): Template | null {
  if (body_template !== null) return { subject: subject_template, body: body_template };
  return context.play_id === null ? null : playTemplate(context.channel, context.step_number);
}

/**
 * Every key is present, even if empty: rendering is strict, so that a misspelled name is an error. The enrollment's notes
 * are for colleagues and stay out.
 */
function templateData(context: TouchContext): TemplateData {
  return {
    lead: {
      first_name: context.first_name ?? '',
      last_name: context.last_name ?? '',
      title: context.title ?? '',
    },
    account: {
      name: context.account_name ?? '',
      vertical: context.vertical ?? '',
      segment: context.segment ?? '',
    },
    campaign: { name: context.campaign_name },
    enrollment: { goal: context.goal ?? '' },
    sender: { name: context.sender_name },
    client: { name: context.client_name, postal_address: context.postal_address },
  };
}
