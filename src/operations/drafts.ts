import { z } from 'zod';
import { listDrafts, listSentDrafts } from '../db/queries/drafts.gen.ts';
import { QUEUE_STATUS_VALUES } from '../schema.gen.ts';
import { readDraft } from './draft_access.ts';
import { approveDraft, editDraft, markSent, rejectDraft } from './draft_decisions.ts';
import { draftDetail, draftSummary } from './draft_output.ts';
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
  run: async ({ context, principal: { org_id }, input: { status, limit: size, cursor } }) => {
    const { time, id } = readTimeCursor(cursor);
    const limit = size + 1;
    if (status === 'sent') {
      const rows = await listSentDrafts.run(
        { org_id, before_sent_at: time, before_id: id, limit },
        context.db,
      );
      return toPage(rows, size, (row) => [row.sent_at?.toISOString() ?? '', row.queue_id]);
    }
    const rows = await listDrafts.run(
      { org_id, status: status ?? null, after_scheduled_at: time, after_id: id, limit },
      context.db,
    );
    return toPage(rows, size, (row) => [row.scheduled_at.toISOString(), row.queue_id]);
  },
});

const getDraftOperation = operation({
  name: 'get_draft',
  summary: 'One draft with all its versions.',
  http: { method: 'GET', path: '/drafts/{id}' },
  version: 'shown',
  cli: { command: 'draft', args: ['id'] },
  input: z.object({ id }),
  output: draftDetail,
  errors: ['not_found'],
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
