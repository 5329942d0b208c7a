import type { Context, Span as OtelSpan, Tracer as OtelTracer, SpanKind } from '@opentelemetry/api';
import type { Logger } from 'pino';
import about from '../../package.json' with { type: 'json' };
import { openMetrics, type PoolStats } from './metrics.ts';
import type { Attributes, Metrics, Span, SpanOptions, TraceParent, Tracer } from './ports.ts';

/** The time limit for one batch at the collector; requests never wait for it. */
const EXPORT_TIMEOUT_MS = 2_000;
/** Queued spans; further ones are dropped. */
const QUEUE_MAX = 2_048;
const EXPORT_EVERY_MS = 2_000;
/** The interval between warnings about an unreachable collector. */
const WARN_EVERY_MS = 60_000;

export type TelemetryOptions = {
  /** The destination of traces; null: none. */
  otel: { endpoint: string; service_name: string } | null;
  log: Logger;
  pool: PoolStats;
};

export type Telemetry = { metrics: Metrics; tracer?: Tracer; close(): Promise<void> };

/** The telemetry of this process. `close` hands over the last spans. */
export async function openTelemetry({ otel, log, pool }: TelemetryOptions): Promise<Telemetry> {
  const metrics = openMetrics(pool);
  if (otel === null) return { metrics, close: async () => undefined };
  const on_lost = (err: unknown) => log.warn({ err }, 'the trace collector rejected traces, which are lost');
  const { tracer, close } = await startTracing({ ...otel, on_lost });
  return { metrics, tracer, close };
}

type TracingOptions = {
  /** The collector's URL, without `/v1/traces`. */
  endpoint: string;
  service_name: string;
  /** Called when spans were lost; at most once a minute. */
  on_lost: (error: unknown) => void;
  export_every_ms?: number;
};

/** `close` hands over queued spans within seconds, and ends. It never rejects. */
export type Tracing = { tracer: Tracer; close(): Promise<void> };

type Otel = { api: typeof import('@opentelemetry/api'); tracer: OtelTracer };

/**
 * Sends traces to a collector by OTLP over HTTP. Loads its libraries here, so a process without tracing does not load them.
 */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const url = `${options.endpoint.replace(/\/+$/, '')}/v1/traces`;
  const otlp = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS });
  const tell = rarely(options.on_lost);
  const exporter: ConstructorParameters<typeof sdk.BatchSpanProcessor>[0]['exporter'] = {
    export: (spans, done) =>
      otlp.export(spans, (result) => {
        if (result.error !== undefined) tell(result.error);
        done(result);
      }),
    shutdown: () => otlp.shutdown(),
  };
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({
      'service.name': options.service_name,
      'service.version': about.version,
    }),
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter,
        maxQueueSize: QUEUE_MAX,
        scheduledDelayMillis: options.export_every_ms ?? EXPORT_EVERY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  });
  const otel: Otel = { api, tracer: provider.getTracer('touchline', about.version) };
  return {
    tracer: { begin: (name, span) => begin(otel, api.ROOT_CONTEXT, name, span) },
    close: () => provider.shutdown().catch(() => undefined),
  };
}

/** Every place is passed explicitly: nothing depends on the runtime's current context. */
function begin(otel: Otel, place: Context, name: string, options: SpanOptions = {}): Span {
  const { trace } = otel.api;
  const { kind, attributes = {}, parent } = options;
  const from = parent === undefined ? place : remotePlace(otel, parent);
  const span = otel.tracer.startSpan(name, { kind: kindOf(otel, kind), attributes: { ...attributes } }, from);
  const own = trace.setSpan(from, span);
  return {
    trace_id: span.spanContext().traceId,
    begin: (inner, given) => begin(otel, own, inner, given),
    set: (more) => {
      span.setAttributes({ ...more });
    },
    end: (error) => {
      if (error !== undefined) markFailed(otel, span, error);
      span.end();
    },
  };
}

function remotePlace({ api }: Otel, { trace_id, span_id, is_sampled }: TraceParent): Context {
  const traceFlags = is_sampled ? api.TraceFlags.SAMPLED : api.TraceFlags.NONE;
  const remote = { traceId: trace_id, spanId: span_id, traceFlags, isRemote: true };
  return api.trace.setSpanContext(api.ROOT_CONTEXT, remote);
}

function kindOf({ api }: Otel, kind: SpanOptions['kind']): SpanKind {
  if (kind === undefined) return api.SpanKind.INTERNAL;
  return kind === 'server' ? api.SpanKind.SERVER : api.SpanKind.CLIENT;
}

/** A refusal is an answer; its code is recorded, and the span is not a failure. */
function markFailed({ api }: Otel, span: OtelSpan, error: unknown): void {
  const { code, status, name } = (error ?? {}) as Record<string, unknown>;
  const kind = [code, name].find((word) => typeof word === 'string' && /^\w{1,64}$/.test(word)) ?? 'error';
  const attributes: Attributes = { 'error.type': String(kind) };
  span.setAttributes(attributes);
  const is_refusal = typeof status === 'number' && status < 500;
  if (!is_refusal) span.setStatus({ code: api.SpanStatusCode.ERROR });
}

function rarely(tell: (error: unknown) => void): (error: unknown) => void {
  let next_ms = 0;
  return (error) => {
    if (performance.now() < next_ms) return;
    next_ms = performance.now() + WARN_EVERY_MS;
    tell(error);
  };
}
