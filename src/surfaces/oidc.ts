import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import type { AppError } from '../errors.ts';
import { type SingleSignOn, SSO_MINUTES } from '../operations/access/sso.ts';
import type { Limiter } from './limits.ts';
import { escapeHtml, plainPage, sendPage } from './plain_page.ts';
import { API_BASE } from './routing.ts';
import { applySession, ssoCookie } from './session_cookie.ts';

/** The callback address of the identity provider, which must be registered there. */
export const CALLBACK_PATH = `${API_BASE}/sessions/oidc/callback`;

type SsoRoutes = {
  sso: SingleSignOn;
  context: Context;
  limiter: Limiter;
  toAppError: (error: unknown) => AppError | undefined;
};

/**
 * Single sign-on by OpenID Connect. Browsers are redirected here, so refusals are pages that name the refusal's code. No
 * HEAD route: a request uses up the callback.
 */
export async function ssoRoutes(app: FastifyInstance, routes: SsoRoutes): Promise<void> {
  const { sso, context, limiter } = routes;
  app.addHook('onRequest', async (request, reply) =>
    limiter.check(request, reply, { principal: null, is_sign_in: true }),
  );
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply, routes));
  app.get(`${API_BASE}/sessions/oidc/start`, { exposeHeadRoute: false }, async (_request, reply) => {
    const { name, attributes } = ssoCookie(context.public_url);
    const { url, sealed } = await sso.begin();
    reply.setCookie(name, sealed, { ...attributes, maxAge: SSO_MINUTES * 60 });
    return reply.header('cache-control', 'no-store').redirect(url, 303);
  });
  app.get(CALLBACK_PATH, { exposeHeadRoute: false }, async (request, reply) => {
    const { name, attributes } = ssoCookie(context.public_url);
    const sealed = request.cookies[name] ?? null;
    reply.clearCookie(name, attributes);
    const query = new URL(request.url, 'http://callback').searchParams;
    const user_agent = request.headers['user-agent'] ?? null;
    const client = { address: request.ip, user_agent, request_id: request.id };
    applySession(await sso.finish(sealed, query, client), reply, context);
    return reply.header('cache-control', 'no-store').redirect('/', 303);
  });
}

function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply, { toAppError }: SsoRoutes) {
  const refusal = toAppError(error);
  if (refusal === undefined) throw error;
  // The provider's own message goes only to the log: it may contain anything.
  if (refusal.cause !== undefined) request.log.warn({ err: refusal.cause }, refusal.code);
  const hint = refusal.hint === undefined ? '' : `<p>${escapeHtml(refusal.hint)}</p>`;
  const body = `<p>${escapeHtml(refusal.message)}</p>${hint}
<p><a href="/sign-in">Go to the sign-in page</a></p>
<p><small>${escapeHtml(refusal.code)}</small></p>`;
  if (refusal.status === 429) reply.header('retry-after', String(refusal.extra?.retry_after ?? 60));
  return sendPage(reply, refusal.status, plainPage('Not signed in', body));
}
