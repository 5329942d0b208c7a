import autocannon from 'autocannon';

export type Load = { url: string; key: string; rate: number; connections: number; seconds: number };

/** Latencies in ms. `errors`: what was not answered with 2xx, or not at all. */
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
 * Asks for these paths in turn at an even number a second. Autocannon spends the share of each connection as fast as it is
 * answered, from the beginning of each second, so as many requests as there are connections are under way together.
 */
export async function shoot(paths: readonly string[], load: Load): Promise<Shots> {
  const requests = paths.map((path) => ({ method: 'GET' as const, path }));
  let client_count = 0;
  const instance = autocannon({
    url: load.url,
    connections: load.connections,
    overallRate: load.rate,
    duration: load.seconds,
    headers: { authorization: `Bearer ${load.key}` },
    requests,
    // Each connection begins elsewhere, or all would ask for the same at once.
    setupClient: (client) => {
      const first = Math.floor((client_count * requests.length) / load.connections) % requests.length;
      client_count += 1;
      client.setRequests([...requests.slice(first), ...requests.slice(0, first)]);
    },
    // Its correction takes a second for a millisecond and would add answers that nobody waited for.
    ignoreCoordinatedOmission: true,
  });
  const latencies_ms: number[] = [];
  instance.on('response', (_client: unknown, _status: number, _bytes: number, latency_ms: number) => {
    latencies_ms.push(latency_ms);
  });
  const { non2xx, errors, timeouts, duration } = await instance;
  return {
    ...quantiles(latencies_ms),
    requests: latencies_ms.length,
    requests_per_second: round(latencies_ms.length / duration),
    errors: non2xx + errors + timeouts,
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
