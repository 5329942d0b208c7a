import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { isRecord } from '../core/json.ts';
import { formerNameOf } from '../operations/former_names.ts';
import * as generated from '../schema.gen.ts';
import { memoized } from './memoized.ts';

/** The part of JSON Schema that this product reads and writes. */
export type JsonSchema = {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  description?: string;
  default?: unknown;
  format?: string;
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  [keyword: string]: unknown;
};

/** Schemas with their own id: they go to the document's `components` and are referenced. */
export type NamedSchemas = Record<string, JsonSchema>;

/** One input of an operation, for a query string or a command line. */
export type Field = {
  name: string;
  type: 'string' | 'number' | 'boolean' | 'array' | 'json';
  required: boolean;
  description: string;
  choices: readonly string[];
  fallback: unknown;
  /** The type of a list's items. */
  items: 'string' | 'number' | 'json';
  /** Whether it is a boolean, even if written as text. */
  is_flag: boolean;
  /** The name that it had before, which is accepted too. */
  former_name: string | undefined;
};

/**
 * A Zod schema as JSON Schema 2020-12. Dates are strings on the wire; anonymous recursive parts (any JSON value) stay open;
 * patterns that only repeat a format are omitted. With `named`, schemas that have an id, and the enums
 * of the database, go there and are referred to; without it every part is written out.
 */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output', named?: NamedSchemas): JsonSchema {
  const options = { io, unrepresentable: 'any', override: asOnTheWire } as const;
  const whole = z.toJSONSchema(schema, options) as JsonSchema;
  const { $schema, $defs = {}, ...json } = withFormerNames(whole, named !== undefined);
  if (named === undefined) return writtenOut(json, $defs);
  const walk = { $defs, named };
  for (const [name, part] of Object.entries($defs)) {
    if (!isAnonymous(name)) addName(named, name, referring(part, walk) as JsonSchema);
  }
  return referring(json, walk) as JsonSchema;
}

/** The same value with each reference to a named schema written out; a schema inside itself is left open. */
export function writtenOut<Value>(value: Value, named: NamedSchemas, within: readonly string[] = []): Value {
  const { $ref, ...rest } = (isRecord(value) ? value : {}) as JsonSchema;
  const name = $ref === undefined ? undefined : nameIn($ref);
  if (name === undefined) return withParts(value, (part) => writtenOut(part, named, within)) as Value;
  if (isAnonymous(name) || within.includes(name)) return {} as Value;
  return writtenOut({ ...named[name], ...beside(rest, named[name]) }, named, [...within, name]) as Value;
}

/** Puts a schema under its name. Throws when another one has it: that is our mistake. */
export function addName(named: NamedSchemas, name: string, schema: JsonSchema): void {
  const known = named[name];
  if (known !== undefined && !isDeepStrictEqual(known, schema)) {
    throw new Error(`two different schemas have the id ${name}`);
  }
  named[name] = schema;
}

/** The inputs of an operation in declaration order. */
export const fieldsOf = memoized((input: z.ZodObject): readonly Field[] => {
  const json = jsonSchemaOf(input, 'input');
  const read = jsonSchemaOf(input, 'output').properties ?? {};
  return Object.entries(json.properties ?? {}).map(([name, property]) => {
    const type = fieldType(property);
    const choices = (type === 'array' ? property.items : withoutNull(property))?.enum ?? [];
    return {
      name,
      type,
      required: (json.required ?? []).includes(name),
      description: property.description ?? '',
      choices: choices.filter((choice) => choice !== null).map(String),
      fallback: property.default,
      items: itemType(property.items ?? {}),
      is_flag: fieldType(read[name] ?? {}) === 'boolean',
      former_name: formerNameOf(input.shape[name] as z.ZodType),
    };
  });
});

/** The schemas of which a value fits one; none for any other schema. */
export function branchesOf({ anyOf, oneOf }: JsonSchema): readonly JsonSchema[] {
  return anyOf ?? oneOf ?? [];
}

function fieldType(property: JsonSchema): Field['type'] {
  const types = typesOf(property);
  if (types.size === 0) return property.enum ? 'string' : 'json';
  if (types.has('object')) return 'json';
  if (types.has('array')) return 'array';
  if (types.has('boolean')) return 'boolean';
  if (types.has('string')) return 'string';
  return 'number';
}

function itemType(items: JsonSchema): Field['items'] {
  const type = fieldType(items);
  return type === 'string' || type === 'number' ? type : 'json';
}

function typesOf(schema: JsonSchema): Set<string> {
  const own = [schema.type ?? []].flat();
  const all = [...own, ...(schema.anyOf ?? []).flatMap((branch) => [...typesOf(branch)])];
  return new Set(all.filter((type) => type !== 'null'));
}

