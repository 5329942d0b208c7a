import { exitEnrollments, listOpenEnrollmentsOfLeads } from '../../db/queries/enrollments.gen.ts';
import {
  type CancelItemsOfLeadsParams,
  type CancelItemsOfLeadsResult,
  cancelItemsOfLeads,
} from '../../db/queries/send_queue.gen.ts';
import { cancelRequestsOfLeads } from '../../db/queries/sequence_requests.gen.ts';
import { cancelTasksOfItems } from '../../db/queries/tasks.gen.ts';
import { enrollmentSubject, type NewEvent, recordEvents } from './events.ts';
import type { Scope } from './scope.ts';

/**
 * Ends all open work for these leads at once: pending requests, enrollments (as `rejected`), open touches, and their tasks.
 * Nothing more is sent, except a message that the mail server already has. Call under the leads' locks, as the coordinator.
 */
export async function stopLeads(
  scope: Scope,
  lead_ids: readonly string[],
  cause: 'compliance_block',
): Promise<void> {
  if (lead_ids.length === 0) return;
  const { tx, org_id } = scope;
  const now = scope.clock.now();
  const ids = [...lead_ids];
  const requests = await cancelRequestsOfLeads.run({ org_id, lead_ids: ids, now }, tx);
  const items = await cancelOpenTouches(scope, { lead_ids: ids, error: cause, enrollment_ids: null });
  const open = await listOpenEnrollmentsOfLeads.run({ org_id, lead_ids: ids }, tx);
  const exited = await exitEnrollments.run(
    { org_id, ids: open.map((row) => row.id), status: 'rejected', exit_reason: cause, now },
    tx,
  );
  const blocked = { coordinator_action: 'block', suppressed_reason: cause, resolution: cause } as const;
  const events: NewEvent[] = [
    ...requests.map(({ id: request_id, ...row }): NewEvent => {
      return { ...blocked, ...row, request_id, event_type: 'suppressed' };
    }),
    ...items.map(({ id: queue_id, ...row }): NewEvent => {
      return { ...blocked, ...row, queue_id, event_type: 'canceled' };
    }),
    ...exited.map((row): NewEvent => ({ ...blocked, ...enrollmentSubject(row), event_type: 'exited' })),
  ];
  await recordEvents(scope, events);
}

/** Cancels open touches, with their tasks, in all enrollments of the leads or in these. Returns the touches. */
export async function cancelOpenTouches(
  { tx, org_id, clock }: Scope,
  asked: Omit<CancelItemsOfLeadsParams, 'org_id'>,
): Promise<CancelItemsOfLeadsResult[]> {
  const items = await cancelItemsOfLeads.run({ org_id, ...asked }, tx);
  const queue_ids = items.map(({ id }) => id);
  if (queue_ids.length > 0) await cancelTasksOfItems.run({ org_id, queue_ids, now: clock.now() }, tx);
  return items;
}
