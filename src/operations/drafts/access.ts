import type { OperationContext } from '../../context.ts';
import { itemSubject, type NewEvent } from '../../coordinator/gate/events.ts';
import type { Scope } from '../../coordinator/gate/scope.ts';
import type { Tx } from '../../db/pool.ts';
import {
  type GetDraftResult,
  getDraft,
  type ListDraftVersionsResult,
  listDraftVersions,
} from '../../db/queries/drafts.gen.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { getQueueItem, lastAttemptOfItem } from '../../db/queries/send_queue.gen.ts';
import { AppError } from '../../errors.ts';
import { notFound, requirePerson } from '../fields.ts';
import { type Call, transact } from '../operation.ts';
import { departureOf } from './departure.ts';
import { rejectionOf } from './output.ts';
import { diffTexts } from './text_diff.ts';

export type Person = { actor: { kind: 'human'; id: string } };
type OnDraft = {
  scope: Scope;
  draft: GetDraftResult;
  person: Person;
  event: Omit<NewEvent, 'event_type' | 'coordinator_action'>;
};

/**
 * What a person does to a draft: in one transaction in their name, under the lead's lock, on the row as it is
 * then. Answers the current version as it is afterwards.
 */
export async function onDraft(
  { context, principal, input }: Call<{ id: string }>,
  act: (on: OnDraft) => Promise<void>,
) {
  const user_id = requirePerson(principal);
  const { org_id } = principal;
  const queue_id = await transact({ context, principal }, async (scope) => {
    const draft = await lockedDraft(scope.tx, org_id, input.id);
    const event = { ...itemSubject({ ...draft, id: draft.queue_id }), account_id: draft.account_id };
    await act({ scope, draft, person: { actor: { kind: 'human', id: user_id } }, event });
    return draft.queue_id;
  });
  context.nudge();
  const [item] = await getQueueItem.run({ org_id, id: queue_id }, context.db);
  return readDraft(context, org_id, item?.staged_draft_id ?? input.id);
}

async function lockedDraft(tx: Tx, org_id: string, draft_id: string): Promise<GetDraftResult> {
  const [found] = await getDraft.run({ org_id, id: draft_id }, tx);
  if (found === undefined) throw notFound('draft');
  await lockLeads.run({ org_id, lead_ids: [found.lead_id] }, tx);
  const [draft] = await getDraft.run({ org_id, id: draft_id }, tx);
  return draft!;
}

/** A draft as it is answered, with all its versions. */
export async function readDraft(
  { db, clock }: Pick<OperationContext, 'db' | 'clock'>,
  org_id: string,
  draft_id: string,
) {
  const [draft] = await getDraft.run({ org_id, id: draft_id }, db);
  if (draft === undefined) throw notFound('draft');
  const versions = await listDraftVersions.run({ org_id, queue_id: draft.queue_id }, db);
  const rejection = rejectionOf(draft);
  const [last_attempt = null] = await lastAttemptOfItem.run({ org_id, queue_id: draft.queue_id }, db);
  const departure = await departureOf({ db, clock }, org_id, draft);
  return { ...draft, ...departure, last_attempt, versions, diff: diffOf(draft, versions), rejection };
}

/** From the last text of an agent before it to the person's. */
function diffOf(draft: GetDraftResult, versions: readonly ListDraftVersionsResult[]) {
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

/** The text on the screen must be the text that is stored: anything else is refused, with what is there now. */
export function refuseIfChanged(draft: GetDraftResult, content_hash: string): void {
  if (draft.is_current && draft.content_hash === content_hash) return;
  // A version never changes: a hash that is not this one's was never that of what is named here.
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

export function wrongStatus(draft: GetDraftResult, verb: string): AppError {
  return new AppError('illegal_status_move', `A draft that is ${draft.status} cannot be ${verb}.`, {
    hint: `touchline drafts --status drafted lists those that wait; touchline explain ${draft.lead_email} says what became of this one.`,
  });
}

export function alreadyLeaving(): AppError {
  return new AppError('already_leaving', 'This message is being handed to the mail server.', {
    hint: 'Wait a moment: it will be sent, or it will be approved again.',
  });
}
