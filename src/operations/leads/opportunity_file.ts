/** Opportunities as a CSV file. */
import { z } from 'zod';
import { type Tx, transaction } from '../../db/pool.ts';
import * as sql from '../../db/queries/opportunities.gen.ts';
import { userIdsByEmail } from '../../db/queries/users.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { actorOf } from '../../principal.ts';
import type { OpportunitiesRow } from '../../schema.gen.ts';
import { noun, requirePerson } from '../fields.ts';
import { leadsNamed } from '../lead_keys.ts';
import { operation } from '../operation.ts';
import { columnsIn, textsIn } from './csv_columns.ts';
import { readCsv } from './import_csv.ts';
import { emptyFile } from './import_source.ts';
import { given, stage, time } from './opportunity_fields.ts';
import { present, settled } from './opportunity_rows.ts';

const ROWS_MAX = 10_000;
const CHUNK = 500;
const ERRORS_SHOWN = 1_000;

const COLUMNS = {
  lead: ['lead', 'email', 'email_address', 'contact', 'contact_email', 'lead_id'],
  name: ['name', 'deal', 'deal_name', 'opportunity', 'opportunity_name'],
  stage: ['stage', 'deal_stage', 'status'],
  amount: ['amount', 'value', 'deal_value'],
  currency: ['currency', 'currency_code'],
  term_months: ['term_months', 'term', 'months'],
  opened_at: ['opened_at', 'opened', 'created_at', 'create_date', 'created'],
  closed_at: ['closed_at', 'closed', 'close_date'],
  lost_reason: ['lost_reason', 'loss_reason', 'closed_lost_reason'],
  owner: ['owner', 'owner_email', 'deal_owner'],
  crm_deal_id: ['crm_deal_id', 'deal_id', 'record_id', 'id'],
} as const;
type Field = keyof typeof COLUMNS;
type Texts = Record<Field, string>;
type Row = { line: number; texts: Texts; fields: z.output<typeof rowSchema> };

const blank = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((text) => (text === '' ? undefined : text), schema.optional());
const day = z.preprocess(
  (text) => (typeof text === 'string' && /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text),
  time,
);
/** An amount in hundredths: 12000, 12,000.50, or 12000.5. */
const cents = z
  .string()
  .regex(/^\d{1,3}(,\d{3})*(\.\d{1,2})?$|^\d{1,13}(\.\d{1,2})?$/, 'expected an amount such as 12,000.50')
  .transform((text) => Math.round(Number(text.replaceAll(',', '')) * 100));
const rowSchema = z.object({
  lead: z.string().min(1, 'names no lead'),
  name: given.name,
  stage: blank(
    z.preprocess(
      (text) =>
        String(text)
          .toLowerCase()
          .replaceAll(/[\s-]+/g, '_'),
      stage,
    ),
  ),
  amount: blank(cents),
  currency: blank(given.currency),
  term_months: blank(given.term_months),
  opened_at: blank(day),
  closed_at: blank(day),
  lost_reason: blank(given.lost_reason),
  owner: blank(z.string()),
  crm_deal_id: blank(given.crm_deal_id),
});

const fileError = noun('OpportunityFileError', {
  line: z.number().describe('of the file, from 1 (the header)'),
  column: z.string(),
  message: z.string(),
  value: z.string(),
});
type FileError = z.input<typeof fileError>;

const importFile = operation({
  name: 'import_opportunities',
  summary: `Import opportunities from a CSV file of up to ${ROWS_MAX.toLocaleString('en')} rows. A row whose CRM deal is known changes that opportunity. Invalid rows are left out and listed.`,
  http: { method: 'POST', path: '/opportunities/import', stream: true },
  cli: { command: 'opportunities import', args: [] },
  input: z.object({
    dry_run: z.stringbool().default(false).describe('check and count only; nothing changes'),
  }),
  output: noun('OpportunityImport', {
    dry_run: z.boolean(),
    rows_read: z.number(),
    created_count: z.number(),
    updated_count: z.number(),
    error_count: z.number(),
    errors: z.array(fileError).describe(`the first ${ERRORS_SHOWN}, by line`),
  }),
  errors:
    'body_missing conflict csv_empty csv_encoding csv_invalid csv_no_lead_column import_aborted file_too_long lead_erased',
  run: async ({ context, principal, input: { dry_run }, body }) => {
    const user_id = requirePerson(principal);
    if (body === undefined) throw new AppError('body_missing', 'The file is missing.');
    const now = context.clock.now();
    const { rows, errors, rows_read } = await readRows(body.stream);
    const target = { org_id: principal.org_id, user_id, now, dry_run, makeId: () => newId(context.clock) };
    const counts = await transaction(context.db, actorOf(principal), async (tx) => {
      const sum = { created_count: 0, updated_count: 0 };
      for (let from = 0; from < rows.length; from += CHUNK) {
        const done = await write(tx, target, rows.slice(from, from + CHUNK), errors);
        sum.created_count += done.created_count;
        sum.updated_count += done.updated_count;
      }
      return sum;
    });
    const shown = errors.toSorted((a, b) => a.line - b.line).slice(0, ERRORS_SHOWN);
    return { dry_run, rows_read, ...counts, error_count: errors.length, errors: shown };
  },
});

export const opportunityFileOperations = [importFile] as const;

