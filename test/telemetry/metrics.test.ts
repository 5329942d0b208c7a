import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMetricsListener } from '../../src/telemetry/metrics_listener.ts';
import { testDatabase } from '../database.ts';
import { approveDrafts } from '../sending/send_world.ts';
import { type Family, readExposition } from './exposition.ts';
import { type ObservedProduct, observeProduct } from './observed_product.ts';

const { db } = await testDatabase();
const CAMPAIGN = 'b2bea_membership_close';
let product: ObservedProduct;
beforeAll(async () => {
  product = await observeProduct(db);
});
afterAll(() => product.close());

async function scrape(): Promise<Map<string, Family>> {
  const { status, headers, text } = await product.call('GET', '/metrics', { key: null });
  expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  return readExposition(text);
}

/** Sum of all samples with these labels; 0 without any. */
function sum(page: Map<string, Family>, name: string, labels: Record<string, string> = {}): number {
  const family = page.get(name) ?? page.get(name.replace(/_(bucket|sum|count)$/, ''));
  if (family === undefined) throw new Error(`there is no ${name}`);
  const wanted = Object.entries(labels);
  const found = family.samples.filter(
    (sample) => sample.name === name && wanted.every(([label, value]) => sample.labels[label] === value),
  );
  return found.reduce((total, { value }) => total + value, 0);
}

