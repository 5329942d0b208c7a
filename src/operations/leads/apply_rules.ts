import { z } from 'zod';
import type { Scope } from '../../coordinator/gate/scope.ts';
import * as assignments from '../../db/queries/assignments.gen.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { id, noun } from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { FIRST_ID } from '../page.ts';

/** Leads per request, which are locked together: a second of work. */
const BATCH = 2_000;

/** How far the assignment is: one act, however many requests it takes. */
const walkState = z.object({
  act_id: z.uuid(),
  after_id: z.uuid(),
  total: z.int(),
  done: z.int(),
  no_rule: z.int(),
  turns: z.array(z.object({ rule_id: z.uuid(), user_id: z.uuid(), lead_count: z.int() })),
});
type Walk = z.output<typeof walkState>;

const output = noun('RulesApplied', {
  dry_run: z.boolean(),
  people: z.array(z.object({ user_id: id, name: z.string(), lead_count: z.int() })),
  no_rule_count: z.int().describe('leads that no rule fits; they stay without an owner'),
  progress: z.number().describe('0 to 1'),
  continue_from: z.string().nullable().describe('not finished: repeat the request with this'),
});

export const applyAssignmentRules = operation({
  name: 'apply_assignment_rules',
  summary: 'Assign existing leads without an owner by the rules, 2,000 per request.',
  http: { method: 'POST', path: '/assignment_rules/apply' },
  cli: { command: 'assignment apply', follow: true },
  input: z.object({
    dry_run: z.boolean().default(false).describe('count by user only; nothing changes'),
    continue_from: z.string().max(50_000).optional().describe('continue_from of the previous answer'),
  }),
  output,
  errors: 'cursor_invalid',
  run: ({ context, principal, input: { dry_run, continue_from } }) =>
    transact({ context, principal }, async (scope) => {
      const { tx, org_id } = scope;
      const walk = continue_from === undefined ? await begin(scope) : readWalk(continue_from);
      const found = await assignments.leadsWithoutOwner.run(
        { org_id, after_id: walk.after_id, limit: BATCH },
        tx,
      );
      const lead_ids = found.filter((lead) => !lead.is_owned).map((lead) => lead.id);
      const turns = dry_run ? await preview(scope, walk, lead_ids) : await assign(scope, walk, lead_ids);
      const given = turns.reduce((sum, { lead_count }) => sum + lead_count, 0);
      const next: Walk = {
        ...walk,
        after_id: found.at(-1)?.id ?? walk.after_id,
        done: walk.done + found.length,
        no_rule: walk.no_rule + lead_ids.length - given,
        turns: added(walk.turns, turns),
      };
      const user_ids = [...new Set(next.turns.map(({ user_id }) => user_id))];
      const users = await assignments.usersById.run({ org_id, ids: user_ids }, tx);
      const is_done = found.length < BATCH;
      return {
        dry_run,
        people: users.map(({ id: user_id, name }) => ({ user_id, name, lead_count: countOf(next, user_id) })),
        no_rule_count: next.no_rule,
        progress: is_done ? 1 : Math.min(1, next.done / Math.max(1, next.total)),
        continue_from: is_done ? null : Buffer.from(JSON.stringify(next)).toString('base64url'),
      };
    }),
  text: ({ dry_run, people, no_rule_count }) =>
    [
      dry_run ? 'Dry run: nothing was changed.' : 'Assigned.',
      ...people.map(({ name, lead_count }) => `${name}: ${lead_count}`),
      `No rule fits: ${no_rule_count}`,
    ].join('\n'),
});

async function begin({ tx, org_id, clock }: Scope): Promise<Walk> {
  const { total } = (await assignments.countWithoutOwner.one({ org_id }, tx))!;
  return { act_id: newId(clock), after_id: FIRST_ID, total, done: 0, no_rule: 0, turns: [] };
}

/** A client that changes this state deceives only itself. Throws `cursor_invalid`. */
function readWalk(text: string): Walk {
  try {
    return walkState.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    throw new AppError('cursor_invalid', 'Not a position in an assignment.', {
      errors: [{ path: 'continue_from', message: 'expected the continue_from of an earlier answer' }],
    });
  }
}

async function assign({ tx, org_id, clock }: Scope, { act_id }: Walk, lead_ids: string[]) {
  await lockLeads.run({ org_id, lead_ids }, tx);
  return assignments.assignByRules.run({ org_id, act_id, lead_ids, now: clock.now() }, tx);
}

async function preview({ tx, org_id }: Scope, { turns }: Walk, lead_ids: string[]) {
  const taken: Record<string, number> = {};
  for (const { rule_id, lead_count } of turns) taken[rule_id] = (taken[rule_id] ?? 0) + lead_count;
  return assignments.previewAssignment.run({ org_id, lead_ids, taken }, tx);
}

function added(turns: Walk['turns'], more: Walk['turns']): Walk['turns'] {
  const sums = new Map(turns.map((turn) => [turn.rule_id + turn.user_id, turn]));
  for (const turn of more) {
    const lead_count = turn.lead_count + (sums.get(turn.rule_id + turn.user_id)?.lead_count ?? 0);
    sums.set(turn.rule_id + turn.user_id, { ...turn, lead_count });
  }
  return [...sums.values()];
}

function countOf({ turns }: Walk, user_id: string): number {
  return turns.reduce((sum, turn) => sum + (turn.user_id === user_id ? turn.lead_count : 0), 0);
}
