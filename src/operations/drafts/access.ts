import type { OperationContext } from '../../context.ts';
import { itemSubject, type NewEvent, recordEvents } from '../../coordinator/gate/events.ts';
import { readLeads } from '../../coordinator/gate/facts.ts';
import { rowsJson } from '../../coordinator/gate/rows.ts';
import { orgPolicy, type Scope } from '../../coordinator/gate/scope.ts';
import { undoMs } from '../../coordinator/sending/undo_time.ts';
import { earliestDepartureMs } from '../../core/gate/departure.ts';
import * as drafts from '../../db/queries/drafts.gen.ts';
import {
  getQueueItem,
  lastAttemptOfItem,
  openAttempts,
  setItemDraft,
} from '../../db/queries/send_queue.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import type { Principal } from '../../principal.ts';
import type { StagedDraftsRow } from '../../schema.gen.ts';
import { existing, requirePerson, underLeadLock } from '../fields.ts';
import { type Call, transactWork } from '../operation.ts';
import { approversOf } from './approvers.ts';
import { rejectionOf } from './output.ts';
import { diffTexts } from './text_diff.ts';

export type Person = { actor: { kind: 'human'; id: string } };
type OnDraft = {
  scope: Scope;
  draft: drafts.GetDraftResult;
  person: Person;
  record(
    event: Partial<NewEvent> & Pick<NewEvent, 'event_type' | 'coordinator_action'>,
    now_ms?: number,
  ): Promise<unknown>;
};

/**
 * Acts on a draft in one transaction, in the user's name, under the lead's lock, on the current row. Returns the current
 * version afterwards.
 */
export async function onDraft(
  { context, principal, input }: Call<{ id: string }>,
  act: (on: OnDraft) => Promise<void>,
) {
  const user_id = requirePerson(principal);
  const { org_id } = principal;
  const queue_id = await transactWork({ context, principal }, async (scope) => {
    const draft = await underLeadLock(scope, drafts.getDraft, 'draft', input.id);
    const person: Person = { actor: { kind: 'human', id: user_id } };
    const about = { ...itemSubject({ ...draft, id: draft.queue_id }), account_id: draft.account_id };
    const record: OnDraft['record'] = (event, now_ms) =>
      recordEvents(scope, [{ ...about, ...event }], {
        ...person,
        ...(now_ms === undefined ? {} : { now_ms }),
      });
    await act({ scope, draft, person, record });
    return draft.queue_id;
  });
  const [item] = await getQueueItem.run({ org_id, id: queue_id }, context.db);
  return readDraft(context, principal, item?.staged_draft_id ?? input.id);
}

/** A draft with all its versions. */
export async function readDraft(
  { db, clock }: Pick<OperationContext, 'db' | 'clock'>,
  principal: Principal,
  draft_id: string,
) {
  const { org_id } = principal;
  const draft = existing(await drafts.getDraft.one({ org_id, id: draft_id }, db), 'draft');
  const versions = await drafts.listDraftVersions.run({ org_id, queue_id: draft.queue_id }, db);
  const rejection = rejectionOf(draft);
  const [last_attempt = null] = await lastAttemptOfItem.run({ org_id, queue_id: draft.queue_id }, db);
  const departure = await departureOf({ db, clock }, org_id, draft);
  const decided_by = (await approversOf(db, principal, [draft.queue_id])).get(draft.queue_id)!;
  return {
    ...draft,
    ...decided_by,
    ...departure,
    last_attempt,
    versions,
    diff: diffOf(draft, versions),
    rejection,
  };
}

