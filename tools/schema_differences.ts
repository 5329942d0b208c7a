/* Compares two JSON schemas: ours and one of an API's description. */

export type JsonSchema = {
  $ref?: string;
  type?: string | string[];
  nullable?: boolean;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  required?: string[];
  properties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
};

export type Difference = { field: string; message: string };

type Resolve = (schema: JsonSchema) => JsonSchema;
type Side = { field: string; resolve: Resolve };

/** Whether everything that `ours` may send is allowed by `theirs`. */
export function sentDifferences(ours: JsonSchema, theirs: JsonSchema, side: Side): Difference[] {
  return included(ours, theirs, side, 'sent');
}

/** Whether everything that `theirs` may answer is accepted by `ours`. Keys that only they have are dropped by our schemas. */
export function readDifferences(ours: JsonSchema, theirs: JsonSchema, side: Side): Difference[] {
  return included(theirs, ours, side, 'read');
}

/** Whether each value of `inner` fits `outer`. */
function included(inner: JsonSchema, outer: JsonSchema, side: Side, way: 'sent' | 'read'): Difference[] {
  const [from, to] = [side.resolve(inner), side.resolve(outer)];
  const variants = from.anyOf ?? from.oneOf ?? perType(from);
  if (variants !== undefined) return variants.flatMap((variant) => included(variant, to, side, way));
  const choices = to.anyOf ?? to.oneOf;
  if (choices !== undefined) {
    const tried = choices.map((choice) => included(from, choice, side, way));
    return tried.reduce((best, found) => (found.length < best.length ? found : best));
  }
  const difference = (message: string) => [{ field: side.field, message }];
  const [types, allowed] = [typesOf(from), typesOf(to)];
  if (allowed === null) return [];
  if (types === null) return difference(`any value, but only ${allowed.join(' or ')} is expected`);
  const surplus = types.filter(
    (type) => !allowed.includes(type) && !(type === 'integer' && allowed.includes('number')),
  );
  if (surplus.length > 0)
    return difference(`${surplus.join(' or ')}, but ${allowed.join(' or ')} is expected`);
  return [
    ...valueDifferences(from, to).flatMap(difference),
    ...(types.includes('object') ? objectDifferences(from, to, side, way) : []),
    ...(from.items !== undefined && to.items !== undefined
      ? included(from.items, to.items, { ...side, field: `${side.field}[]` }, way)
      : []),
  ];
}

/** One schema per type, if there are several; each is compared on its own. */
function perType(schema: JsonSchema): JsonSchema[] | undefined {
  const { nullable, ...plain } = schema;
  const types = typesOf(schema) ?? [];
  if (types.length < 2) return undefined;
  return types.map((type) => ({ ...(type === 'null' ? {} : withoutNull(plain)), type }));
}

function withoutNull(schema: JsonSchema): JsonSchema {
  return schema.enum === undefined
    ? schema
    : { ...schema, enum: schema.enum.filter((value) => value !== null) };
}

function valueDifferences(from: JsonSchema, to: JsonSchema): string[] {
  const [given, allowed] = [valuesOf(from), valuesOf(to)];
  // Some enums of nullable types omit null.
  const is_nullable = typesOf(to)?.includes('null') === true;
  const is_free = allowed !== null && given === null;
  const foreign =
    allowed === null
      ? []
      : (given ?? []).filter((value) => !allowed.includes(value) && !(value === null && is_nullable));
  const is_id =
    to.format === 'uuid' &&
    from.format !== 'uuid' &&
    given === null &&
    (typesOf(from) ?? []).includes('string');
  return [
    ...(is_free ? [`free, but one of ${allowed.join(', ')} is expected`] : []),
    ...foreign.map((value) => `${String(value)} is not one of ${allowed?.join(', ')}`),
    ...(is_id ? ['free, but a UUID is expected'] : []),
  ];
}

function objectDifferences(from: JsonSchema, to: JsonSchema, side: Side, way: 'sent' | 'read'): Difference[] {
  const [given, allowed] = [from.properties ?? {}, to.properties ?? {}];
  const at = (name: string) => (side.field === '' ? name : `${side.field}.${name}`);
  const found: Difference[] = [];
  for (const name of to.required ?? [])
    if (!(from.required ?? []).includes(name)) {
      const what = name in given ? 'is not always present, but is required' : 'is absent, but is required';
      found.push({ field: at(name), message: what });
    }
  for (const [name, schema] of Object.entries(given)) {
    const counterpart = allowed[name];
    if (counterpart !== undefined)
      found.push(...included(schema, counterpart, { ...side, field: at(name) }, way));
    else if (way === 'sent' && !isOpen(to))
      found.push({ field: at(name), message: 'is not in the description' });
  }
  if (way === 'read')
    for (const name of Object.keys(allowed))
      if (!(name in given) && !isOpen(from) && !(to.required ?? []).includes(name))
        found.push({ field: at(name), message: 'is not in the description' });
  if (way === 'sent' && typeof from.additionalProperties === 'object' && !isOpen(to))
    found.push({ field: side.field, message: 'has free keys, but the description has none' });
  return found;
}

const isOpen = ({ additionalProperties }: JsonSchema) =>
  additionalProperties === true || typeof additionalProperties === 'object';

/** Null for any. */
function typesOf({ type, nullable, const: constant, enum: values }: JsonSchema): string[] | null {
  const named =
    type === undefined ? typesOfValues(values ?? (constant === undefined ? [] : [constant])) : [type].flat();
  if (named.length === 0) return null;
  return nullable === true || (values ?? []).includes(null) ? [...new Set([...named, 'null'])] : named;
}

function typesOfValues(values: unknown[]): string[] {
  return [...new Set(values.map((value) => (value === null ? 'null' : typeof value)))];
}

/** Null for any. */
function valuesOf({ enum: values, const: constant }: JsonSchema): unknown[] | null {
  return values ?? (constant === undefined ? null : [constant]);
}
