import { setItemStatus } from '../../db/queries/send_queue.gen.ts';
import { newId } from '../../ids.ts';
import type {
  CadenceEventLogRow,
  CampaignsRow,
  QueueStatus,
  SalesSendQueueRow,
  TouchesRow,
} from '../../schema.gen.ts';
import type { Scope } from './scope.ts';

export type TouchingItem = Pick<
  SalesSendQueueRow,
  'id' | 'lead_id' | 'enrollment_id' | 'campaign_id' | 'channel' | 'play_id' | 'originating_proposal_id'
> &
  Pick<CampaignsRow, 'sequence_type'> &
  Pick<CadenceEventLogRow, 'step_number'>;

/** Moves a queue item to a status; false if it has left all of `from_statuses`. */
export async function moveItem(
  { tx, org_id }: Pick<Scope, 'tx' | 'org_id'>,
  id: string,
  from_statuses: QueueStatus[],
  to: { status: QueueStatus; error?: string | null; sent_at?: Date | null },
): Promise<boolean> {
  const { status: to_status, error = null, sent_at = null } = to;
  const moved = await setItemStatus.run({ org_id, id, to_status, from_statuses, error, sent_at }, tx);
  return moved.length > 0;
}

/** A reserved touch. The database adds the lead's time zone and the local day. */
export function touchRow(scope: Scope, item: TouchingItem, now_ms: number): Partial<TouchesRow> {
  return {
    org_id: scope.org_id,
    id: newId(scope.clock),
    lead_id: item.lead_id,
    enrollment_id: item.enrollment_id,
    queue_id: item.id,
    campaign_id: item.campaign_id,
    channel: item.channel,
    sequence_type: item.sequence_type,
    touched_at: new Date(now_ms),
    outcome: 'reserved',
    play_id: item.play_id,
    originating_proposal_id: item.originating_proposal_id,
  };
}
