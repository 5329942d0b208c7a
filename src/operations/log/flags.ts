import { z } from 'zod';
import type { Scope } from '../../coordinator/gate/scope.ts';
import { flagNextStep } from '../../core/explain/flag_steps.ts';
import { flagSentence } from '../../core/explain/flag_words.ts';
import * as flags from '../../db/queries/flags.gen.ts';
import { AppError } from '../../errors.ts';
import { FLAG_KIND_VALUES, USER_ROLE_VALUES } from '../../schema.gen.ts';
import { existing, id, instant, noun, nullableInstant, reason, requirePerson } from '../fields.ts';
import { leadFilter, rowsOfPerson } from '../lead_keys.ts';
import { type Call, operation, type Principal, transact } from '../operation.ts';
import { ownedIn, scope } from '../ownership.ts';
import { NEWEST_FIRST, pagedList } from '../page.ts';

const flag = noun('Warning', {
  id,
  kind: z.enum(FLAG_KIND_VALUES),
  says: z.string().describe('the warning in one sentence'),
  what_next: z.string().describe('the next step for a person, with the command'),
  subject: z.string().describe('id of the lead, queue item, mailbox, or user concerned, or `org`'),
  lead_id: id.nullable(),
  lead_email: z.string().nullable(),
  queue_id: id.nullable(),
  for_user_id: id.nullable(),
  for_user_name: z.string().nullable(),
  for_role: z.enum(USER_ROLE_VALUES).nullable(),
  for_agent: z.string().nullable(),
  detail: z.unknown(),
  raised_at: instant,
  acknowledged_at: nullableInstant.describe('when a person acknowledged it'),
  acknowledged_by_user_id: id.nullable(),
  escalated_at: nullableInstant.describe('when it was escalated for lack of a response'),
  resolved_at: nullableInstant,
  resolved_by_user_id: id.nullable().describe('null: resolved automatically'),
  resolution: z.string().nullable().describe('cause_gone, or the person’s reason'),
  cause_gone_at: nullableInstant.describe('null: the cause persists, and a resolved warning does not return'),
});

const list = pagedList({
  name: 'list_flags',
  summary: 'List warnings, newest first.',
  path: '/flags',
  cli: {
    command: 'flags',
    empty: 'No warnings. Stalled enrollments, reached caps, and mailbox problems appear here.',
    columns: 'id kind lead_email raised_at acknowledged_at',
    below: ['says', 'what_next'],
  },
  mcp: { tool: 'list_flags', title: 'List warnings' },
  filters: {
    kind: z.enum(FLAG_KIND_VALUES).optional(),
    open_only: z.stringbool().default(true).describe('leave out resolved warnings'),
    mine: z.stringbool().default(false).describe('only warnings for me or one of my roles, or sent to me'),
    lead_id: leadFilter,
    scope: scope.describe(
      'mine: only about leads that the caller owns, or for the caller; team: the caller’s team',
    ),
  },
  item: flag,
  order: NEWEST_FIRST,
  rows: async ({ principal, page, db }) => {
    const lead_ids = await rowsOfPerson(db, page.org_id, page.lead_id);
    const owned = await ownedIn(db, principal, page.scope);
    const owner_user_ids = owned?.owner_user_ids ?? null;
    const of_scope = { owned_lead_ids: owned?.lead_ids ?? null, owner_user_ids };
    const asked = { ...page, lead_ids, ...of_scope, ...identityOf(principal) };
    return (await flags.listFlags.run(asked, db)).map(withSentence);
  },
});

const acknowledge = operation({
  name: 'acknowledge_flag',
  summary: 'Acknowledge a warning. It stays open and is not escalated.',
  http: { method: 'POST', path: '/flags/{id}/acknowledge' },
  cli: { command: 'flags acknowledge', args: ['id'] },
  input: z.object({ id }),
  output: flag,
  errors: 'not_found flag_resolved',
  run: (call) =>
    onFlag(call, async (tx, found, by) => {
      if (found.resolved_at !== null) throw alreadyResolved(found);
      // The first acknowledgment counts; a repeat changes nothing.
      await flags.acknowledgeFlag.run(by, tx);
    }),
});

const resolve = operation({
  name: 'resolve_flag',
  summary: 'Resolve a warning with a reason. It returns only if its cause clears and recurs.',
  http: { method: 'POST', path: '/flags/{id}/resolve' },
  cli: { command: 'flags resolve', args: ['id'] },
  input: z.object({ id, reason }),
  output: flag,
  errors: 'not_found flag_resolved',
  run: (call) =>
    onFlag(call, async (tx, found, by) => {
      const resolved = await flags.resolveFlag.run({ ...by, resolution: call.input.reason }, tx);
      if (resolved.length === 0) throw alreadyResolved(found);
    }),
});

export const flagOperations = [list, acknowledge, resolve] as const;

type By = { org_id: string; id: string; user_id: string; now: Date };

/** Changes a warning in one transaction in the person's name, and returns it as changed. */
async function onFlag(
  { context, principal, input }: Call<{ id: string }>,
  act: (tx: Scope['tx'], found: flags.GetFlagResult, by: By) => Promise<void>,
) {
  const user_id = requirePerson(principal);
  return transact({ context, principal }, async ({ tx, org_id, now }) => {
    const key = { org_id, id: input.id };
    await act(tx, existing(await flags.getFlag.one(key, tx), 'flag'), { ...key, user_id, now });
    return withSentence((await flags.getFlag.one(key, tx))!);
  });
}

function alreadyResolved(found: flags.GetFlagResult): AppError {
  const when = found.resolved_at === null ? '' : ` on ${found.resolved_at.toISOString()}`;
  return new AppError('flag_resolved', `This warning was already resolved${when}.`);
}

function withSentence<
  Row extends Pick<flags.GetFlagResult, 'id' | 'kind' | 'subject' | 'detail' | 'lead_id' | 'lead_email'>,
>(row: Row) {
  const lead = row.lead_email ?? row.lead_id;
  return { ...row, says: flagSentence(row.kind, row.detail), what_next: flagNextStep({ ...row, lead }) };
}

/** The principal as warnings and notifications name it. */
export function identityOf(principal: Principal) {
  return principal.kind === 'human'
    ? { user_id: principal.user_id, roles: [...principal.roles], agent_id: null }
    : { user_id: null, roles: [], agent_id: principal.agent_id };
}
