import type { FastifyInstance } from 'fastify';
import { CRM_EVENTS_ROUTE, takeCrmEvents } from '../operations/policy/crm_incoming.ts';
import { contextOf, type Routes } from './request_context.ts';

/** 1 MiB: CRMs send at most a few hundred events at once, each of a few hundred bytes. */
const BODY_LIMIT = 1_048_576;

/** The CRM's webhook. The body stays as it was sent, because the CRM signed those bytes. */
export async function crmEventsRoute(app: FastifyInstance, { context, limiter }: Routes): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) =>
    done(null, body),
  );
  app.post<{ Params: { token: string } }>(CRM_EVENTS_ROUTE, async (request, reply) => {
    await limiter.check(request, reply, { principal: null, is_sign_in: false });
    const raw_body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
    );
    await takeCrmEvents(contextOf(request, context), request.params.token, {
      method: request.method,
      headers,
      raw_body,
    });
    return reply.code(200).send({ status: 'stored' });
  });
}
