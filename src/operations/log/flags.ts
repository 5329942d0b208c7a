import { z } from 'zod';
import { flagNextStep } from '../../core/explain/flag_steps.ts';
import { flagSentence } from '../../core/explain/flag_words.ts';
import { type Tx, transaction } from '../../db/pool.ts';
import {
  acknowledgeFlag,
  type GetFlagResult,
  getFlag,
  listFlags,
  resolveFlag,
} from '../../db/queries/flags.gen.ts';
import { AppError } from '../../errors.ts';
import { actorOf } from '../../principal.ts';
import { FLAG_KIND_VALUES, USER_ROLE_VALUES } from '../../schema.gen.ts';
import { id, instant, notFound, noun, nullableInstant, reason } from '../fields.ts';
import { type Call, operation, type Principal } from '../operation.ts';
import { pageInput, pageOf, readIdCursor, toPage } from '../page.ts';

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
  cause_gone_at: nullableInstant.describe(
    'null: the cause persists; once resolved by a person, the warning returns only if the cause clears and recurs',
  ),
});

const list = operation({
  name: 'list_flags',
  summary: 'List warnings, newest first.',
  http: { method: 'GET', path: '/flags' },
  cli: {
    command: 'flags',
    empty: 'No warnings. Stalled enrollments, reached caps, and mailbox problems appear here.',
    columns: 'id kind lead_email raised_at acknowledged_at',
    below: ['says', 'what_next'],
  },
  mcp: { tool: 'list_flags', title: 'List warnings' },
  input: z.object({
    kind: z.enum(FLAG_KIND_VALUES).optional(),
    open_only: z.stringbool().default(true).describe('leave out resolved warnings'),
    mine: z.stringbool().default(false).describe('only warnings for me or one of my roles, or sent to me'),
    lead_id: id.optional(),
    ...pageInput,
  }),
  output: pageOf(flag),
  errors: 'cursor_invalid',
  run: async ({ context, principal, input }) => {
    const before_id = readIdCursor(input.cursor);
    const { kind = null, open_only, mine, lead_id = null, limit } = input;
    const filter = { kind, open_only, mine, lead_id, before_id, limit: limit + 1 };
    const { org_id } = principal;
    const rows = await listFlags.run({ org_id, ...filter, ...identityOf(principal) }, context.db);
    return toPage(rows.map(withSentence), limit, (row) => [row.id]);
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
      await acknowledgeFlag.run(by, tx);
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
      const resolved = await resolveFlag.run({ ...by, resolution: call.input.reason }, tx);
      if (resolved.length === 0) throw alreadyResolved(found);
    }),
});

export const flagOperations = [list, acknowledge, resolve] as const;

type By = { org_id: string; id: string; user_id: string; now: Date };

/** Changes a warning in one transaction in the person's name, and returns it as changed. */
async function onFlag(
  { context, principal, input }: Call<{ id: string }>,
  act: (tx: Tx, found: GetFlagResult, by: By) => Promise<void>,
) {
  if (principal.kind !== 'human') throw new AppError('not_human', 'Only a person may do this.');
  const { org_id, user_id } = principal;
  const key = { org_id, id: input.id };
  return transaction(context.db, actorOf(principal), async (tx) => {
    const found = await getFlag.one(key, tx);
    if (found === undefined) throw notFound('flag');
    await act(tx, found, { ...key, user_id, now: context.clock.now() });
    const after = await getFlag.one(key, tx);
    return withSentence(after!);
  });
}

function alreadyResolved(found: GetFlagResult): AppError {
  const when = found.resolved_at === null ? '' : ` on ${found.resolved_at.toISOString()}`;
  return new AppError('flag_resolved', `This warning was already resolved${when}.`);
}

function withSentence<
  Row extends Pick<GetFlagResult, 'id' | 'kind' | 'subject' | 'detail' | 'lead_id' | 'lead_email'>,
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
