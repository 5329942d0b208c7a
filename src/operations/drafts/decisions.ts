import { z } from 'zod';
import { type NewEvent, recordEvents } from '../../coordinator/gate/events.ts';
import { factsOf, lockAndReadLeads } from '../../coordinator/gate/facts.ts';
import { rowsJson } from '../../coordinator/gate/rows.ts';
import { orgPolicy, type Scope } from '../../coordinator/gate/scope.ts';
import { touchRow } from '../../coordinator/gate/touches.ts';
import { keepSpacing } from '../../coordinator/sending/outcomes.ts';
import { CHANNELS } from '../../core/channels.ts';
import { decide } from '../../core/gate/gates.ts';
import { storedFacts } from '../../core/gate/stored_facts.ts';
import {
  type GetDraftResult,
  insertApproval,
  insertDrafts,
  insertRejection,
} from '../../db/queries/drafts.gen.ts';
import { clearWrongNumber } from '../../db/queries/leads.gen.ts';
import { getQueueItem, openAttempts, setItemDraft, setItemStatus } from '../../db/queries/send_queue.gen.ts';
import { insertTouches } from '../../db/queries/touches.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { type StagedDraftsRow, TOUCH_RESULT_VALUES, type TouchResult } from '../../schema.gen.ts';
import { draftBody, id, notFound, reason, subjectLine } from '../fields.ts';
import { operation } from '../operation.ts';
import { inputInvalid } from '../tasks/access.ts';
import { alreadyLeaving, onDraft, type Person, refuseIfChanged, wrongStatus } from './access.ts';
import { draftDetail } from './output.ts';

export const approveDraft = operation({
  name: 'approve_draft',
  summary:
    'Approve exactly this text. It leaves when every gate passes, after a few seconds in which the approval can be withdrawn.',
  http: { method: 'POST', path: '/drafts/{id}/approve' },
  cli: { command: 'approve', args: ['id'] },
  input: z.object({ id, content_hash: z.string().max(64).describe('the hash of the text that you read') }),
  output: draftDetail,
  errors: 'not_found draft_changed illegal_status_move four_eyes',
  run: async (call) =>
    onDraft(call, async ({ scope, draft, person, event }) => {
      refuseIfChanged(draft, call.input.content_hash);
      if (draft.status === 'approved' || draft.status === 'sent') return;
      if (draft.status !== 'drafted') throw wrongStatus(draft, 'approved');
      await approveText(scope, draft, person);
      await moveItem(scope, draft, 'approved', ['drafted'], null);
      await recordEvents(
        scope,
        [{ ...event, event_type: 'approved', coordinator_action: 'approve' }],
        person,
      );
    }),
});

export const editDraft = operation({
  name: 'edit_draft',
  summary: 'Write a new version. The earlier version stays readable; its approval no longer counts.',
  http: { method: 'POST', path: '/drafts/{id}/versions' },
  cli: { command: 'edit draft', args: ['id'] },
  input: z.object({
    id,
    content_hash: z.string().max(64).describe('the hash of the text that you changed'),
    subject: subjectLine.optional(),
    body: draftBody.optional(),
  }),
  output: draftDetail,
  errors: 'not_found draft_changed illegal_status_move already_leaving',
  run: async (call) =>
    onDraft(call, async ({ scope, draft, person, event }) => {
      refuseIfChanged(draft, call.input.content_hash);
      if (!['drafted', 'approved', 'held', 'failed'].includes(draft.status))
        throw wrongStatus(draft, 'edited');
      const attempts = await openAttempts.run({ org_id: scope.org_id, queue_id: draft.queue_id }, scope.tx);
      if (attempts.length > 0) throw alreadyLeaving();
      const subject = CHANNELS[draft.channel].has_subject ? (call.input.subject ?? draft.subject) : null;
      const body = call.input.body ?? draft.body;
      if (subject === draft.subject && body === draft.body) return;
      const draft_id = await insertVersion(scope, draft, { subject, body }, person.actor.id);
      await setItemDraft.run({ org_id: scope.org_id, id: draft.queue_id, draft_id }, scope.tx);
      await recordEvents(scope, [{ ...event, event_type: 'edited', coordinator_action: 'edit' }], person);
    }),
});