function withoutNull(schema: JsonSchema): JsonSchema {
  return schema.anyOf?.find((branch) => branch.type !== 'null') ?? schema;
}

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>;

const asOnTheWire: Override = ({ zodSchema, jsonSchema }) => {
  const { def } = zodSchema._zod;
  if (def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
  if (def.type === 'pipe' && isOpen(jsonSchema as JsonSchema)) Object.assign(jsonSchema, dateBefore(def.in));
  if (jsonSchema.format === 'uuid' || jsonSchema.format === 'date-time' || jsonSchema.format === 'email') {
    delete jsonSchema.pattern;
  }
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
};

function isOpen({ type, anyOf, oneOf, allOf, $ref, enum: choices, const: only }: JsonSchema): boolean {
  return [type, anyOf, oneOf, allOf, $ref, choices, only].every((keyword) => keyword === undefined);
}

/** `z.date().transform(iso)`, nullable or optional: its output is a string, which Zod cannot know. */
function dateBefore(schema: z.core.$ZodType): JsonSchema {
  const { def } = schema._zod as z.core.$ZodTypes['_zod'];
  if (def.type === 'date') return { type: 'string', format: 'date-time' };
  if (def.type !== 'nullable' && def.type !== 'optional') return {};
  const inner = dateBefore(def.innerType);
  if (inner.type === undefined || def.type === 'optional') return inner;
  return { ...inner, type: ['string', 'null'] };
}

/** Without the mark of a former name; where it `is_shown`, the former name is a property too, which is deprecated. */
function withFormerNames<Value>(value: Value, is_shown: boolean): Value {
  if (!isRecord(value)) return withParts(value, (part) => withFormerNames(part, is_shown)) as Value;
  const { former_name: _, unlisted_name: __, ...rest } = value as JsonSchema;
  const former = Object.entries(is_shown ? (rest.properties ?? {}) : {}).flatMap(
    ([name, { former_name, ...part }]) =>
      typeof former_name === 'string'
        ? [[former_name, { ...part, description: `the former name of ${name}`, deprecated: true }]]
        : [],
  );
  const properties =
    former.length === 0 ? {} : { properties: { ...rest.properties, ...Object.fromEntries(former) } };
  return withParts({ ...rest, ...properties }, (part) => withFormerNames(part, is_shown)) as Value;
}

const REF = /^#\/(?:\$defs|components\/schemas)\/(.+)$/;

/** The name that a reference means; a schema that refers to its own root has none. Other places are no names. */
function nameIn($ref: string): string | undefined {
  return $ref === '#' ? '__root' : REF.exec($ref)?.[1];
}

/** Zod numbers the recursive schemas that have no id. */
function isAnonymous(name: string): boolean {
  return name.startsWith('__');
}

/** Keywords that differ from the referenced schema, such as a description or a default: Zod repeats the rest. */
function beside(rest: JsonSchema, target: JsonSchema = {}): JsonSchema {
  return Object.fromEntries(
    Object.entries(rest).filter(([key, part]) => !isDeepStrictEqual(part, target[key])),
  );
}

type Walk = { $defs: NamedSchemas; named: NamedSchemas };

/** With references as the document has them, to the enums of the database as well. */
function referring(value: unknown, walk: Walk): unknown {
  if (!isRecord(value)) return withParts(value, (part) => referring(part, walk));
  const { $ref, ...rest } = value as JsonSchema;
  if ($ref !== undefined) {
    const name = nameIn($ref)!;
    return isAnonymous(name) ? {} : { ...beside(rest, walk.$defs[name]), $ref: refTo(name) };
  }
  const { enum: choices, type, ...around } = rest;
  const enum_name = Array.isArray(choices) ? ENUM_NAMES.get(choices.join()) : undefined;
  if (enum_name === undefined) return withParts(rest, (part) => referring(part, walk));
  addName(walk.named, enum_name, { type: 'string', enum: choices as unknown[] });
  return { ...around, $ref: refTo(enum_name) };
}

export function refTo(name: string): string {
  return `#/components/schemas/${name}`;
}

/** By its values: the name that an enum type of the database has among the types of schema.gen.ts. */
const ENUM_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(generated).map(([name, values]) => [
    values.join(),
    pascalCase(name.replace(/_VALUES$/, '')),
  ]),
);

/** `put_steps` and `PUT_STEPS` are `PutSteps`. */
export function pascalCase(name: string): string {
  return name.toLowerCase().replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The value with each part of a list or an object changed; anything else has no parts. */
function withParts(value: unknown, change: (part: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, change(part)]));
}
