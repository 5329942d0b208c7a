import { z } from 'zod';
import { warnOfErasures } from '../../coordinator/crm/writes.ts';
import { setOptOut } from '../../coordinator/gate/opt_out.ts';
import { asCoordinator, type Scope } from '../../coordinator/gate/scope.ts';
import { erasedAddressHmac } from '../../coordinator/sending/erased_addresses.ts';
import { type Tx, transaction } from '../../db/pool.ts';
import * as erasures from '../../db/queries/erasures.gen.ts';
import { lockLeads } from '../../db/queries/facts.gen.ts';
import { actorOf } from '../../principal.ts';
import { id, instant, noun, nullableInstant, reason, requirePerson } from '../fields.ts';
import { leadKey } from '../lead_keys.ts';
import { operation } from '../operation.ts';
import { findLead, leadDetail, readLead } from './access.ts';
import { mention, mentionsOf } from './erased_mentions.ts';
import { eraseCaughtMail, OUT_OF_REACH, type Place, placesOutOfReach } from './erasure_reach.ts';

/** Per kind. A lead collects a few hundred rows of the most frequent kind in years. */
const EXPORTED_MAX = 5_000;
/** As many as a person edits by hand; `list_erased_mentions` has the rest. */
const MENTIONS_MAX = 200;
/**
 * Erasure scans everything that the org wrote once (six seconds for a million events), and an import may be merging. The
 * database considers an erasure finished after two minutes (db/routines/idempotency_keys.sql).
 */
const PATIENT = { statement_timeout_ms: 100_000, lock_timeout_ms: 10_000 };

const EXPORTED = [
  ...(['enrollments', 'requests', 'queue', 'drafts', 'attempts', 'touches', 'tasks', 'flags'] as const),
  ...(['notifications', 'events', 'audit', 'suppressions', 'inbound', 'signals', 'approvals'] as const),
  ...(['rejections', 'mailboxes', 'addresses', 'merges', 'merge_suggestions', 'opportunities'] as const),
  ...(['crm_writes', 'contact_ids'] as const),
  ...(['service_records'] as const),
];

type Exported<Value> = Record<(typeof EXPORTED)[number], Value>;
const rows = z.array(z.record(z.string(), z.unknown()));

const exportOperation = operation({
  name: 'export_lead',
  summary: 'Export everything that is stored about one person (GDPR article 15).',
  http: { method: 'GET', path: '/leads/{id}/export' },
  cli: { command: 'export', args: ['id'] },
  input: z.object({ id: leadKey }),
  output: noun('LeadExport', {
    exported_at: instant,
    lead: leadDetail,
    ...(Object.fromEntries(EXPORTED.map((kind) => [kind, rows])) as Exported<typeof rows>),
    truncated: z.array(z.enum(EXPORTED)).describe(`kinds with more rows than the newest ${EXPORTED_MAX}`),
  }),
  errors: 'not_found',
  text: (answer) => JSON.stringify(answer, null, 2),
  run: async ({ context, principal: { org_id }, input }) => {
    const lead = await readLead(context.db, org_id, input.id);
    const asked = { org_id, lead_id: lead.id, limit: EXPORTED_MAX + 1 };
    const found = await erasures.exportLead.run(asked, context.db);
    const all = EXPORTED.map((kind) => {
      const own = found.filter((row) => row.kind === kind);
      return { kind, own: own.map(({ row }) => row as Record<string, unknown>) };
    });
    const shown = Object.fromEntries(all.map(({ kind, own }) => [kind, own.slice(0, EXPORTED_MAX)]));
    const truncated = all.filter(({ own }) => own.length > EXPORTED_MAX).map(({ kind }) => kind);
    return {
      exported_at: context.clock.now(),
      lead,
      ...(shown as Exported<Record<string, unknown>[]>),
      truncated,
    };
  },
});

const erased = noun('LeadErasure', {
  id: id.describe('stays, without a person'),
  erased_at: instant,
  erased_by_user_id: id,
  opted_out_at: nullableInstant,
  log_row_count: z.int().describe('log lines erased, known to audit verify'),
  row_counts: z.record(z.string(), z.int()).describe('erased rows by table, including rows of other leads'),
  caught_mail_count: z.int().nullable().describe('messages erased from the catcher; null: no catcher'),
  crm_records_left_count: z
    .int()
    .describe('records in the CRM whose deletion it has not confirmed yet; touchline crm writes shows them'),
  to_review: z.array(mention).describe(`shared texts to edit: they name the person; at most ${MENTIONS_MAX}`),
  out_of_reach: z
    .array(z.object({ place: z.enum(Object.keys(OUT_OF_REACH) as [Place, ...Place[]]), says: z.string() }))
    .describe('possible copies that erasure cannot reach'),
  changed: z.boolean().describe('false: erased before'),
});

