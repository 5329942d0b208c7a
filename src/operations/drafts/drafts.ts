import { z } from 'zod';
import type { Queryable } from '../../db/pool.ts';
import * as drafts from '../../db/queries/drafts.gen.ts';
import { AppError } from '../../errors.ts';
import type { Principal } from '../../principal.ts';
import { QUEUE_STATUS_VALUES } from '../../schema.gen.ts';
import { campaignIdOf } from '../campaigns/output.ts';
import { id, noun } from '../fields.ts';
import { formerly } from '../former_names.ts';
import { operation } from '../operation.ts';
import { rowsInScope, scope } from '../ownership.ts';
import { BY_PLACE, pagedList } from '../page.ts';
import { onDraft, readDraft, refuseIfChanged, refuseIfLeaving, wrongStatus } from './access.ts';
import { approversOf, askerId } from './approvers.ts';
import { explainDraft } from './background.ts';
import { approveDraft, editDraft, markSent, rejectDraft } from './decisions.ts';
import { draftDetail, listedDraft, rejectionOf } from './output.ts';
import { draftDetailText } from './text.ts';

/** Counts stop here, and the number shows it. */
const COUNTED_TO = 1_000;

const listDraftsOperation = pagedList({
  name: 'list_drafts',
  summary: 'List drafts, earliest due first; sent and rejected ones newest first.',
  path: '/drafts',
  cli: {
    command: 'drafts',
    empty: 'No drafts. They appear when a step is due: touchline queue',
    columns: 'lead_email company campaign_slug step_number channel status scheduled_at id content_hash',
  },
  filters: {
    status: z
      .enum([...QUEUE_STATUS_VALUES, 'rejected'])
      .optional()
      .describe('for example drafted (pending), or rejected (canceled by a person)'),
    campaign_slug: formerly('campaign', z.string().max(64).optional().describe('requires status=drafted')),
    decidable: z
      .stringbool()
      .optional()
      .describe(
        'true: only pending drafts that await your decision; requires status=drafted. Manual sends that their sender may approve are not among them: see list_personal_sends',
      ),
    queue_id: id.optional().describe('only the current draft of this touch, in any status'),
    scope,
  },
  item: listedDraft,
  errors: 'not_found',
  order: BY_PLACE,
  rows: async ({ page: { queue_id, scope, ...page }, principal, db }) => {
    const { org_id, status } = page;
    const lead_ids = await rowsInScope(db, principal, { scope });
    const asked = { ...page, lead_ids };
    const queue_ids =
      queue_id === null ? (await pageOfItems(db, principal, asked)).map(({ id }) => id) : [queue_id];
    const found = await drafts.draftsOfItems.run({ org_id, queue_ids }, db);
    const decided_by = await approversOf(db, principal, queue_ids);
    const listed = queue_id === null ? found : found.filter((row) => row.id !== null);
    return listed.map((row) => ({
      ...row,
      ...decided_by.get(row.queue_id)!,
      rejection: rejectionOf(row),
      ...placeOf(status, row),
    }));
  },
});

type Status = (typeof QUEUE_STATUS_VALUES)[number] | 'rejected';
type PageAsked = {
  org_id: string;
  status: Status | null;
  campaign_slug: string | null;
  decidable: boolean | null;
  after_time: Date | null;
  after_id: string | null;
  limit: number;
  lead_ids: string[] | null;
};

async function pageOfItems(db: Queryable, principal: Principal, asked: PageAsked): Promise<{ id: string }[]> {
  const { org_id, status, campaign_slug, decidable, after_time: time, after_id: id, limit, lead_ids } = asked;
  const page = { org_id, limit, lead_ids };
  const after = { after_scheduled_at: time, after_id: id };
  const campaign_id = campaign_slug === null ? null : await campaignIdOf(db, org_id, campaign_slug);
  if (decidable === true) {
    if (status !== 'drafted') throw waitingOnly('decidable');
    const decidable_page = { org_id, limit, ...after, campaign_id, user_id: askerId(principal) };
    return lead_ids === null
      ? drafts.decidableDraftPage.run(decidable_page, db)
      : drafts.decidableDraftPageOfLeads.run({ ...decidable_page, lead_ids }, db);
  }
  if (campaign_id !== null) {
    if (status !== 'drafted') throw waitingOnly('campaign_slug');
    return drafts.waitingDraftPage.run({ ...page, ...after, campaign_id }, db);
  }
  if (status === 'rejected')
    return drafts.rejectedDraftPage.run({ ...page, before_rejected_at: time, before_id: id }, db);
  if (status === 'sent')
    return drafts.sentDraftPage.run({ ...page, before_sent_at: time, before_id: id }, db);
  return drafts.draftPage.run({ ...page, ...after, status }, db);
}

const waitingOnly = (path: 'campaign_slug' | 'decidable') =>
  new AppError('input_invalid', `The filter ${path} requires status=drafted.`, {
    errors: [{ path, message: 'requires status=drafted' }],
    hint: 'Add status=drafted, or search the log: GET /events?campaign_slug=…',
  });

function placeOf(status: Status | null, row: drafts.DraftsOfItemsResult) {
  if (status === 'rejected') return { place: row.rejected_at!, place_id: row.rejection_id! };
  return { place: status === 'sent' ? row.sent_at! : row.scheduled_at, place_id: row.queue_id };
}

const count = z.number().int();
const countDraftsOperation = operation({
  name: 'count_drafts',
  summary: 'Count drafts by status, each up to a bound.',
  http: { method: 'GET', path: '/drafts/counts' },
  cli: { command: 'drafts count' },
  input: z.object({ scope }),
  output: noun('DraftCounts', {
    decidable: count.describe(
      'pending drafts that await your decision, as list_drafts with decidable lists them',
    ),
    waiting: count.describe('drafted, and approved manual sends'),
    approved: count,
    held: count,
    sent: count,
    failed: count,
    unknown: count,
    rejected: count,
    counted_to: count.describe('a larger number means more than this'),
  }),
  run: async ({ context: { db }, principal, input }) => {
    const { org_id } = principal;
    const lead_ids = await rowsInScope(db, principal, { scope: input.scope ?? null });
    const limit = COUNTED_TO + 1;
    const user_id = askerId(principal);
    const counted =
      lead_ids === null
        ? await drafts.countDrafts.one({ org_id, user_id, limit }, db)
        : await drafts.countDraftsOfLeads.one({ org_id, user_id, lead_ids }, db);
    const { drafted, personal, ...counts } = counted!;
    const upTo = (found: number) => Math.min(found, limit);
    const { decidable, approved, held, sent, failed, unknown, rejected } = counts;
    return {
      decidable: upTo(decidable),
      waiting: upTo(drafted + personal),
      ...{ approved: upTo(approved), held: upTo(held), sent: upTo(sent) },
      ...{ failed: upTo(failed), unknown: upTo(unknown), rejected: upTo(rejected) },
      counted_to: COUNTED_TO,
    };
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
  run: async ({ context, principal, input }) => readDraft(context, principal, input.id),
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