async function readRows(stream: Parameters<typeof readCsv>[0]) {
  const rows: Row[] = [];
  const errors: FileError[] = [];
  const deals = new Set<string>();
  let rows_read = 0;
  let columns: Map<Field, number> | null = null;
  for await (const part of readCsv(stream)) {
    for (const { line, cells } of part) {
      const given_texts = (cells ?? []).map(String);
      if (columns === null) {
        columns = columnsIn(given_texts, COLUMNS);
        if (!columns.has('lead') || !columns.has('name')) throw noLeadColumn();
        continue;
      }
      rows_read += 1;
      if (rows_read > ROWS_MAX) throw tooLong();
      const texts = textsIn(columns, given_texts, COLUMNS);
      const read = rowSchema.safeParse(texts);
      if (read.success && read.data.crm_deal_id !== undefined && deals.has(read.data.crm_deal_id))
        errors.push(faultOf({ line, texts }, 'crm_deal_id', 'is in an earlier row of this file'));
      else if (read.success) rows.push({ line, texts, fields: read.data });
      else
        for (const { path, message } of read.error.issues.slice(0, 1))
          errors.push(faultOf({ line, texts }, path[0] as Field, message));
      if (read.success && read.data.crm_deal_id !== undefined) deals.add(read.data.crm_deal_id);
    }
  }
  if (columns === null) throw emptyFile();
  return { rows, errors, rows_read };
}

type Target = { org_id: string; user_id: string; now: Date; dry_run: boolean; makeId: () => string };

/** Writes one chunk, and adds the faults of its rows to `errors`. */
async function write(tx: Tx, target: Target, rows: readonly Row[], errors: FileError[]) {
  const { org_id, now } = target;
  const leads = await leadsNamed(tx, org_id, [...new Set(rows.map(({ fields }) => fields.lead))]);
  const emails = [...new Set(rows.flatMap(({ fields }) => fields.owner?.toLowerCase() ?? []))];
  const users = new Map((await userIdsByEmail.run({ org_id, emails }, tx)).map((row) => [row.email, row.id]));
  const crm_deal_ids = rows.flatMap(({ fields }) => fields.crm_deal_id ?? []);
  const known = await sql.opportunitiesOfDeals.run({ org_id, crm_deal_ids }, tx);
  const by_deal = new Map(known.map((one) => [one.crm_deal_id, one]));
  const added: object[] = [];
  const changed: object[] = [];
  for (const row of rows) {
    const lead = leads.get(row.fields.lead);
    const owner_user_id = row.fields.owner === undefined ? null : users.get(row.fields.owner.toLowerCase());
    if (lead === undefined) errors.push(faultOf(row, 'lead', 'names no lead'));
    else if (owner_user_id === undefined) errors.push(faultOf(row, 'owner', 'is no user'));
    else {
      const found = by_deal.get(row.fields.crm_deal_id ?? null);
      const settled_row = fitting(row, found, now, errors);
      if (settled_row === null) continue;
      const owner = owner_user_id === null ? {} : { owner_user_id };
      if (found !== undefined) changed.push({ id: found.id, patch: { ...settled_row, ...owner } });
      else
        added.push({
          ...{ ...settled_row, ...owner, id: target.makeId(), lead_id: lead.id, is_newest: true },
          crm_deal_id: row.fields.crm_deal_id ?? null,
        });
    }
  }
  if (!target.dry_run) {
    const made = { org_id, rows: added, source: 'file', created_by_user_id: target.user_id, now } as const;
    if (added.length > 0) await sql.insertOpportunities.run(made, tx);
    if (changed.length > 0) await sql.patchOpportunities.run({ org_id, rows: changed, now }, tx);
  }
  return { created_count: added.length, updated_count: changed.length };
}

/** The row as the database accepts it, over the known opportunity; null with a fault. */
function fitting(
  { fields, ...row }: Row,
  found: OpportunitiesRow | undefined,
  now: Date,
  errors: FileError[],
) {
  const {
    name,
    stage,
    amount: amount_cents,
    currency,
    term_months,
    lost_reason,
    opened_at,
    closed_at,
  } = fields;
  const before = found ?? { stage: 'lead' as const, opened_at: now, closed_at: null };
  const own = present({ name, stage, amount_cents, currency, term_months, lost_reason });
  const opened = opened_at === undefined ? before.opened_at : new Date(opened_at);
  try {
    return settled(
      { ...before, name, ...own, opened_at: opened, closed_at: before.closed_at },
      { closed_at },
      now,
    );
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'input_invalid') throw error;
    const [fault] = error.errors ?? [];
    const column = fault?.path === 'amount_cents' ? 'amount' : ((fault?.path ?? 'name') as Field);
    errors.push(faultOf(row, column, fault?.message ?? error.message));
    return null;
  }
}

function faultOf({ line, texts }: Pick<Row, 'line' | 'texts'>, column: Field, message: string): FileError {
  return { line, column, message, value: texts[column].slice(0, 80) };
}

const noLeadColumn = () =>
  new AppError('csv_no_lead_column', 'The file needs a column for the lead and one for the name.', {
    hint: `Name them, for example, ${COLUMNS.lead[1]} and ${COLUMNS.name[0]}.`,
  });

const tooLong = () =>
  new AppError('file_too_long', `The file has more than ${ROWS_MAX.toLocaleString('en')} rows.`, {
    hint: 'Split it into several files. Nothing was added.',
  });
