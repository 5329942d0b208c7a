import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  PROTOCOL_VERSION_META_KEY,
  ProtocolError,
} from '@modelcontextprotocol/server';
import about from '../../package.json' with { type: 'json' };
import { isRecord } from '../core/json.ts';
import { AppError } from '../errors.ts';
import { isProblem } from './cli_text.ts';
import { askPath, type ClientAnswer, type Server, Unavailable } from './client.ts';
import { inputInvalid } from './input.ts';
import { MCP_PATH, type McpAnswers, type McpMethod, MESSAGE_LIMIT_BYTES, METHODS } from './mcp.ts';
import { refusedCall, refusedRequest } from './mcp_refusals.ts';
import { type Problem, problemOf } from './problem.ts';

/** The protocol generation used with the server, whatever the client uses with us. */
const REVISION = '2026-07-28';

const ENVELOPE = {
  [PROTOCOL_VERSION_META_KEY]: REVISION,
  [CLIENT_INFO_META_KEY]: { name: 'touchline mcp', version: about.version },
  [CLIENT_CAPABILITIES_META_KEY]: {},
};

/** Maximum length of a name or an address, because it travels in a header. */
const NAME_MAX_LENGTH = 2_000;

/** Fields that this generation adds to a result. The client gets the fields of its own generation. */
const ADDED = ['resultType', 'ttlMs', 'cacheScope', '_meta'];

/**
 * Forwards each request to the server's own MCP with the key. Nothing is decided here, so the same rules and messages apply
 * as over HTTP, and a revoked key stops at once.
 */
export function forwarder(server: Server): McpAnswers {
  const answers = METHODS.map((method) => [
    method,
    (params: object, signal: AbortSignal) => forward(server, method, params, signal),
  ]);
  return Object.fromEntries(answers) as McpAnswers;
}

async function forward(server: Server, method: McpMethod, params: object, signal: AbortSignal) {
  const answer = await askMcp(server, method, params, signal);
  if (isProblem(answer)) {
    if (method === 'tools/call') return refusedCall(answer as Problem);
    throw refusedRequest(answer as Problem);
  }
  if (isRecord(answer) && isRecord(answer.result)) {
    return Object.fromEntries(Object.entries(answer.result).filter(([key]) => !ADDED.includes(key)));
  }
  if (isRecord(answer) && isRecord(answer.error)) {
    const { code, message, data } = answer.error;
    throw new ProtocolError(Number(code), String(message), data);
  }
  throw refusedRequest(unavailable(`The server at ${server.url} does not support MCP.`));
}

/** The server's message, or the problem from HTTP or from the failed connection. */
async function askMcp(
  server: Server,
  method: McpMethod,
  params: object,
  signal: AbortSignal,
): Promise<ClientAnswer['body']> {
  const message = { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: ENVELOPE } };
  const content = JSON.stringify(message);
  if (Buffer.byteLength(content) > MESSAGE_LIMIT_BYTES) {
    return problemOf(new AppError('body_too_large', 'The message is larger than 1 MiB.'));
  }
  const about_what = nameIn(params);
  if (about_what !== undefined && about_what.length > NAME_MAX_LENGTH) {
    return problemOf(inputInvalid([{ path: 'uri' in params ? 'uri' : 'name', message: 'is too long' }]));
  }
  try {
    const { body } = await askPath(server, {
      method: 'POST',
      path: MCP_PATH,
      body: { media_type: 'application/json', content },
      headers: { ...headersOf(method, about_what), accept: 'application/json, text/event-stream' },
      signal,
    });
    return body;
  } catch (error) {
    if (error instanceof Unavailable) return unavailable(error.message);
    throw error;
  }
}

/** The protocol also requires the subject of the message in its headers, in Base64 if it is not plain ASCII. */
function headersOf(method: McpMethod, about_what: string | undefined): Record<string, string> {
  const headers = { 'mcp-protocol-version': REVISION, 'mcp-method': method };
  if (about_what === undefined) return headers;
  return { ...headers, 'mcp-name': `=?base64?${Buffer.from(about_what).toString('base64')}?=` };
}

/** The tool, the prompt, or the address. */
function nameIn(params: object): string | undefined {
  const { name, uri } = params as { name?: unknown; uri?: unknown };
  const about_what = name ?? uri;
  return typeof about_what === 'string' ? about_what : undefined;
}

function unavailable(detail: string): Problem {
  return problemOf(new AppError('unavailable', detail));
}