/**
 * Runs two transactions. The first ends everything open, as an opt-out does, and holds even if the second fails. The second
 * is refused with `already_leaving` while a message is being handed over, and with `outcome_unknown` while a delivery is
 * unknown; both say what to do, and repeating the call completes the erasure.
 */
const eraseOperation = operation({
  name: 'erase_lead',
  summary:
    'Delete a lead’s personal data for good. Open work ends, and texts and personal data go from every table, from both logs, and from notes on other leads. No one can add its email addresses and phone numbers again. Numbers, times, and the hash chain stay.',
  http: { method: 'POST', path: '/leads/{id}/erase' },
  cli: { command: 'erase', args: ['id'] },
  input: z.object({
    id: leadKey,
    reason: reason.describe('why, for the record; without personal data, since it stays'),
  }),
  output: erased,
  errors: 'not_found already_leaving outcome_unknown work_open role_required',
  text: erasureText,
  run: async ({ context, principal, input }) => {
    const user_id = requirePerson(principal);
    const { org_id } = principal;
    const { clock, secret, catcher } = context;
    const actor = actorOf(principal);
    const { id: lead_id } = await findLead(context.db, org_id, input.id);
    const scopeOf = (tx: Tx): Scope => ({ tx, org_id, clock });
    const before = await erasures.getErasure.one({ org_id, lead_id }, context.db);
    if (before === undefined) {
      await transaction(context.db, actor, async (tx) => {
        await lockLeads.run({ org_id, lead_ids: [lead_id] }, tx);
        await setOptOut(scopeOf(tx), actor, lead_id, null);
      });
    }
    return transaction(
      context.db,
      actor,
      async (tx) => {
        // Import and inbound locks come before the lead's lock, in the order that imports take them.
        await erasures.holdImports.run({ org_id }, tx);
        await erasures.holdInbound.run({ org_id }, tx);
        await lockLeads.run({ org_id, lead_ids: [lead_id] }, tx);
        const addresses = await erasures.ownAddressesOfLead.run({ org_id, lead_id }, tx);
        const hmacs = addresses.map(({ value }) => erasedAddressHmac(secret, org_id, value));
        const asked = { lead_id, user_id, reason: input.reason, address_hmacs: hmacs, now: clock.now() };
        // Checked again under the lock: of concurrent calls, one erases.
        const changed = (await erasures.getErasure.one({ org_id, lead_id }, tx)) === undefined;
        if (changed) {
          await erasures.eraseLead.run(asked, tx);
          await asCoordinator(tx, actor, () => warnOfErasures(scopeOf(tx), lead_id));
        }
        const {
          address_hmacs,
          row_counts,
          was_caught,
          was_noticed,
          reason: _,
          ...erasure
        } = (await erasures.getErasure.one({ org_id, lead_id }, tx))!;
        // Before the commit, so that no erasure is on record while its mail remains. Repeating the call deletes the rest.
        const caught_mail_count =
          catcher && (await eraseCaughtMail(catcher, secret, { org_id, lead_id, address_hmacs }));
        const { opted_out_at } = await findLead(tx, org_id, lead_id);
        return {
          id: lead_id,
          ...erasure,
          opted_out_at,
          row_counts: (row_counts ?? {}) as Record<string, number>,
          caught_mail_count,
          to_review: await mentionsOf(tx, org_id, lead_id, MENTIONS_MAX),
          out_of_reach: placesOutOfReach([
            (catcher !== null || !was_caught) && 'caught_mail',
            !was_noticed && 'notices',
          ]),
          changed,
        };
      },
      PATIENT,
    );
  },
});

function erasureText(erasure: z.output<typeof erased>): string {
  const { id, log_row_count, row_counts, caught_mail_count, to_review, out_of_reach } = erasure;
  const { crm_records_left_count } = erasure;
  const rows = Object.entries(row_counts).map(([table, count]) => `  ${table}: ${count}`);
  const texts = to_review.map(({ kind, reference, field }) => `  ${kind} ${reference}, field ${field}`);
  return [
    `Erased. Lead ${id} is a shell without a person. ${log_row_count} log lines hold only that something was erased.`,
    ...(rows.length === 0 ? [] : ['Rows erased, by table:', ...rows]),
    ...(caught_mail_count === null ? [] : [`Caught messages erased: ${caught_mail_count}`]),
    ...(crm_records_left_count === 0
      ? []
      : [
          `Records left in the CRM until it confirms their deletion (touchline crm writes): ${crm_records_left_count}`,
        ]),
    ...(texts.length === 0
      ? []
      : ['Review these texts, which name the person (touchline mentions):', ...texts]),
    'Not reached:',
    ...out_of_reach.map(({ says }) => `  ${says}`),
  ].join('\n');
}

export const erasureOperations = [exportOperation, eraseOperation] as const;
