import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { AppError } from '../errors.ts';
import type { SingleSignOn } from '../operations/access/sso.ts';
import type { ChangeFeeds } from '../operations/log/change_feeds.ts';
import type { Operation } from '../operations/operation.ts';
import { type MetricsAccess, metricsAnswer } from '../telemetry/metrics_access.ts';
import type { Metrics } from '../telemetry/ports.ts';
import { answerBrokenRequest } from './broken_request.ts';
import { crmEventsRoute } from './crm_events.ts';
import { docsRoutes } from './docs/page.ts';
import { operationRoutes } from './http_operations.ts';
import { LIMITS, type Limits, limiterFor } from './limits.ts';
import { mailboxCallbackRoute } from './mailbox_connected.ts';
import { mcpRoutes } from './mcp_http.ts';
import { oauthMetadataRoutes } from './mcp_oauth.ts';
import { memoized } from './memoized.ts';
import { observeRequests, requestIdOf, traceOf } from './observed.ts';
import { ssoRoutes } from './oidc.ts';
import { openApiDocument } from './openapi.ts';
import { internalError, PROBLEM_TYPE, problemOf, transportRefusal } from './problem.ts';
import type { Routes } from './request_context.ts';
import { API_BASE, methodTable } from './routing.ts';
import { type StreamPace, streamRoute } from './stream.ts';
import { type Unsubscribe, unsubscribeRoutes } from './unsubscribe_page.ts';
import { webRoutes } from './web_files.ts';

export type HttpOptions = Omit<Routes, 'limiter'> & {
  host: string;
  /** 0 takes any free port; `url` contains the actual one. */
  port: number;
  /** The built web client. If it is missing, `/` says how to build it. */
  web_dir: string;
  unsubscribe: Unsubscribe;
  /** Whether the database is reachable and its schema has this version. May reject. */
  isReady: () => Promise<boolean>;
  limits?: Partial<Limits>;
  /** Absent without a configured identity provider. */
  sso?: SingleSignOn;
  /** The token that readers of the metrics must present; null: readers on this machine, if no others can connect. */
  metrics_token?: string | null;
  /**
   * Addresses and networks of proxies whose X-Forwarded-For names the client: for limits, sign-in throttling, and the
   * audit. From all others the header is ignored.
   */
  trusted_proxies?: readonly string[];
  /** The changes behind `GET /stream`; without it the route does not exist. */
  changes?: ChangeFeeds;
  stream_pace?: Partial<StreamPace>;
};

export type HttpServer = { url: string; close(): Promise<void> };

/** 1 MiB: a hundred times the longest draft. Imports are streamed without a limit. */
const BODY_LIMIT = 1_048_576;

/** A token or an id, with room to spare. */
const MAX_PARAM_LENGTH = 500;

/** Starts listening. Rejects if the port is taken. `close` waits for requests in progress. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const app = await httpApp(options);
  await app.listen({ host: options.host, port: options.port });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${address.port}`, close: () => app.close() };
}

async function httpApp(options: HttpOptions): Promise<FastifyInstance> {
  const { trusted_proxies = [] } = options;
  const errorHandler = errorHandlerFor(options);
  const app = fastify({
    loggerInstance: options.context.log as FastifyBaseLogger,
    // Fastify's own lines contain URLs; observeRequests writes ours.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: requestIdOf,
    requestIdHeader: false,
    childLoggerFactory: (logger, bindings, given, raw) =>
      logger.child({ ...bindings, ...traceOf(raw) }, given),
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: 'idle',
    trustProxy: trusted_proxies.length > 0 ? [...trusted_proxies] : false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => {
      errorHandler(error, request, reply as FastifyReply);
    },
  }) as unknown as FastifyInstance;
  app.setErrorHandler(errorHandler);
  observeRequests(app, options.context);
  await app.register(cookie);
  await app.register(helmet, securityHeaders(options.context.public_url));
  await app.register(rateLimit, { global: false });
  addHealth(app, options);
  addApi(app, options);
  await app.register(unsubscribeRoutes, { unsubscribe: options.unsubscribe });
  await app.register(docsRoutes, { registry: options.registry });
  await app.register(webRoutes, { web_dir: options.web_dir });
  return app;
}

function addHealth(
  app: FastifyInstance,
  { isReady, context, host, metrics_token = null }: HttpOptions,
): void {
  if (context.metrics) addMetricsPage(app, context.metrics, { token: metrics_token, host });
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async () => {
    const is_ready = await isReady().catch(() => null);
    // Random and new on each start: only this process's database knows its owner.
    const process_id = context.process?.held() ?? null;
    if (is_ready === null) throw notReady('The database cannot be reached.', process_id);
    if (!is_ready) throw notReady('The database schema does not match this version.', process_id);
    return { status: 'ready', process_id };
  });
}

function notReady(detail: string, process_id: string | null): AppError {
  return new AppError('not_ready', detail, { extra: { process_id } });
}

/** Made when first requested: it takes longer than the rest of a start. */
const openApiText = memoized((registry: readonly Operation[]) => JSON.stringify(openApiDocument(registry)));

