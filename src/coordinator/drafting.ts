import { type DraftingContextResult, draftingContext, insertDrafts } from '../db/queries/drafts.gen.ts';
import { advanceEnrollments } from '../db/queries/enrollments.gen.ts';
import { lockFreeLeads } from '../db/queries/facts.gen.ts';
import { failItemsWithoutStep, setItemStatus, setItemsDrafted } from '../db/queries/send_queue.gen.ts';
import { claimDraftingTasks, finishTasks } from '../db/queries/tasks.gen.ts';
import { newId } from '../ids.ts';
import type { SalesSendQueueRow, StagedDraftsRow } from '../schema.gen.ts';
import { type NewEvent, recordEvents } from './events.ts';
import { playTemplate } from './play_templates.ts';
import { rowsJson } from './rows.ts';
import type { Batch, Scope } from './scope.ts';
import { renderTemplate, type Template, type TemplateData } from './templates.ts';

type Context = DraftingContextResult;
type Draft = Partial<StagedDraftsRow> & { id: string; queue_id: string };

/**
 * The built-in drafter: takes drafting tasks of its org and writes each step's Liquid template, filled with the
 * lead's own fields, as version 1 of the draft. The enrollment then goes on to its next step; a step that
 * cannot be drafted fails visibly and does not hold up the ones after it. Returns how many tasks were claimed.
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
  const drafts: Draft[] = [];
  const events: NewEvent[] = [];
  const drafted: Context[] = [];
  for (const context of contexts) {
    const draft = writeDraft(scope, context);
    if ('error' in draft) {
      await failItem(scope, context, draft.error, events);
      continue;
    }
    drafts.push(draft);
    drafted.push(context);
    events.push(
      eventOf(context, { event_type: 'drafted', coordinator_action: 'draft', resolution: 'template' }),
    );
  }
  if (drafts.length > 0) await storeDrafts(scope, drafts, drafted, events);
  const with_step = new Set(contexts.map((context) => context.queue_id));
  await failWithoutStep(
    scope,
    queue_ids.filter((id) => !with_step.has(id)),
    events,
  );
  const now = scope.clock.now();
  const claimed_by = 'AGT-302';
  await finishTasks.run(
    { org_id, ids: tasks.map((task) => task.id), status: 'done', now, error: null, claimed_by },
    tx,
  );
  await recordEvents(scope, events);
  return found.length;
}

/** Where the campaign's rule allows it, a plain rendering of an approved template is approved with it. */
async function storeDrafts(
  scope: Scope,
  drafts: readonly Draft[],
  contexts: readonly Context[],
  events: NewEvent[],
): Promise<void> {
  const { tx, org_id } = scope;
  await insertDrafts.run({ rows: rowsJson<StagedDraftsRow>(drafts) }, tx);
  const items = drafts.map(
    (draft): Partial<SalesSendQueueRow> => ({
      org_id,
      id: draft.queue_id,
      status: 'drafted',
      staged_draft_id: draft.id,
    }),
  );
  await setItemsDrafted.run({ rows: rowsJson(items) }, tx);
  await advanceEnrollments.run({ org_id, ids: contexts.map((context) => context.enrollment_id) }, tx);
  for (const context of contexts) {
    const may_go = context.send_rule === 'pre_approved' && !isPersonal(context) && context.template_approved;
    if (!may_go) continue;
    const { queue_id: id } = context;
    await setItemStatus.run(
      { org_id, id, to_status: 'approved', from_statuses: ['drafted'], error: null, sent_at: null },
      tx,
    );
    const approved = {
      event_type: 'approved',
      coordinator_action: 'approve',
      resolution: 'template',
    } as const;
    events.push(eventOf(context, approved));
  }
}

async function failItem(scope: Scope, context: Context, error: string, events: NewEvent[]): Promise<void> {
  const { tx, org_id } = scope;
  const { queue_id } = context;
  await setItemStatus.run(
    { org_id, id: queue_id, to_status: 'failed', from_statuses: ['pending'], error, sent_at: null },
    tx,
  );
  const failed = { event_type: 'failed', coordinator_action: 'draft', resolution: 'no_draft' } as const;
  events.push(eventOf(context, { ...failed, detail: { error } }));
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

function writeDraft(scope: Scope, context: Context): Draft | { error: string } {
  const to_id = context.channel === 'email' ? context.email : context.linkedin_url;
  if (!to_id) return { error: 'the lead has no LinkedIn profile' };
  const template = templateOf(context);
  if (template === null) return { error: 'the step has no template and no model is connected' };
  const rendered = renderTemplate(template, templateData(context));
  if ('error' in rendered) return rendered;
  return {
    org_id: scope.org_id,
    id: newId(scope.clock),
    queue_id: context.queue_id,
    version: 1,
    channel: context.channel,
    to_id,
    subject: context.channel === 'email' ? rendered.subject || context.campaign_name : null,
    body: rendered.body,
    context: draftContext(context),
    template_hash: context.template_hash,
    written_by_agent_id: context.owner_role,
    written_by_user_id: null,
    created_at: scope.clock.now(),
  };
}

function templateOf({ subject_template, body_template, ...context }: Context): Template | null {
  if (body_template !== null) return { subject: subject_template, body: body_template };
  return context.play_id === null ? null : playTemplate(context.channel, context.step_number);
}

/** The specification's "staged_drafts Format". */
function draftContext(context: Context): NonNullable<StagedDraftsRow['context']> {
  return {
    contact_id: context.contact_id,
    contact_name: [context.first_name, context.last_name].filter(Boolean).join(' ') || context.email,
    company: context.account_name ?? '',
    campaign_slug: context.campaign_slug,
    step_number: context.step_number,
    content_type: context.content_type,
    goal: context.goal,
    requires_justin_send: isPersonal(context),
  };
}

function isPersonal(context: Context): boolean {
  return context.requires_personal_send || context.channel === 'linkedin';
}

/**
 * Every key is there, empty or not: templates are rendered strictly, so that a misspelt name is an error. The
 * enrollment's notes are for colleagues and not in here.
 */
function templateData(context: Context): TemplateData {
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

function eventOf(
  context: Context,
  event: Pick<NewEvent, 'event_type' | 'coordinator_action' | 'resolution' | 'detail'>,
): NewEvent {
  const { lead_id, account_id, campaign_id, enrollment_id, queue_id, step_number, channel } = context;
  const { sequence_type, play_id, originating_proposal_id } = context;
  const subject = { lead_id, account_id, campaign_id, enrollment_id, queue_id, step_number, channel };
  return { ...subject, sequence_type, play_id, originating_proposal_id, ...event };
}
