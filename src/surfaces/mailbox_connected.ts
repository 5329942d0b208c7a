import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '../errors.ts';
import { type ConnectedMailbox, finishConnecting } from '../operations/sending/mailbox_callback.ts';
import { MAILBOX_CALLBACK } from '../operations/sending/mailbox_connection.ts';
import { principalOf } from './access.ts';
import { noteWhoAsks, type OperationRoutes } from './http_operations.ts';
import { escapeHtml, plainPage, sendPage } from './plain_page.ts';
import { contextOf } from './request_context.ts';
import { cookieName } from './session_cookie.ts';

/**
 * The callback of a mailbox's provider. The session identifies the returning user: a key does not count here, and neither
 * does a link that another user began. No HEAD route: a request uses up the code.
 */
export async function mailboxCallbackRoute(
  app: FastifyInstance,
  { routes }: { routes: OperationRoutes },
): Promise<void> {
  const { context, principals, limiter } = routes;
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply, routes));
  app.get(MAILBOX_CALLBACK, { exposeHeadRoute: false }, async (request, reply) => {
    const text = request.cookies[cookieName(context.public_url)] ?? '';
    const principal = await principalOf({ kind: 'session', text }, principals);
    if (principal) noteWhoAsks(request, principal);
    await limiter.check(request, reply, { principal, is_sign_in: false });
    const { searchParams } = new URL(request.url, 'http://callback');
    const connected = await finishConnecting(contextOf(request, context), principal, searchParams, {
      request_id: request.id,
    });
    return sendPage(reply, 200, connectedPage(connected));
  });
}

function connectedPage({ id, address, paused_reason }: ConnectedMailbox): string {
  const next =
    paused_reason === null
      ? `Whether its servers take it: <code>touchline mailbox test ${escapeHtml(id)}</code>`
      : `It stays paused: ${escapeHtml(paused_reason)}. To resume it: <code>touchline mailbox resume ${escapeHtml(id)}</code>`;
  return plainPage(
    'Mailbox connected',
    `<p><strong>${escapeHtml(address)}</strong> logs in by OAuth from now on, where its servers are set to.</p>
<p>${next}</p>`,
  );
}

function refuse(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { toAppError }: OperationRoutes,
): FastifyReply {
  const refusal: AppError | undefined = toAppError(error);
  if (refusal === undefined) throw error;
  if (refusal.status >= 500) request.log.warn({ err: error }, refusal.code);
  const hint = refusal.hint === undefined ? '' : `<p>${escapeHtml(refusal.hint)}</p>`;
  const sign_in = refusal.status === 401 ? '<p><a href="/sign-in">Go to the sign-in page</a></p>' : '';
  const body = `<p>${escapeHtml(refusal.message)}</p>${hint}${sign_in}
<p><small>${escapeHtml(refusal.code)}</small></p>`;
  if (refusal.status === 429) reply.header('retry-after', String(refusal.extra?.retry_after ?? 60));
  return sendPage(reply, refusal.status, plainPage('Mailbox not connected', body));
}
