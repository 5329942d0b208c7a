import { z } from 'zod';
import { transaction } from '../db/pool.ts';
import {
  type DraftsOfItemsResult,
  draftPage,
  draftsOfItems,
  sentDraftPage,
} from '../db/queries/drafts.gen.ts';
import { actorOf } from '../principal.ts';
import { QUEUE_STATUS_VALUES } from '../schema.gen.ts';
import { readDraft } from './draft_access.ts';
import { approveDraft, editDraft, markSent, rejectDraft } from './draft_decisions.ts';
import { draftDetail, draftSummary } from './draft_output.ts';
import { draftDetailText } from './draft_text.ts';
import { id } from './fields.ts';
import { operation } from './operation.ts';
import { pageInput, pageOf, readTimeCursor, toPage } from './page.ts';

const listDraftsOperation = operation({
  name: 'list_drafts',
  summary: 'Lists staged drafts, the earliest due first; sent ones the newest first.',
  http: { method: 'GET', path: '/drafts' },
  cli: {
    command: 'drafts',
    empty: 'No draft is waiting. They come once a step of a sequence is due: touchline queue',
    columns: [
      'lead_email',
      'company',
      'campaign_slug',
      'step_number',
      'channel',
      'status',
      'scheduled_at',
      'id',
      'content_hash',
    ],
  },
  input: z.object({
    status: z.enum(QUEUE_STATUS_VALUES).optional().describe('such as drafted: waits for a person'),
    ...pageInput,
  }),
  output: pageOf(draftSummary),
  errors: [],
  run: ({ context, principal, input: { status, limit: size, cursor } }) =>
    transaction(context.db, actorOf(principal), async (tx) => {
      const { org_id } = principal;
      const { time, id } = readTimeCursor(cursor);
      const limit = size + 1;
      const page =
        status === 'sent'
          ? await sentDraftPage.run({ org_id, before_sent_at: time, before_id: id, limit }, tx)
          : await draftPage.run(
              { org_id, status: status ?? null, after_scheduled_at: time, after_id: id, limit },
              tx,
            );
      const rows = await draftsOfItems.run({ org_id, queue_ids: page.map((row) => row.id) }, tx);
      const timeOf = (row: DraftsOfItemsResult) => (status === 'sent' ? row.sent_at! : row.scheduled_at);
      return toPage(rows, size, (row) => [timeOf(row).toISOString(), row.queue_id]);
    }),
});

const getDraftOperation = operation({
  name: 'get_draft',
  summary: 'One draft with all its versions, and what a person changed of an agent’s text.',
  http: { method: 'GET', path: '/drafts/{id}' },
  version: 'shown',
  cli: { command: 'draft', args: ['id'] },
  input: z.object({ id }),
  output: draftDetail,
  errors: ['not_found'],
  text: draftDetailText,
  run: async ({ context, principal, input }) => readDraft(context.db, principal.org_id, input.id),
});

export const draftOperations = [
  listDraftsOperation,
  getDraftOperation,
  approveDraft,
  editDraft,
  rejectDraft,
  markSent,
] as const;
