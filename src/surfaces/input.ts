import type { z } from 'zod';
import { AppError, type FieldError } from '../errors.ts';
import { issueWords } from '../issue_words.ts';
import { LIST_COMMANDS } from '../operations/fields.ts';
import { underCurrentNames } from '../operations/former_names.ts';
import { JSON_DEPTH_MAX } from './json_body.ts';
import type { Field } from './json_schema.ts';

/** The most fields that a sentence names; `errors` has all of them. */
const PLACES_NAMED = 5;
/** The most faults that an answer lists, however many values are wrong. */
const FAULTS_MAX = 100;
const PATH_CHARS_MAX = 200;

/**
 * Reads the merged input of an operation. Throws `input_invalid` (422) with the path of every fault: unknown fields, wrong
 * types, missing values, and text that a database cannot store. `path` is the operation's and tells which noun its ids
 * belong to.
 */
export function readInput<Input extends z.ZodObject>(
  schema: Input,
  given: Record<string, unknown>,
  path = '',
): z.output<Input> {
  const unfit = unfitText(given, 0);
  if (unfit) throw inputInvalid([{ path: pathText(unfit.path), message: unfit.message }]);
  const read = strictOf(schema).safeParse(underCurrentNames(schema, given));
  if (!read.success) {
    const { issues } = read.error;
    const faults = issues.slice(0, FAULTS_MAX).flatMap((issue) => faultsOf(issue, []));
    throw inputInvalid(faults.map((fault) => withList(fault, path)));
  }
  return read.data as z.output<Input>;
}

const strict_schemas = new WeakMap<z.ZodObject, z.ZodObject>();

/** Made once: a schema compiles itself on its first read, which takes longer than many requests. */
function strictOf(schema: z.ZodObject): z.ZodObject {
  return strict_schemas.getOrInsertComputed(schema, () =>
    schema.def.catchall === undefined ? schema.strict() : schema,
  );
}

/** Where an id was expected, names the list of such ids. */
function withList(fault: FieldError, path: string): FieldError {
  if (fault.message !== 'must be an id') return fault;
  const noun = fault.path === 'id' ? path.split('/')[1] : `${/([a-z]+)_id$/.exec(fault.path)?.[1]}s`;
  const command = LIST_COMMANDS[noun ?? ''];
  return command === undefined
    ? fault
    : { ...fault, message: `must be an id: touchline ${command} lists them` };
}

/** Keeps the first hundred faults. */
export function inputInvalid(faults: readonly FieldError[]): AppError {
  const errors = faults
    .slice(0, FAULTS_MAX)
    .map((fault) => ({ ...fault, path: fault.path.slice(0, PATH_CHARS_MAX) }));
  const places = [...new Set(errors.map(({ path }) => path).filter((path) => path !== ''))];
  const more = places.length > PLACES_NAMED ? ` and ${places.length - PLACES_NAMED} more` : '';
  const where = places.length === 0 ? '' : `: ${places.slice(0, PLACES_NAMED).join(', ')}${more}`;
  return new AppError('input_invalid', `The input is not valid${where}.`, { errors });
}

/**
 * A query string contains only text: number, boolean, and list fields are converted here, so operations declare plain
 * types. The schema refuses anything that cannot be converted.
 */
export function fromQuery(query: Record<string, unknown>, fields: readonly Field[]): Record<string, unknown> {
  const types = new Map(
    fields.flatMap(({ name, former_name = name, type }) => [name, former_name].map((one) => [one, type])),
  );
  const read = Object.entries(query).map(
    ([name, value]) => [name, queryValue(value, types.get(name))] as const,
  );
  return Object.fromEntries(read);
}

function queryValue(value: unknown, type: Field['type'] | undefined): unknown {
  if (type === 'array') return Array.isArray(value) ? value : [value];
  if (typeof value !== 'string') return value;
  if (type === 'number' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

/** Writes `['steps', 0, 'delay_days']` as `steps[0].delay_days`. */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

function faultsOf(issue: z.core.$ZodIssue, base: readonly PropertyKey[]): FieldError[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .slice(0, FAULTS_MAX)
      .map((key) => ({ path: pathText([...path, key]), message: 'is not a known field' }));
  }
  if (issue.code === 'invalid_union') {
    // The branch that matched furthest describes the fault best.
    const branch = [...issue.errors].sort((a, b) => depthOf(b) - depthOf(a))[0];
    if (branch && depthOf(branch) > 0) return branch.flatMap((inner) => faultsOf(inner, path));
    const messages = [...new Set(issue.errors.flat().map(issueWords))];
    return [{ path: pathText(path), message: messages.join(', or ') || issueWords(issue) }];
  }
  return [{ path: pathText(path), message: issueWords(issue) }];
}

function depthOf(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map(({ path }) => path.length));
}

type Unfit = { path: (string | number)[]; message: string };

/**
 * PostgreSQL cannot store NUL, half a surrogate pair cannot be encoded, and endless nesting cannot be walked. The path is
 * assembled on the way back from a fault, because faults are rare and there may be half a million values.
 */
function unfitText(value: unknown, depth: number): Unfit | undefined {
  if (typeof value === 'string') {
    if (value.includes('\u0000')) return { path: [], message: 'contains a NUL character' };
    return value.isWellFormed() ? undefined : { path: [], message: 'contains half a character' };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > JSON_DEPTH_MAX) return { path: [], message: 'is nested too deeply' };
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) {
      const fault = unfitText(value[at], depth + 1);
      if (fault) return within(at, fault);
    }
    return undefined;
  }
  for (const [key, part] of Object.entries(value)) {
    const fault = unfitText(key, depth) ?? unfitText(part, depth + 1);
    if (fault) return within(key, fault);
  }
  return undefined;
}

function within(part: string | number, fault: Unfit): Unfit {
  fault.path.unshift(part);
  return fault;
}
