import type { Logger } from 'pino';
import { openMetrics, type PoolStats } from './metrics.ts';
import type { Metrics, Tracer } from './ports.ts';
import { startTracing } from './tracing.ts';

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
