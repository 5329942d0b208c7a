import { endFlags, insertFlags, listFlagRecipients } from '../../db/queries/flags.gen.ts';
import { insertNotifications } from '../../db/queries/notifications.gen.ts';
import { newId } from '../../ids.ts';
import type { FlagsRow, Json, NotificationsRow } from '../../schema.gen.ts';
import { rowsJson } from './rows.ts';
import type { Scope } from './scope.ts';

type FlagKind = FlagsRow['kind'];

/**
 * A warning to raise, and whom it is for: everyone named is told, once. Who has left is left out.
 */
export type NewFlag = {
  kind: FlagKind;
  /** What it is about: the id of the lead, queue item, mailbox or person, or 'org'. */
  subject: string;
  lead_id?: string;
  queue_id?: string;
  for_user_id?: string;
  /** The owner of `lead_id` gets it; `for_role` only where the lead has no owner who is still here. */
  for_owner?: true;
  /** Everyone active with this role. */
  for_role?: NonNullable<FlagsRow['for_role']>;
  for_agent?: string;
  detail?: Json;
};

/** What someone is told. One of `to_user_id` and `to_agent` says who. */
export type NewNote = Pick<NotificationsRow, 'kind'> & Partial<NotificationsRow>;

/** Whom a flag about a lead is for. A lead without an owner has no rep to tell: handing it out is up to RevOps. */
export const FOR_THE_REP = { for_owner: true, for_role: 'revops' } as const;

/**
 * Raises the flags whose cause (kind and subject) has none yet, and tells those they are for. What stands already is
 * left alone, silently, also when a person ended it while its cause goes on. Safe to call from any number of places at
 * once. Returns how many were raised.
 */
export async function raiseFlags(
  scope: Scope,
  flags: readonly NewFlag[],
  options: { now_ms?: number } = {},
): Promise<number> {
  if (flags.length === 0) return 0;
  const now_ms = options.now_ms ?? scope.clock.now_ms();
  const { org_id, tx } = scope;
  const rows = flags.map(({ detail = {}, for_owner = false, ...flag }) => ({
    id: newId(scope.clock),
    ...flag,
    for_owner,
    detail,
  }));
  const raised = await insertFlags.run({ org_id, rows: rowsJson(rows), now: new Date(now_ms) }, tx);
  await tellOfFlags(
    scope,
    raised.map((row) => row.id),
    { now_ms },
  );
  return raised.length;
}

/**
 * Says that the cause of these flags is gone: open ones end with this resolution (a stable word), and those that a
 * person ended no longer stand in the way of a new one. With `by_user_id` a person removed the cause; the transaction
 * must then be that person's. Returns how many there were.
 */
export async function resolveFlags(
  scope: Pick<Scope, 'tx' | 'org_id' | 'clock'>,
  gone: { kind: FlagKind; subjects: readonly string[]; resolution: string; by_user_id?: string | null },
): Promise<number> {
  if (gone.subjects.length === 0) return 0;
  const { kind, resolution, by_user_id = null } = gone;
  const subjects = [...gone.subjects];
  const now = scope.clock.now();
  return endFlags.count({ org_id: scope.org_id, kind, subjects, resolution, by_user_id, now }, scope.tx);
}

/** Notes to agents or people that belong to a flag or to none. Of one flag nobody is told twice. */
export async function notify(
  scope: Scope,
  notes: readonly NewNote[],
  options: { now_ms?: number } = {},
): Promise<void> {
  if (notes.length === 0) return;
  const created_at = new Date(options.now_ms ?? scope.clock.now_ms());
  const rows = notes.map((note) => ({
    org_id: scope.org_id,
    id: newId(scope.clock),
    detail: {},
    created_at,
    ...note,
  }));
  await insertNotifications.run({ rows: rowsJson<NotificationsRow>(rows) }, scope.tx);
}

async function tellOfFlags(scope: Scope, ids: string[], at: { now_ms: number }): Promise<void> {
  if (ids.length === 0) return;
  const told = await listFlagRecipients.run({ org_id: scope.org_id, ids }, scope.tx);
  await notify(scope, told, at);
}
