import { z } from 'zod';
import { rowsJson } from '../../coordinator/gate/rows.ts';
import type { Queryable } from '../../db/pool.ts';
import * as assignments from '../../db/queries/assignments.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { type AssignmentRulesRow, ICP_TIER_VALUES } from '../../schema.gen.ts';
import { id, headerLine as line, noun, requirePerson, strictNoun } from '../fields.ts';
import { operation, transact } from '../operation.ts';
import { userKey } from '../user_keys.ts';
import { refuseIfStale } from '../version.ts';
import { applyAssignmentRules as apply } from './apply_rules.ts';
import { requireActive } from './assigning.ts';

const RULES_MAX = 100;
const VALUES_MAX = 100;
const WORD_CHARS_MAX = 100;

const words = z.array(line(WORD_CHARS_MAX)).max(VALUES_MAX).default([]);
const conditions = {
  icp_tiers: z.array(z.enum(ICP_TIER_VALUES)).max(ICP_TIER_VALUES.length).default([]),
  segments: words,
  countries: words,
};

const rules = noun('AssignmentRules', {
  rules: z.array(
    noun('AssignmentRule', {
      id,
      icp_tiers: z.array(z.enum(ICP_TIER_VALUES)).describe('empty: every tier'),
      segments: z.array(z.string()).describe('empty: every segment'),
      countries: z.array(z.string()).describe('empty: every country'),
      assignee_user_ids: z.array(id),
      assignees: z
        .array(z.object({ id, name: z.string(), is_active: z.boolean() }))
        .describe('take turns, in this order; deactivated users are skipped'),
    }),
  ),
});

const get = operation({
  name: 'get_assignment_rules',
  summary:
    'Show the rules that assign new leads without an owner, in their order. The first one that fits counts.',
  http: { method: 'GET', path: '/assignment_rules' },
  version: 'shown',
  cli: { command: 'assignment rules' },
  input: z.object({}),
  output: rules,
  text: rulesText,
  run: ({ context, principal: { org_id } }) => readRules(context.db, org_id),
});

const put = operation({
  name: 'put_assignment_rules',
  summary: 'Replace the rules that assign new leads. A rule with the id of an earlier one keeps its turn.',
  http: { method: 'PUT', path: '/assignment_rules' },
  version: 'checked',
  cli: { command: 'assignment rules set' },
  input: z.object({
    rules: z
      .array(
        strictNoun('NewAssignmentRule', {
          id: id.optional().describe('of an earlier rule'),
          ...conditions,
          assignee_user_ids: z.array(userKey).min(1).max(VALUES_MAX),
        }),
      )
      .max(RULES_MAX)
      .describe('the whole list, in order'),
  }),
  output: rules,
  errors: 'role_required unknown_reference person_inactive version_changed',
  run: ({ context, principal, expected, input }) => {
    const user_id = requirePerson(principal);
    return transact({ context, principal }, async (scope) => {
      const { tx, org_id, clock, now } = scope;
      await assignments.lockAssignmentRules.run({ org_id }, tx);
      const before = await readRules(tx, org_id);
      refuseIfStale(expected, rules, before);
      const known = new Map(before.rules.map((rule) => [rule.id, rule.assignee_user_ids]));
      refuseUnknown(input.rules, known);
      await requireActive(scope, addedUsers(input.rules, known));
      const rows = input.rules.map((rule, at) => ({
        ...rule,
        id: rule.id ?? newId(clock),
        position: at + 1,
      }));
      await assignments.deleteAssignmentRules.run({ org_id, kept_ids: rows.map((row) => row.id) }, tx);
      await assignments.putAssignmentRules.run(
        { org_id, user_id, now, rows: rowsJson<AssignmentRulesRow>(rows) },
        tx,
      );
      return readRules(tx, org_id);
    });
  },
});

export const assignmentRuleOperations = [get, put, apply] as const;

/** One line for each rule, in their order. */
function rulesText({ rules: all }: z.output<typeof rules>): string {
  if (all.length === 0) return 'No rules. New leads without an owner stay unassigned.';
  return all
    .map(({ id: rule_id, icp_tiers, segments, countries, assignees }, at) => {
      const conditions = [icp_tiers, segments, countries].filter((values) => values.length > 0);
      const leads = conditions.map((values) => values.join(' or ')).join('; ') || 'all leads';
      const users = assignees.map(({ name, is_active }) => (is_active ? name : `${name} (deactivated)`));
      return `${at + 1}. ${leads}: ${users.join(', ')} (${rule_id})`;
    })
    .join('\n');
}

type Given = { id?: string | undefined; assignee_user_ids: string[] };
type Known = ReadonlyMap<string, readonly string[]>;

function refuseUnknown(given: readonly Given[], known: Known): void {
  const errors = given.flatMap(({ id: rule_id }, at) =>
    rule_id === undefined || known.has(rule_id)
      ? []
      : [{ path: `rules[${at}].id`, message: 'names no rule; leave it out for a new one' }],
  );
  if (errors.length > 0) throw new AppError('unknown_reference', 'A rule does not exist.', { errors });
}

/** A rule keeps a user who was deactivated since, and skips that user. */
function addedUsers(given: readonly Given[], known: Known) {
  return given.flatMap(({ id: rule_id, assignee_user_ids }, at) =>
    assignee_user_ids.flatMap((user_id, place) =>
      known.get(rule_id ?? '')?.includes(user_id)
        ? []
        : [{ user_id, path: `rules[${at}].assignee_user_ids[${place}]` }],
    ),
  );
}

async function readRules(db: Queryable, org_id: string): Promise<z.input<typeof rules>> {
  const rows = await assignments.assignmentRules.run({ org_id, limit: RULES_MAX }, db);
  return { rules: rows as z.input<typeof rules>['rules'] };
}
