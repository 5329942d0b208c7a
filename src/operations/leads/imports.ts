import { z } from 'zod';
import type { OperationContext } from '../../context.ts';
import { DAY_MS } from '../../core/durations.ts';
import type { Queryable } from '../../db/pool.ts';
import * as imports from '../../db/queries/imports.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { id, noun } from '../fields.ts';
import { type Call, operation } from '../operation.ts';
import { ADDRESSES } from './import_address_columns.ts';
import { columnsByField, likelyField, readMapping } from './import_columns.ts';
import { readCsv } from './import_csv.ts';
import { readJson } from './import_json.ts';
import { type Merged, mergeImport } from './import_merge.ts';
import { ERRORS_SHOWN, type Received, type RowError, receiveRows } from './import_rows.ts';
import type { SourceRow } from './import_source.ts';

const DELETE_BATCH = 20_000;
const ABANDONED_BATCH = 100;

const input = z.object({
  dry_run: z.stringbool().default(false).describe('check and count only; nothing changes'),
  mapping: z
    .string()
    .max(20_000)
    .optional()
    .describe(
      'JSON object of field -> column header, for unrecognized headers; null skips a field; `addresses` takes several',
    ),
});

const rowError = noun('ImportError', {
  line: z.number().describe('where the row begins, from 1 (the header); in JSON, its place'),
  column: z.string().nullable(),
  code: z.string(),
  message: z.string(),
  value: z.string().nullable().describe('the value, shortened'),
});

const output = noun('ImportReport', {
  import_id: id,
  dry_run: z.boolean(),
  rows_read: z.number(),
  created_count: z.number(),
  updated_count: z.number(),
  unchanged_count: z.number(),
  skipped_count: z.number().describe('rows left out because of an error'),
  assigned_count: z.number().describe('leads whose owner the file set'),
  error_count: z.number().describe('errors; a row may have several'),
  errors: z.array(rowError).describe(`the first ${ERRORS_SHOWN}, by line`),
  ignored_columns: z.array(z.string()),
  columns: z.record(z.string(), z.string()).describe('field -> its column'),
  address_columns: z.array(z.string()).describe('columns of further addresses'),
  further_address_count: z.number().describe('addresses added to leads that have others'),
  merge_count: z.number().describe('pairs of leads with one CRM record; a rule merges them after the import'),
  suggested_merge_count: z
    .number()
    .describe(
      'pairs of leads with one of these addresses, or with one CRM record in the file of a rep: RevOps decides',
    ),
  duration_ms: z.number(),
});

export const importLeads = operation({
  name: 'import_leads',
  summary:
    'Import leads and their accounts from CSV or JSON of any size. Known leads are updated, empty cells change nothing, and an opt-out is never lifted.',
  http: { method: 'POST', path: '/leads/import', stream: true },
  input,
  output,
  errors: `
    body_missing csv_empty csv_encoding csv_invalid csv_no_email_column import_aborted import_busy
    json_invalid json_too_large mapping_invalid media_type_unsupported`,
  run: runImport,
  text: importText,
});

type ImportCall = Call<z.output<typeof input>>;

async function runImport(call: ImportCall): Promise<z.input<typeof output>> {
  const { context, principal, body } = call;
  if (body === undefined) throw new AppError('body_missing', 'The file is missing.');
  const mapping = readMapping(call.input.mapping);
  const source = rowsOf(body);
  const { org_id } = principal;
  const import_id = newId(context.clock);
  const target = { context, org_id, import_id };
  const { dry_run } = call.input;
  // Duration is real time, at any clock speed.
  const started_ms = performance.now();
  const imported_by_user_id = principal.kind === 'human' ? principal.user_id : null;
  await clearAbandoned(context, org_id);
  const begun = { org_id, id: import_id, dry_run, imported_by_user_id, now: context.clock.now() };
  await imports.insertImport.run(begun, context.db);
  try {
    const received = await receiveRows(target, source, mapping);
    const done = (merged: Merged, db: Queryable) => finish(target, 'done', countsOf(received, merged), db);
    const merged = await mergeImport({ context, principal, import_id, dry_run, done });
    if (!dry_run) context.nudge();
    return {
      import_id,
      dry_run,
      ...countsOf(received, merged),
      errors: errorsOf(received, merged),
      ignored_columns: received.ignored_columns,
      columns: columnsByField(received.columns),
      address_columns: received.address_columns.map(({ header }) => header),
      further_address_count: merged.further_address_count,
      merge_count: merged.merge_count,
      suggested_merge_count: merged.suggested_merge_count,
      duration_ms: Math.round(performance.now() - started_ms),
    };
  } catch (error) {
    await tidily(context, () => finish(target, 'failed', NOTHING, context.db));
    throw error;
  } finally {
    await tidily(context, () => deleteRows(context, org_id, import_id));
  }
}

function rowsOf(body: NonNullable<ImportCall['body']>): AsyncIterable<readonly SourceRow[]> {
  const [type = '', ...parameters] = body.media_type.toLowerCase().split(';');
  const charset = /charset\s*=\s*"?([^"\s]+)/.exec(parameters.join(';'))?.[1] ?? 'utf-8';
  if (/^utf-?8$|^us-ascii$/.test(charset)) {
    if (type.trim() === 'application/json') return readJson(body.stream);
    if (['text/csv', 'text/plain', 'application/octet-stream', ''].includes(type.trim()))
      return readCsv(body.stream);
  }
  throw new AppError('media_type_unsupported', `Cannot read ${body.media_type}.`, {
    hint: 'Send text/csv or application/json, in UTF-8.',
  });
}

