import { afterAll, expect, test } from 'vitest';
import { REFUSALS } from '../../src/operations/refusals.ts';
import { registry } from '../../src/operations/registry.ts';
import { sampleBody } from '../../src/surfaces/docs/example.ts';
import { fieldTable } from '../../src/surfaces/docs/fields.ts';
import { type JsonSchema, writtenOut } from '../../src/surfaces/json_schema.ts';
import { type OpenApiDocument, openApiDocument } from '../../src/surfaces/openapi.ts';
import { pathParams } from '../../src/surfaces/routing.ts';
import { startWorld } from './world.ts';

const world = await startWorld({ registry });
afterAll(() => world.close());
const { text: page, headers } = await world.call('GET', '/docs', { key: null });

/** The article of one operation. */
function articleOf(name: string): string {
  return new RegExp(`<article id="${name}"[\\s\\S]*?</article>`).exec(page)?.[0] ?? '';
}

/** The visible text, without markup. */
function readText(html: string): string {
  const text = html.replace(/<[^>]+>/g, '');
  return text.replace(/&#(\d+);/g, (_, character) => String.fromCodePoint(Number(character)));
}

test('every operation is there, with its request, refusals, tool and example', () => {
  expect(registry.length).toBeGreaterThan(50);
  for (const { name, summary, http, errors, mcp, permission } of registry) {
    const article = articleOf(name);
    const text = readText(article);
    expect(text, name).toContain(summary.replaceAll('`', ''));
    expect(text).toContain(`${http!.method} /api/v1${http!.path}`);
    expect(text).toContain(
      `curl${http!.method === 'GET' ? '' : ` -X ${http!.method}`} "$TOUCHLINE_URL/api/v1/`,
    );
    for (const error of errors) expect(text).toContain(`${error}${REFUSALS[error]!.replaceAll('`', '')}`);
    if (mcp) expect(text).toContain(`MCP tool${mcp.tool}`);
    expect(text.includes('Agentsnever')).toBe(!permission.is_public && permission.agents.length === 0);
    expect(page).toContain(`<a href="#${name}">`);
  }
});

test('every refusal of an operation has a meaning, and no other does', () => {
  const codes = new Set(registry.flatMap(({ errors }) => errors));
  expect([...codes].filter((code) => REFUSALS[code] === undefined)).toEqual([]);
});

test('the operations accept the bodies of their examples', () => {
  const with_refs = openApiDocument(registry);
  const { paths } = writtenOut(with_refs, with_refs.components.schemas);
  const with_body = registry.filter(({ http }) => bodyOf(paths, http!) !== undefined);
  expect(with_body.length).toBeGreaterThan(15);
  for (const { name, input, http } of with_body) {
    const body = sampleBody(bodyOf(paths, http!)!);
    const in_path = pathParams(http!.path);
    const left = Object.fromEntries(
      Object.entries(input.shape).filter(([field]) => !in_path.includes(field)),
    );
    for (const [field, value] of Object.entries(body)) {
      const read = left[field]!.safeParse(value);
      expect(read.error?.issues ?? [], `${name}.${field} = ${JSON.stringify(value)}`).toEqual([]);
    }
  }
});

type Paths = OpenApiDocument['paths'];
type Body = { requestBody?: { content: Record<string, { schema?: JsonSchema }> } };

function bodyOf(paths: Paths, { path, method }: { path: string; method: string }): JsonSchema | undefined {
  return (paths[path]![method.toLowerCase()] as Body).requestBody?.content['application/json']?.schema;
}

test('the page refers to no other host, has no inline script or style, and each id once', () => {
  const addresses = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address!);
  const local = addresses.filter((address) => /^(\/(?!\/)|#|data:,$)/.test(address));
  expect(addresses.filter((address) => !local.includes(address))).toEqual([]);
  expect(page).not.toMatch(/<style|<script(?! src=)|\son[a-z]+=|\sstyle=/);
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!);
  expect(new Set(ids).size).toBe(ids.length);
  const targets = addresses.filter((address) => address.startsWith('#'));
  expect(targets.filter((target) => !ids.includes(target.slice(1)))).toEqual([]);
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
});

test('headings go down one level at a time', () => {
  const levels = [...page.matchAll(/<h([1-6])[ >]/g)].map(([, level]) => Number(level));
  expect(levels[0]).toBe(1);
  expect(levels.filter((level) => level === 1)).toHaveLength(1);
  expect(levels.filter((level, at) => at > 0 && level > levels[at - 1]! + 1)).toEqual([]);
});

test('its files are served, also under the address with a slash', async () => {
  const style = await world.call('GET', '/docs/style.css', { key: null });
  expect([style.status, style.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
  expect(style.text).toContain('prefers-color-scheme: dark');
  const script = await world.call('GET', '/docs/copy.js', { key: null });
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  const slash = await world.call('GET', '/docs/', { key: null });
  expect([slash.status, slash.headers.get('location')]).toEqual([301, '/docs']);
});

test('the hint of a 404 response points to the page', async () => {
  const { body } = await world.call('GET', '/api/v1/nothing');
  expect(body.hint).toContain('/docs');
});

test('nested parts are named by their whole path, and text is escaped', () => {
  const part: JsonSchema = {
    type: 'object',
    properties: { b: { type: ['string', 'null'], description: '<i>`x`' } },
  };
  const schema: JsonSchema = { anyOf: [{ type: 'array', items: part }, { type: 'null' }] };
  const table = fieldTable('a table', [{ name: 'a', schema, required: true }]);
  expect(readText(table)).toContain('a required');
  expect(readText(table)).toContain('list of object or null');
  expect(readText(table)).toContain('a[].b');
  expect(table).toContain('&#60;i&#62;<code>x</code>');
});
