/** The queue of notices that leave, and the digests of each day. */

import { DAY_MS } from '../../core/durations.ts';
import { NOTIFICATION_GROUPS, type NotificationGroup } from '../../core/explain/notices.ts';
import { digestDay } from '../../core/gate/business_days.ts';
import * as sql from '../../db/queries/notification_deliveries.gen.ts';
import {
  markNotificationWebhookFailing,
  markNotificationWebhookWell,
} from '../../db/queries/notification_preferences.gen.ts';
import { getOrganization } from '../../db/queries/principals.gen.ts';
import { holidayCalendars } from '../gate/public_holidays.ts';
import { orgPolicy, type Scope } from '../gate/scope.ts';
import { waitAfter } from '../webhooks/webhooks.ts';
import {
  DIGEST_ITEMS_MAX,
  digestMail,
  type Notice,
  type NoticeForm,
  type NoticeMail,
  noticeMail,
  noticeOf,
} from './notices.ts';

export type NoticeDelivery = sql.ClaimNotificationDeliveriesResult;
export type Medium = 'email' | 'webhook';

/** A first digest, or one after a long outage, goes back this far. */
const DIGEST_BACK_MS = 7 * DAY_MS;
/** More news is not counted. */
const NEWS_MAX = 1_000;
/** A notice that could not leave for this long is no news. */
const STALE_MS = 4 * DAY_MS;

/** The message and its recipient; `skipped` if it is no longer wanted, `unknown` if an earlier attempt began DATA. */
export type ToSend =
  | { kind: 'email'; to: { name: string; address: string }; mail: NoticeMail }
  | { kind: 'webhook'; form: NoticeForm; sealed: Buffer; notice: Notice }
  | { kind: 'skipped' | 'unknown' };

/**
 * Queues today's digests if their time has come; a repeat changes nothing. Returns their day, or `done_on`, the day for which
 * this process has queued them.
 */
export async function queueDigests(scope: Scope, done_on: string | null): Promise<string | null> {
  const { tx, org_id, clock } = scope;
  const { policy } = await orgPolicy(scope);
  const { time_zone } = (await getOrganization.one({ org_id }, tx))!;
  const now_ms = clock.now_ms();
  const calendarOf = await holidayCalendars(policy.holidays, [null], now_ms);
  const dates = [...policy.holidays.dates, ...calendarOf(null).public_holidays];
  const calendar = { business_hours: policy.business_hours, holidays: { ...policy.holidays, dates } };
  const day = digestDay(now_ms, time_zone, calendar);
  if (day === null || day.digest_on === done_on) return done_on;
  const until = new Date(day.until_ms);
  const since = new Date(day.until_ms - DIGEST_BACK_MS);
  const { digest_on } = day;
  await sql.queueDigests.run({ org_id, digest_on, since, until, now: clock.now() }, tx);
  return digest_on;
}

/** Claims the oldest due delivery of each user and medium, for at most `lease_ms` or until the claimant ends. */
export function claimNotices(
  { tx, org_id, clock, process_id = null }: Scope,
  asked: { media: readonly Medium[]; busy: readonly string[]; limit: number; lease_ms: number },
): Promise<NoticeDelivery[]> {
  const now = clock.now();
  const lease_until = new Date(now.getTime() + asked.lease_ms * clock.speed);
  const { limit, media, busy } = asked;
  const claim = { org_id, now, lease_until, process_id, limit, media: [...media], busy: [...busy] };
  return sql.claimNotificationDeliveries.run(claim, tx);
}

