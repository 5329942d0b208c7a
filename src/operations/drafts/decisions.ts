import { z } from 'zod';
import type { NewEvent } from '../../coordinator/gate/events.ts';
import { factsOf, lockAndReadLeads } from '../../coordinator/gate/facts.ts';
import { setOptOut } from '../../coordinator/gate/opt_out.ts';
import { rowsJson } from '../../coordinator/gate/rows.ts';
import { orgPolicy, type Scope } from '../../coordinator/gate/scope.ts';
import { touchRow } from '../../coordinator/gate/touches.ts';
import { keepSpacing } from '../../coordinator/sending/outcomes.ts';
import { ADDRESSES, CHANNELS } from '../../core/channels.ts';
import { decide } from '../../core/gate/gates.ts';
import { storedFacts } from '../../core/gate/stored_facts.ts';
import { missingAddress, UNREACHABLE } from '../../core/gate/unreachable.ts';
import * as drafts from '../../db/queries/drafts.gen.ts';
import { clearWrongNumber } from '../../db/queries/leads.gen.ts';
import { getQueueItem, setItemStatus } from '../../db/queries/send_queue.gen.ts';
import { insertTouches } from '../../db/queries/touches.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { TOUCH_RESULT_VALUES, type TouchResult } from '../../schema.gen.ts';
import { draftBody, existing, id, inputInvalid, reason, subjectLine, verdictOf } from '../fields.ts';
import { operation } from '../operation.ts';
import {
  insertVersion,
  onDraft,
  type Person,
  refuseIfChanged,
  refuseIfLeaving,
  wrongStatus,
} from './access.ts';
import { draftDetail } from './output.ts';

/** Statuses before a message is sent. */
const UNSENT = ['drafted', 'approved', 'held', 'failed'] as const;

