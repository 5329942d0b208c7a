import { localDay } from '../../core/gate/schedule.ts';
import { newId } from '../../ids.ts';
import type { CampaignsRow, SalesSendQueueRow, TouchesRow } from '../../schema.gen.ts';
import type { Scope } from './scope.ts';

type TouchingItem = Pick<
  SalesSendQueueRow,
  'id' | 'lead_id' | 'enrollment_id' | 'campaign_id' | 'channel' | 'play_id' | 'originating_proposal_id'
> &
  Pick<CampaignsRow, 'sequence_type'>;

/** The ledger's row for a touch that is about to be sent. */
export function touchRow(
  scope: Scope,
  item: TouchingItem,
  time_zone: string,
  now_ms: number,
): Partial<TouchesRow> {
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
    local_day: localDay(now_ms, time_zone),
    time_zone,
    outcome: 'reserved',
    play_id: item.play_id,
    originating_proposal_id: item.originating_proposal_id,
  };
}
