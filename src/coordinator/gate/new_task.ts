import { newId } from '../../ids.ts';
import type { AgentTasksRow } from '../../schema.gen.ts';
import type { Scope } from './scope.ts';

/** The only role whose tasks are for people. */
export const EXEC_ROLE = 'roles.exec';

export type NewTask = Pick<AgentTasksRow, 'type' | 'role' | 'lead_id'> &
  Partial<Pick<AgentTasksRow, 'enrollment_id' | 'queue_id' | 'payload'>>;

/** A new open task, which any agent of the role may claim. Write it with `insertTasks`. */
export function newTask(scope: Pick<Scope, 'org_id' | 'clock'>, task: NewTask): Partial<AgentTasksRow> {
  return {
    org_id: scope.org_id,
    id: newId(scope.clock),
    status: 'open',
    payload: {},
    attempt_count: 0,
    created_at: scope.clock.now(),
    ...task,
  };
}
