import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';

export type Load = {
  url: string;
  key: string;
  rate: number;
  connections: number;
  seconds: number;
  /** Whether all connections start each second together instead of one after the other. */
  burst: boolean;
};

/** Latencies in ms. `errors`: requests without a 2xx response, or without any. */
export type Shots = {
  p50_ms: number;
  p95_ms: number;
  p99_ms: number;
  max_ms: number;
  requests: number;
  requests_per_second: number;
  errors: number;
};

/**
 * Requests these paths in turn at a steady rate. Autocannon sends a connection's share as fast as responses arrive, from
 * the start of each of its seconds. So each connection is a separate client, and their seconds start one after the other;
 * in a burst they start together, with as many requests under way as there are connections.
 */
export async function shoot(paths: readonly string[], load: Load): Promise<Shots> {
  const { connections } = load;
  const shares = Array.from({ length: connections }, (_, at) => ({
    rate: Math.floor((load.rate * (at + 1)) / connections) - Math.floor((load.rate * at) / connections),
    // Each client starts elsewhere, or all would request the same path at once.
    first: Math.floor((at * paths.length) / connections) % paths.length,
    wait_ms: load.burst ? 0 : (at * 1000) / connections,
  }));
  const latencies_ms: number[] = [];
  const answers = await Promise.all(
    shares.map(async ({ rate, first, wait_ms }) => {
      await sleep(wait_ms);
      const instance = autocannon({
        url: load.url,
        connections: 1,
        overallRate: rate,
        duration: load.seconds,
        headers: { authorization: `Bearer ${load.key}` },
        requests: [...paths.slice(first), ...paths.slice(0, first)].map((path) => ({ method: 'GET', path })),
        // Its correction takes a second for a millisecond and would add responses that no client waited for.
        ignoreCoordinatedOmission: true,
      });
      instance.on('response', (_client: unknown, _status: number, _bytes: number, latency_ms: number) => {
        latencies_ms.push(latency_ms);
      });
      return instance;
    }),
  );
  const errors = answers.reduce((sum, answer) => sum + answer.non2xx + answer.errors + answer.timeouts, 0);
  const duration = answers.reduce((sum, answer) => sum + answer.duration, 0) / connections;
  return {
    ...quantiles(latencies_ms),
    requests: latencies_ms.length,
    requests_per_second: round(latencies_ms.length / duration),
    errors,
  };
}

function quantiles(latencies_ms: readonly number[]) {
  const sorted = [...latencies_ms].sort((a, b) => a - b);
  const at = (share: number) => round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
  return { p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99), max_ms: at(1) };
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