const NOTHING: ReturnType<typeof countsOf> = {
  rows_read: 0,
  created_count: 0,
  updated_count: 0,
  unchanged_count: 0,
  skipped_count: 0,
  error_count: 0,
  assigned_count: 0,
};

function countsOf(received: Received, merged: Merged) {
  const left_out = merged.duplicate_count + merged.erased_count + merged.other_record_count;
  return {
    rows_read: received.rows_read,
    created_count: merged.created_count,
    updated_count: merged.updated_count,
    unchanged_count: merged.lead_count - merged.created_count - merged.updated_count,
    skipped_count: received.skipped_count + left_out,
    error_count: received.error_count + left_out,
    assigned_count: merged.assigned_count,
  };
}

function errorsOf(received: Received, merged: Merged): RowError[] {
  const email = received.columns.find(({ field }) => field === 'email')!;
  const duplicates = merged.duplicates.map(({ line, kept_line, email: value }) => {
    const message = `duplicates line ${kept_line}, which was imported`;
    return { line, column: email.header, code: 'duplicate_in_file', message, value };
  });
  const erased = merged.erased_lines.map((line) => {
    const message = 'this person’s data was deleted; remove the row from the file';
    return { line, column: email.header, code: 'suppressed_erased', message, value: null };
  });
  const record = received.columns.find(({ field }) => field === 'crm_contact_id');
  const others = merged.other_records.map(({ line, crm_contact_id: value, record_of_lead }) => {
    const message = `the lead of this row has another CRM record (${record_of_lead}); correct the row, or change the lead’s record first`;
    return { line, column: record?.header ?? null, code: 'crm_record_differs', message, value };
  });
  return [...received.errors, ...duplicates, ...erased, ...others]
    .sort((a, b) => a.line - b.line)
    .slice(0, ERRORS_SHOWN);
}

type Target = { context: OperationContext; org_id: string; import_id: string };

/** False when the import was abandoned. */
async function finish(
  { context, org_id, import_id }: Target,
  status: 'done' | 'failed',
  counts: typeof NOTHING,
  db: Queryable,
): Promise<boolean> {
  const { skipped_count: _, ...stored } = counts;
  const now = context.clock.now();
  return (await imports.finishImport.count({ org_id, id: import_id, status, ...stored, now }, db)) === 1;
}

/** Deletes rows that a crashed process left more than a day ago. */
async function clearAbandoned(context: OperationContext, org_id: string): Promise<void> {
  const now_ms = context.clock.now_ms();
  const abandoned = await imports.failAbandonedImports.run(
    { org_id, now: new Date(now_ms), before: new Date(now_ms - DAY_MS), limit: ABANDONED_BATCH },
    context.db,
  );
  for (const { id: import_id } of abandoned) await deleteRows(context, org_id, import_id);
}

async function deleteRows(context: OperationContext, org_id: string, import_id: string): Promise<void> {
  for (let deleted = DELETE_BATCH; deleted === DELETE_BATCH; ) {
    deleted = await imports.deleteImportRows.count({ org_id, import_id, limit: DELETE_BATCH }, context.db);
  }
}

/** A failed cleanup must not hide the answer or the first error. The next import tries again. */
async function tidily(context: OperationContext, tidy: () => Promise<unknown>): Promise<void> {
  try {
    await tidy();
  } catch (error) {
    context.log.warn({ err: error }, 'import cleanup failed');
  }
}

type Report = Omit<
  z.output<typeof output>,
  'assigned_count' | 'import_id' | 'error_count' | 'errors' | 'columns' | 'address_columns' | 'duration_ms'
>;

/** One sentence with every count, then the unused columns and how to use one. */
export function importText(report: Report): string {
  const { created_count, skipped_count, ignored_columns } = report;
  const known = `${count(report.updated_count)} updated, ${count(report.unchanged_count)} unchanged`;
  const told = report.dry_run
    ? `Dry run: ${counted(created_count, 'lead')} would be created, ${known}, ${counted(skipped_count, 'row')} left out. ` +
      'Nothing was changed; run it without --dry-run.'
    : `${counted(report.rows_read, 'row')}: ${count(created_count)} created, ${known}, ${count(skipped_count)} left out.`;
  const further = report.further_address_count;
  const merges = report.suggested_merge_count;
  const added = [
    further === 0 ? '' : ` Further addresses: ${count(further)}.`,
    report.merge_count === 0
      ? ''
      : ` Merges of leads with one CRM record: ${count(report.merge_count)}${report.dry_run ? '' : ', automatically'}.`,
    merges === 0
      ? ''
      : ` Suggested merges: ${count(merges)}${report.dry_run ? '' : ' (touchline merge suggestions)'}.`,
  ].join('');
  if (ignored_columns.length === 0) return told + added;
  const header = ignored_columns.find((name) => likelyField(name) === ADDRESSES) ?? ignored_columns[0]!;
  const example = `--map ${likelyField(header)}=${quotedForShell(header)}`;
  return `${told}${added}\nNot used: ${ignored_columns.join(', ')} (${example} uses one)`;
}

const count = (many: number) => many.toLocaleString('en-US');
const counted = (many: number, noun: string) => `${count(many)} ${noun}${many === 1 ? '' : 's'}`;

/** A header such as `First name` needs quotes in a shell. */
function quotedForShell(header: string): string {
  return /^[\p{L}\p{N}_.-]+$/u.test(header) ? header : `'${header.replaceAll("'", "'\\''")}'`;
}