describe('after real requests and worker rounds', () => {
  let page: Map<string, Family>;
  beforeAll(async () => {
    const { world, call } = product;
    const lead_id = await world.addLead();
    await call('GET', `/api/v1/leads/${lead_id}`);
    await call('GET', `/api/v1/leads/${lead_id}?x=1`);
    for (const path of ['/api/v1/no', '/api/v1/such', `/wp-admin/${lead_id}`]) await call('GET', path);
    await call('POST', '/api/v1/sessions', {
      key: null,
      body: { email: 'x@y.example', password: 'wrong wrong' },
    });
    await call('GET', '/u/no-token', { key: null });
    await world.request(lead_id, CAMPAIGN);
    while ((await product.work()) > 0);
    await approveDrafts(world);
    while ((await product.work()) > 0);
    page = await scrape();
  });

  it('every metric family has a help and a type, and holds the right samples', () => {
    expect(page.size).toBeGreaterThan(30);
    for (const [name, { help, type, samples }] of page) {
      expect([name, help.length > 10, /^(counter|gauge|histogram|summary)$/.test(type)]).toEqual([
        name,
        true,
        true,
      ]);
      for (const { labels, name: sample } of samples.filter(({ labels: { le } }) => le === '+Inf')) {
        const { le: _, ...own } = labels;
        const count = sum(page, sample.replace('_bucket', '_count'), own);
        expect(sum(page, sample, labels)).toBe(count);
      }
    }
  });

  it('requests are counted by the pattern of their route, unmatched ones together', () => {
    const name = 'touchline_http_request_duration_seconds_count';
    const of = (route: string, status_class: string) => sum(page, name, { route, status_class });
    expect(of('/api/v1/leads/:id', '2xx')).toBe(1);
    expect(of('/api/v1/leads/:id', '4xx')).toBe(1);
    expect(of('unknown', '4xx')).toBe(3);
    expect(of('/api/v1/sessions', '4xx')).toBe(1);
    expect(of('/u/:token', '4xx')).toBe(1);
  });

  it('the worker reports its decisions, messages and durations', () => {
    const decided = (labels: Record<string, string>) => sum(page, 'touchline_worker_decisions_total', labels);
    expect(decided({ stage: 'dispatch_steps', outcome: 'allow', reason: 'none' })).toBe(1);
    expect(decided({ stage: 'send', outcome: 'allow', reason: 'none' })).toBe(1);
    expect(sum(page, 'touchline_worker_sends_total', { outcome: 'sent' })).toBe(1);
    for (const stage of ['dispatch_steps', 'draft_touches', 'send']) {
      expect(sum(page, 'touchline_worker_stage_duration_seconds_count', { stage })).toBe(1);
      expect(sum(page, 'touchline_worker_batch_size_sum', { stage })).toBe(1);
    }
    expect(sum(page, 'touchline_worker_errors_total')).toBe(0);
  });

  it('the process and its pool report themselves', () => {
    const pool = (state: string) => sum(page, 'touchline_postgres_pool', { state });
    expect(pool('total')).toBeGreaterThan(0);
    expect(pool('total')).toBeGreaterThanOrEqual(pool('idle'));
    expect(pool('waiting')).toBe(0);
    expect(sum(page, 'process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(page.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
  });

  it('no label holds data of an org', () => {
    const labels = [...page.values()].flatMap(({ samples }) =>
      samples.flatMap((one) => Object.values(one.labels)),
    );
    expect(labels.length).toBeGreaterThan(100);
    expect(labels.filter((text) => /@|[0-9a-f]{8}-|example|wp-admin/.test(text))).toEqual([]);
  });
});

it('a pending touch is counted with its reason', async () => {
  const { world } = product;
  const lead_id = await world.addLead();
  const labels = { stage: 'dispatch_steps', outcome: 'block', reason: 'compliance_block' };
  const before = sum(await scrape(), 'touchline_worker_decisions_total', labels);
  await world.request(lead_id, CAMPAIGN);
  await db.query('UPDATE leads SET opt_out_flag = true, opted_out_at = now() WHERE id = $1', [lead_id]);
  while ((await product.work()) > 0);
  expect(sum(await scrape(), 'touchline_worker_decisions_total', labels)).toBe(before + 1);
});

it('a rolled-back decision counts as failed, not as decided', async () => {
  const { world } = product;
  const lead_id = await world.addLead();
  await world.request(lead_id, CAMPAIGN);
  await db.query(`CREATE FUNCTION refuse_items() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'refused'; END $$`);
  await db.query(
    `CREATE TRIGGER refuse_items BEFORE INSERT ON sales_send_queue FOR EACH ROW EXECUTE FUNCTION refuse_items()`,
  );
  const before = await scrape();
  await product.work();
  await db.query('DROP TRIGGER refuse_items ON sales_send_queue');
  const after = await scrape();
  const more = (name: string, labels: Record<string, string>) =>
    sum(after, name, labels) - sum(before, name, labels);
  const stage = 'dispatch_steps';
  expect(more('touchline_worker_decisions_total', { stage })).toBe(0);
  expect(more('touchline_worker_errors_total', { stage })).toBe(1);
  expect(more('touchline_worker_set_aside', { stage })).toBe(1);
});

it('open streams are counted while they are open, and are not slow requests', async () => {
  const gone = new AbortController();
  const headers = { authorization: `Bearer ${product.key}` };
  const stream = await fetch(`${product.server.url}/api/v1/stream`, { headers, signal: gone.signal });
  expect(stream.status).toBe(200);
  expect(sum(await scrape(), 'touchline_streams_open')).toBe(1);
  gone.abort();
  await expect.poll(async () => sum(await scrape(), 'touchline_streams_open'), { timeout: 10_000 }).toBe(0);
  const count = { route: '/api/v1/stream', status_class: '2xx' };
  expect(sum(await scrape(), 'touchline_http_request_duration_seconds_count', count)).toBe(0);
});

it('a worker without a server serves metrics on a separate port', async () => {
  const { metrics } = product;
  const token = 'a token of sixteen'.replaceAll(' ', '-');
  const listener = await startMetricsListener({ metrics, host: '127.0.0.1', port: 0, token });
  const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(new URL(path, listener.url), { headers });
  const good = { authorization: `Bearer ${token}` };
  const answer = await ask('/metrics', good);
  expect(readExposition(await answer.text()).has('touchline_worker_sends_total')).toBe(true);
  expect((await ask('/metrics')).status).toBe(401);
  expect((await ask('/other', good)).status).toBe(404);
  const port = Number(new URL(listener.url).port);
  await expect(startMetricsListener({ metrics, host: '127.0.0.1', port, token })).rejects.toMatchObject({
    code: 'port_taken',
  });
  await listener.close();
});
