/** The schema's own types: its enums, and its domains with their base types. */
export type TypeNames = { enums: ReadonlySet<string>; domains: ReadonlyMap<string, string> };

/** The TypeScript form of a type's values, by the server's short name of the type. See src/db/types.ts. */
const SCALARS: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  float4: 'number',
  float8: 'number',
  oid: 'number',
  numeric: 'string',
  text: 'string',
  varchar: 'string',
  bpchar: 'string',
  char: 'string',
  name: 'string',
  citext: 'string',
  uuid: 'string',
  inet: 'string',
  cidr: 'string',
  tsvector: 'string',
  regclass: 'string',
  date: 'string',
  time: 'string',
  timetz: 'string',
  interval: 'string',
  timestamptz: 'Date',
  int4range: 'string',
  int8range: 'string',
  daterange: 'string',
  tstzrange: 'string',
  bytea: 'Buffer',
  json: 'Json',
  jsonb: 'Json',
  void: 'unknown',
};

/**
 * The TypeScript type of a column of type `name` (`_name` for an array), in the schema with `types`. Throws for a type
 * without a faithful form, for example `timestamp` without a zone.
 */
export function typeOf(name: string, types: TypeNames): string {
  if (name.startsWith('_')) return `${typeOf(name.slice(1), types)}[]`;
  const base = types.domains.get(name) ?? name;
  const type = types.enums.has(base) ? pascalCase(base) : SCALARS[base];
  if (type === undefined)
    throw new Error(`type ${name} has no form in TypeScript; cast it or add it to tools/types.ts`);
  return type;
}

/** The type of a parameter: a little wider than that of a result. */
export function parameterTypeOf(name: string, types: TypeNames): string {
  if (name.startsWith('_')) {
    const item = parameterTypeOf(name.slice(1), types);
    return item === 'unknown' ? 'readonly unknown[]' : `readonly (${item} | null)[]`;
  }
  if (name === 'json' || name === 'jsonb') return 'unknown';
  if (name === 'numeric') return 'string | number';
  if (name === 'bytea') return 'Uint8Array';
  return typeOf(name, types);
}

export function pascalCase(name: string): string {
  return name.replaceAll(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