function addApi(app: FastifyInstance, options: HttpOptions): void {
  const limiter = limiterFor(app, { ...LIMITS, ...options.limits });
  const counted = async (request: FastifyRequest, reply: FastifyReply) => {
    if (request.url.startsWith(API_BASE)) await limiter.check(request, reply, BY_ADDRESS);
  };
  app.setNotFoundHandler({ preHandler: counted }, unknownRoute(options.registry));
  app.get(`${API_BASE}/openapi.json`, { onRequest: counted }, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(openApiText(options.registry)),
  );
  const routes = { ...options, limiter };
  const { sso, oauth, changes } = options;
  if (sso) app.register(ssoRoutes, { ...routes, sso });
  if (oauth) app.register(oauthMetadataRoutes, { ...routes, oauth });
  app.register(mailboxCallbackRoute, routes);
  app.register(crmEventsRoute, routes);
  if (changes) app.register(streamRoute, { ...routes, changes });
  app.register(operationRoutes, routes);
  app.register(mcpRoutes, routes);
}

const BY_ADDRESS = { principal: null, is_sign_in: false };

/** Pages accept no foreign script, style, frame, or connection. */
function securityHeaders(public_url: string) {
  const own = ["'self'"];
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: own,
        styleSrc: own,
        imgSrc: ["'self'", 'data:'],
        fontSrc: own,
        connectSrc: own,
        manifestSrc: own,
        formAction: own,
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // Links that contain a token must not reach other sites.
    referrerPolicy: { policy: 'same-origin' as const },
    strictTransportSecurity: public_url.startsWith('https://') ? { maxAge: 31_536_000 } : false,
  };
}

function errorHandlerFor({ toAppError }: HttpOptions) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refusal = toAppError(error) ?? transportRefusal(error);
    if (refusal === undefined) {
      request.log.error({ err: error, route: request.routeOptions?.url }, 'internal error');
      return sendProblem(reply, internalError(request.id));
    }
    if (refusal.status >= 500) request.log.warn({ err: error }, refusal.code);
    return sendProblem(reply, refusal);
  };
}

function sendProblem(reply: FastifyReply, error: AppError): FastifyReply {
  // Set again, because a request that the router refuses passes no hook.
  reply.header('x-request-id', reply.request.id);
  if (error.status === 401 && !reply.hasHeader('www-authenticate'))
    reply.header('www-authenticate', 'Bearer');
  const retry_after = error.extra?.retry_after ?? (error.status === 429 ? 60 : undefined);
  if (retry_after !== undefined) reply.header('retry-after', String(retry_after));
  if (error.status === 503) reply.header('retry-after', '1');
  return reply
    .code(error.status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problemOf(error)));
}

function unknownRoute(registry: readonly Operation[]) {
  const methodsOf = methodTable(registry);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<never> => {
    const path = request.url.split('?')[0]!;
    const allowed = methodsOf(path);
    if (allowed.length > 0 && !allowed.includes(request.method)) {
      reply.header('allow', allowed.join(', '));
      const detail = `${request.method} is not allowed here. Allowed: ${allowed.join(', ')}.`;
      throw new AppError('method_not_allowed', detail);
    }
    throw new AppError('route_unknown', 'There is nothing at this path.', {
      hint: `${API_BASE}/openapi.json lists every path, and /docs describes them for people.`,
    });
  };
}

/** Adds `GET /metrics`, in the Prometheus text format, for callers that `metricsAnswer` admits. */
function addMetricsPage(app: FastifyInstance, metrics: Metrics, access: MetricsAccess): void {
  app.get('/metrics', { exposeHeadRoute: false }, async (request, reply) => {
    const answer = metricsAnswer(request.raw, access);
    if (answer === 'hidden') return reply.callNotFound();
    if (answer === 'refused') {
      throw new AppError('unauthenticated', 'Metrics require their token.', {
        hint: 'Authorization: Bearer with the value of TOUCHLINE_METRICS_TOKEN.',
      });
    }
    const { type, text } = await metrics.page();
    return reply.header('cache-control', 'no-store').type(type).send(text);
  });
}