/** When an approved message is sent, as far as known. People send manual ones at any time. */
async function departureOf(
  { db, clock }: Pick<OperationContext, 'db' | 'clock'>,
  org_id: string,
  draft: drafts.GetDraftResult,
): Promise<{ undo_until: Date | null; leaves_at: Date | null }> {
  const { status, approved_at, requires_personal_send } = draft;
  if (status !== 'approved' || approved_at === null || requires_personal_send)
    return { undo_until: null, leaves_at: null };
  const { policy } = await orgPolicy({ tx: db, org_id });
  const undo_ms = undoMs(policy, clock.speed);
  const undo_until_ms = approved_at.getTime() + undo_ms;
  const now_ms = clock.now_ms();
  const leads = await readLeads({ tx: db, org_id, clock }, [draft.lead_id], policy, now_ms);
  const lead = leads.get(draft.lead_id)!;
  const { public_holidays } = lead.calendar;
  const from_ms = Math.max(now_ms, undo_until_ms, draft.scheduled_at.getTime());
  const touch = { ...lead, public_holidays, sequence_type: draft.sequence_type };
  const leaves_ms = earliestDepartureMs(touch, policy, now_ms, from_ms);
  const is_later = leaves_ms !== null && leaves_ms > Math.max(now_ms, undo_until_ms);
  const undo_until = undo_ms === 0 ? null : new Date(undo_until_ms);
  return { undo_until, leaves_at: is_later ? new Date(leaves_ms) : null };
}

/** From the agent's last text to the person's. */
function diffOf(draft: drafts.GetDraftResult, versions: readonly drafts.ListDraftVersionsResult[]) {
  if (draft.written_by_user_id === null) return null;
  const before = versions.findLast((one) => one.version < draft.version && one.written_by_agent_id !== null);
  if (before === undefined) return null;
  return {
    from_version: before.version,
    to_version: draft.version,
    subject: diffTexts(before.subject ?? '', draft.subject ?? ''),
    body: diffTexts(before.body, draft.body),
  };
}

/** Stores a text as the next version, which becomes the current one. */
export async function insertVersion(
  { tx, org_id, clock }: Scope,
  { queue_id, version, channel, to_id, context }: drafts.GetDraftResult,
  text: { subject: string | null; body: string },
  author: { written_by_user_id: string } | { written_by_agent_id: string },
): Promise<string> {
  const id = newId(clock);
  const row: Partial<StagedDraftsRow> = {
    ...{ org_id, id, queue_id, channel, to_id, context, ...text, version: version + 1, template_hash: null },
    ...{ written_by_user_id: null, written_by_agent_id: null, ...author, created_at: clock.now() },
  };
  await drafts.insertDrafts.run({ rows: rowsJson([row]) }, tx);
  await setItemDraft.run({ org_id, id: queue_id, draft_id: id }, tx);
  return id;
}

/** The text on screen must be the stored text: any other hash is refused. */
export function refuseIfChanged(draft: drafts.GetDraftResult, content_hash: string): void {
  if (draft.is_current && draft.content_hash === content_hash) return;
  // Versions never change: a hash of another text was never this version's.
  const detail = draft.is_current
    ? 'This is not the hash of the current text.'
    : 'The text changed since you read it.';
  throw new AppError('draft_changed', detail, {
    hint: `Read the current version (touchline draft ${draft.current_draft_id}), then decide again with its content_hash.`,
    extra: {
      draft_id: draft.id,
      current_draft_id: draft.current_draft_id,
      queue_id: draft.queue_id,
      is_current: draft.is_current,
    },
  });
}

/** Throws unless the draft has one of these statuses and no attempt to send it is open. */
export async function refuseIfLeaving(
  { tx, org_id }: Scope,
  draft: drafts.GetDraftResult,
  statuses: readonly drafts.GetDraftResult['status'][],
  verb: string,
): Promise<void> {
  if (!statuses.includes(draft.status)) throw wrongStatus(draft, verb);
  const attempts = await openAttempts.run({ org_id, queue_id: draft.queue_id }, tx);
  if (attempts.length > 0) throw alreadyLeaving();
}

export const wrongStatus = (draft: drafts.GetDraftResult, verb: string) =>
  new AppError('illegal_status_move', `A draft that is ${draft.status} cannot be ${verb}.`, {
    hint: `touchline drafts --status drafted lists pending drafts; touchline explain ${draft.lead_email} explains this draft.`,
  });

const alreadyLeaving = () =>
  new AppError('already_leaving', 'This message is being handed to the mail server.', {
    hint: 'Try again in a moment: the message is then sent, or approved again.',
  });
