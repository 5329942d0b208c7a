import { draftingContext } from '../db/queries/drafts.gen.ts';
import { lockFreeLeads } from '../db/queries/facts.gen.ts';
import { failItemsWithoutStep, setItemStatus } from '../db/queries/send_queue.gen.ts';
import { claimDraftingTasks, finishTasks } from '../db/queries/tasks.gen.ts';
import { type NewEvent, recordEvents } from './events.ts';
import { playTemplate } from './play_templates.ts';
import { type Batch, COORDINATOR, type Scope } from './scope.ts';
import { renderTemplate, type Template, type TemplateData } from './templates.ts';
import {
  addressOf,
  type FirstDraft,
  firstDraft,
  storeFirstDrafts,
  type TouchContext,
  touchEvent,
} from './touch_drafts.ts';

/**
 * The built-in drafter: takes drafting tasks of the roles that nobody outside works, and writes each step's Liquid
 * template, filled with the lead's own fields, as version 1 of the draft. The enrollment then goes on to its next step; a
 * step that cannot be drafted fails visibly and does not hold up the ones after it. Returns how many tasks were claimed.
 */
export async function draftDueTouches(scope: Scope, { limit, set_aside, claimed }: Batch): Promise<number> {
  const { tx, org_id } = scope;
  const found = await claimDraftingTasks.run({ org_id, now: scope.clock.now(), limit, set_aside }, tx);
  if (found.length === 0) return 0;
  claimed(found.map((task) => task.id));
  const lead_ids = [...new Set(found.map((task) => task.lead_id))];
  const locked = new Set((await lockFreeLeads.run({ org_id, lead_ids }, tx)).map((row) => row.id));
  const tasks = found.filter((task) => locked.has(task.lead_id));
  const queue_ids = tasks.map((task) => task.queue_id);
  const contexts = await draftingContext.run({ org_id, queue_ids }, tx);
  const written: { draft: FirstDraft; context: TouchContext }[] = [];
  const events: NewEvent[] = [];
  for (const context of contexts) {
    const draft = renderedDraft(scope, context);
    if ('error' in draft) events.push(await failItem(scope, context, draft.error));
    else written.push({ draft, context });
  }
  await storeFirstDrafts(scope, written, { resolution: 'template' });
  const with_step = new Set(contexts.map((context) => context.queue_id));
  await failWithoutStep(
    scope,
    queue_ids.filter((id) => !with_step.has(id)),
    events,
  );
  const now = scope.clock.now();
  const ids = tasks.map((task) => task.id);
  await finishTasks.run({ org_id, ids, status: 'done', now, error: null, claimed_by: COORDINATOR }, tx);
  await recordEvents(scope, events);
  return found.length;
}

async function failItem(scope: Scope, context: TouchContext, error: string): Promise<NewEvent> {
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
async function failWithoutStep(scope: Scope, queue_ids: string[], events: NewEvent[]): Promise<void> {
  if (queue_ids.length === 0) return;
  const { tx, org_id } = scope;
  const error = 'the step no longer exists';
  const failed = await failItemsWithoutStep.run({ org_id, ids: queue_ids, error }, tx);
  for (const { id: queue_id, ...row } of failed) {
    const why = { event_type: 'failed', coordinator_action: 'draft', resolution: 'no_step' } as const;
    events.push({ ...row, queue_id, ...why });
  }
}

function renderedDraft(scope: Scope, context: TouchContext): FirstDraft | { error: string } {
  const to_id = addressOf(context);
  if (to_id === null) return { error: 'the lead has no LinkedIn profile' };
  const template = templateOf(context);
  if (template === null) return { error: 'the step has no template and no model is connected' };
  const rendered = renderTemplate(template, templateData(context));
  if ('error' in rendered) return rendered;
  return firstDraft(scope, context, {
    to_id,
    subject: context.channel === 'email' ? rendered.subject || context.campaign_name : null,
    body: rendered.body,
    template_hash: context.template_hash,
    written_by_agent_id: context.owner_role,
  });
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
