import { once } from 'node:events';
import { createServer } from 'node:http';
import { AppError } from '../errors.ts';
import { metricsAnswer } from './metrics_access.ts';
import type { Metrics } from './ports.ts';

export type MetricsListener = { url: string; close(): Promise<void> };

export type MetricsListenerOptions = { metrics: Metrics; host: string; port: number; token: string | null };

/** `GET /metrics` for a process that serves nothing else. Port 0 takes any free port. Throws `port_taken`. */
export async function startMetricsListener(options: MetricsListenerOptions): Promise<MetricsListener> {
  const { metrics, host, port, token } = options;
  const server = createServer(async (request, response) => {
    const is_page = request.method === 'GET' && request.url?.split('?')[0] === '/metrics';
    const answer = is_page ? metricsAnswer(request, { token, host }) : 'hidden';
    if (answer === 'hidden') return response.writeHead(404).end();
    if (answer === 'refused') return response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
    const { type, text } = await metrics.page();
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new AppError('port_taken', `The metrics cannot be served on ${host}:${port}.`, {
      cause: error,
      hint: 'Set TOUCHLINE_METRICS_PORT to a free port, different for each worker of this machine.',
    });
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the metrics listen on no port');
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${name}:${address.port}/metrics`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
