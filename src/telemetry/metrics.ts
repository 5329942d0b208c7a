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
  const registers = [registry];
  const requests = new Histogram({
    name: 'touchline_http_request_duration_seconds',
    help: 'Duration of HTTP requests by method, route pattern, and status class, without streams',
    labelNames: ['method', 'route', 'status_class'],
    buckets: REQUEST_SECONDS,
    registers,
  });
  const streams = new Gauge({
    name: 'touchline_streams_open',
    help: 'Open server-sent event streams',
    registers,
  });
  return {
    requested: ({ method, route, status, seconds }) =>
      requests.observe(
        {
          method: METHODS.includes(method) ? method : 'other',
          route,
          status_class: `${Math.trunc(status / 100)}xx`,
        },
        seconds,
      ),
    streamsOpened: (more) => streams.inc(more),
    ...budgetMetrics(registers),
    ...workerMetrics(registers),
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

function budgetMetrics(registers: Registry[]): Pick<Metrics, 'overBudget'> {
  const over = new Counter({
    name: 'touchline_over_budget_total',
    help: 'Templates and files over their budget, by kind (campaign, play, yaml, draft) and budget (time, memory, output)',
    labelNames: ['kind', 'budget'],
    registers,
  });
  return { overBudget: ({ kind, budget }) => over.inc({ kind, budget }) };
}

type WorkerMetrics = Pick<
  Metrics,
  'decided' | 'handedOver' | 'modelCalled' | 'worked' | 'failed' | 'setAside'
>;

function workerMetrics(registers: Registry[]): WorkerMetrics {
  const decisions = new Counter({
    name: 'touchline_worker_decisions_total',
    help: 'Gate decisions about touches by stage, outcome, and reason (none if every gate passed)',
    labelNames: ['stage', 'outcome', 'reason'],
    registers,
  });
  const sends = new Histogram({
    name: 'touchline_worker_send_duration_seconds',
    help: 'Duration of handing messages to the mail server, by outcome',
    labelNames: ['outcome'],
    buckets: SEND_SECONDS,
    registers,
  });
  const sent = new Counter({
    name: 'touchline_worker_sends_total',
    help: 'Messages handed to the mail server, by outcome; unknown requires a person',
    labelNames: ['outcome'],
    registers,
  });
  return {
    decided: (stage, { outcome, reason }) => decisions.inc({ stage, outcome, reason: reason ?? 'none' }),
    handedOver: (outcome, seconds) => {
      sent.inc({ outcome });
      sends.observe({ outcome }, seconds);
    },
    ...modelMetrics(registers),
    ...stageMetrics(registers),
  };
}

function modelMetrics(registers: Registry[]): Pick<Metrics, 'modelCalled'> {
  const calls = new Histogram({
    name: 'touchline_model_call_duration_seconds',
    help: 'Duration of language model calls by purpose and outcome',
    labelNames: ['purpose', 'outcome'],
    buckets: MODEL_SECONDS,
    registers,
  });
  const tokens = new Counter({
    name: 'touchline_model_tokens_total',
    help: 'Tokens that the language model reported as read (input) and written (output), by purpose',
    labelNames: ['purpose', 'direction'],
    registers,
  });
  return {
    modelCalled: ({ purpose, outcome, seconds, input_tokens, output_tokens }) => {
      calls.observe({ purpose, outcome }, seconds);
      tokens.inc({ purpose, direction: 'input' }, input_tokens);
      tokens.inc({ purpose, direction: 'output' }, output_tokens);
    },
  };
}

function stageMetrics(registers: Registry[]): Pick<Metrics, 'worked' | 'failed' | 'setAside'> {
  const stages = new Histogram({
    name: 'touchline_worker_stage_duration_seconds',
    help: 'Duration of worker stages for batches that are not empty',
    labelNames: ['stage'],
    buckets: STAGE_SECONDS,
    registers,
  });
  const batches = new Histogram({
    name: 'touchline_worker_batch_size',
    help: 'Rows that worker stages claimed per batch, without empty batches',
    labelNames: ['stage'],
    buckets: BATCH_ROWS,
    registers,
  });
  const errors = new Counter({
    name: 'touchline_worker_errors_total',
    help: 'Failures of worker stages and checks; each is retried',
    labelNames: ['stage'],
    registers,
  });
  const aside = new Gauge({
    name: 'touchline_worker_set_aside',
    help: 'Rows that failed and are set aside for ten minutes',
    labelNames: ['stage'],
    registers,
  });
  return {
    worked: (stage, { claimed, seconds }) => {
      stages.observe({ stage }, seconds);
      batches.observe({ stage }, claimed);
    },
    failed: (stage) => errors.inc({ stage }),
    setAside: (stage, more) => aside.inc({ stage }, more),
  };
}
