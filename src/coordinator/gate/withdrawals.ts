import { cancelRequests, waitingTwins } from '../../db/queries/sequence_requests.gen.ts';
import type { PlayClosed } from './campaigns.ts';
import { recordEvents } from './events.ts';
import type { Scope } from './scope.ts';

type Withdrawal =
  | 'superseded'
  | 'merged'
  | 'already_enrolled'
  | 'no_steps'
  | 'campaign_archived'
  | PlayClosed;

/** Ends pending requests that no longer need an answer, and records it. */
export async function withdrawRequests(
  scope: Scope,
  ids: readonly string[],
  resolution: Withdrawal,
  now_ms: number,
): Promise<void> {
  if (ids.length === 0) return;
  const { tx, org_id } = scope;
  const withdrawn = await cancelRequests.run({ org_id, ids: [...ids], now: new Date(now_ms) }, tx);
  const canceled = { event_type: 'canceled', coordinator_action: 'cancel', resolution } as const;
  const events = withdrawn.map(({ id: request_id, ...row }) => ({
    ...row,
    ...canceled,
    request_id,
    moment: 'requested' as const,
  }));
  await recordEvents(scope, events, { now_ms });
}

/**
 * Withdraws older requests for a campaign that the lead is entering now; left alone, they would enroll the lead again after
 * it has left.
 */
export async function supersedeTwins(
  scope: Scope,
  entered: readonly { lead_id?: string; campaign_id?: string }[],
  now_ms: number,
): Promise<void> {
  if (entered.length === 0) return;
  const { tx, org_id } = scope;
  const lead_ids = entered.map((row) => row.lead_id!);
  const campaign_ids = entered.map((row) => row.campaign_id!);
  const twins = await waitingTwins.run({ org_id, lead_ids, campaign_ids }, tx);
  const ids = twins.map((row) => row.id);
  await withdrawRequests(scope, ids, 'superseded', now_ms);
}