export const rejectDraft = operation({
  name: 'reject_draft',
  summary: 'Reject a draft with a reason. The touch is dropped; its enrollment continues with the next step.',
  http: { method: 'POST', path: '/drafts/{id}/reject' },
  cli: { command: 'reject', args: ['id'] },
  input: z.object({ id, reason, content_hash: z.string().max(64).optional() }),
  output: draftDetail,
  errors: 'not_found draft_changed illegal_status_move already_leaving',
  run: async (call) =>
    onDraft(call, async ({ scope, draft, person, event }) => {
      refuseIfChanged(draft, call.input.content_hash ?? draft.content_hash);
      if (!['drafted', 'approved', 'held', 'failed'].includes(draft.status))
        throw wrongStatus(draft, 'rejected');
      const attempts = await openAttempts.run({ org_id: scope.org_id, queue_id: draft.queue_id }, scope.tx);
      if (attempts.length > 0) throw alreadyLeaving();
      await insertRejection.run(
        {
          org_id: scope.org_id,
          id: newId(scope.clock),
          draft_id: draft.id,
          reason: call.input.reason,
          rejected_by_user_id: person.actor.id,
          rejected_at: scope.clock.now(),
        },
        scope.tx,
      );
      await moveItem(
        scope,
        draft,
        'canceled',
        ['drafted', 'approved', 'held', 'failed'],
        `rejected: ${call.input.reason}`,
      );
      const detail = { reason: call.input.reason };
      await recordEvents(
        scope,
        [{ ...event, event_type: 'draft_rejected', coordinator_action: 'reject', detail }],
        person,
      );
    }),
});

export const markSent = operation({
  name: 'mark_sent',
  summary: 'Mark a text as sent by yourself. It counts like any other touch.',
  http: { method: 'POST', path: '/drafts/{id}/mark_sent' },
  cli: { command: 'mark sent', args: ['id'] },
  input: z.object({
    id,
    content_hash: z.string().max(64).describe('the hash of the text that you sent'),
    already_sent: z
      .boolean()
      .default(false)
      .describe('it has left already: record it even where the gate would not have let it'),
    result: z.enum(TOUCH_RESULT_VALUES).optional().describe('how a call ended; required for one'),
  }),
  output: draftDetail,
  errors: 'not_found draft_changed illegal_status_move not_personal gate_refused four_eyes',
  run: async (call) =>
    onDraft(call, async ({ scope, draft, person, event }) => {
      refuseIfChanged(draft, call.input.content_hash);
      if (!draft.requires_personal_send) throw notPersonal();
      if (!['drafted', 'approved', 'held'].includes(draft.status)) throw wrongStatus(draft, 'marked sent');
      const result = resultOf(draft, call.input.result);
      const [item] = await getQueueItem.run({ org_id: scope.org_id, id: draft.queue_id }, scope.tx);
      if (item === undefined) throw notFound('draft');
      const { version: policy_version, policy } = await orgPolicy(scope);
      const { now_ms, leads } = await lockAndReadLeads(scope, [draft.lead_id], policy, { wait: true });
      const lead = leads.get(draft.lead_id)!;
      const decision = decide(factsOf(lead, item, 'sent', now_ms), policy);
      if (decision.outcome !== 'allow' && !call.input.already_sent) throw gateRefused(decision);
      await approveText(scope, draft, person);
      const at = new Date(now_ms);
      const touch = {
        ...touchRow(scope, item, lead.time_zone, now_ms),
        outcome: 'marked_sent' as const,
        settled_at: at,
        result,
      };
      await insertTouches.run({ rows: rowsJson([touch]) }, scope.tx);
      await setItemStatus.run(
        {
          org_id: scope.org_id,
          id: item.id,
          to_status: 'sent',
          from_statuses: ['drafted', 'approved', 'held'],
          error: null,
          sent_at: at,
        },
        scope.tx,
      );
      await keepSpacing(scope, item, at);
      if (result === 'wrong_number')
        await clearWrongNumber.run(
          { org_id: scope.org_id, id: draft.lead_id, phone: draft.to_id, now: at },
          scope.tx,
        );
      const trace = decision.trace as unknown as NonNullable<NewEvent['trace']>;
      const resolution = decision.outcome === 'allow' ? 'personal' : 'outside_gate';
      const sent = {
        event_type: 'marked_sent',
        coordinator_action: 'record',
        resolution,
        moment: 'sent',
        policy_version,
        trace,
        facts: storedFacts(decision),
        touch_cap_at_event: decision.touches_in_window,
        ...(result === null ? {} : { detail: { result } }),
      } as const;
      await recordEvents(scope, [{ ...event, ...sent }], { ...person, now_ms });
    }),
});