/** Reads what a delivery says now: it holds ids only. */
export async function readNotice(
  { tx, org_id, clock }: Scope,
  delivery: NoticeDelivery,
  public_url: string,
): Promise<ToSend> {
  if (delivery.data_at !== null) return { kind: 'unknown' };
  const [user] = await sql.noticeRecipients.run({ org_id, ids: [delivery.user_id] }, tx);
  const is_stale = clock.now_ms() - delivery.created_at.getTime() > STALE_MS;
  if (user === undefined || user.deactivated_at !== null || is_stale) return { kind: 'skipped' };
  const { notices_include_lead_text: includes_lead } = (await getOrganization.one({ org_id }, tx))!;
  const shown = { public_url, includes_lead };
  const to = { name: user.name, address: user.email };
  const { notification_id } = delivery;
  if (notification_id === null) {
    const mail = await digestOf({ tx, org_id }, delivery, shown);
    return mail === null ? { kind: 'skipped' } : { kind: 'email', to, mail };
  }
  const [row] = await sql.noticesOf.run({ org_id, ids: [notification_id] }, tx);
  // Read in the browser before it left.
  if (row === undefined || row.read_at !== null) return { kind: 'skipped' };
  const notice = noticeOf(row, shown);
  if (delivery.medium === 'email') return { kind: 'email', to, mail: noticeMail(notice, public_url) };
  const { form, url: sealed } = user;
  if (form === null || sealed === null) return { kind: 'skipped' };
  return { kind: 'webhook', form: form as NoticeForm, sealed, notice };
}

/** Null if everything was read in the browser since. */
async function digestOf(
  { tx, org_id }: Pick<Scope, 'tx' | 'org_id'>,
  { user_id, digest_from, digest_until }: NoticeDelivery,
  shown: { public_url: string; includes_lead: boolean },
): Promise<NoticeMail | null> {
  const span = { since: digest_from!, until: digest_until!, limit: NEWS_MAX };
  const news = await sql.digestNews.run({ org_id, user_id, ...span }, tx);
  if (news.length === 0) return null;
  const by_group = Map.groupBy(news, ({ kind_group }) => kind_group as NotificationGroup);
  const urgent = NOTIFICATION_GROUPS.flatMap((group) => by_group.get(group) ?? []);
  const ids = urgent.slice(0, DIGEST_ITEMS_MAX).map(({ id }) => id);
  const rows = new Map((await sql.noticesOf.run({ org_id, ids }, tx)).map((row) => [row.id, row]));
  const notices = ids.flatMap((id) => (rows.has(id) ? [noticeOf(rows.get(id)!, shown)] : []));
  const counts = new Map([...by_group].map(([group, { length }]) => [group, length]));
  return digestMail(counts, notices, shown.public_url);
}

/** Whether this claimant may begin DATA: once per attempt. */
export async function mayBeginNotice(scope: Scope, { id, attempt_count }: NoticeDelivery): Promise<boolean> {
  const { tx, org_id, clock } = scope;
  return (await sql.beginNoticeData.run({ org_id, id, attempt_count, now: clock.now() }, tx)).length > 0;
}

/** `again`: a retry is safe. `error` is a stable word: never a text that could repeat what was sent. */
export type NoticeOutcome = {
  kind: 'delivered' | 'skipped' | 'unknown' | 'failed' | 'again';
  status?: number | null;
  error?: string | null;
};

/** Records an outcome; failures are retried on the schedule of webhooks, then shown to the user. */
export async function settleNotice(
  { tx, org_id, clock }: Scope,
  { id, user_id, medium, attempt_count }: NoticeDelivery,
  { kind, status: last_status = null, error: last_error = null }: NoticeOutcome,
): Promise<void> {
  const now = clock.now();
  const wait_s = kind === 'again' ? waitAfter(attempt_count) : undefined;
  const next_at = wait_s === undefined ? null : new Date(now.getTime() + wait_s * 1_000);
  const status = kind !== 'again' ? kind : next_at === null ? 'failed' : 'pending';
  const outcome = { status, next_at, last_status, last_error };
  const settled = await sql.settleNotificationDelivery.run(
    { org_id, id, attempt_count, now, ...outcome },
    tx,
  );
  if (settled.length === 0 || medium !== 'webhook' || kind === 'skipped') return;
  if (kind === 'delivered') await markNotificationWebhookWell.run({ org_id, user_id }, tx);
  else {
    const error = last_error ?? (last_status === null ? null : `status ${last_status}`);
    await markNotificationWebhookFailing.run({ org_id, user_id, now, last_error: error }, tx);
  }
}
