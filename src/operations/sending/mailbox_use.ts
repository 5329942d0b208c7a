import { z } from 'zod';
import { orgPolicy } from '../../coordinator/gate/scope.ts';
import {
  countedPlaces,
  type LimitedMailbox,
  limitsOf,
  readBounceStop,
} from '../../coordinator/sending/mailbox_turns.ts';
import { dayCap, type SendLimits, SendPlan } from '../../core/gate/send_plan.ts';
import { mailboxWithZone } from '../../db/queries/mailboxes.gen.ts';
import { existing, id, noun, nullableInstant } from '../fields.ts';
import { operation, transact } from '../operation.ts';

const used = noun('MailboxLoad', {
  count: z.number(),
  limit: z.number().nullable().describe('null: no limit'),
});

/** Separate from get_mailbox, whose answer is the version of the settings: sending a message does not change them. */
export const getMailboxUse = operation({
  name: 'get_mailbox_use',
  summary:
    'Show how many messages a mailbox sent in the last hour and today, its limits, and when the next message fits.',
  http: { method: 'GET', path: '/mailboxes/{id}/use' },
  cli: { command: 'mailbox use', args: ['id'] },
  input: z.object({ id }),
  output: noun('MailboxUse', {
    id,
    address: z.string(),
    time_zone: z.string().describe('of its sending day'),
    hour: used.describe('the last 60 minutes'),
    day: used,
    warm_up_day: z.number().nullable().describe('warm-up day, from 1; null: the daily cap applies'),
    warm_up: z
      .object({ day: z.number(), limit: z.number() })
      .nullable()
      .describe('today’s warm-up limit, even above the daily cap; null: no warm-up'),
    gap_seconds: z.number(),
    recipient_domain_daily_cap: z.number().nullable(),
    next_fit_at: nullableInstant.describe('when the next message fits, to any recipient; null: now'),
    bounce_stop: z
      .object({ sent_count: z.number(), bounced_count: z.number(), until: z.string() })
      .nullable()
      .describe('bounce rate too high in 24 hours: no new enrollments use it until then'),
  }),
  errors: 'not_found',
  run: (call) =>
    transact(call, async (scope) => {
      const { tx, org_id, clock } = scope;
      const mailbox = existing(await mailboxWithZone.one({ org_id, id: call.input.id }, tx), 'mailbox');
      const { policy } = await orgPolicy(scope);
      const limits = limitsOf(mailbox satisfies LimitedMailbox, policy);
      const now_ms = clock.now_ms();
      const plan = new SendPlan(limits, mailbox.own_time_zone, await countedPlaces(scope, mailbox));
      const { hour_count, day_count, day_cap } = plan.use(now_ms);
      const { at_ms } = plan.fit(null, now_ms);
      const stop = await readBounceStop(scope, mailbox.id, policy);
      return {
        id: mailbox.id,
        address: mailbox.address,
        time_zone: mailbox.own_time_zone,
        hour: { count: hour_count, limit: limits.hourly_cap },
        day: { count: day_count, limit: day_cap.limit },
        warm_up_day: day_cap.warm_up_day,
        warm_up: warmUpToday(limits, mailbox.own_time_zone, now_ms),
        gap_seconds: limits.gap_seconds,
        recipient_domain_daily_cap: limits.recipient_domain_daily_cap,
        next_fit_at: at_ms > now_ms ? new Date(at_ms) : null,
        bounce_stop: stop && { ...stop, until: new Date(stop.until_ms).toISOString() },
      };
    }),
  text: ({ address, hour, day, warm_up_day, warm_up, next_fit_at }) => {
    const of = ({ count, limit }: { count: number; limit: number | null }) =>
      limit === null ? `${count}` : `${count} of ${limit}`;
    const counts = warm_up_day === null ? '; the daily cap applies' : '';
    const warming = warm_up && `Warm-up day ${warm_up.day} allows ${warm_up.limit}${counts}.`;
    const next = next_fit_at === null ? 'now' : `at ${next_fit_at}`;
    const used = `${address}: ${of(day)} today; ${of(hour)} in the last hour.`;
    return [used, ...(warming === null ? [] : [warming]), `Next message: ${next}.`].join(' ');
  },
});

function warmUpToday({ warm_up }: SendLimits, time_zone: string, now_ms: number) {
  const date = Temporal.Instant.fromEpochMilliseconds(now_ms).toZonedDateTimeISO(time_zone).toPlainDate();
  const { limit, warm_up_day } = dayCap({ daily_cap: null, warm_up }, { date: date.toString() });
  return limit === null || warm_up_day === null ? null : { day: warm_up_day, limit };
}
