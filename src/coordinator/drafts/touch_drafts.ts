/** Version 1 of a touch's draft, written by the built-in drafter or by the agent that holds the touch's task. */

import { isPersonal } from '../../core/channels.ts';
import type { Actor } from '../../db/pool.ts';
import { type DraftingContextResult, insertDrafts } from '../../db/queries/drafts.gen.ts';
import { advanceEnrollments } from '../../db/queries/enrollments.gen.ts';
import { setItemsDrafted } from '../../db/queries/send_queue.gen.ts';
import { newId } from '../../ids.ts';
import type { SalesSendQueueRow, StagedDraftsRow } from '../../schema.gen.ts';
import { type NewEvent, recordEvents } from '../gate/events.ts';
import { rowsJson } from '../gate/rows.ts';
import { asCoordinator, type Scope } from '../gate/scope.ts';
import { moveItem } from '../gate/touches.ts';
import { settleSenders } from '../sending/mailbox_choice.ts';
import { announceManualSends } from './manual_sends.ts';

export type TouchContext = DraftingContextResult;

export type FirstDraft = Partial<StagedDraftsRow> & { id: string; queue_id: string };

export type DraftText = { subject: string | null; body: string };

export type WrittenBy = { written_by_agent_id: string; template_hash: string | null } & Partial<
  Pick<StagedDraftsRow, 'written_with' | 'fallback_reason'>
>;

/**
 * Version 1, in the specification's "staged_drafts Format": the author provides the text, the product everything else.
 * `template_hash`: the text is the plain rendering of the step's template; only the built-in drafter sets it.
 */
export function firstDraft(
  scope: Pick<Scope, 'org_id' | 'clock'>,
  context: TouchContext,
  written: DraftText & WrittenBy & { to_id: string },
): FirstDraft {
  return {
    org_id: scope.org_id,
    id: newId(scope.clock),
    queue_id: context.queue_id,
    version: 1,
    channel: context.channel,
    context: draftContext(context),
    ...written,
    written_by_user_id: null,
    created_at: scope.clock.now(),
  };
}

/**
 * Stores first drafts, marks their items drafted, advances their enrollments, and records the events. Where the campaign's
 * rule allows it, a plain rendering of an approved template is approved at once.
 */
export async function storeFirstDrafts(
  scope: Scope,
  written: readonly { draft: FirstDraft; context: TouchContext }[],
  by: { resolution: 'template' | 'model' | 'agent'; actor?: Pick<Actor, 'kind' | 'id'> },
): Promise<void> {
  if (written.length === 0) return;
  const { tx, org_id } = scope;
  const drafts = written.map(({ draft }) => draft);
  await insertDrafts.run({ rows: rowsJson<StagedDraftsRow>(drafts) }, tx);
  const items = drafts.map(({ id: staged_draft_id, queue_id: id }): Partial<SalesSendQueueRow> => {
    return { org_id, id, status: 'drafted', staged_draft_id };
  });
  await setItemsDrafted.run({ rows: rowsJson(items) }, tx);
  const { resolution, actor } = by;
  const ids = written.map(({ context }) => context.enrollment_id);
  const senders = written.filter(({ context }) => context.approvers === 'sender' && !isPersonal(context));
  const follow = async () => {
    await advanceEnrollments.run({ org_id, ids }, tx);
    await settleSenders(
      scope,
      senders.map(({ context }) => context.queue_id),
    );
    await announceManualSends(scope, written.map(({ context }) => context).filter(isPersonal));
  };
  await (actor === undefined ? follow() : asCoordinator(tx, { org_id, ...actor }, follow));
  const events = written.map(({ context }) =>
    touchEvent(context, { event_type: 'drafted', coordinator_action: 'draft', resolution }),
  );
  for (const { draft, context } of written) {
    if (mayGoUnread(draft, context)) events.push(await approveRendering(scope, context));
  }
  await recordEvents(scope, events, actor === undefined ? {} : { actor });
}

function mayGoUnread(draft: FirstDraft, context: TouchContext): boolean {
  const is_approved = draft.template_hash !== null && context.template_approved;
  return context.send_rule === 'pre_approved' && !isPersonal(context) && is_approved;
}

async function approveRendering(scope: Scope, context: TouchContext): Promise<NewEvent> {
  await moveItem(scope, context.queue_id, ['drafted'], { status: 'approved' });
  const approved = { event_type: 'approved', coordinator_action: 'approve', resolution: 'template' } as const;
  return touchEvent(context, approved);
}

function draftContext(context: TouchContext): NonNullable<StagedDraftsRow['context']> {
  return {
    contact_id: context.contact_id,
    contact_name: contactName(context),
    company: context.account_name ?? '',
    campaign_slug: context.campaign_slug,
    step_number: context.step_number,
    content_type: context.content_type,
    goal: context.goal,
    requires_justin_send: isPersonal(context),
  };
}

export function contactName({ first_name, last_name, email }: TouchContext): string {
  return [first_name, last_name].filter(Boolean).join(' ') || email;
}

export function touchEvent(
  context: TouchContext,
  event: Pick<NewEvent, 'event_type' | 'coordinator_action' | 'resolution' | 'detail'>,
): NewEvent {
  const { lead_id, account_id, campaign_id, enrollment_id, queue_id, step_number, channel } = context;
  const { sequence_type, play_id, originating_proposal_id } = context;
  const subject = { lead_id, account_id, campaign_id, enrollment_id, queue_id, step_number, channel };
  return { ...subject, sequence_type, play_id, originating_proposal_id, ...event };
}
