import { MINUTE_MS } from '../../core/durations.ts';
import * as sql from '../../db/queries/tasks.gen.ts';
import { type NewFlag, raiseFlags } from '../gate/flags.ts';
import { EXEC_ROLE } from '../gate/new_task.ts';
import { inOrg, type OrgWork } from '../gate/org_work.ts';
import { orgPolicy, type Scope } from '../gate/scope.ts';
import { businessDaysAgo, endUnlessIn, endWhereGone, FIRST_ID, PAGE, walk } from './walks.ts';

/**
 * Unclaimed tasks. A booked meeting has its own flag, for executives; all other tasks share one flag per role, because the
 * cause is that no agent works the role.
 */
export async function checkUnclaimedTasks(work: OrgWork): Promise<void> {
  const flags = new Map<string, NewFlag>();
  for (const flag of await inOrg(work, unworkedRoles)) flags.set(flag.subject, flag);
  await walk(work, FIRST_ID, async (scope, after) => {
    const { keys, overdue } = await overdueMeetings(scope, after);
    for (const flag of overdue) flags.set(flag.subject, flag);
    return keys;
  });
  await endWhereGone(work, 'task_unclaimed', async () => flags.keys());
  await inOrg(work, (scope) => raiseFlags(scope, [...flags.values()]));
}

async function unworkedRoles(scope: Scope): Promise<NewFlag[]> {
  const { org_id, tx, clock } = scope;
  const { tasks } = (await orgPolicy(scope)).policy;
  const free_since = new Date(clock.now_ms() - tasks.unclaimed_minutes * MINUTE_MS);
  const rows = await sql.longestWaitingTasks.run({ org_id, free_since }, tx);
  // The longest waiting task comes first and represents its role.
  const longest = new Map(rows.toReversed().map((row) => [row.role, row]));
  return [...longest.values()].map(({ role, type, available_at }): NewFlag => {
    const detail = { role, task_type: type, free_since: available_at.toISOString() };
    const told = role === EXEC_ROLE ? ({ for_role: 'exec' } as const) : ({ for_role: 'revops' } as const);
    return { kind: 'task_unclaimed', subject: role, for_agent: role, ...told, detail };
  });
}

async function overdueMeetings(scope: Scope, after: string): Promise<{ keys: string[]; overdue: NewFlag[] }> {
  const { org_id, tx } = scope;
  const { policy } = await orgPolicy(scope);
  const { at_latest: free_since, isOver } = await businessDaysAgo(
    scope,
    policy.tasks.meeting_business_days,
    policy,
  );
  const rows = await sql.waitingMeetings.run({ org_id, free_since, after, limit: PAGE }, tx);
  const overdue = rows
    .filter(({ available_at }) => isOver(available_at))
    .map(({ id, type: task_type, lead_id, available_at }): NewFlag => {
      const detail = { role: EXEC_ROLE, task_type, free_since: available_at.toISOString() };
      return { kind: 'task_unclaimed', subject: id, lead_id, for_role: 'exec', detail };
    });
  return { keys: rows.map((row) => row.id), overdue };
}

/** A failed task keeps its flag until a person retries or resolves it, or its purpose is over. */
export async function checkDeadEnds(work: OrgWork): Promise<void> {
  await endUnlessIn('task_dead_end', sql.stillDeadEnds)(work);
  await walk(work, FIRST_ID, async (scope, after) => {
    const rows = await sql.deadEndTasks.run({ org_id: scope.org_id, after, limit: PAGE }, scope.tx);
    const flags = rows.map(({ id, type, role, lead_id, error }): NewFlag => {
      const detail = { role, task_type: type, error };
      return { kind: 'task_dead_end', subject: id, lead_id, for_agent: role, for_role: 'revops', detail };
    });
    await raiseFlags(scope, flags);
    return rows.map((row) => row.id);
  });
}
