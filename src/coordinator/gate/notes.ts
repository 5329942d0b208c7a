/** Notifications of replies and meetings: ids only, since texts can be deleted. */

import { listExecutives, listReplyRecipients } from '../../db/queries/notifications.gen.ts';
import { insertHandOffs, insertTasks } from '../../db/queries/tasks.gen.ts';
import type { AgentTasksRow } from '../../schema.gen.ts';
import { notify } from './flags.ts';
import { rowsJson } from './rows.ts';
import type { Scope } from './scope.ts';

/** Far more people than one organization has for either. */
const TOLD_MAX = 1_000;

/** A reply that rules settled. One that is pending raises the warning `reply_waiting`, which notifies the same people. */
export async function notifyOfReply(scope: Scope, lead_id: string, inbound_id: string): Promise<void> {
  const people = await listReplyRecipients.run({ org_id: scope.org_id, lead_id, limit: TOLD_MAX }, scope.tx);
  const note = { kind: 'reply', lead_id, detail: { inbound_id } };
  const notes = people.map(({ id }) => ({ ...note, to_user_id: id }));
  await notify(scope, notes);
}

/** Adds tasks of booked meetings, and notifies the executives, who route them. */
export async function bookMeetings(scope: Scope, tasks: readonly Partial<AgentTasksRow>[]): Promise<void> {
  if (tasks.length === 0) return;
  await insertTasks.run({ rows: rowsJson(tasks) }, scope.tx);
  await notifyExecutives(scope, 'meeting', tasks);
}

/** Adds hand-offs of requested entries, unless one is open, and notifies the executives, who decide. */
export async function requestEntries(scope: Scope, tasks: readonly Partial<AgentTasksRow>[]): Promise<void> {
  if (tasks.length === 0) return;
  const added = await insertHandOffs.run({ rows: rowsJson(tasks) }, scope.tx);
  await notifyExecutives(scope, 'entry_requested', added);
}

async function notifyExecutives(
  scope: Scope,
  kind: 'meeting' | 'entry_requested',
  tasks: readonly Partial<Pick<AgentTasksRow, 'id' | 'lead_id'>>[],
): Promise<void> {
  if (tasks.length === 0) return;
  const people = await listExecutives.run({ org_id: scope.org_id, limit: TOLD_MAX }, scope.tx);
  const notes = tasks.flatMap(({ id: task_id, lead_id }) => {
    const note = { kind, lead_id: lead_id!, detail: { task_id: task_id! } };
    return people.map(({ id }) => ({ ...note, to_user_id: id }));
  });
  await notify(scope, notes);
}
