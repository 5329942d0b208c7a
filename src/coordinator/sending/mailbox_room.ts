import { localDayAt } from '../../core/gate/schedule.ts';
import { dayCap } from '../../core/gate/send_plan.ts';
import { placesOfToday } from '../../db/queries/mailboxes.gen.ts';
import { rowsJson } from '../gate/rows.ts';
import { orgPolicy, type Scope } from '../gate/scope.ts';
import { type LimitedMailbox, limitsOf } from './mailbox_turns.ts';

type Day = { mailbox_id: string; starts_at: Date; ends_at: Date; cap: number };

/**
 * How many more messages fit each mailbox today, in its own zone: its daily cap or warm-up, less what left, what is being sent
 * and what is to leave by the end of the day. Infinity without a cap.
 */
export async function roomToday(
  scope: Scope,
  mailboxes: readonly LimitedMailbox[],
): Promise<Map<string, number>> {
  const { tx, org_id, clock } = scope;
  const { policy } = await orgPolicy(scope);
  const now_ms = clock.now_ms();
  const days = mailboxes.flatMap((mailbox): Day[] => {
    const day = localDayAt(now_ms, mailbox.own_time_zone);
    const { limit: cap } = dayCap(limitsOf(mailbox, policy), day);
    if (cap === null) return [];
    return [
      { mailbox_id: mailbox.id, starts_at: new Date(day.start_ms), ends_at: new Date(day.end_ms), cap },
    ];
  });
  const rooms = new Map(mailboxes.map(({ id }) => [id, Number.POSITIVE_INFINITY]));
  if (days.length === 0) return rooms;
  const rows = await placesOfToday.run({ org_id, days: rowsJson(days) }, tx);
  for (const { mailbox_id, room } of rows) rooms.set(mailbox_id, room);
  return rooms;
}
