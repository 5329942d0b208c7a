import { z } from 'zod';
import { recordEvents } from '../../coordinator/gate/events.ts';
import { withdrawApproval } from '../../db/queries/drafts.gen.ts';
import { openAttempts } from '../../db/queries/send_queue.gen.ts';
import { id } from '../fields.ts';
import { operation } from '../operation.ts';
import { alreadyLeaving, onDraft, refuseIfChanged, wrongStatus } from './access.ts';
import { draftDetail } from './output.ts';

export const withdrawDraftApproval = operation({
  name: 'withdraw_draft_approval',
  summary:
    'Takes an approval back, as long as its message has not begun to leave. The draft waits for a person again.',
  http: { method: 'POST', path: '/drafts/{id}/withdraw_approval' },
  cli: { command: 'withdraw approval', args: ['id'] },
  input: z.object({ id }),
  output: draftDetail,
  errors: ['not_found', 'draft_changed', 'illegal_status_move', 'already_leaving'],
  run: async (call) =>
    onDraft(call, async ({ scope, draft, person, event }) => {
      refuseIfChanged(draft, draft.content_hash);
      if (draft.status === 'drafted') return;
      if (!['approved', 'held'].includes(draft.status)) throw wrongStatus(draft, 'taken back');
      const { tx, org_id, clock } = scope;
      const attempts = await openAttempts.run({ org_id, queue_id: draft.queue_id }, tx);
      if (attempts.length > 0) throw alreadyLeaving();
      const user_id = person.actor.id;
      const withdrawn = await withdrawApproval.run(
        { org_id, draft_id: draft.id, user_id, now: clock.now() },
        tx,
      );
      if (withdrawn.length === 0) throw wrongStatus(draft, 'taken back');
      const taken_back = { event_type: 'approval_withdrawn', coordinator_action: 'withdraw' } as const;
      await recordEvents(scope, [{ ...event, ...taken_back }], person);
    }),
});
