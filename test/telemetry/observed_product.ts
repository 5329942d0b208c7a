import type { MailSender } from '../../src/connectors/connector.ts';
import type { Context } from '../../src/context.ts';
import type { HttpOptions } from '../../src/surfaces/http.ts';
import { openLog } from '../../src/telemetry/log.ts';
import { openMetrics } from '../../src/telemetry/metrics.ts';
import type { Metrics, Tracer } from '../../src/telemetry/ports.ts';
import { round } from '../../src/worker/loop.ts';
import type { TestDb } from '../database.ts';
import { type ServedProduct, serveProduct } from '../surfaces/product.ts';

/** The product's server and worker, with the most verbose log, metrics and optionally a tracer. */
export type ObservedProduct = Omit<ServedProduct, 'logged'> & {
  context: Context;
  metrics: Metrics;
  /** Lines of the log. */
  lines: string[];
  /** One round of the worker, without the server's objects. */
  work(mail?: MailSender): Promise<number>;
};

export async function observeProduct(
  db: TestDb,
  { tracer, ...options }: Partial<HttpOptions> & { tracer?: Tracer } = {},
): Promise<ObservedProduct> {
  const lines: string[] = [];
  const log = openLog('trace', { write: (line) => void lines.push(line) });
  const metrics = openMetrics(db.app.stats);
  const observed = { log, metrics, ...(tracer === undefined ? {} : { tracer }) };
  const { logged: _, ...product } = await serveProduct(db, options, { observed });
  const context: Context = { ...product.world.context, ...observed, db: db.app };
  return {
    ...product,
    context,
    metrics,
    lines,
    work: (mail = product.world.mail) => round(context, mail),
  };
}
