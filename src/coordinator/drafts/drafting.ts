import { ADDRESSES, CHANNELS } from '../../core/channels.ts';
import { headerText } from '../../core/header_text.ts';
import { subjectFault } from '../../core/subject_fault.ts';
import { draftingContext } from '../../db/queries/drafts.gen.ts';
import { lockFreeLeads } from '../../db/queries/facts.gen.ts';
import { failItemsWithoutStep, setItemStatus } from '../../db/queries/send_queue.gen.ts';
import {
  type ClaimDraftingTasksResult,
  claimDraftingTasks,
  finishTasks,
} from '../../db/queries/tasks.gen.ts';
import type { Rendered, Template, TemplateData } from '../../templates/port.ts';
import { type NewEvent, recordEvents } from '../gate/events.ts';
import { type Batch, COORDINATOR, type Scope, type WorkScope } from '../gate/scope.ts';
import { modelBudget, tellOfSpentBudget } from '../model/budget.ts';
import { playTemplate } from '../plays/templates.ts';
import {
  type FirstDraft,
  firstDraft,
  storeFirstDrafts,
  type TouchContext,
  touchEvent,
} from './touch_drafts.ts';

/**
 * The built-in drafter without a model: takes drafting tasks of the roles that nobody outside works, and writes each step's
 * Liquid template, filled with the lead's own fields, as version 1 of the draft. The enrollment then goes on to its next step; a
 * step of a lead without its address fails visibly and does not hold up the ones after it. Where there is no template, or it
 * makes no message that can be sent, the touch waits and its task is a dead end, until a person has mended that and has it
 * tried again. Returns how many tasks were claimed.
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
  claimed(found.map((task) => task.id));
  const lead_ids = [...new Set(found.map((task) => task.lead_id))];
  const locked = new Set((await lockFreeLeads.run({ org_id, lead_ids }, tx)).map((row) => row.id));
  const tasks = found.filter((task) => locked.has(task.lead_id));
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
  if (written.some(({ draft }) => draft.written_with === 'fallback')) await tellOfSpentBudget(scope);
  const with_step = new Set(contexts.map((context) => context.queue_id));
  await failWithoutStep(
    scope,
    queue_ids.filter((id) => !with_step.has(id)),
    events,
  );
  await endTasks(scope, tasks, dead_ends);
  await recordEvents(scope, events);
  return found.length;
}

/** `dead_ends`: why a touch has no text, by its queue item. Nobody works on its task until a person has it tried again. */
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

/** What is left to the model; once its day is spent, nothing, and the drafts say so. */
async function modelShare(
  scope: Scope,
): Promise<{ leave_to_model: boolean; fallback_reason: string | null }> {
  const budget = scope.has_model ? await modelBudget(scope) : null;
  if (budget === null || budget.is_off) return { leave_to_model: false, fallback_reason: null };
  return { leave_to_model: !budget.is_spent, fallback_reason: budget.is_spent ? 'model_budget_spent' : null };
}

/** As `model_may_write` in the database has it. */
function isForModel({ play_id, send_rule }: TouchContext): boolean {
  return play_id === null && send_rule !== 'pre_approved';
}

/** Nothing is wrong with the lead: it waits until somebody writes. */
const NO_TEMPLATE = 'the step has no template and no model is connected';

/** The lead lost the address since its step fell due. */
export function noAddress({ channel }: Pick<TouchContext, 'channel'>): string {
  return `the lead has no ${ADDRESSES[CHANNELS[channel].address]}`;
}

/** The touch cannot be drafted at all: it fails visibly. */
export async function failItem(scope: Scope, context: TouchContext, error: string): Promise<NewEvent> {
  const { tx, org_id } = scope;
  const { queue_id } = context;
  await setItemStatus.run(
    { org_id, id: queue_id, to_status: 'failed', from_statuses: ['pending'], error, sent_at: null },
    tx,
  );
  const failed = { event_type: 'failed', coordinator_action: 'draft', resolution: 'no_draft' } as const;
  return touchEvent(context, { ...failed, detail: { error } });
}

/** Its step was taken out of the campaign while it waited: there is nothing to write, and the sequence goes on. */
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
 * The steps' templates as version 1, in order, made by one call; `fallback_reason`: why no model wrote it, where one was to.
 * One that cannot be made leaves the others alone.
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

/** The same key is the same text: what is known of it is known until someone changes it. */
function templateKey({ campaign_id, step_number, template_hash, channel }: TouchContext): string {
  return [campaign_id, step_number, template_hash ?? channel].join(' ');
}

/** A template that costs too much is for somebody to mend, so it is named, and by a stable code. */
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
 * Every key is there, empty or not: templates are rendered strictly, so that a misspelt name is an error. The
 * enrollment's notes are for colleagues and not in here.
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
