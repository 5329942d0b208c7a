import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { CHANGES_PERMISSION } from '../../operations/log/changes.ts';
import type { Operation } from '../../operations/operation.ts';
import { COMMON_REFUSALS } from '../../operations/refusals.ts';
import { type CliCommand, commandsOf } from '../cli_commands.ts';
import { type JsonSchema, writtenOut } from '../json_schema.ts';
import { memoized } from '../memoized.ts';
import { type OpenApiDocument, openApiDocument } from '../openapi.ts';
import { ANSWER_HEADERS, HEADER_PARAMETERS } from '../openapi_headers.ts';
import { API_BASE } from '../routing.ts';
import type { Request } from './example.ts';
import { breakable, code, prose } from './html.ts';
import { type Described, operationHtml } from './operation.ts';

/** The part of an OpenAPI operation that the page reads. */
type Documented = {
  operationId: string;
  summary: string;
  tags: string[];
  parameters?: (Request['parameters'][number] & { description?: string; $ref?: string })[];
  requestBody?: { content: Record<string, { schema?: JsonSchema }> };
  responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }>;
};

const STYLE_PATH = '/docs/style.css';
const SCRIPT_PATH = '/docs/copy.js';

/**
 * The API reference for people, built when first requested. It works without its script, which adds copy buttons. See
 * docs/decisions/0015.
 */
export async function docsRoutes(
  app: FastifyInstance,
  { registry }: { registry: readonly Operation[] },
): Promise<void> {
  const style = ['frame.css', 'operation.css', 'narrow.css'].map(fileBeside).join('\n');
  const script = fileBeside('copy.js');
  const files: readonly [string, string, () => string][] = [
    ['/docs', 'text/html', () => docsPage(registry)],
    [STYLE_PATH, 'text/css', () => style],
    [SCRIPT_PATH, 'text/javascript', () => script],
  ];
  for (const [path, type, text] of files) {
    app.get(path, async (_request, reply) =>
      reply.header('cache-control', 'no-cache').type(`${type}; charset=utf-8`).send(text()),
    );
  }
  app.get('/docs/', async (_request, reply) => reply.redirect('/docs', 301));
}

