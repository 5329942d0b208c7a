/** Completion of tasks by type, and its effects. */
import { z } from 'zod';
import { asCoordinator, type Scope } from '../../coordinator/gate/scope.ts';
import { REPLY_INTENTS, type ReadBy } from '../../coordinator/inbound/replies.ts';
import { TASK_EFFECTS, type TaskOutcome } from '../../coordinator/tasks/effects.ts';
import type { Actor } from '../../db/pool.ts';
import type { GetTaskResult } from '../../db/queries/tasks.gen.ts';
import { AppError } from '../../errors.ts';
import type { Json, TaskType } from '../../schema.gen.ts';
import { inputInvalid } from '../fields.ts';

const nothing = z.strictObject({});

const reply = z.strictObject({
  intent: z.enum(REPLY_INTENTS),
  note: z.string().trim().min(1).max(2_000).optional(),
  return_date: z.iso.date().optional().describe('of out_of_office: when they are back'),
});

/** How tasks end that complete_task does not end. */
const ENDS_OTHERWISE: Readonly<Partial<Record<TaskType, string>>> = {
  meeting_booked: 'A person routes it: POST /tasks/{id}/route, or touchline route.',
  entry_requested: 'A person routes it: POST /tasks/{id}/route, or touchline route.',
  execute_sequence_step: 'write_draft ends it, with the text of the touch; fail_task gives it back.',
};

/**
 * Completes the task as the coordinator. Throws `task_type_wrong`, `input_invalid` with the path of every fault of the
 * result, or `task_not_possible`.
 */
export async function completed(
  scope: Scope,
  { task, actor, result }: { task: GetTaskResult; actor: Actor; result: Record<string, unknown> },
): Promise<{ [key: string]: Json }> {
  const outcome = await outcomeOf(scope, task, actor, result);
  if ('result' in outcome) return outcome.result;
  throw new AppError('task_not_possible', `This cannot be done now: ${outcome.error}.`, {
    hint: 'Give it back with fail_task: it is tried again later.',
  });
}

function outcomeOf(
  scope: Scope,
  task: GetTaskResult,
  actor: Actor,
  result: Record<string, unknown>,
): Promise<TaskOutcome> {
  const done = (act: () => Promise<TaskOutcome>) => asCoordinator(scope.tx, actor, act);
  switch (task.type) {
    case 'enroll_contact':
      read(nothing, result);
      return done(() => TASK_EFFECTS.enroll_contact(scope, task));
    case 'process_reply': {
      const { note, return_date, intent } = read(reply, result);
      const given = { intent, ...(note ? { note } : {}), ...(return_date ? { return_date } : {}) };
      return done(() => TASK_EFFECTS.process_reply(scope, task, given, readerOf(actor)));
    }
    default:
      throw new AppError('task_type_wrong', `A task of type ${task.type} is not completed like this.`, {
        hint: ENDS_OTHERWISE[task.type] ?? 'Give it back with fail_task.',
      });
  }
}

function readerOf({ kind, id }: Actor): ReadBy {
  return kind === 'human' ? { kind: 'person', user_id: id! } : { kind: 'agent', agent_id: id! };
}

function read<Shape extends z.ZodObject>(shape: Shape, result: Record<string, unknown>): z.output<Shape> {
  const parsed = shape.safeParse(result);
  if (parsed.success) return parsed.data;
  throw inputInvalid(
    ...parsed.error.issues.flatMap((issue) => {
      const path = ['result', ...issue.path.map(String)];
      if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }];
      return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'is not a known field' }));
    }),
  );
}
