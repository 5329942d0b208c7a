import { z } from 'zod';
import { erasedAddressHmac } from '../coordinator/erased_addresses.ts';
import type { Scope } from '../coordinator/scope.ts';
import { type Tx, transaction } from '../db/pool.ts';
import { eraseLead, exportLead, getErasure, holdImports, holdInbound } from '../db/queries/erasures.gen.ts';
import { lockLeads } from '../db/queries/facts.gen.ts';
import { actorOf } from '../principal.ts';
import { id, instant, nullableInstant, reason } from './fields.ts';
import { findLead, leadDetail, leadKey, readLead } from './lead_access.ts';
import { operation } from './operation.ts';
import { setOptOut } from './opt_out.ts';
import { requirePerson } from './users.ts';

/** Of each kind. A lead has some hundred of the most frequent ones in years. */
const EXPORTED_MAX = 5_000;
/** Much is written in one transaction, and an import may be merging. */
const PATIENT = { statement_timeout_ms: 30_000, lock_timeout_ms: 10_000 };

const EXPORTED = [
  'enrollments',
  'requests',
  'queue',
  'drafts',
  'attempts',
  'touches',
  'tasks',
  'flags',
  'notifications',
  'events',
  'audit',
  'suppressions',
  'inbound',
  'signals',
  'approvals',
  'rejections',
  'mailboxes',
] as const;

const rows = z.array(z.record(z.string(), z.unknown()));

const exportOperation = operation({
  name: 'export_lead',
  summary: 'Everything that is kept about one person, as they may ask for it (GDPR article 15).',
  http: { method: 'GET', path: '/leads/{id}/export' },
  cli: { command: 'export', args: ['id'] },
  input: z.object({ id: leadKey }),
  output: z.object({
    exported_at: instant,
    lead: leadDetail,
    ...(Object.fromEntries(EXPORTED.map((kind) => [kind, rows])) as Record<
      (typeof EXPORTED)[number],
      typeof rows
    >),
    truncated: z
      .array(z.enum(EXPORTED))
      .describe(`kinds of which there are more than the newest ${EXPORTED_MAX}`),
  }),
  errors: ['not_found'],
  text: (answer) => JSON.stringify(answer, null, 2),
  run: async ({ context, principal: { org_id }, input }) => {
    const lead = await readLead(context.db, org_id, input.id);
    const asked = { org_id, lead_id: lead.id, limit: EXPORTED_MAX + 1 };
    const found = await exportLead.run(asked, context.db);
    const all = EXPORTED.map((kind) => {
      const own = found.filter((row) => row.kind === kind);
      return { kind, own: own.map(({ row }) => row as Record<string, unknown>) };
    });
    const shown = Object.fromEntries(all.map(({ kind, own }) => [kind, own.slice(0, EXPORTED_MAX)]));
    const truncated = all.filter(({ own }) => own.length > EXPORTED_MAX).map(({ kind }) => kind);
    return {
      exported_at: context.clock.now(),
      lead,
      ...(shown as Record<(typeof EXPORTED)[number], Record<string, unknown>[]>),
      truncated,
    };
  },
});

/**
 * In two transactions: first everything open is ended, as by an opt-out, and that holds whatever becomes of the second. A
 * message that is being handed over at that moment refuses the second with `already_leaving`, one whose outcome nobody knows
 * with `outcome_unknown`; both say what to do, and the same call does the rest then.
 */
const eraseOperation = operation({
  name: 'erase_lead',
  summary:
    'Forgets one person, for good: what is open ends, texts and personal data go from every table, and the address never comes back by an import. Numbers, times and the chain of the logs stay.',
  http: { method: 'POST', path: '/leads/{id}/erase' },
  cli: { command: 'erase', args: ['id'] },
  input: z.object({
    id: leadKey,
    reason: reason.describe('why, for the record: say nothing in it that is to be forgotten'),
  }),
  output: z.object({
    id: id.describe('stays, and is nobody’s any more'),
    erased_at: instant,
    erased_by_user_id: id,
    opted_out_at: nullableInstant,
    log_row_count: z
      .int()
      .describe('lines of the logs that had something taken out, which audit verify knows of'),
    changed: z.boolean().describe('false: it was erased already'),
  }),
  errors: ['not_found', 'already_leaving', 'outcome_unknown', 'work_open', 'role_required'],
  text: ({ id, log_row_count }) =>
    `Erased. The lead ${id} is a shell without a person now; ${log_row_count} lines of the logs hold only that something was erased.`,
  run: async ({ context, principal, input }) => {
    const user_id = requirePerson(principal);
    const { org_id } = principal;
    const { clock, secret } = context;
    const actor = actorOf(principal);
    const { id: lead_id } = await findLead(context.db, org_id, input.id);
    const scopeOf = (tx: Tx): Scope => ({ tx, org_id, clock });
    const before = await getErasure.one({ org_id, lead_id }, context.db);
    if (before === undefined) {
      await transaction(context.db, actor, async (tx) => {
        await lockLeads.run({ org_id, lead_ids: [lead_id] }, tx);
        await setOptOut(scopeOf(tx), principal, lead_id, null);
      });
    }
    return transaction(
      context.db,
      actor,
      async (tx) => {
        // Before the lead's lock, as an import takes them, and what comes back.
        await holdImports.run({ org_id }, tx);
        await holdInbound.run({ org_id }, tx);
        await lockLeads.run({ org_id, lead_ids: [lead_id] }, tx);
        const { email } = await findLead(tx, org_id, lead_id);
        const address_hmac = erasedAddressHmac(secret, org_id, email);
        const asked = { lead_id, user_id, reason: input.reason, address_hmac, now: clock.now() };
        // Asked again under the lock: of several at once, one erases.
        const changed = (await getErasure.one({ org_id, lead_id }, tx)) === undefined;
        if (changed) await eraseLead.run(asked, tx);
        const erasure = await getErasure.one({ org_id, lead_id }, tx);
        const { opted_out_at } = await findLead(tx, org_id, lead_id);
        const { erased_at, erased_by_user_id, log_row_count } = erasure!;
        return { id: lead_id, erased_at, erased_by_user_id, opted_out_at, log_row_count, changed };
      },
      PATIENT,
    );
  },
});

export const erasureOperations = [exportOperation, eraseOperation] as const;