function fileBeside(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

/** The reference of the API as one page of HTML, made from the same registry as the API itself. */
const docsPage = memoized((registry: readonly Operation[]): string => {
  const with_refs = openApiDocument(registry);
  const document = writtenOut(with_refs, with_refs.components.schemas);
  const nouns = Map.groupBy(describedOperations(document, registry), ({ path }) => path.split('/')[1]!);
  const sorted = [...nouns].sort(([a], [b]) => (a < b ? -1 : 1));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>API reference – Touchline</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${STYLE_PATH}">
<script src="${SCRIPT_PATH}" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header>
<p class="brand"><a href="/">Touchline</a></p>
<p class="quiet">API ${document.info.version} · <a href="${API_BASE}/openapi.json">openapi.json</a></p>
</header>
<div class="page">
${navigation(sorted)}
<main id="main">
<h1>API reference</h1>
${introduction()}
${sorted.map(nounHtml).join('\n')}
</main>
</div>
</body>
</html>
`;
});

type Noun = [string, Described[]];

function navigation(nouns: readonly Noun[]): string {
  const items = nouns.map(([noun, operations]) => {
    const links = operations.map(({ name }) => `<li><a href="#${name}">${breakable(name)}</a></li>`).join('');
    return `<li><a class="noun" href="#noun-${noun}">${breakable(noun)}</a><ul>${links}</ul></li>`;
  });
  return `<nav aria-label="Operations">
<ul>
<li><a class="noun" href="#requests">Requests</a></li>
<li><a class="noun" href="#refusals">Refusals</a></li>
${items.join('\n')}
</ul>
</nav>`;
}

function nounHtml([noun, operations]: Noun): string {
  return `<section aria-labelledby="noun-${noun}">
<h2 id="noun-${noun}">${breakable(noun)}</h2>
${operations.map(operationHtml).join('\n')}
</section>`;
}

function introduction(): string {
  const common = Object.entries(COMMON_REFUSALS).map(
    ([name, meaning]) => `<div><dt>${code(name)}</dt><dd>${prose(meaning)}</dd></div>`,
  );
  return `<p class="lead">Agents propose, people approve, every touch passes one gate, and every decision can be explained.
This API, the MCP tools at <code>/mcp</code>, and the commands of <code>touchline</code> are made from one registry of
operations.</p>
<section aria-labelledby="requests">
<h2 id="requests">Requests</h2>
<p>Everything is below <code>${API_BASE}</code>, in JSON, with <code>snake_case</code> names and times in UTC. Send an API key
(<code>Authorization: Bearer tl_…</code>); browsers send a session cookie instead. <code>touchline keys create NAME</code>
creates a key. The examples use the address and key of the command line:</p>
<pre class="example" tabindex="0" role="region" aria-label="Settings of the examples"><code>export TOUCHLINE_URL=http://127.0.0.1:7300
export TOUCHLINE_API_KEY=tl_...</code></pre>
<p>A list returns <code>items</code> and <code>next_cursor</code>: send that as <code>cursor</code> until it is
<code>null</code>. For all permissions in one table, see <code>docs/permissions.md</code>.</p>
<dl class="headers">${headerRows()}</dl>
</section>
<section aria-labelledby="refusals">
<h2 id="refusals">Refusals</h2>
<p>A refusal is a problem document (RFC 9457): <code>status</code>, a stable <code>code</code>, a sentence in
<code>detail</code>, the path of every fault in <code>errors</code>, and the next step in <code>hint</code>. Any operation may
refuse a request for the reasons below; each operation lists its others.</p>
<dl class="refusals">${common.join('')}</dl>
</section>`;
}

function headerRows(): string {
  const asked = Object.values(HEADER_PARAMETERS).map(({ name, description }): [string, string] => [
    name,
    description,
  ]);
  const answered = Object.entries(ANSWER_HEADERS).map(([name, { description }]): [string, string] => [
    name.replace('RateLimitPolicy', 'RateLimit-Policy'),
    description,
  ]);
  return [...asked, ...answered]
    .map(([name, text]) => `<div><dt id="header-${name}">${code(name)}</dt><dd>${prose(text)}</dd></div>`)
    .join('');
}

function describedOperations(document: OpenApiDocument, registry: readonly Operation[]): Described[] {
  const operations = new Map(registry.map((operation) => [operation.name, operation]));
  const commands = new Map(commandsOf(registry).map((command) => [command.operation.name, command]));
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, documented]) => {
      const { operationId } = documented as Documented;
      const about = { operation: operations.get(operationId), command: commands.get(operationId) };
      return described(path, method.toUpperCase(), documented as Documented, about);
    }),
  );
}

function described(
  path: string,
  method: string,
  documented: Documented,
  { operation, command }: { operation: Operation | undefined; command: CliCommand | undefined },
): Described {
  // The stream of changes is documented without an operation.
  const permission = operation?.permission ?? CHANGES_PERMISSION;
  const given = documented.parameters ?? [];
  const headers = given.flatMap(({ $ref }) => ($ref === undefined ? [] : [headerName($ref)]));
  const request: Request = {
    method,
    path,
    parameters: given.filter(({ $ref }) => $ref === undefined).map(withDescription),
    body: documented.requestBody?.content['application/json']?.schema,
    is_stream: operation?.http?.stream === true,
    takes_idempotency_key: headers.includes('Idempotency-Key'),
    credential: permission.is_public ? 'none' : permission.credential === 'session' ? 'session' : 'key',
  };
  return {
    name: documented.operationId,
    method,
    path,
    summary: documented.summary,
    permission,
    mcp: operation?.mcp,
    command,
    errors: operation?.errors ?? ['streams_exceeded'],
    request,
    headers,
    answer: answerOf(documented),
  };
}

function headerName(ref: string): string {
  const key = ref.slice(ref.lastIndexOf('/') + 1) as keyof typeof HEADER_PARAMETERS;
  return HEADER_PARAMETERS[key].name;
}

function withDescription(parameter: NonNullable<Documented['parameters']>[number]) {
  const { description, schema } = parameter;
  return { ...parameter, schema: description === undefined ? schema : { ...schema, description } };
}

function answerOf({ responses }: Documented): Described['answer'] {
  const [media_type, content] = Object.entries(responses['200']?.content ?? {})[0] ?? [];
  return media_type === undefined || content === undefined ? null : { media_type, schema: content.schema };
}
