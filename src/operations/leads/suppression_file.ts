/** The suppression list as a CSV file, in and out. */
import { z } from 'zod';
import { transaction } from '../../db/pool.ts';
import * as sql from '../../db/queries/suppressions.gen.ts';
import { AppError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { actorOf } from '../../principal.ts';
import { csvLines } from '../csv.ts';
import { noun, reason, requirePerson } from '../fields.ts';
import { instantText } from '../instant_text.ts';
import { operation } from '../operation.ts';
import { NEWEST_FIRST, toPage } from '../page.ts';
import { columnsIn, textsIn } from './csv_columns.ts';
import { readCsv } from './import_csv.ts';
import { emptyFile } from './import_source.ts';
import { ownFault, readSuppressedValue, type SuppressedValue, suppressionEnd } from './suppressed_values.ts';

/** Rows of one file: they are held in memory, some 20 MB. */
const ROWS_MAX = 100_000;
const CHUNK = 1_000;
const ERRORS_SHOWN = 1_000;
const EVERY_ROW = { kind: null, source: null, is_lifted: false } as const;

const COLUMNS = {
  value: [
    'value',
    'email',
    'email_address',
    'address',
    'domain',
    'e_mail',
    'phone',
    'phone_number',
    'number',
  ],
  reason: ['reason', 'why', 'comment', 'note'],
  until: ['until', 'ends', 'ends_at', 'end', 'expires', 'expires_at'],
  source: ['source'],
} as const;
type Field = keyof typeof COLUMNS;

const fileError = noun('SuppressionFileError', {
  line: z.number().describe('of the file, from 1 (the header)'),
  column: z.string().nullable(),
  code: z.enum(['suppression_invalid', 'until_past', 'until_invalid']),
  message: z.string(),
  value: z.string().nullable(),
});
type FileError = z.input<typeof fileError>;
/** `from_source`: the source that the file names; an opt-out of an export is no suppression of its own. */
type NewRow = SuppressedValue & { id: string; reason: string; until: Date | null; from_source: string };

const importFile = operation({
  name: 'import_suppressions',
  summary: `Import suppressed addresses, domains, and phone numbers from a CSV file of up to ${ROWS_MAX.toLocaleString('en')} rows. Invalid rows are left out and listed.`,
  http: { method: 'POST', path: '/suppressions/import', stream: true },
  cli: { command: 'suppressions import', args: [] },
  input: z.object({
    dry_run: z.stringbool().default(false).describe('check and count only; nothing changes'),
    reason: reason.optional().describe('for rows without one'),
  }),
  output: noun('SuppressionImport', {
    dry_run: z.boolean(),
    rows_read: z.number(),
    added_count: z.number(),
    already_count: z.number().describe('in force before, or repeated in the file'),
    error_count: z.number(),
    errors: z.array(fileError).describe(`the first ${ERRORS_SHOWN}, by line`),
  }),
  errors: 'body_missing csv_empty csv_encoding csv_invalid csv_no_value_column import_aborted file_too_long',
  run: async ({ context, principal, input: { dry_run, reason: given = 'imported from a file' }, body }) => {
    const user_id = requirePerson(principal);
    if (body === undefined) throw new AppError('body_missing', 'The file is missing.');
    const { org_id } = principal;
    const own = await sql.ownAddresses.run({ org_id }, context.db);
    const now = context.clock.now();
    const rows = new Map<string, NewRow>();
    const errors: FileError[] = [];
    let rows_read = 0;
    let columns: Map<Field, number> | null = null;
    for await (const part of readCsv(body.stream)) {
      for (const { line, cells } of part) {
        const texts = (cells ?? []).map(String);
        if (columns === null) {
          columns = columnsIn(texts, COLUMNS);
          if (!columns.has('value')) throw noValueColumn();
          continue;
        }
        rows_read += 1;
        if (rows_read > ROWS_MAX) throw tooLong();
        const read = readRow(textsIn(columns, texts, COLUMNS), { own, now, reason: given });
        if ('code' in read) errors.push({ ...read, line });
        else keepLonger(rows, { ...read, id: newId(context.clock) });
      }
    }
    if (columns === null) throw emptyFile();
    const added_count = await transaction(context.db, actorOf(principal), async (tx) => {
      if (!dry_run) await sql.holdSuppressions.run({ org_id, rows: [...rows.values()] }, tx);
      let added = 0;
      for (const chunk of chunksOf([...rows.values()])) {
        added += dry_run
          ? chunk.length - (await sql.valuesInForce.run({ org_id, rows: chunk }, tx)).length
          : (await sql.addSuppressions.run({ org_id, rows: chunk, source: 'file', user_id, now }, tx)).length;
      }
      return added;
    });
    if (!dry_run) context.nudge();
    const already_count = rows_read - errors.length - added_count;
    const shown = errors.slice(0, ERRORS_SHOWN);
    return { dry_run, rows_read, added_count, already_count, error_count: errors.length, errors: shown };
  },
});

const exportFile = operation({
  name: 'export_suppressions',
  summary: `Export the suppressions in force as CSV, ${ROWS_MAX.toLocaleString('en')} rows at a time. The import reads it again.`,
  http: { method: 'GET', path: '/suppressions/export' },
  cli: { command: 'suppressions export' },
  input: z.object({ cursor: z.string().max(500).optional().describe('next_cursor of the previous part') }),
  output: z.object({
    csv: z.string().describe('the first part has the header'),
    row_count: z.number(),
    next_cursor: z.string().nullable(),
  }),
  errors: 'cursor_invalid',
  run: async ({ context, principal: { org_id }, input: { cursor } }) => {
    const place = NEWEST_FIRST.placeOf(cursor);
    const page = { ...EVERY_ROW, ...place, org_id, limit: ROWS_MAX + 1 };
    const found = await sql.listSuppressions.run(page, context.db);
    const { items: rows, next_cursor } = toPage(found, ROWS_MAX, NEWEST_FIRST.keyOf);
    const lines = rows.map(({ value, kind, reason: why, source, until, created_at, added_by_name }) => {
      return [
        value,
        kind,
        why,
        source,
        until === null ? '' : instantText(until),
        instantText(created_at),
        added_by_name ?? '',
      ];
    });
    const header = ['value', 'kind', 'reason', 'source', 'until', 'added_at', 'added_by'];
    const csv = csvLines(place.before_id === null ? [header, ...lines] : lines);
    return { csv, row_count: rows.length, next_cursor };
  },
  text: ({ csv }) => csv.trimEnd(),
});

export const suppressionFileOperations = [importFile, exportFile] as const;

/** Keeps the row that lasts longest of those with one value. */
function keepLonger(rows: Map<string, NewRow>, row: NewRow): void {
  const key = `${row.kind} ${row.value}`;
  const earlier = rows.get(key);
  const lasts = ({ until }: NewRow) => (until === null ? Infinity : until.getTime());
  if (earlier === undefined || lasts(row) >= lasts(earlier)) rows.set(key, row);
}

type About = { own: Parameters<typeof ownFault>[1]; now: Date; reason: string };

function readRow(texts: Record<Field, string>, { own, now, reason: given }: About) {
  // The export protects a spreadsheet from a leading sign.
  const text = texts.value.replace(/^'(?=[=+\-@])/, '');
  const read = readSuppressedValue(text);
  const refused = (code: FileError['code'], column: Field, message: string) => {
    return { code, column, message, value: texts[column].slice(0, 80) };
  };
  if ('error' in read)
    return refused(
      'suppression_invalid',
      'value',
      `is not an address, domain, or phone number: ${read.error}`,
    );
  const fault = ownFault(read, own);
  if (fault !== null) return refused('suppression_invalid', 'value', fault);
  if (texts.until !== '' && !suppressionEnd.safeParse(texts.until).success) {
    return refused('until_invalid', 'until', 'expected a date such as 2027-01-31');
  }
  const until = texts.until === '' ? null : new Date(texts.until);
  if (until !== null && until <= now) return refused('until_past', 'until', 'is in the past');
  return { ...read, reason: texts.reason.slice(0, 2_000) || given, until, from_source: texts.source };
}

function* chunksOf(rows: readonly NewRow[]): Generator<NewRow[]> {
  for (let from = 0; from < rows.length; from += CHUNK) yield rows.slice(from, from + CHUNK);
}

const tooLong = () =>
  new AppError('file_too_long', `The file has more than ${ROWS_MAX.toLocaleString('en')} rows.`, {
    hint: 'Split it into several files. Nothing was added.',
  });

const noValueColumn = () =>
  new AppError('csv_no_value_column', 'No column of the file has addresses, domains, or phone numbers.', {
    hint: `Name the column one of: ${COLUMNS.value.join(', ')}.`,
  });
