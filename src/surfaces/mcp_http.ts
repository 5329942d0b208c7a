import { AsyncLocalStorage } from 'node:async_hooks';
import { createMcpHandler, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import { takeJson } from './http_operations.ts';
import { jsonInvalid, parseJson } from './json_body.ts';
import { MAX_SUBSCRIPTIONS, MCP_PATH, MESSAGE_LIMIT_BYTES, mcpServer } from './mcp.ts';
import { answersFrom } from './mcp_answers.ts';
import { deskFor, type McpDesk } from './mcp_desk.ts';
import { bearerOf, unauthenticated } from './mcp_oauth.ts';
import { callers, contextOf, type Routes } from './request_context.ts';

/**
 * MCP over Streamable HTTP. Nothing is kept between messages, so any number of processes may serve one client, and a
 * revoked key stops with the next message. GET and DELETE, which concern stored sessions, are refused with 405.
 */
export async function mcpRoutes(app: FastifyInstance, routes: Routes): Promise<void> {
  const answers = answersFrom(routes.registry);
  // The handler does not say which request's message was invalid.
  const asking = new AsyncLocalStorage<FastifyRequest['log']>();
  const handler = createMcpHandler(({ authInfo }) => mcpServer(answers(authInfo?.extra?.desk as McpDesk)), {
    maxSubscriptions: MAX_SUBSCRIPTIONS,
    onerror: (error) => (asking.getStore() ?? routes.context.log).debug({ err: error }, 'mcp'),
  });
  takeJson(app);
  app.addHook('onClose', () => handler.close());
  app.route({
    method: ['GET', 'POST', 'DELETE'],
    url: MCP_PATH,
    bodyLimit: MESSAGE_LIMIT_BYTES,
    onRequest: (request, reply) => admit(request, reply, routes),
    handler: async (request, reply) => {
      if (request.method !== 'POST') reply.header('allow', 'POST');
      const message = request.method === 'POST' ? readMessage(request.body as Buffer | undefined) : undefined;
      if (message instanceof AppError) return refuseMessage(reply, message);
      // One message counts once; a list of a thousand would also count once.
      if (Array.isArray(message)) {
        return refuse(reply, ProtocolErrorCode.InvalidRequest, 'Send one message at a time.');
      }
      const own = { ...routes, context: contextOf(request, routes.context) };
      const desk = deskFor(own, { principal: callers.get(request)!, request_id: request.id });
      const asked = webRequest(request, reply, routes.context.public_url);
      const authInfo = { token: '', clientId: '', scopes: [], extra: { desk } };
      const response = await asking.run(request.log, () =>
        handler.fetch(asked, { parsedBody: message, authInfo }),
      );
      return reply.send(response);
    },
  });
}

/** Before the body is read. */
async function admit(request: FastifyRequest, reply: FastifyReply, routes: Routes): Promise<void> {
  refuseForeignOrigin(request, routes.context.public_url);
  const principal = await bearerOf(request, routes);
  await routes.limiter.check(request, reply, { principal, is_sign_in: false });
  if (principal === null) throw unauthenticated(request, reply, routes);
  callers.set(request, principal);
}

/**
 * Programs send no Origin; browsers do. A page whose name was redirected to this machine (DNS rebinding) appears as both
 * host and origin, so only the server's public address counts, whatever the host.
 */
function refuseForeignOrigin({ headers: { origin } }: FastifyRequest, public_url: string): void {
  if (origin === undefined) return;
  if (URL.canParse(origin) && new URL(origin).origin === new URL(public_url).origin) return;
  throw new AppError('origin_refused', 'The request’s origin is not a page of this server.');
}

/** The message, or its refusal: MCP clients expect a protocol error. */
function readMessage(body: Buffer = Buffer.alloc(0)): unknown {
  try {
    return parseJson(body) ?? jsonInvalid(new SyntaxError('the message is empty'));
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

function refuseMessage(reply: FastifyReply, { code, message }: AppError): FastifyReply {
  if (code === 'json_invalid')
    return refuse(reply, ProtocolErrorCode.ParseError, 'The message is not valid JSON in UTF-8.');
  return refuse(reply, ProtocolErrorCode.InvalidRequest, message, { code });
}

function refuse(reply: FastifyReply, code: number, message: string, data?: { code: string }): FastifyReply {
  return reply.code(400).send({ jsonrpc: '2.0', id: null, error: { code, message, data } });
}

/** Without its body, which has been read. Aborts when the client disconnects. */
function webRequest(request: FastifyRequest, reply: FastifyReply, public_url: string): Request {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  return new Request(new URL(MCP_PATH, public_url), { method: request.method, headers, signal: gone.signal });
}
