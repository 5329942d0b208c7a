import { HOUR_MS } from '../../core/durations.ts';
import type { Policy } from '../../core/gate/policy.ts';
import { localDayAt } from '../../core/gate/schedule.ts';
import { type Place, type SendLimits, SendPlan } from '../../core/gate/send_plan.ts';
import { bouncesOfMailbox, countedAttempts, plannedItems } from '../../db/queries/mailboxes.gen.ts';
import type { MailboxesRow } from '../../schema.gen.ts';
import type { OrgPolicy, Scope } from '../gate/scope.ts';

/** More than a mailbox can send in a day or has waiting; later items are planned behind these. */
const PLACES_MAX = 5_000;
const BOUNCE_WINDOW_MS = 24 * HOUR_MS;

export type LimitedMailbox = Pick<
  MailboxesRow,
  | 'id'
  | 'address'
  | 'hourly_cap'
  | 'daily_cap'
  | 'gap_seconds'
  | 'recipient_domain_daily_cap'
  | 'warm_up_began_on'
> & { own_time_zone: string };

/** Too many messages bounced: no new enrollment sends until `until_ms`. */
export type BounceStop = { sent_count: number; bounced_count: number; until_ms: number };

/** The messages that a mailbox may send now, and the time of the next ones, as read under its lock. */
export type MailboxTurn = {
  mailbox: Pick<LimitedMailbox, 'id' | 'address'>;
  plan: SendPlan;
  bounce_stop: BounceStop | null;
};

export function limitsOf(mailbox: LimitedMailbox, { mailbox_limits }: Policy): SendLimits {
  const shared = mailbox_limits.enforce ? mailbox_limits : NONE;
  const { warm_up_began_on: began_on } = mailbox;
  return {
    hourly_cap: mailbox.hourly_cap ?? shared.hourly_cap,
    daily_cap: mailbox.daily_cap ?? shared.daily_cap,
    gap_seconds: mailbox.gap_seconds ?? shared.gap_seconds,
    recipient_domain_daily_cap: mailbox.recipient_domain_daily_cap ?? shared.recipient_domain_daily_cap,
    warm_up: began_on === null ? null : { began_on, ...mailbox_limits.warm_up },
  };
}

const NONE = { hourly_cap: null, daily_cap: null, gap_seconds: 0, recipient_domain_daily_cap: null };

/** Read after locking the mailbox's row, in a separate statement: its counts cannot grow until the transaction ends. */
export async function readTurn(
  scope: Scope,
  mailbox: LimitedMailbox,
  { policy, version: policy_version }: OrgPolicy,
): Promise<MailboxTurn> {
  const { tx, org_id, clock } = scope;
  const now_ms = clock.now_ms();
  const limits = limitsOf(mailbox, policy);
  const places: Place[] = [];
  if (hasLimits(limits)) {
    const own = { org_id, mailbox_id: mailbox.id, limit: PLACES_MAX };
    places.push(...(await countedPlaces(scope, mailbox)));
    const planned = await plannedItems.run({ ...own, now: new Date(now_ms), policy_version }, tx);
    for (const { scheduled_at, recipient_domain: domain } of planned)
      places.push({ at_ms: scheduled_at.getTime(), domain });
  }
  const plan = new SendPlan(limits, mailbox.own_time_zone, places);
  const bounce_stop = await readBounceStop(scope, mailbox.id, policy);
  return { mailbox: { id: mailbox.id, address: mailbox.address }, plan, bounce_stop };
}

/** Messages sent, or possibly sent, in the last hour and since the mailbox's day began. */
export async function countedPlaces(
  { tx, org_id, clock }: Scope,
  mailbox: Pick<LimitedMailbox, 'id' | 'own_time_zone'>,
): Promise<Place[]> {
  const now_ms = clock.now_ms();
  const { start_ms } = localDayAt(now_ms, mailbox.own_time_zone);
  const since = new Date(Math.min(start_ms - 1, now_ms - HOUR_MS));
  const own = { org_id, mailbox_id: mailbox.id, since, limit: PLACES_MAX };
  const counted = await countedAttempts.run(own, tx);
  return counted.map(({ is_open, counted_at, recipient_domain: domain }) => {
    return { at_ms: is_open ? now_ms : Math.min(counted_at.getTime(), now_ms), domain };
  });
}

/** Null while the bounce rate is below the limit. A stop ends automatically, once the first bounce is a day old. */
export async function readBounceStop(
  { tx, org_id, clock }: Pick<Scope, 'tx' | 'org_id' | 'clock'>,
  mailbox_id: string,
  { mailbox_limits: { bounce_rate } }: Policy,
): Promise<BounceStop | null> {
  const now_ms = clock.now_ms();
  const since = new Date(now_ms - BOUNCE_WINDOW_MS);
  const [row] = await bouncesOfMailbox.run({ org_id, mailbox_id, since, now: new Date(now_ms) }, tx);
  const { sent_count, bounced_count, first_bounced_at } = row!;
  if (first_bounced_at === null || sent_count < bounce_rate.min_sent) return null;
  if (bounced_count * 100 < bounce_rate.percent * sent_count) return null;
  return { sent_count, bounced_count, until_ms: first_bounced_at.getTime() + BOUNCE_WINDOW_MS };
}

function hasLimits(limits: SendLimits): boolean {
  const { hourly_cap, daily_cap, gap_seconds, recipient_domain_daily_cap, warm_up } = limits;
  return (
    gap_seconds > 0 ||
    [hourly_cap, daily_cap, recipient_domain_daily_cap, warm_up].some((one) => one !== null)
  );
}
