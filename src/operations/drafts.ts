import { z } from 'zod';
import { listDrafts } from '../db/queries/drafts.gen.ts';
import { QUEUE_STATUS_VALUES } from '../schema.gen.ts';
import { readDraft } from './draft_access.ts';
import { approveDraft, editDraft, markSent, rejectDraft } from './draft_decisions.ts';
import { draftDetail, draftSummary } from './draft_output.ts';
import { id } from './fields.ts';
import { operation } from './operation.ts';
import { pageInput, pageOf, readCursor, toPage } from './page.ts';

const listDraftsOperation = operation({
  name: 'list_drafts',
  summary: 'Lists staged drafts, the earliest due first.',
  who: { people: 'all', agents: false },
  http: { method: 'GET', path: '/drafts' },
  cli: { command: 'drafts' },
  input: z.object({
    status: z.enum(QUEUE_STATUS_VALUES).optional().describe('such as drafted: waits for a person'),
    ...pageInput,
  }),
  output: pageOf(draftSummary),
  errors: [],
  run: async ({ context, principal, input }) => {
    const after = readCursor(input.cursor, 2);
    const rows = await listDrafts.run(
      {
        org_id: principal.org_id,
        status: input.status ?? null,
        after_scheduled_at: after === null ? null : new Date(after[0]!),
        after_id: after?.[1] ?? null,
        limit: input.limit + 1,
      },
      context.db,
    );
    return toPage(rows, input.limit, (row) => [row.scheduled_at.toISOString(), row.queue_id]);
  },
});

const getDraftOperation = operation({
  name: 'get_draft',
  summary: 'One draft with all its versions.',
  who: { people: 'all', agents: false },
  http: { method: 'GET', path: '/drafts/{id}' },
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
