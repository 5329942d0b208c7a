import type { WebhookAnswer } from '../../connectors/connector.ts';
import { DAY_MS, HOUR_SECONDS } from '../../core/durations.ts';
import * as sql from '../../db/queries/webhooks.gen.ts';
import { notify } from '../gate/flags.ts';
import type { Scope } from '../gate/scope.ts';

/** The schedule that Standard Webhooks recommends: ten attempts in a little over three days. */
const WAITS_S = [5, 5 * 60, 30 * 60, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR_SECONDS)];
/** Seconds from this failed attempt to the next; undefined after the last. */
export function waitAfter(attempt_count: number): number | undefined {
  return WAITS_S[attempt_count - 1];
}

/** A receiver without a successful answer for this long is gone. */
const FAILING_MAX_MS = 5 * DAY_MS;
/** Longer than any exchange: a claimant that has not settled by then is dead. */
const LEASE_MS = 60_000;
const ADMINS_MAX = 1_000;
/** The receiver wants no further deliveries (RFC 9110 section 15.5.11). */
const GONE = 410;

export type WebhookDelivery = sql.ClaimWebhookDeliveriesResult;
type DisabledReason = 'gone' | 'failing' | 'secret_lost';

/** Claims due deliveries, at most `each` per webhook, until a minute from now or the claimant's end. */
export function claimDeliveries(
  { tx, org_id, clock, process_id = null }: Scope,
  { busy, each, limit }: { busy: readonly string[]; each: number; limit: number },
): Promise<WebhookDelivery[]> {
  const now = clock.now();
  const lease_until = new Date(now.getTime() + LEASE_MS * clock.speed);
  return sql.claimWebhookDeliveries.run(
    { org_id, now, lease_until, process_id, busy: [...busy], each, limit },
    tx,
  );
}

/** Null: this process cannot open the secret, so it cannot sign. */
export async function settleDelivery(
  scope: Scope,
  delivery: WebhookDelivery,
  answer: WebhookAnswer | null,
): Promise<void> {
  const { tx, org_id } = scope;
  const now = scope.clock.now();
  const { id, attempt_count, webhook_id } = delivery;
  const went = answer?.kind === 'answered' && answer.status >= 200 && answer.status < 300;
  const gone = answer === null || (answer.kind === 'answered' && answer.status === GONE);
  const wait_s = waitAfter(attempt_count);
  const again = !went && !gone && wait_s !== undefined;
  const settled = await sql.settleWebhookDelivery.run(
    {
      org_id,
      id,
      attempt_count,
      now,
      status: went ? 'delivered' : again ? 'pending' : 'failed',
      next_at: again ? new Date(now.getTime() + wait_s * 1_000) : null,
      last_status: answer?.kind === 'answered' ? answer.status : null,
      last_error: answer === null ? 'secret_lost' : answer.kind === 'answered' ? null : answer.why,
    },
    tx,
  );
  if (settled.length === 0) return;
  if (went) {
    await sql.markWebhookWell.run({ org_id, id: webhook_id }, tx);
    return;
  }
  const [failing] = await sql.markWebhookFailing.run({ org_id, id: webhook_id, now }, tx);
  if (failing === undefined) return;
  if (gone) await disable(scope, delivery, answer === null ? 'secret_lost' : 'gone');
  else if (now.getTime() - failing.failing_since.getTime() >= FAILING_MAX_MS)
    await disable(scope, delivery, 'failing');
}

/** Notifies every admin once: a disabled webhook receives nothing further. */
async function disable(
  scope: Scope,
  { webhook_id, url }: WebhookDelivery,
  reason: DisabledReason,
): Promise<void> {
  const { tx, org_id, clock } = scope;
  const disabled = await sql.disableWebhook.run({ org_id, id: webhook_id, reason, now: clock.now() }, tx);
  if (disabled.length === 0) return;
  scope.log?.warn({ org_id, webhook_id, reason }, 'a webhook was disabled');
  const admins = await sql.activeAdmins.run({ org_id, limit: ADMINS_MAX }, tx);
  // The path may be as good as a password.
  const detail = { webhook_id, reason, host: new URL(url).host };
  const notes = admins.map(({ id: to_user_id }) => ({ kind: 'webhook_disabled', to_user_id, detail }));
  await notify(scope, notes);
}
