import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from './ports.ts';

/** State of the database pool. */
export type PoolStats = () => { total: number; idle: number; waiting: number };

/** From a lookup by key to a client's timeout. */
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** A mail server may take a minute for one reply. */
const SEND_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const MODEL_SECONDS = [0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 90];
const STAGE_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BATCH_ROWS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** Clients may send any word as a method; methods without a route share one value. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** The metrics of this process, in their own registry. */
export function openMetrics(stats: PoolStats): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  poolGauge(registry, stats);
  const metrics = declareMetrics(registry);
  return {
    requested: ({ method, route, status, seconds }) => {
      const known = METHODS.includes(method) ? method : 'other';
      metrics.requests.observe(
        { method: known, route, status_class: `${Math.trunc(status / 100)}xx` },
        seconds,
      );
    },
    streamsOpened: (more) => metrics.streams.inc(more),
    overBudget: ({ kind, budget }) => metrics.over_budget.inc({ kind, budget }),
    decided: (stage, { outcome, reason }) =>
      metrics.decisions.inc({ stage, outcome, reason: reason ?? 'none' }),
    handedOver: (outcome, seconds) => {
      metrics.sent.inc({ outcome });
      metrics.sends.observe({ outcome }, seconds);
    },
    modelCalled: ({ purpose, outcome, seconds, input_tokens, output_tokens }) => {
      metrics.model_calls.observe({ purpose, outcome }, seconds);
      metrics.model_tokens.inc({ purpose, direction: 'input' }, input_tokens);
      metrics.model_tokens.inc({ purpose, direction: 'output' }, output_tokens);
    },
    worked: (stage, { claimed, seconds }) => {
      metrics.stages.observe({ stage }, seconds);
      metrics.batches.observe({ stage }, claimed);
    },
    failed: (stage) => metrics.errors.inc({ stage }),
    setAside: (stage, more) => metrics.set_aside.inc({ stage }, more),
    page: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}

function poolGauge(registry: Registry, stats: PoolStats): void {
  new Gauge({
    name: 'touchline_postgres_pool',
    help: 'PostgreSQL connection pool: total connections, idle connections, and waiting requests',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(stats())) this.set({ state }, count);
    },
  });
}

/** All metrics except those that are read on demand; `touchline_` begins every name. */
function declareMetrics(registry: Registry) {
  const named = (name: string, help: string) => ({ name: `touchline_${name}`, help, registers: [registry] });
  const counter = <Label extends string>(name: string, labelNames: Label[], help: string) =>
    new Counter({ ...named(name, help), labelNames });
  const gauge = <Label extends string>(name: string, labelNames: Label[], help: string) =>
    new Gauge({ ...named(name, help), labelNames });
  const histogram = <Label extends string>(
    buckets: number[],
    name: string,
    labelNames: Label[],
    help: string,
  ) => new Histogram({ ...named(name, help), labelNames, buckets });
  return {
    requests: histogram(
      REQUEST_SECONDS,
      'http_request_duration_seconds',
      ['method', 'route', 'status_class'],
      'Duration of HTTP requests by method, route pattern, and status class, without streams',
    ),
    streams: gauge('streams_open', [], 'Open server-sent event streams'),
    over_budget: counter(
      'over_budget_total',
      ['kind', 'budget'],
      'Templates and files over their budget, by kind (campaign, play, yaml, draft) and budget (time, memory, output)',
    ),
    decisions: counter(
      'worker_decisions_total',
      ['stage', 'outcome', 'reason'],
      'Gate decisions about touches by stage, outcome, and reason (none if every gate passed)',
    ),
    sends: histogram(
      SEND_SECONDS,
      'worker_send_duration_seconds',
      ['outcome'],
      'Duration of handing messages to the mail server, by outcome',
    ),
    sent: counter(
      'worker_sends_total',
      ['outcome'],
      'Messages handed to the mail server, by outcome; unknown requires a person',
    ),
    model_calls: histogram(
      MODEL_SECONDS,
      'model_call_duration_seconds',
      ['purpose', 'outcome'],
      'Duration of language model calls by purpose and outcome',
    ),
    model_tokens: counter(
      'model_tokens_total',
      ['purpose', 'direction'],
      'Tokens that the language model reported as read (input) and written (output), by purpose',
    ),
    stages: histogram(
      STAGE_SECONDS,
      'worker_stage_duration_seconds',
      ['stage'],
      'Duration of worker stages for batches that are not empty',
    ),
    batches: histogram(
      BATCH_ROWS,
      'worker_batch_size',
      ['stage'],
      'Rows that worker stages claimed per batch, without empty batches',
    ),
    errors: counter(
      'worker_errors_total',
      ['stage'],
      'Failures of worker stages and checks; each is retried',
    ),
    set_aside: gauge('worker_set_aside', ['stage'], 'Rows that failed and are set aside for ten minutes'),
  };
}
