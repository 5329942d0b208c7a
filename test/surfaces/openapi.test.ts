import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { registry } from '../../src/operations/registry.ts';
import { writtenOut } from '../../src/surfaces/json_schema.ts';
import { openApiDocument } from '../../src/surfaces/openapi.ts';

/** Each kind has its own form of the gate's input, a task's payload, and a warning's detail. */
const OPEN = /\.(context|detail|evidence|payload|saw|value)$/;

type Schema = {
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  enum?: string[];
  description?: string;
  $ref?: string;
};
type Response = { content: { 'application/json'?: { schema: Schema } } };

describe('the product', () => {
  const document: Document = JSON.parse(JSON.stringify(openApiDocument(registry)));
  const { schemas } = document.components;

  test('matches openapi.json (npm run generate renews it)', () => {
    const path = fileURLToPath(new URL('../../openapi.json', import.meta.url));
    expect(existsSync(path)).toBe(true);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(document);
  });

  test('has one operation for each name, method and path', () => {
    const names = registry.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const routes = registry.flatMap(({ http }) => (http ? [`${http.method} ${http.path}`] : []));
    expect(new Set(routes).size).toBe(routes.length);
    const commands = registry.flatMap(({ cli }) => (cli ? [cli.command] : []));
    expect(new Set(commands).size).toBe(commands.length);
  });

  test('describes every part of every response but those left open on purpose', () => {
    const open = answers(writtenOut(document, schemas)).flatMap(([place, schema]) =>
      openParts(schema, place),
    );
    expect(open.filter((part) => !OPEN.test(part))).toEqual([]);
  });

  test('has a name for every response and for the items of every list', () => {
    const named = answers(document);
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter(([, schema]) => schema.$ref === undefined)).toEqual([]);
    const held = named.flatMap(([place, { $ref }]) => {
      const list = schemas[$ref!.split('/').at(-1)!]!.properties?.items;
      return list === undefined ? [] : [[place, list.items] as const];
    });
    expect(held.length).toBeGreaterThan(30);
    expect(held.filter(([, item]) => item?.$ref === undefined)).toEqual([]);
  });

  test('repeats no shape and no choice: each one used twice has a name', () => {
    const places = new Map<string, string[]>();
    for (const [name, schema] of Object.entries(schemas)) {
      for (const [shape, place] of shapesIn(schema, name))
        places.set(shape, [...(places.get(shape) ?? []), place]);
    }
    expect(places.size).toBeGreaterThan(200);
    expect([...places.values()].filter((found) => found.length > 1)).toEqual([]);
  });

  test('starts every summary with an imperative verb', () => {
    const others = /^(\w+s|The|What|Which|Who|One|How|Everything)\b/;
    expect(registry.filter(({ summary }) => others.test(summary)).map(({ name }) => name)).toEqual([]);
  });

  test('takes every argument of a command as an input', () => {
    const wrong = registry.flatMap(({ name, cli, input }) =>
      (cli?.args ?? []).filter((arg) => !(arg in input.shape)).map((arg) => `${name}: ${arg}`),
    );
    expect(wrong).toEqual([]);
  });
});

type Document = {
  paths: Record<string, Record<string, { responses: Record<string, Response> }>>;
  components: { schemas: Record<string, Schema> };
};

/** The response of every operation, by its method and path. */
function answers({ paths }: Document): (readonly [string, Schema])[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) => {
      const schema = responses['200']?.content['application/json']?.schema;
      return schema === undefined ? [] : [[`${method} ${path}`, schema] as const];
    }),
  );
}

/** The objects of two or more fields in a schema, and its choices, without descriptions. */
function shapesIn(schema: Schema, place: string): [string, string][] {
  const { properties, items, anyOf = [], enum: choices } = schema;
  const fields = Object.entries(properties ?? {});
  const own = choices ?? (fields.length < 2 ? undefined : { ...schema, description: '' });
  return [
    ...(own === undefined ? [] : [[JSON.stringify(own), place] satisfies [string, string]]),
    ...fields.flatMap(([name, part]) => shapesIn(part, `${place}.${name}`)),
    ...(items === undefined ? [] : shapesIn(items, `${place}[]`)),
    ...anyOf.flatMap((part) => shapesIn(part, place)),
  ];
}

function openParts(schema: Schema | undefined, place: string): string[] {
  if (schema === undefined) return [];
  const { description: _, ...rest } = schema;
  if (Object.keys(rest).length === 0) return [place];
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, part]) => openParts(part, `${place}.${name}`)),
    ...openParts(schema.items, `${place}[]`),
    ...(schema.anyOf ?? []).flatMap((part) => openParts(part, place)),
  ];
}
