import type { FastifyInstance } from 'fastify';
import { type SingleSignOn, SSO_MINUTES } from '../operations/access/sso.ts';
import { sendRefusal } from './plain_page.ts';
import type { Routes } from './request_context.ts';
import { API_BASE } from './routing.ts';
import { applySession, cookieOf } from './session_cookie.ts';

/** The callback address of the identity provider, which must be registered there. */
export const CALLBACK_PATH = `${API_BASE}/sessions/oidc/callback`;

type SsoRoutes = Routes & { sso: SingleSignOn };

/**
 * Single sign-on by OpenID Connect. Browsers are redirected here, so refusals are pages that name the refusal's code. No
 * HEAD route: a request uses up the callback.
 */
export async function ssoRoutes(
  app: FastifyInstance,
  { sso, context, limiter, toAppError }: SsoRoutes,
): Promise<void> {
  app.addHook('onRequest', async (request, reply) =>
    limiter.check(request, reply, { principal: null, is_sign_in: true }),
  );
  app.setErrorHandler((error, request, reply) => {
    const refusal = toAppError(error);
    if (refusal === undefined) throw error;
    // The provider's own message goes only to the log: it may contain anything.
    if (refusal.cause !== undefined) request.log.warn({ err: refusal.cause }, refusal.code);
    return sendRefusal(reply, refusal, { title: 'Not signed in', has_sign_in: true });
  });
  app.get(`${API_BASE}/sessions/oidc/start`, { exposeHeadRoute: false }, async (_request, reply) => {
    const { name, attributes } = cookieOf('sso', context.public_url);
    const { url, sealed } = await sso.begin();
    reply.setCookie(name, sealed, { ...attributes, maxAge: SSO_MINUTES * 60 });
    return reply.header('cache-control', 'no-store').redirect(url, 303);
  });
  app.get(CALLBACK_PATH, { exposeHeadRoute: false }, async (request, reply) => {
    const { name, attributes } = cookieOf('sso', context.public_url);
    const sealed = request.cookies[name] ?? null;
    reply.clearCookie(name, attributes);
    const query = new URL(request.url, 'http://callback').searchParams;
    const user_agent = request.headers['user-agent'] ?? null;
    const client = { address: request.ip, user_agent, request_id: request.id };
    applySession(await sso.finish(sealed, query, client), reply, context);
    return reply.header('cache-control', 'no-store').redirect('/', 303);
  });
}
