import { z } from 'zod';

/** The part of JSON Schema that this product reads and writes. */
export type JsonSchema = {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  enum?: unknown[];
  anyOf?: JsonSchema[];
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
};

/**
 * A Zod schema as JSON Schema 2020-12. Dates are strings on the wire; anonymous recursive parts (any JSON value) stay open;
 * patterns that only repeat a format are omitted.
 */
export function jsonSchemaOf(
  schema: z.ZodType,
  io: 'input' | 'output',
  named: NamedSchemas = {},
): JsonSchema {
  const options = { io, unrepresentable: 'any', override: asOnTheWire } as const;
  const { $schema, $defs, ...json } = z.toJSONSchema(schema, options) as JsonSchema;
  for (const [name, part] of Object.entries($defs ?? {})) {
    if (!name.startsWith('__')) named[name] = withRefs(part) as JsonSchema;
  }
  return withRefs(json) as JsonSchema;
}

/** The inputs of an operation in declaration order. */
export function fieldsOf(input: z.ZodObject): Field[] {
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
    };
  });
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

function withRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withRefs);
  if (typeof value !== 'object' || value === null) return value;
  if ('$ref' in value) {
    const name = String(value.$ref).replace(/^#\/\$defs\//, '');
    return name.startsWith('__') || name === '#' ? {} : { $ref: `#/components/schemas/${name}` };
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withRefs(part)]));
}
