import type { FastifyInstance } from 'fastify';
import { type ConnectedMailbox, finishConnecting } from '../operations/sending/mailbox_callback.ts';
import { MAILBOX_CALLBACK } from '../operations/sending/mailbox_connection.ts';
import { principalOf } from './access.ts';
import { escapeHtml, plainPage, sendPage, sendRefusal } from './plain_page.ts';
import { callers, contextOf, type Routes } from './request_context.ts';
import { cookieOf } from './session_cookie.ts';

/**
 * The callback of a mailbox's provider. The session identifies the returning user: a key does not count here, and neither
 * does a link that another user began. No HEAD route: a request uses up the code.
 */
export async function mailboxCallbackRoute(
  app: FastifyInstance,
  { context, principals, limiter, toAppError }: Routes,
): Promise<void> {
  app.setErrorHandler((error, request, reply) => {
    const refusal = toAppError(error);
    if (refusal === undefined) throw error;
    if (refusal.status >= 500) request.log.warn({ err: error }, refusal.code);
    return sendRefusal(reply, refusal, {
      title: 'Mailbox not connected',
      has_sign_in: refusal.status === 401,
    });
  });
  app.get(MAILBOX_CALLBACK, { exposeHeadRoute: false }, async (request, reply) => {
    const text = request.cookies[cookieOf('session', context.public_url).name] ?? '';
    const principal = await principalOf({ kind: 'session', text }, principals);
    if (principal) callers.set(request, principal);
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
      ? `To test its servers: <code>touchline mailbox test ${escapeHtml(id)}</code>`
      : `It stays paused: ${escapeHtml(paused_reason)}. To resume it: <code>touchline mailbox resume ${escapeHtml(id)}</code>`;
  return plainPage(
    'Mailbox connected',
    `<p><strong>${escapeHtml(address)}</strong> now logs in with OAuth to the servers that are set to use it.</p>
<p>${next}</p>`,
  );
}
