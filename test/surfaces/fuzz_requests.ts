import fc from 'fast-check';
import type { JsonSchema } from '../../src/surfaces/json_schema.ts';
import type { OpenApiDocument } from '../../src/surfaces/openapi.ts';

/** One operation as described in the document. */
export type Described = {
  name: string;
  method: string;
  path: string;
  parameters: { name: string; in: 'path' | 'query'; required: boolean; schema: JsonSchema }[];
  body: JsonSchema | null;
  is_stream: boolean;
  /** By status: the schema of the response; null without a body. */
  answers: Record<string, JsonSchema | null>;
};

export type FuzzRequest = {
  operation: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | null;
};

/** Real values to start with, so that requests pass the first check: by field, or by noun for `id`. */
export type KnownValues = Record<string, readonly unknown[]>;

type Part = Record<string, unknown>;

export function describedOperations(document: OpenApiDocument): Described[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Part>).map(([method, part]) =>
      describedOperation(path, method, part),
    ),
  );
}

function describedOperation(path: string, method: string, part: Part): Described {
  const content = (part.requestBody as { content?: Record<string, { schema?: JsonSchema }> })?.content ?? {};
  const responses = part.responses as Record<string, { content?: Record<string, { schema: JsonSchema }> }>;
  const answers = Object.entries(responses).filter(([status]) => status !== 'default');
  const parameters = (part.parameters ?? []) as Described['parameters'];
  return {
    name: String(part.operationId),
    method: method.toUpperCase(),
    path,
    parameters: parameters.filter((one) => one.in === 'path' || one.in === 'query'),
    body: content['application/json']?.schema ?? null,
    is_stream: 'text/csv' in content,
    answers: Object.fromEntries(
      answers.map(([status, answer]) => [status, answer.content?.['application/json']?.schema ?? null]),
    ),
  };
}

/** A request to this operation: mostly valid, often with one error, sometimes not a request at all. */
export function requestTo(operation: Described, known: KnownValues, keys: readonly string[]) {
  const noun = operation.path.split('/')[1]!;
  const valueAt = (name: string, schema: JsonSchema) => valueFor(name === 'id' ? noun : name, schema, known);
  const inputs = operation.parameters.map(({ name, in: place, required, schema }) =>
    fc.tuple(
      fc.constant({ name, place }),
      required || place === 'path'
        ? valueAt(name, schema)
        : fc.option(valueAt(name, schema), { nil: undefined }),
    ),
  );
  return fc
    .record({
      inputs: fc.tuple(...inputs),
      extra: rarely(fc.tuple(word, text)),
      body: operation.is_stream ? file : bodyFor(operation.body, valueAt),
      type: often(
        operation.is_stream ? fc.constantFrom(...FILE_TYPES) : fc.constant('application/json'),
        mediaType,
      ),
      key: often(fc.constant(keys[0]!), fc.oneof(fc.constantFrom(...keys), word, fc.constant(null))),
      idempotency: rarely(fc.oneof(word, fc.constantFrom('a', 'b', 'c'), text)),
      match: rarely(
        fc.tuple(fc.constantFrom('if-match', 'if-none-match'), fc.constantFrom('*', '"x"', 'W/"x"', '"')),
      ),
    })
    .map((given): FuzzRequest => {
      const query = new URLSearchParams();
      let path = operation.path;
      for (const [{ name, place }, value] of given.inputs) {
        if (place === 'path') path = path.replace(`{${name}}`, encode(value));
        else for (const one of [value].flat()) if (one !== undefined) query.append(name, plain(one));
      }
      if (given.extra !== null) query.append(...given.extra);
      const has_body = operation.method !== 'GET' && given.body !== null;
      const headers: Record<string, string> = {};
      if (given.key !== null) headers.authorization = `Bearer ${given.key}`;
      if (has_body) headers['content-type'] = given.type;
      if (given.idempotency !== null) headers['idempotency-key'] = headerText(given.idempotency);
      if (given.match !== null) headers[given.match[0]] = given.match[1];
      const asked = query.size === 0 ? '' : `?${query}`;
      const { name, method } = operation;
      return { operation: name, method, path: path + asked, headers, body: has_body ? given.body : null };
    });
}

