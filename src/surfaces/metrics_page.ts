import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.ts';
import { type MetricsAccess, metricsAnswer } from '../telemetry/metrics_access.ts';
import type { Metrics } from '../telemetry/ports.ts';

/** Adds `GET /metrics`, in the Prometheus text format, for callers that `metricsAnswer` admits. */
export function addMetricsPage(app: FastifyInstance, metrics: Metrics, access: MetricsAccess): void {
  app.get('/metrics', { exposeHeadRoute: false }, async (request, reply) => {
    const answer = metricsAnswer(request.raw, access);
    if (answer === 'hidden') return reply.callNotFound();
    if (answer === 'refused') {
      throw new AppError('unauthenticated', 'The metrics take their token.', {
        hint: 'Authorization: Bearer, and what TOUCHLINE_METRICS_TOKEN says.',
      });
    }
    const { type, text } = await metrics.page();
    return reply.header('cache-control', 'no-store').type(type).send(text);
  });
}
