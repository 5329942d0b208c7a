import { branchesOf, type JsonSchema } from '../json_schema.ts';
import { escapeHtml } from '../plain_page.ts';
import { breakable, code, prose } from './html.ts';

/** One line of a table: an input, a part of an answer, or a part of a part. */
export type FieldRow = { name: string; schema: JsonSchema; required: boolean };

/** Deeper than any answer. The parts of anything deeper are not listed. */
const DEPTH_MAX = 6;
const CHOICES_SHOWN = 8;

/** A table of fields with their parts below them. `caption` describes them for screen readers. */
export function fieldTable(caption: string, rows: readonly FieldRow[], { is_answer = false } = {}): string {
  // An answer has all its fields: what may be left out matters only in an input.
  const need = is_answer ? '' : ' <em class="required">required</em>';
  const lines = rows.flatMap((row) => rowsOf(row, { prefix: '', depth: 0, need }));
  return `<table>
<caption class="unseen">${escapeHtml(caption)}</caption>
<thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table>`;
}

/** The fields of an object, or of the parts of a list; none for anything else. */
export function fieldRows(schema: JsonSchema): FieldRow[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).map(([name, property]) => ({
    name,
    schema: property,
    required: required.includes(name),
  }));
}

/** The type in words: `text`, `list of number`, `text or null`. */
export function typeText(schema: JsonSchema): string {
  const { $ref, const: only, enum: choices, items, type, format } = schema;
  if ($ref !== undefined) return $ref.slice($ref.lastIndexOf('/') + 1);
  const branches = branchesOf(schema);
  if (branches.length > 0) return [...new Set(branches.map(typeText))].join(' or ');
  if (only !== undefined) return JSON.stringify(only);
  if (Array.isArray(type)) return type.map((one) => typeText({ ...schema, type: one })).join(' or ');
  if (type === 'array') return `list of ${typeText(items ?? {})}`;
  if (choices !== undefined) return 'one of';
  if (type === 'string' && format !== undefined) return FORMATS[format] ?? format;
  return type === undefined ? 'anything' : (WORDS[type] ?? type);
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  boolean: 'true or false',
};
const FORMATS: Readonly<Record<string, string>> = {
  'date-time': 'time',
  uuid: 'id',
  uri: 'URL',
  email: 'email address',
};

/** `need`: the mark of a required field. */
type Place = { prefix: string; depth: number; need: string };

function rowsOf({ name, schema, required }: FieldRow, { prefix, depth, need }: Place): string[] {
  const label = `${prefix === '' ? '' : `<span class="prefix">${breakable(prefix)}</span>`}${breakable(name)}`;
  const line =
    `<tr class="depth${Math.min(depth, 3)}"><th scope="row"><code>${label}</code>${required ? need : ''}</th>` +
    `<td class="type">${escapeHtml(typeText(schema))}${choiceList(schema)}</td>` +
    `<td>${meaningOf(schema)}</td></tr>`;
  if (depth >= DEPTH_MAX) return [line];
  const { schema: inner, suffix } = partsOf(schema);
  const below = { prefix: `${prefix}${name}${suffix}.`, depth: depth + 1, need };
  return [line, ...fieldRows(inner).flatMap((row) => rowsOf(row, below))];
}

/** The parts of a field: the object in it, in its list, or beside its null. */
function partsOf(schema: JsonSchema): { schema: JsonSchema; suffix: string } {
  if (schema.items !== undefined) {
    const { schema: inner, suffix } = partsOf(schema.items);
    return { schema: inner, suffix: `[]${suffix}` };
  }
  const whole = branchesOf(schema).find((branch) => (branch.properties ?? branch.items) !== undefined);
  return whole === undefined ? { schema, suffix: '' } : partsOf(whole);
}

function choiceList(schema: JsonSchema): string {
  const choices = choicesOf(schema);
  if (choices.length === 0) return '';
  const list = choices.map((choice) => code(String(choice))).join(' ');
  if (choices.length <= CHOICES_SHOWN) return ` <span class="choices">${list}</span>`;
  return `<details class="choices"><summary>${choices.length} values</summary>${list}</details>`;
}

function choicesOf(schema: JsonSchema): unknown[] {
  const found =
    schema.enum ?? schema.items?.enum ?? branchesOf(schema).flatMap((branch) => branch.enum ?? []);
  return found.filter((choice) => choice !== null);
}

function meaningOf(schema: JsonSchema): string {
  const parts = [
    schema.description === undefined ? '' : prose(schema.description),
    limitsOf(schema),
    schema.default === undefined ? '' : `${code(JSON.stringify(schema.default))} unless given`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

function limitsOf(schema: JsonSchema): string {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = {
    ...(schema.anyOf?.find(({ type }) => type !== 'null') ?? {}),
    ...schema,
  } as Record<string, number | undefined>;
  return [
    rangeText(minimum, maximum, ''),
    // A minimum of 1 is not worth a note.
    rangeText(minLength === 1 ? undefined : minLength, maxLength, ' characters'),
    rangeText(minItems === 1 ? undefined : minItems, maxItems, ' parts'),
  ]
    .filter((text) => text !== '' && !schema.description?.includes(text))
    .join('; ');
}

function rangeText(least: number | undefined, most: number | undefined, unit: string): string {
  if (least !== undefined && most !== undefined) return `${least} to ${most}${unit}`;
  if (least !== undefined) return `at least ${least}${unit}`;
  return most === undefined ? '' : `at most ${most}${unit}`;
}
