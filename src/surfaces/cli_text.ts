import type { z } from 'zod';
import { isRecord } from '../core/json.ts';
import { type JsonSchema, jsonSchemaOf } from './json_schema.ts';

type ProblemBody = {
  code: string;
  detail: string;
  errors?: readonly { path: string; message: string }[] | undefined;
  hint?: string | undefined;
};

const CELL_WIDTH = 40;
const DECIMALS = 3;

/** The first columns matter most; --json has the others and related ids. */
const MAX_COLUMNS = 10;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A column with longer text, for example a message source, is only in --json. */
const COLUMN_LIMIT = 200;

export function isProblem(body: unknown): body is ProblemBody {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}

/** The problem of a refused request; one without details if the server sent none. */
export function problemIn({ status, body }: { status: number; body: unknown }): ProblemBody {
  return isProblem(body) ? body : { code: `status_${status}`, detail: 'The server refused the request.' };
}

/** A refusal for a terminal: the fault, its location, and the next step. */
export function problemText({ code, detail, errors = [], hint }: ProblemBody): string {
  const faults = errors.map(({ path, message }) => (path === '' ? `  ${message}` : `  ${path}: ${message}`));
  return [`${code}: ${detail}`, ...faults, ...(hint === undefined ? [] : [`Hint: ${hint}`])].join('\n');
}

/** Text from leads and mail must not control a terminal: control characters are removed, line ends stay. */
export function printableText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this removes
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '');
}

/**
 * Which parts of an answer are shown: `shown` names the columns of a list, in order; `below` its sentences, which follow
 * their row on a terminal and are further columns elsewhere; `nulls` the text for null in a column; `empty` the text for a
 * list without rows; `leave_out` the hidden fields of any other answer.
 */
type Shown = {
  leave_out?: readonly string[];
  shown?: readonly string[] | undefined;
  below?: readonly string[] | undefined;
  empty?: string | undefined;
  nulls?: Readonly<Record<string, string>> | undefined;
};

/**
 * An answer for a terminal: lists as tables of the scalar columns in the output schema, anything else as `key: value`.
 * `columns` is the width of the terminal, 0 for no limit.
 */
export function answerText(body: unknown, output: z.ZodType, columns: number, options: Shown = {}): string {
  const { leave_out = [], empty = 'No results.', nulls = {} } = options;
  if (!isRecord(body)) return body === undefined || body === null ? 'Done.' : scalarText(body);
  if (Array.isArray(body.items) && body.items.length === 0) return empty;
  if (Array.isArray(body.items)) {
    const items = body.items.map((item) => (isRecord(item) ? withWords(item, nulls) : item));
    const table = listText(items, jsonSchemaOf(output, 'output'), columns, options);
    if (typeof body.next_cursor !== 'string') return table;
    return `${table}\n\nMore results: --all, or --cursor ${body.next_cursor}`;
  }
  const shown = Object.entries(body).filter(([name]) => !leave_out.includes(name));
  return shown.length === 0 ? 'Done.' : recordText(shown, columns, '');
}

function withWords(item: Record<string, unknown>, nulls: Readonly<Record<string, string>>) {
  const missing = Object.entries(nulls).filter(([name]) => (item[name] ?? null) === null);
  return { ...item, ...Object.fromEntries(missing) };
}

function listText(
  items: unknown[],
  schema: JsonSchema,
  columns: number,
  { shown, below = [] }: Shown,
): string {
  const known = Object.keys(schema.properties?.items?.items?.properties ?? {});
  if (shown === undefined) return tableText(items, known, columns);
  const rows = items.filter(isRecord);
  if (columns === 0) return chosenTable(rows, [...shown, ...below], columns);
  return withSentences(chosenTable(rows, shown, columns), rows, below);
}

function recordText(entries: readonly [string, unknown][], columns: number, indent: string): string {
  const width = Math.max(0, ...entries.map(([name, value]) => (isLine(value) ? name.length : 0)));
  return entries
    .map(([name, value]) => {
      if (Array.isArray(value) && value.every(isScalar)) {
        return fieldLine(name, value.map(scalarText).join(', ') || '-', width, indent);
      }
      if (isScalar(value)) return fieldLine(name, scalarText(value), width, indent);
      const inner = Array.isArray(value)
        ? indented(tableText(value, Object.keys((value[0] ?? {}) as object), columns), `${indent}  `)
        : recordText(Object.entries(value as object), columns, `${indent}  `);
      return `${indent}${name}:\n${inner}`;
    })
    .join('\n');
}