const FILE_TYPES = ['text/csv', 'application/json', 'application/octet-stream', 'text/csv; charset=utf-8'];
const mediaType = fc.constantFrom(
  'text/plain',
  'application/json; charset=utf-16',
  'multipart/form-data',
  '/',
  '',
);
const word = fc.stringMatching(/^[a-z_]{1,12}$/);
/** Text that has broken programs before: characters of every plane, controls, halves, code. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\r\n',
    "'; --",
    '{{ 1 | x }}',
    '%00',
    '../..',
    '__proto__',
    'NaN',
  ),
  fc.constantFrom('x'.repeat(300), '\u{1f600}'.repeat(200), 'ä'.repeat(70_000), '[object Object]', 'null'),
);
const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -1, 2 ** 31, 2 ** 53, 1e308, 0.1, Number.MAX_SAFE_INTEGER),
);
const anything: fc.Arbitrary<unknown> = fc.oneof(
  text,
  number,
  fc.constantFrom(null, true, false, [], {}, [[]], { a: { b: [1] } }),
  fc.jsonValue(),
);
const broken = fc.constantFrom(
  '',
  '{',
  'null',
  '[]',
  '"x"',
  '{"__proto__":1}',
  `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  `{"a":${'{"a":'.repeat(200)}1${'}'.repeat(200)}}`,
  '\ufeff{}',
  '{"a":1e999}',
);
const file = fc.oneof(
  fc
    .tuple(fc.constantFrom('email', 'email,company', 'E-Mail;Name', 'x'), fc.array(text))
    .map(([header, rows]) => `${header}\n${rows.join('\n')}\n`),
  fc
    .array(fc.record({ email: fc.oneof(fc.emailAddress(), text), company: text }, { requiredKeys: [] }))
    .map((rows) => JSON.stringify(rows)),
  broken,
);

function often<A, B>(usual: fc.Arbitrary<A>, other: fc.Arbitrary<B>): fc.Arbitrary<A | B> {
  return fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: other });
}

function rarely<A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<A | null> {
  return often(fc.constant(null), arbitrary);
}

function bodyFor(
  schema: JsonSchema | null,
  valueAt: (name: string, schema: JsonSchema) => fc.Arbitrary<unknown>,
): fc.Arbitrary<string | null> {
  if (schema === null) return often(fc.constant(null), broken);
  const fields = Object.entries(schema.properties ?? {});
  const whole = fc.record(Object.fromEntries(fields.map(([name, part]) => [name, valueAt(name, part)])), {
    requiredKeys: schema.required ?? [],
  });
  const spoiled = fc
    .tuple(whole, fc.constantFrom(...fields.map(([name]) => name), 'unknown_field'), fc.option(anything))
    .map(([value, name, other]) => ({ ...value, [name]: other }));
  return fc.oneof(
    { weight: 6, arbitrary: whole.map((value) => JSON.stringify(value)) },
    { weight: 3, arbitrary: spoiled.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: broken },
  );
}

/** Mostly a value of the schema or a known one, sometimes any. */
function valueFor(name: string, schema: JsonSchema, known: KnownValues): fc.Arbitrary<unknown> {
  const values = known[name] ?? [];
  const described = fromSchema(schema, known);
  const usual = values.length === 0 ? described : often(fc.constantFrom(...values), described);
  return fc.oneof({ weight: 8, arbitrary: usual }, { weight: 1, arbitrary: anything });
}

function fromSchema(schema: JsonSchema, known: KnownValues): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((branch) => fromSchema(branch, known)));
  const [type] = [schema.type].flat();
  if (type === 'null') return fc.constant(null);
  if (type === 'boolean') return fc.boolean();
  if (type === 'integer' || type === 'number') return numberFrom(schema);
  if (type === 'string') return textFrom(schema);
  if (type === 'array')
    return fc.array(fromSchema(schema.items ?? {}, known), { minLength: 1, maxLength: 4 });
  if (type === 'object' && schema.properties !== undefined) {
    const fields = Object.entries(schema.properties);
    return fc.record(Object.fromEntries(fields.map(([name, part]) => [name, valueFor(name, part, known)])), {
      requiredKeys: schema.required ?? [],
    });
  }
  if (type === 'object') return fc.dictionary(word, anything, { maxKeys: 4 });
  return anything;
}

function numberFrom({ type, minimum = -1000, maximum = 1000 }: JsonSchema): fc.Arbitrary<number> {
  const [min, max] = [Number(minimum), Math.max(Number(minimum), Number(maximum))];
  return type === 'integer' ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
}

function textFrom({ format, pattern, minLength = 0, maxLength = 40 }: JsonSchema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (format === 'email') return fc.emailAddress();
  if (format === 'uri') return fc.webUrl();
  if (format === 'date-time') {
    const max = new Date('2200-01-01');
    return fc
      .oneof(fc.date({ noInvalidDate: true, max }), fc.date({ noInvalidDate: true }))
      .map((at) => at.toISOString());
  }
  if (typeof pattern === 'string' && !pattern.includes('\\P')) return fc.stringMatching(new RegExp(pattern));
  const shortest = Number(minLength);
  return fc.string({ minLength: shortest, maxLength: Math.max(shortest, Math.min(Number(maxLength), 60)) });
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value.toWellFormed() : (JSON.stringify(value) ?? 'undefined');
}

function encode(value: unknown): string {
  return encodeURIComponent(plain(value))
    .replaceAll('.', '%2E')
    .slice(0, 4_000)
    .replace(/%[0-9A-F]?$/, '');
}

/** Characters that a client can put into a header. */
function headerText(value: string): string {
  return value
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, '?')
    .trim()
    .slice(0, 4_000);
}