export const approveDraft = operation({
  name: 'approve_draft',
  summary:
    'Approve exactly this text. It leaves when every gate passes, after a few seconds in which the approval can be withdrawn.',
  http: { method: 'POST', path: '/drafts/{id}/approve' },
  cli: { command: 'approve', args: ['id'] },
  input: z.object({ id, content_hash: z.string().max(64).describe('the hash of the text that you read') }),
  output: draftDetail,
  errors: 'not_found draft_changed illegal_status_move four_eyes not_approver',
  run: async (call) =>
    onDraft(call, async ({ scope, draft, person, record }) => {
      refuseIfChanged(draft, call.input.content_hash);
      if (draft.status === 'approved' || draft.status === 'sent') return;
      if (draft.status !== 'drafted') throw wrongStatus(draft, 'approved');
      await approveText(scope, draft, person);
      await moveItem(scope, draft, 'approved', ['drafted'], null);
      await record({ event_type: 'approved', coordinator_action: 'approve' });
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
    onDraft(call, async ({ scope, draft, person, record }) => {
      refuseIfChanged(draft, call.input.content_hash);
      await refuseIfLeaving(scope, draft, UNSENT, 'edited');
      const subject = CHANNELS[draft.channel].has_subject ? (call.input.subject ?? draft.subject) : null;
      const body = call.input.body ?? draft.body;
      if (subject === draft.subject && body === draft.body) return;
      await insertVersion(scope, draft, { subject, body }, { written_by_user_id: person.actor.id });
      await record({ event_type: 'edited', coordinator_action: 'edit' });
    }),
});

export const rejectDraft = operation({
  name: 'reject_draft',
  summary: 'Reject a draft with a reason. The touch is dropped; its enrollment continues with the next step.',
  http: { method: 'POST', path: '/drafts/{id}/reject' },
  cli: { command: 'reject', args: ['id'] },
  input: z.object({ id, reason, content_hash: z.string().max(64).optional() }),
  output: draftDetail,
  errors: 'not_found draft_changed illegal_status_move already_leaving not_approver',
  run: async (call) =>
    onDraft(call, async ({ scope, draft, person, record }) => {
      refuseIfChanged(draft, call.input.content_hash ?? draft.content_hash);
      await refuseIfLeaving(scope, draft, UNSENT, 'rejected');
      const { tx, org_id, clock } = scope;
      const { reason } = call.input;
      const by = { rejected_by_user_id: person.actor.id, rejected_at: clock.now() };
      await drafts.insertRejection.run({ org_id, id: newId(clock), draft_id: draft.id, reason, ...by }, tx);
      await moveItem(scope, draft, 'canceled', [...UNSENT], `rejected: ${reason}`);
      const detail = { reason };
      await record({ event_type: 'draft_rejected', coordinator_action: 'reject', detail });
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
      .describe('record it even if a gate refuses: it was already sent'),
    result: z
      .enum(TOUCH_RESULT_VALUES)
      .optional()
      .describe('how a call ended; required for one; opted_out opts the lead out at once'),
  }),
  output: draftDetail,
  errors: `
    not_found draft_changed illegal_status_move not_personal gate_refused four_eyes not_approver
    not_assigned`,
  run: async (call) =>
    onDraft(call, async ({ scope, draft, person, record }) => {
      refuseIfChanged(draft, call.input.content_hash);
      if (!draft.requires_personal_send) throw notPersonal();
      if (!['drafted', 'approved', 'held'].includes(draft.status)) throw wrongStatus(draft, 'marked sent');
      const result = resultOf(draft, call.input.result);
      const { tx, org_id } = scope;
      const item = existing(await getQueueItem.one({ org_id, id: draft.queue_id }, tx), 'draft');
      const { version: policy_version, policy } = await orgPolicy(scope);
      const { now_ms, leads } = await lockAndReadLeads(scope, [draft.lead_id], policy, { wait: true });
      const lead = leads.get(draft.lead_id)!;
      const decision = decide(factsOf(lead, item, 'sent', now_ms), policy);
      const is_allowed = decision.outcome === 'allow' && missingAddress(draft.channel, lead) === null;
      if (!is_allowed && !call.input.already_sent) throw gateRefused(decision, draft);
      // An approver may have approved it before the assigned person sent it.
      if (draft.approved_at === null) await approveText(scope, draft, person);
      const at = new Date(now_ms);
      const trace = decision.trace as unknown as NonNullable<NewEvent['trace']>;
      const resolution = is_allowed ? 'personal' : 'outside_gate';
      await record(
        {
          event_type: 'marked_sent',
          coordinator_action: 'record',
          resolution,
          moment: 'sent',
          policy_version,
          trace,
          facts: storedFacts(decision),
          touch_cap_at_event: decision.touches_in_window,
          ...(result === null ? {} : { detail: { result } }),
        },
        now_ms,
      );
      const row = touchRow(scope, item, now_ms);
      await insertTouches.run(
        { rows: rowsJson([{ ...row, outcome: 'marked_sent', settled_at: at, result }]) },
        tx,
      );
      await moveItem(scope, draft, 'sent', ['drafted', 'approved', 'held'], null, at);
      await keepSpacing(scope, item, at);
      if (result === 'wrong_number')
        await clearWrongNumber.run({ org_id, id: draft.lead_id, phone: draft.to_id, now: at }, tx);
      if (result === 'opted_out')
        await setOptOut(scope, { org_id, ...person.actor }, draft.lead_id, 'asked in a call', item.id);
    }),
});

/** The result, for channels that show it to the person. */
function resultOf({ channel }: drafts.GetDraftResult, result: TouchResult | undefined): TouchResult | null {
  const { results, noun } = CHANNELS[channel];
  if (result === undefined && results.length === 0) return null;
  if (result !== undefined && results.includes(result)) return result;
  const message = results.length === 0 ? `${noun} has no result` : `expected ${results.join(', ')}`;
  throw inputInvalid({ path: 'result', message });
}

async function approveText({ tx, org_id, clock }: Scope, draft: drafts.GetDraftResult, person: Person) {
  const { id: draft_id, content_hash } = draft;
  const by = { approved_by_user_id: person.actor.id, approved_at: clock.now() };
  await drafts.insertApproval.run({ org_id, id: newId(clock), draft_id, content_hash, ...by }, tx);
}

async function moveItem(
  scope: Scope,
  draft: drafts.GetDraftResult,
  to_status: 'approved' | 'canceled' | 'sent',
  from_statuses: drafts.GetDraftResult['status'][],
  error: string | null,
  sent_at: Date | null = null,
): Promise<void> {
  const { tx, org_id } = scope;
  const change = { to_status, from_statuses, error, sent_at };
  const moved = await setItemStatus.run({ org_id, id: draft.queue_id, ...change }, tx);
  if (moved.length === 0) throw wrongStatus(draft, to_status);
}

const notPersonal = () =>
  new AppError('not_personal', 'Touchline sends this touch.', {
    hint: 'Approve it; it is sent when every gate passes.',
  });

/** A gate does not pass, or the lead lost the address: it was removed, or its number is suppressed. */
function gateRefused(decision: ReturnType<typeof decide>, { channel }: drafts.GetDraftResult): AppError {
  const { reason, until } = verdictOf(decision);
  const when = until === null ? '' : ` It fits from ${until}.`;
  const why =
    reason === null
      ? `The lead has no ${ADDRESSES[CHANNELS[channel].address]} that may be used.`
      : `A gate does not pass this touch now (${reason}).${when}`;
  return new AppError('gate_refused', why, {
    hint: 'If it was already sent, repeat with already_sent: true so it counts.',
    extra: { reason: reason ?? UNREACHABLE, until, trace: decision.trace },
  });
}
