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

/** The generation of the protocol that is spoken with the server, whatever the client speaks with us. */
const REVISION = '2026-07-28';

const ENVELOPE = {
  [PROTOCOL_VERSION_META_KEY]: REVISION,
  [CLIENT_INFO_META_KEY]: { name: 'touchline mcp', version: about.version },
  [CLIENT_CAPABILITIES_META_KEY]: {},
};

/** Of a name or an address: it travels in a header. */
const NAME_MAX_LENGTH = 2_000;

/** What that generation adds to a result. The client gets what belongs to its own. */
const ADDED = ['resultType', 'ttlMs', 'cacheScope', '_meta'];

/**
 * Answers by asking the server's own MCP with the key: nothing is decided here, so that whatever holds for a client over
 * HTTP holds for this one, in the same words, and a key that is revoked stops at once.
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
  throw refusedRequest(unavailable(`What answers at ${server.url} does not speak MCP.`));
}

/** The server's message, or the problem that HTTP answered or that kept us from asking. */
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

/** The protocol wants what the message is about in its headers as well, in Base64 where it is not plain ASCII. */
function headersOf(method: McpMethod, about_what: string | undefined): Record<string, string> {
  const headers = { 'mcp-protocol-version': REVISION, 'mcp-method': method };
  if (about_what === undefined) return headers;
  return { ...headers, 'mcp-name': `=?base64?${Buffer.from(about_what).toString('base64')}?=` };
}

/** The tool, the prompt or the address. */
function nameIn(params: object): string | undefined {
  const { name, uri } = params as { name?: unknown; uri?: unknown };
  const about_what = name ?? uri;
  return typeof about_what === 'string' ? about_what : undefined;
}

function unavailable(detail: string): Problem {
  return problemOf(new AppError('unavailable', detail));
}
