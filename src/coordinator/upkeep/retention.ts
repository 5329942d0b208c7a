import { DAY_MS } from '../../core/durations.ts';
import { forgetCrmEvents } from '../../db/queries/crm_incoming.gen.ts';
import { deleteExpiredIdempotencyKeys } from '../../db/queries/idempotency_keys.gen.ts';
import { deleteInboundSources } from '../../db/queries/inbound.gen.ts';
import { forgetNotificationDeliveries } from '../../db/queries/notification_deliveries.gen.ts';
import { removePlayContent, removeProposalContent } from '../../db/queries/play_retention.gen.ts';
import { forgetWebhookDeliveries } from '../../db/queries/webhooks.gen.ts';
import type { OrgWork } from '../gate/org_work.ts';
import { inBatches } from './walks.ts';

const DELIVERIES_KEPT_MS = 30 * DAY_MS;

/** Deletes expired idempotency keys. Until then they only take space: a claim replaces an expired one. */
export async function forgetIdempotencyKeys(work: OrgWork): Promise<void> {
  await inBatches(work, 5_000, (due, { tx }) => deleteExpiredIdempotencyKeys.count(due, tx));
}

/** Deletes the sources of inbound messages after a month. Their classification stays. */
export async function removeInboundSources(work: OrgWork): Promise<void> {
  // Some of them have attachments.
  await inBatches(work, 500, (due, { tx }) => deleteInboundSources.count(due, tx));
}

/**
 * Removes the words of plays retired seven years ago, and of proposals without a readable play. Their ids, dates, and
 * reasons stay, because touches and events refer to them.
 */
export async function removeOldPlays(work: OrgWork): Promise<void> {
  await inBatches(work, 200, async (due, { org_id, tx }) => {
    const plays = await removePlayContent.run(due, tx);
    const proposal_ids = [...new Set(plays.map((row) => row.originating_proposal_id))];
    if (proposal_ids.length > 0) await removeProposalContent.run({ org_id, now: due.now, proposal_ids }, tx);
    return plays.length;
  });
}

/** Deletes settled events of the CRM after 30 days: until then, none is taken twice. */
export async function forgetCrmReports(work: OrgWork): Promise<void> {
  const before = new Date(work.clock.now_ms() - DELIVERIES_KEPT_MS);
  await inBatches(work, 5_000, ({ org_id, limit }, { tx }) =>
    forgetCrmEvents.count({ org_id, before, limit }, tx),
  );
}

/** Deletes deliveries of webhooks and notifications after 30 days, in which people can see them. */
export async function forgetDeliveries(work: OrgWork): Promise<void> {
  const before = new Date(work.clock.now_ms() - DELIVERIES_KEPT_MS);
  for (const { run } of [forgetWebhookDeliveries, forgetNotificationDeliveries])
    await inBatches(work, 1_000, async ({ org_id, limit }, { tx }) => {
      return (await run({ org_id, before, limit }, tx)).length;
    });
}
