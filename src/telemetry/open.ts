import type { Logger } from 'pino';
import { openMetrics, type PoolStats } from './metrics.ts';
import type { Metrics, Tracer } from './ports.ts';
import { startTracing } from './tracing.ts';

export type TelemetryOptions = {
  /** Where traces go; null: nowhere. */
  otel: { endpoint: string; service_name: string } | null;
  log: Logger;
  pool: PoolStats;
};

export type Telemetry = { metrics: Metrics; tracer?: Tracer; close(): Promise<void> };

/** What this process tells of its own running. `close` hands over the last spans. */
export async function openTelemetry({ otel, log, pool }: TelemetryOptions): Promise<Telemetry> {
  const metrics = openMetrics(pool);
  if (otel === null) return { metrics, close: async () => undefined };
  const on_lost = (err: unknown) =>
    log.warn({ err }, 'the collector takes no traces; they are lost, nothing else is');
  const { tracer, close } = await startTracing({ ...otel, on_lost });
  return { metrics, tracer, close };
}