function fieldLine(name: string, value: string, width: number, indent: string): string {
  if (!value.includes('\n')) return `${indent}${`${name}:`.padEnd(width + 1)} ${value}`;
  return `${indent}${name}:\n${indented(value, `${indent}  `)}`;
}

function tableText(rows: readonly unknown[], known: readonly string[], columns: number): string {
  const records = rows.filter(isRecord);
  if (records.length < rows.length) return rows.map((row) => `- ${scalarText(row)}`).join('\n');
  const scalar = known.filter((name) =>
    records.every((row) => isScalar(row[name]) && scalarText(row[name]).length <= COLUMN_LIMIT),
  );
  const names = scalar
    .filter((name) => records.some((row) => (row[name] ?? null) !== null))
    .filter((name) => !/._id$/.test(name) || !records.some((row) => UUID.test(String(row[name]))))
    .slice(0, MAX_COLUMNS);
  if (names.length === 0) return `${records.length} rows`;
  return alignedTable(
    [names, ...records.map((row) => names.map((name) => cellText(row[name], columns)))],
    columns,
  );
}

/** Under each table row its full sentences: a truncated sentence says nothing. */
function withSentences(
  table: string,
  records: readonly Record<string, unknown>[],
  below: readonly string[],
): string {
  const [header = '', ...rows] = table.split('\n');
  const said = (record: Record<string, unknown>) =>
    below
      .filter((name) => (record[name] ?? '') !== '')
      .map((name) => `    ${scalarText(record[name]).replace(/\s+/g, ' ')}`);
  return [header, ...rows.flatMap((row, at) => [row, ...said(records[at]!)])].join('\n');
}

/** The named columns without the empty ones. The last one may take the remaining width. */
function chosenTable(
  records: readonly Record<string, unknown>[],
  chosen: readonly string[],
  columns: number,
): string {
  const names = chosen.filter((name) => records.some((row) => cellText(row[name], 0) !== '-'));
  if (names.length === 0) return `${records.length} rows`;
  const first = names.slice(0, -1);
  const rows = [first, ...records.map((row) => first.map((name) => cellText(row[name], columns)))];
  const used = widthsOf(rows).reduce((sum, width) => sum + width + 2, 0);
  const last = names.at(-1)!;
  const room = columns === 0 ? 0 : Math.max(CELL_WIDTH, columns - used);
  return alignedTable(
    rows.map((row, at) => [...row, at === 0 ? last : cellText(records[at - 1]![last], columns, room)]),
    columns,
  );
}

function widthsOf(cells: readonly (readonly string[])[]): number[] {
  return (cells[0] ?? []).map((_, at) => Math.max(...cells.map((row) => row[at]!.length)));
}

/** Rows; the first one is the header. */
function alignedTable(cells: readonly (readonly string[])[], columns: number): string {
  const widths = widthsOf(cells);
  const fitting = fittingColumns(widths, columns);
  return cells
    .map((row) =>
      row
        .slice(0, fitting)
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** How many columns fit the terminal; the first ones matter most. */
function fittingColumns(widths: readonly number[], columns: number): number {
  if (columns === 0) return widths.length;
  let used = 0;
  const over = widths.findIndex((width) => {
    used += width + 2;
    return used - 2 > columns;
  });
  return over === -1 ? widths.length : Math.max(1, over);
}

function cellText(value: unknown, columns: number, room = CELL_WIDTH): string {
  const joined =
    Array.isArray(value) && value.every(isScalar) ? value.map(scalarText).join(', ') || '-' : value;
  const text = scalarText(nameOf(joined)).replace(/\s+/g, ' ');
  return columns > 0 && text.length > room ? `${text.slice(0, room - 1)}…` : text;
}

/** A cell shows a thing by the name that the next command accepts. */
function nameOf(value: unknown): unknown {
  if (!isRecord(value)) return value;
  return [value.slug, value.name].find((name) => typeof name === 'string') ?? value;
}

function scalarText(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  // A rate of sixteen digits is only in --json.
  if (typeof value === 'number') return String(Number(value.toFixed(DECIMALS)));
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

/** Whether the value fits beside its name. */
function isLine(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isScalar) : isScalar(value);
}

function indented(text: string, indent: string): string {
  return text
    .split('\n')
    .map((line) => indent + line)
    .join('\n');
}
