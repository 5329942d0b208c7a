import { z } from 'zod';
import { resolveFlags } from '../../coordinator/gate/flags.ts';
import type { Queryable } from '../../db/pool.ts';
import * as sql from '../../db/queries/crm_writes.gen.ts';
import { AppError } from '../../errors.ts';
import { CRM_WRITE_KIND_VALUES, CRM_WRITE_STATUS_VALUES, type CrmWritesRow } from '../../schema.gen.ts';
import { existing, id, instant, noun, nullableInstant, requirePerson } from '../fields.ts';
import { leadKey, rowsOfPerson } from '../lead_keys.ts';
import { type Call, operation, transactWork } from '../operation.ts';
import { NEWEST_FIRST, pagedList } from '../page.ts';

const kind = z.enum(CRM_WRITE_KIND_VALUES);
const status = z.enum(CRM_WRITE_STATUS_VALUES);

const write = noun('CrmWrite', {
  id: id.describe('also the reference in the CRM'),
  kind,
  part: z.string().describe('which write about its subject, such as the stage of a deal'),
  lead_id: id.nullable(),
  lead_email: z.string().nullable(),
  account_id: id.nullable(),
  account_name: z.string().nullable(),
  status: status.describe('refused: later writes about the lead wait'),
  attempt_count: z.int(),
  occurred_at: instant.describe('when it happened in Touchline'),
  next_at: nullableInstant.describe('next attempt of a pending write'),
  settled_at: nullableInstant,
  record_id: z.string().nullable().describe('the record in the CRM'),
  last_code: z.string().nullable(),
  last_path: z.string().nullable().describe('the faulty field, in the words of the CRM'),
  last_message: z.string().nullable(),
  waiting_count: z.int().describe('later writes about the lead that wait for this refused one'),
  skip_reason: z.string().nullable(),
  decided_by_name: z.string().nullable(),
});

const list = pagedList({
  name: 'list_crm_writes',
  summary: 'List what is written to the CRM, newest first.',
  path: '/crm/writes',
  cli: {
    command: 'crm writes',
    columns: 'id kind part lead_email status attempt_count last_code last_message',
    empty: 'No writes. Enrollments, touches, replies, and opt-outs of leads are written to a connected CRM.',
  },
  mcp: { tool: 'list_crm_writes', title: 'List writes to the CRM' },
  filters: { status: status.optional(), lead_id: leadKey.optional() },
  item: write,
  order: NEWEST_FIRST,
  rows: async ({ page: { lead_id: key, status: wanted = null, ...page }, db }) => {
    const lead_ids = await rowsOfPerson(db, page.org_id, key);
    return (await sql.listCrmWrites.run({ ...page, lead_ids, status: wanted }, db)).map(shown);
  },
});

const retry = operation({
  name: 'retry_crm_write',
  summary: 'Retry a write that the CRM refused; the later ones about the lead follow it.',
  http: { method: 'POST', path: '/crm/writes/{id}/retry' },
  cli: { command: 'crm retry', args: ['id'] },
  input: z.object({ id }),
  output: z.void(),
  errors: 'not_found illegal_status_move',
  run: (call) => decide(call, (decision, tx) => sql.retryCrmWrite.run(decision, tx)),
});

const skip = operation({
  name: 'skip_crm_write',
  summary: 'Leave out a write that the CRM refused; the later ones about the lead continue.',
  http: { method: 'POST', path: '/crm/writes/{id}/skip' },
  cli: { command: 'crm skip', args: ['id'] },
  input: z.object({ id, reason: z.string().trim().min(1).max(2_000) }),
  output: z.void(),
  errors: 'not_found illegal_status_move',
  run: (call) =>
    decide(call, (decision, tx) => sql.skipCrmWrite.run({ ...decision, reason: call.input.reason }, tx)),
});

export const crmWriteOperations = [list, retry, skip] as const;

type Decision = { org_id: string; id: string; user_id: string; now: Date };

async function decide(
  call: Call<{ id: string }>,
  write_decision: (decision: Decision, tx: Queryable) => Promise<unknown[]>,
): Promise<void> {
  const user_id = requirePerson(call.principal);
  const { id: write_id } = call.input;
  await transactWork(call, async (scope) => {
    const { tx, org_id, now } = scope;
    const found = existing((await sql.lockCrmWrite.run({ org_id, id: write_id }, tx))[0], 'write to the CRM');
    const decided = await write_decision({ org_id, id: write_id, user_id, now }, tx);
    if (decided.length === 0) throw notRefused(found.status);
    const gone = { kind: 'crm_write_refused', subjects: [write_id], resolution: 'decided' } as const;
    await resolveFlags(scope, { ...gone, by_user_id: user_id });
  });
}

const notRefused = (status: CrmWritesRow['status']) =>
  new AppError('illegal_status_move', `A write that is ${status} needs no decision.`, {
    hint: 'List refused writes with touchline crm writes --status refused.',
  });

function shown(row: sql.ListCrmWritesResult) {
  const { decided_by_user_id: _, ...rest } = row;
  return { ...rest, next_at: row.status === 'pending' ? row.next_at : null };
}
