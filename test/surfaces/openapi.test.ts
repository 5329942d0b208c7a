import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { registry } from '../../src/operations/registry.ts';
import { openApiDocument } from '../../src/surfaces/openapi.ts';

/** What the gate saw, what a task carries, what a flag is about: each kind has its own form. */
const OPEN = /\.(context|detail|evidence|payload|saw|value)$/;

type Schema = { properties?: Record<string, Schema>; items?: Schema; anyOf?: Schema[]; description?: string };
type Response = { content: { 'application/json'?: { schema: Schema } } };

describe('the product', () => {
  const document = JSON.parse(JSON.stringify(openApiDocument(registry)));

  test('is described as openapi.json has it (npm run generate renews it)', () => {
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

  test('describes every part of every answer but those that are open on purpose', () => {
    const open = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods as Record<string, { responses: Record<string, Response> }>).flatMap(
        ([method, { responses }]) => {
          const schema = responses['200']?.content['application/json']?.schema;
          return openParts(schema, `${method} ${path}`);
        },
      ),
    );
    expect(open.filter((part) => !OPEN.test(part))).toEqual([]);
  });

  test('takes every argument of a command as an input', () => {
    const wrong = registry.flatMap(({ name, cli, input }) =>
      (cli?.args ?? []).filter((arg) => !(arg in input.shape)).map((arg) => `${name}: ${arg}`),
    );
    expect(wrong).toEqual([]);
  });
});

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
