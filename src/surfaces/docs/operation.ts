import type { Operation, Permission } from '../../operations/operation.ts';
import { REFUSALS } from '../../operations/refusals.ts';
import { AGENT_KIND_VALUES, USER_ROLE_VALUES } from '../../schema.gen.ts';
import type { CliCommand } from '../cli_commands.ts';
import { usage } from '../cli_help.ts';
import type { JsonSchema } from '../json_schema.ts';
import { escapeHtml } from '../plain_page.ts';
import { API_BASE } from '../routing.ts';
import { curlExample, type Request } from './example.ts';
import { type FieldRow, fieldRows, fieldTable, typeText } from './fields.ts';
import { breakable, code, prose } from './html.ts';

/** One method of one path, from the document and the registry. */
export type Described = {
  name: string;
  method: string;
  path: string;
  summary: string;
  permission: Permission;
  mcp: Operation['mcp'];
  command: CliCommand | undefined;
  errors: readonly string[];
  request: Request;
  /** Names of its request headers, which the page describes once. */
  headers: readonly string[];
  /** Null: the response has no body. */
  answer: { media_type: string; schema: JsonSchema } | null;
};

/** One operation as an article; its name is its address on the page. */
export function operationHtml(described: Described): string {
  const { name, method, path, summary } = described;
  return `<article id="${name}" aria-labelledby="${name}-title">
<h3 id="${name}-title"><a href="#${name}">${breakable(name)}</a></h3>
<p class="request"><span class="method ${method.toLowerCase()}">${method}</span> ${code(API_BASE + path)}</p>
<p class="summary">${prose(summary)}</p>
${facts(described)}
${inputHtml(described)}
${answerHtml(described)}
${errorsHtml(described)}
<h4>Example</h4>
<pre class="example" tabindex="0" role="region" aria-label="Example of ${name}"><code>${escapeHtml(curlExample(described.request))}</code></pre>
</article>`;
}

function facts({ permission, mcp, command, headers }: Described): string {
  const rows: [string, string][] = [
    [
      'People',
      permission.is_public ? 'everyone, signed in or not' : chips(permission.people, USER_ROLE_VALUES),
    ],
    ['Agents', permission.is_public ? 'everyone' : chips(permission.agents, AGENT_KIND_VALUES)],
    ...credentialFact(permission),
    ['MCP tool', mcp === undefined ? 'none' : code(mcp.tool)],
    ['Command', command === undefined ? 'none' : code(usage(command).replace(/ \[options\]$/, ''))],
    ...(headers.length === 0
      ? []
      : [
          ['Headers', headers.map((name) => `<a href="#header-${name}">${name}</a>`).join(', ')] satisfies [
            string,
            string,
          ],
        ]),
  ];
  return `<dl class="facts">${rows.map(([term, text]) => `<div><dt>${term}</dt><dd>${text}</dd></div>`).join('')}</dl>`;
}

function chips(allowed: readonly string[], all: readonly string[]): string {
  if (allowed.length === 0) return 'never';
  if (allowed.length === all.length) return `all <span class="quiet">(${all.join(', ')})</span>`;
  return allowed.map((one) => `<span class="chip">${one}</span>`).join(' ');
}

function credentialFact({ is_public, credential, scopes = [] }: Permission): [string, string][] {
  if (is_public) return [];
  if (credential === 'session') return [['Key', 'not accepted: sign in']];
  if (credential !== undefined) return [['Key', 'only the machine’s own; otherwise sign in']];
  return scopes.length === 0 ? [] : [['Scope', scopes.map(code).join(' or ')]];
}

function inputHtml({ name, request }: Described): string {
  const parts = (['path', 'query'] as const).map((place) => {
    const rows = request.parameters
      .filter((parameter) => parameter.in === place)
      .map((parameter): FieldRow => ({ ...parameter, required: parameter.required === true }));
    return rows.length === 0 ? '' : section(place === 'path' ? 'Path' : 'Query', `${place} of ${name}`, rows);
  });
  if (request.is_stream) {
    parts.push(
      '<h4>Body</h4>\n<p>A file of any size as <code>text/csv</code>, <code>application/json</code>, ' +
        '<code>application/x-ndjson</code> or <code>application/octet-stream</code>.</p>',
    );
  } else if (request.body !== undefined)
    parts.push(section('Body', `Body of ${name}`, fieldRows(request.body)));
  return parts.filter((part) => part !== '').join('\n');
}

function section(title: string, caption: string, rows: readonly FieldRow[]): string {
  return `<h4>${title}</h4>\n${fieldTable(caption, rows)}`;
}

function answerHtml({ name, answer }: Described): string {
  if (answer === null) return '<h4>Answer</h4>\n<p>None (204).</p>';
  const { media_type, schema } = answer;
  const rows = fieldRows(schema);
  if (rows.length === 0)
    return `<h4>Answer</h4>\n<p>${escapeHtml(typeText(schema))} as ${code(media_type)}.</p>`;
  const names = rows.map((row) => row.name).join(', ');
  return `<h4>Answer</h4>
<details><summary><span class="names">${escapeHtml(names)}</span></summary>
${fieldTable(`Answer of ${name}`, rows, { is_answer: true })}
</details>`;
}

function errorsHtml({ errors }: Described): string {
  if (errors.length === 0) return '<p class="quiet">Only the <a href="#refusals">common refusals</a>.</p>';
  const rows = errors.map(
    (error) => `<div><dt>${code(error)}</dt><dd>${prose(REFUSALS[error] ?? '')}</dd></div>`,
  );
  return `<h4>Refusals <span class="quiet">besides the <a href="#refusals">common ones</a></span></h4>
<dl class="refusals">${rows.join('')}</dl>`;
}
