import { endFlags, insertFlags, listFlagRecipients } from '../../db/queries/flags.gen.ts';
import { insertNotifications } from '../../db/queries/notifications.gen.ts';
import { newId } from '../../ids.ts';
import type { FlagsRow, Json, NotificationsRow } from '../../schema.gen.ts';
import { rowsJson } from './rows.ts';
import type { Scope } from './scope.ts';

type FlagKind = FlagsRow['kind'];

/** A warning to raise, with its recipients. Each recipient gets one notification; deactivated users get none. */
export type NewFlag = {
  kind: FlagKind;
  /** The id of the lead, queue item, mailbox, or person that the warning is about, or 'org'. */
  subject: string;
  lead_id?: string;
  queue_id?: string;
  for_user_id?: string;
  /** The recipient is the owner of `lead_id`; `for_role` applies only if the lead has no active owner. */
  for_owner?: true;
  for_role?: NonNullable<FlagsRow['for_role']>;
  for_agent?: string;
  detail?: Json;
};

/** A notification to exactly one recipient: `to_user_id` or `to_agent`. */
export type NewNote = Pick<NotificationsRow, 'kind'> & Partial<NotificationsRow>;

/** Recipients of a warning about a lead. Without an owner no rep is responsible, and RevOps assigns one. */
export const FOR_THE_REP = { for_owner: true, for_role: 'revops' } as const;

/**
 * Raises the warnings whose cause (kind and subject) has none yet, and notifies their recipients. An existing warning is
 * left alone, even if a person resolved it while its cause persists. Safe to call from any number of places at once.
 * Returns the number of warnings raised.
 */
export async function raiseFlags(
  scope: Scope,
  flags: readonly NewFlag[],
  options: { now_ms?: number } = {},
): Promise<number> {
  if (flags.length === 0) return 0;
  const now_ms = options.now_ms ?? scope.clock.now_ms();
  const { org_id, tx } = scope;
  const rows = flags.map(({ detail = {}, for_owner = false, ...flag }) => {
    return { id: newId(scope.clock), ...flag, for_owner, detail };
  });
  const raised = await insertFlags.run({ org_id, rows: rowsJson(rows), now: new Date(now_ms) }, tx);
  const ids = raised.map((row) => row.id);
  await notifyOfFlags(scope, ids, { now_ms });
  return raised.length;
}

/**
 * Records that the cause of these warnings is gone: open ones end with this resolution (a stable word), and those that a
 * person resolved no longer suppress a new one. With `by_user_id` a person removed the cause; the transaction must then be
 * that person's. Returns the number of warnings that ended.
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

/** Sends notifications to agents or users, with or without a warning. Each recipient gets at most one for a warning. */
export async function notify(
  scope: Scope,
  notes: readonly NewNote[],
  options: { now_ms?: number } = {},
): Promise<void> {
  if (notes.length === 0) return;
  const created_at = new Date(options.now_ms ?? scope.clock.now_ms());
  const common = { org_id: scope.org_id, detail: {}, created_at };
  const rows = notes.map((note) => ({ ...common, id: newId(scope.clock), ...note }));
  await insertNotifications.run({ rows: rowsJson<NotificationsRow>(rows) }, scope.tx);
}

async function notifyOfFlags(scope: Scope, ids: string[], at: { now_ms: number }): Promise<void> {
  if (ids.length === 0) return;
  const told = await listFlagRecipients.run({ org_id: scope.org_id, ids }, scope.tx);
  await notify(scope, told, at);
}
