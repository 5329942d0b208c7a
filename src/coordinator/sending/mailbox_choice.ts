import { localDayAt } from '../../core/gate/schedule.ts';
import { dayCap } from '../../core/gate/send_plan.ts';
import * as sql from '../../db/queries/mailboxes.gen.ts';
import type { LeadMailboxesRow } from '../../schema.gen.ts';
import { rowsJson } from '../gate/rows.ts';
import { orgPolicy, type Scope } from '../gate/scope.ts';
import { type LimitedMailbox, limitsOf } from './mailbox_turns.ts';

/** Touches that get their mailbox in one round. */
const ITEMS_MAX = 500;
const MAILBOXES_MAX = 10_000;

type Chooser = { lead_id: string; client_id: string; owner_user_id: string | null };
type Choosable = {
  id: string;
  owner_user_id: string | null;
  client_id: string | null;
  is_paused: boolean;
  lead_count: number;
  /** Messages that still fit today; Infinity without a limit. */
  room: number;
};

/**
 * Assigns due touches the mailbox of their lead, and chooses one for leads that have none. The database keeps the choice
 * for good.
 */
export async function settleMailboxes(scope: Scope): Promise<void> {
  const { tx, org_id, clock } = scope;
  const items = await sql.itemsWithoutMailbox.run({ org_id, now: clock.now(), limit: ITEMS_MAX }, tx);
  await settle(scope, items);
}

/** Assigns these touches the mailbox of their lead before anyone approves them: its owner does. */
export async function settleSenders(scope: Scope, ids: string[]): Promise<void> {
  if (ids.length > 0)
    await settle(scope, await sql.itemsOfSenders.run({ org_id: scope.org_id, ids }, scope.tx));
}

async function settle(scope: Scope, items: readonly sql.ItemsWithoutMailboxResult[]): Promise<void> {
  const { tx, org_id, clock } = scope;
  const now = clock.now();
  if (items.length === 0) return;
  const choosers = items.filter((item) => item.mailbox_id === null);
  if (choosers.length > 0) {
    const found = await sql.mailboxesToChoose.run({ org_id, limit: MAILBOXES_MAX }, tx);
    const rooms = await roomToday(scope, found);
    const mailboxes = found.map((mailbox) => ({ ...mailbox, room: rooms.get(mailbox.id)! }));
    const rows = [...chooseMailboxes(choosers, mailboxes)].map(([lead_id, mailbox_id]) => {
      return { org_id, lead_id, mailbox_id, chosen_at: now };
    });
    if (rows.length > 0) await sql.insertLeadMailboxes.run({ rows: rowsJson<LeadMailboxesRow>(rows) }, tx);
  }
  await sql.setItemMailboxes.run({ org_id, ids: items.map(({ id }) => id) }, tx);
}

/**
 * Chooses each lead's mailbox: its owner's first, else one of the campaign's brand, else one without owner and brand, else
 * any; among those, one with room today, if any has; then the one with the fewest leads; then the oldest. Paused mailboxes
 * only if all are paused. Expects the mailboxes oldest first.
 */
export function chooseMailboxes(
  choosers: readonly Chooser[],
  mailboxes: readonly Choosable[],
): Map<string, string> {
  const working = mailboxes.filter(({ is_paused }) => !is_paused);
  const candidates = working.length > 0 ? working : mailboxes;
  const loads = new Map(candidates.map(({ id, lead_count }) => [id, lead_count]));
  const rooms = new Map(candidates.map(({ id, room }) => [id, room]));
  const chosen = new Map<string, string>();
  for (const { lead_id, client_id, owner_user_id } of choosers) {
    if (chosen.has(lead_id)) continue;
    const owners = candidates.filter(
      (one) => one.owner_user_id !== null && one.owner_user_id === owner_user_id,
    );
    const clients = candidates.filter((one) => one.owner_user_id === null && one.client_id === client_id);
    const shared = candidates.filter((one) => one.owner_user_id === null && one.client_id === null);
    const among = [owners, clients, shared].find((some) => some.length > 0) ?? candidates;
    const with_room = among.filter(({ id }) => rooms.get(id)! > 0);
    const best = (with_room.length > 0 ? with_room : among).reduce<Choosable | null>(
      (least, one) => (least === null || loads.get(one.id)! < loads.get(least.id)! ? one : least),
      null,
    );
    if (best === null) return chosen;
    loads.set(best.id, loads.get(best.id)! + 1);
    rooms.set(best.id, rooms.get(best.id)! - 1);
    chosen.set(lead_id, best.id);
  }
  return chosen;
}

type Day = { mailbox_id: string; starts_at: Date; ends_at: Date; cap: number };

/**
 * How many more messages fit each mailbox today, in its own zone: its daily limit or warm-up, less the messages sent, being
 * sent, and due by the end of the day. Infinity without a limit.
 */
async function roomToday(scope: Scope, mailboxes: readonly LimitedMailbox[]): Promise<Map<string, number>> {
  const { tx, org_id, clock } = scope;
  const { policy } = await orgPolicy(scope);
  const now_ms = clock.now_ms();
  const days = mailboxes.flatMap((mailbox): Day[] => {
    const day = localDayAt(now_ms, mailbox.own_time_zone);
    const { limit: cap } = dayCap(limitsOf(mailbox, policy), day);
    const today = { starts_at: new Date(day.start_ms), ends_at: new Date(day.end_ms) };
    return cap === null ? [] : [{ mailbox_id: mailbox.id, ...today, cap }];
  });
  const rooms = new Map(mailboxes.map(({ id }) => [id, Number.POSITIVE_INFINITY]));
  if (days.length === 0) return rooms;
  const rows = await sql.placesOfToday.run({ org_id, days: rowsJson(days) }, tx);
  for (const { mailbox_id, room } of rows) rooms.set(mailbox_id, room);
  return rooms;
}