/** How the touch ended, where its channel shows that to the person. */
function resultOf({ channel }: GetDraftResult, result: TouchResult | undefined): TouchResult | null {
  const { results, noun } = CHANNELS[channel];
  if (result === undefined && results.length === 0) return null;
  if (result !== undefined && results.includes(result)) return result;
  const message = results.length === 0 ? `${noun} has no result` : `expected ${results.join(', ')}`;
  throw inputInvalid([{ path: 'result', message }]);
}

async function approveText(scope: Scope, draft: GetDraftResult, person: Person): Promise<void> {
  await insertApproval.run(
    {
      org_id: scope.org_id,
      id: newId(scope.clock),
      draft_id: draft.id,
      content_hash: draft.content_hash,
      approved_by_user_id: person.actor.id,
      approved_at: scope.clock.now(),
    },
    scope.tx,
  );
}

async function insertVersion(
  scope: Scope,
  draft: GetDraftResult,
  text: { subject: string | null; body: string },
  written_by_user_id: string,
): Promise<string> {
  const draft_id = newId(scope.clock);
  const row: Partial<StagedDraftsRow> = {
    org_id: scope.org_id,
    id: draft_id,
    queue_id: draft.queue_id,
    version: draft.version + 1,
    channel: draft.channel,
    to_id: draft.to_id,
    ...text,
    context: draft.context,
    template_hash: null,
    written_by_agent_id: null,
    written_by_user_id,
    created_at: scope.clock.now(),
  };
  await insertDrafts.run({ rows: rowsJson([row]) }, scope.tx);
  return draft_id;
}

async function moveItem(
  scope: Scope,
  draft: GetDraftResult,
  to_status: 'approved' | 'canceled',
  from_statuses: GetDraftResult['status'][],
  error: string | null,
): Promise<void> {
  const moved = await setItemStatus.run(
    { org_id: scope.org_id, id: draft.queue_id, to_status, from_statuses, error, sent_at: null },
    scope.tx,
  );
  if (moved.length === 0) throw wrongStatus(draft, to_status);
}

function notPersonal(): AppError {
  return new AppError('not_personal', 'This touch is sent by Touchline, not by you.', {
    hint: 'Approve it; the coordinator sends it when the gate lets it.',
  });
}

function gateRefused(decision: ReturnType<typeof decide>): AppError {
  const until = decision.until_ms === null ? null : new Date(decision.until_ms).toISOString();
  const when = until === null ? '' : ` It fits from ${until}.`;
  return new AppError(
    'gate_refused',
    `The gate does not let this touch go now (${decision.reason}).${when}`,
    {
      hint: 'If it has left already, say so with already_sent: true, so that it counts.',
      extra: { reason: decision.reason, until, trace: decision.trace },
    },
  );
}
