import { z } from 'zod';
import type { Queryable } from '../../db/pool.ts';
import * as drafts from '../../db/queries/drafts.gen.ts';
import { AppError } from '../../errors.ts';
import { QUEUE_STATUS_VALUES } from '../../schema.gen.ts';
import { campaignIdOf } from '../campaigns/access.ts';
import { id, noun } from '../fields.ts';
import { formerly } from '../former_names.ts';
import { operation } from '../operation.ts';
import { pageInput, pageOf, readTimeCursor, toPage } from '../page.ts';
import { onDraft, readDraft, refuseIfChanged, refuseIfLeaving, wrongStatus } from './access.ts';
import { explainDraft } from './background.ts';
import { approveDraft, editDraft, markSent, rejectDraft } from './decisions.ts';
import { draftDetail, listedDraft, rejectionOf } from './output.ts';
import { draftDetailText } from './text.ts';

/** Counts stop here, and the number shows it. */
const COUNTED_TO = 1_000;

const listDraftsOperation = operation({
  name: 'list_drafts',
  summary: 'List drafts, earliest due first; sent and rejected ones newest first.',
  http: { method: 'GET', path: '/drafts' },
  cli: {
    command: 'drafts',
    empty: 'No drafts. They appear when a step is due: touchline queue',
    columns: 'lead_email company campaign_slug step_number channel status scheduled_at id content_hash',
  },
  input: z.object({
    status: z
      .enum([...QUEUE_STATUS_VALUES, 'rejected'])
      .optional()
      .describe('for example drafted (pending), or rejected (canceled by a person)'),
    campaign_slug: formerly('campaign', z.string().max(64).optional().describe('it needs status=drafted')),
    queue_id: id.optional().describe('only this touch’s current draft, in any status'),
    ...pageInput,
  }),
  output: pageOf(listedDraft),
  errors: 'not_found',
  run: async ({ context: { db }, principal: { org_id }, input }) => {
    const { status, limit } = input;
    const queue_ids = input.queue_id === undefined ? await pageIds(db, org_id, input) : [input.queue_id];
    const found = await drafts.draftsOfItems.run({ org_id, queue_ids }, db);
    const listed = input.queue_id === undefined ? found : found.filter((row) => row.id !== null);
    const rows = listed.map((row) => ({ ...row, rejection: rejectionOf(row) }));
    return toPage(rows, limit, (row) => placeOf(status, row));
  },
});

type Status = (typeof QUEUE_STATUS_VALUES)[number] | 'rejected';
type PageAsked = {
  status?: Status | undefined;
  campaign_slug?: string | undefined;
  cursor?: string | undefined;
  limit: number;
};

async function pageIds(db: Queryable, org_id: string, asked: PageAsked): Promise<string[]> {
  const { status, campaign_slug, cursor } = asked;
  const { time, id } = readTimeCursor(cursor);
  const page = { org_id, limit: asked.limit + 1 };
  const after = { after_scheduled_at: time, after_id: id };
  if (campaign_slug !== undefined) {
    if (status !== 'drafted') throw campaignOfWaitingOnly();
    const campaign_id = await campaignIdOf(db, org_id, campaign_slug);
    return idsOf(drafts.waitingDraftPage.run({ ...page, ...after, campaign_id }, db));
  }
  if (status === 'rejected') {
    return idsOf(drafts.rejectedDraftPage.run({ ...page, before_rejected_at: time, before_id: id }, db));
  }
  if (status === 'sent')
    return idsOf(drafts.sentDraftPage.run({ ...page, before_sent_at: time, before_id: id }, db));
  return idsOf(drafts.draftPage.run({ ...page, ...after, status: status ?? null }, db));
}

async function idsOf(rows: Promise<{ id: string }[]>): Promise<string[]> {
  return (await rows).map((row) => row.id);
}

const campaignOfWaitingOnly = () =>
  new AppError('input_invalid', 'The campaign filter needs status=drafted.', {
    errors: [{ path: 'campaign_slug', message: 'goes with status=drafted' }],
    hint: 'Add status=drafted. For other drafts, see the log: GET /events?campaign_slug=…',
  });

function placeOf(status: Status | undefined, row: drafts.DraftsOfItemsResult): [string, string] {
  if (status === 'rejected') return [row.rejected_at!.toISOString(), row.rejection_id!];
  return [(status === 'sent' ? row.sent_at! : row.scheduled_at).toISOString(), row.queue_id];
}

const count = z.number().int();
const countDraftsOperation = operation({
  name: 'count_drafts',
  summary: 'Count drafts by status, each up to a bound.',
  http: { method: 'GET', path: '/drafts/counts' },
  cli: { command: 'drafts count' },
  input: z.object({}),
  output: noun('DraftCounts', {
    waiting: count.describe('drafted, and approved manual sends'),
    approved: count,
    held: count,
    sent: count,
    failed: count,
    unknown: count,
    rejected: count,
    counted_to: count.describe('a larger number means more than this'),
  }),
  run: async ({ context, principal: { org_id } }) => {
    const counted = await drafts.countDrafts.one({ org_id, limit: COUNTED_TO + 1 }, context.db);
    const { drafted, personal, ...counts } = counted!;
    const waiting = Math.min(drafted + personal, COUNTED_TO + 1);
    return { waiting, ...counts, counted_to: COUNTED_TO };
  },
});

const getDraftOperation = operation({
  name: 'get_draft',
  summary: 'Show a draft with all its versions, and a person’s changes to an agent’s text.',
  http: { method: 'GET', path: '/drafts/{id}' },
  version: 'shown',
  cli: { command: 'draft', args: ['id'] },
  input: z.object({ id }),
  output: draftDetail,
  errors: 'not_found',
  text: draftDetailText,
  run: async ({ context, principal, input }) => readDraft(context, principal.org_id, input.id),
});

export const withdrawDraftApproval = operation({
  name: 'withdraw_draft_approval',
  summary: 'Withdraw an approval before its message begins to leave. The draft is pending again.',
  http: { method: 'POST', path: '/drafts/{id}/withdraw_approval' },
  cli: { command: 'withdraw approval', args: ['id'] },
  input: z.object({ id }),
  output: draftDetail,
  errors: 'not_found draft_changed illegal_status_move already_leaving',
  run: async (call) =>
    onDraft(call, async ({ scope, draft, person, record }) => {
      refuseIfChanged(draft, draft.content_hash);
      if (draft.status === 'drafted') return;
      await refuseIfLeaving(scope, draft, ['approved', 'held'], 'withdrawn');
      const { tx, org_id, clock } = scope;
      const by = { user_id: person.actor.id, now: clock.now() };
      const withdrawn = await drafts.withdrawApproval.run({ org_id, draft_id: draft.id, ...by }, tx);
      if (withdrawn.length === 0) throw wrongStatus(draft, 'withdrawn');
      await record({ event_type: 'approval_withdrawn', coordinator_action: 'withdraw' });
    }),
});

export const draftOperations = [
  listDraftsOperation,
  countDraftsOperation,
  getDraftOperation,
  explainDraft,
  approveDraft,
  withdrawDraftApproval,
  editDraft,
  rejectDraft,
  markSent,
] as const;
