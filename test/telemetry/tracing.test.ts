import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTracing, type Tracing } from '../../src/telemetry/tracing.ts';
import { testDatabase } from '../database.ts';
import { approveDrafts } from '../sending/send_world.ts';
import { type CollectedSpan, type Collector, startCollector } from './collector.ts';
import { type ObservedProduct, observeProduct } from './observed_product.ts';

const { db } = await testDatabase();
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const traceparent = `00-${TRACE}-${CALLER}-01`;
const [SERVER, CLIENT, FAILED] = [2, 3, 2];

const on_lost = () => undefined;
const optionsFor = (endpoint: string) => ({
  endpoint,
  service_name: 'touchline',
  on_lost,
  export_every_ms: 20,
});
const attributesOf = ({ attributes }: CollectedSpan) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

describe('a collector', () => {
  let collector: Collector;
  let tracing: Tracing;
  let product: ObservedProduct;
  let lead_id: string;
  beforeAll(async () => {
    collector = await startCollector();
    tracing = await startTracing(optionsFor(collector.url));
    product = await observeProduct(db, { tracer: tracing.tracer });
    lead_id = await product.world.addLead();
  });
  afterAll(async () => {
    await product.close();
    await tracing.close();
    await collector.close();
  });

  async function spanOf(fits: (span: CollectedSpan) => boolean): Promise<CollectedSpan> {
    await expect.poll(() => collector.spans.some(fits), { timeout: 10_000 }).toBe(true);
    return collector.spans.find(fits)!;
  }

  it('receives a request below its caller, and the operation below the request', async () => {
    const path = `/api/v1/leads/${lead_id}`;
    await product.call('GET', path, { headers: { traceparent, 'x-request-id': 'asked-1' } });
    const own = await spanOf(({ name, traceId }) => traceId === TRACE && name.startsWith('GET'));
    expect(own).toMatchObject({ name: 'GET /api/v1/leads/:id', parentSpanId: CALLER, kind: SERVER });
    expect(attributesOf(own)).toMatchObject({
      'http.request.method': 'GET',
      'http.route': '/api/v1/leads/:id',
      'touchline.request_id': 'asked-1',
    });
    const inner = await spanOf(({ name, traceId }) => traceId === TRACE && name === 'operation get_lead');
    expect(inner.parentSpanId).toBe(own.spanId);
    expect(attributesOf(inner)).toMatchObject({ 'touchline.surface': 'http' });
  });

  it('receives a request without a caller, whose log lines name its trace', async () => {
    const headers = { 'x-request-id': 'asked-2' };
    await product.call('GET', '/api/v1/leads?limit=0', { headers });
    const own = await spanOf((span) => attributesOf(span)['touchline.request_id'] === 'asked-2');
    expect(own.parentSpanId ?? '').toBe('');
    const lines = product.lines.filter((line) => line.includes('asked-2')).map((line) => JSON.parse(line));
    expect(lines.length).toBeGreaterThan(0);
    expect(new Set(lines.map(({ trace_id }) => trace_id))).toEqual(new Set([own.traceId]));
    // A refusal is not a failure.
    expect(own.status.code).not.toBe(FAILED);
  });

  it('receives the worker’s work, each message below its batch, and no empty rounds', async () => {
    await product.world.request(lead_id, 'b2bea_membership_close');
    while ((await product.work()) > 0);
    await approveDrafts(product.world);
    while ((await product.work()) > 0);
    const smtp = await spanOf(({ name }) => name === 'smtp send');
    const batch = await spanOf(({ name }) => name === 'worker send');
    expect(smtp).toMatchObject({ parentSpanId: batch.spanId, traceId: batch.traceId, kind: CLIENT });
    expect(attributesOf(smtp)).toEqual({ 'touchline.outcome': 'sent' });
    expect(attributesOf(batch)).toEqual({ 'touchline.stage': 'send', 'touchline.claimed': 1 });
    await spanOf(({ name }) => name === 'worker dispatch_steps');
    expect(collector.spans.filter(({ name }) => name === 'worker end_archived')).toEqual([]);
  });

  it('receives refusals and failures by their kind, without personal data', async () => {
    await db.query(`CREATE FUNCTION quote_change() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'secret detail of %', NEW.email; END $$`);
    await db.query(
      'CREATE TRIGGER quote_change BEFORE UPDATE ON leads FOR EACH ROW EXECUTE FUNCTION quote_change()',
    );
    const asked = (id: string) => ({ headers: { 'x-request-id': id } });
    const named = (id: string) => spanOf((span) => attributesOf(span)['touchline.request_id'] === id);
    const below = (span: CollectedSpan) => spanOf(({ parentSpanId }) => parentSpanId === span.spanId);
    await product.call('GET', `/api/v1/leads/${product.world.org_id}`, asked('asked-3'));
    const change = { body: { title: 'the secret one' }, ...asked('asked-4') };
    expect((await product.call('PATCH', `/api/v1/leads/${lead_id}`, change)).status).toBe(500);
    await product.call('GET', '/api/v1/leads?q=lead1@prospect.example', asked('asked-5'));
    await product.call('GET', '/u/some-secret-token', { key: null, ...asked('asked-6') });
    await db.query('DROP TRIGGER quote_change ON leads');

    const refused = await below(await named('asked-3'));
    expect([attributesOf(refused)['error.type'], refused.status.code]).toEqual(['not_found', 0]);
    const broken = await named('asked-4');
    expect([attributesOf(broken)['error.type'], broken.status.code]).toEqual(['500', FAILED]);
    const inner = await below(broken);
    expect([attributesOf(inner)['error.type'], inner.status.code]).toEqual(['P0001', FAILED]);
    await named('asked-6');
    const told = collector.bodies.join('\n');
    for (const secret of ['@', 'Lead1', 'prospect.example', 'secret', product.key, lead_id, 'Test Street']) {
      expect([secret, told.includes(secret)]).toEqual([secret, false]);
    }
  });
});

it('receives pending spans at the end', async () => {
  const collector = await startCollector();
  const tracing = await startTracing({ ...optionsFor(collector.url), export_every_ms: 3_600_000 });
  tracing.tracer.begin('the last one').end();
  await tracing.close();
  expect(collector.spans.map(({ name }) => name)).toEqual(['the last one']);
  expect(collector.bodies[0]).toContain('"service.name"');
  await collector.close();
});

describe('a dead collector', () => {
  it.each([['is not there'], ['takes and never answers']])('%s: delays nothing', async (how) => {
    const collector = await startCollector({ is_silent: true });
    if (how === 'is not there') await collector.close();
    const lost: unknown[] = [];
    const tracing = await startTracing({
      ...optionsFor(collector.url),
      on_lost: (error) => lost.push(error),
    });
    const product = await observeProduct(db, { tracer: tracing.tracer });
    await product.call('GET', '/api/v1/leads');
    const took_ms: number[] = [];
    for (let asked = 0; asked < 60; asked += 1) {
      const began_ms = performance.now();
      const { status } = await product.call('GET', '/api/v1/leads');
      took_ms.push(performance.now() - began_ms);
      expect(status).toBe(200);
    }
    await product.close();
    const began_ms = performance.now();
    await tracing.close();
    expect(performance.now() - began_ms).toBeLessThan(6_000);
    // The collector's timeout is two seconds: none of these waited for it.
    expect(took_ms.sort((a, b) => a - b)[30]).toBeLessThan(1_000);
    expect(lost).toHaveLength(1);
    await collector.close().catch(() => undefined);
  });
});

it('a process without a collector loads no tracing code', async () => {
  const script = (otel: string) => `
    import { registerHooks } from 'node:module';
    const seen = [];
    registerHooks({ resolve: (name, context, next) => { seen.push(name); return next(name, context); } });
    const { openTelemetry } = await import('./src/telemetry/tracing.ts');
    const pool = () => ({ total: 0, idle: 0, waiting: 0 });
    await openTelemetry({ otel: ${otel}, log: { warn() {} }, pool });
    console.log(seen.filter((name) => /sdk-trace|exporter-trace/.test(name)).length);
    process.exit();`;
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const run = async (otel: string) => {
    const args = ['--input-type=module', '--eval', script(otel)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd });
    return Number(stdout);
  };
  expect(await run('null')).toBe(0);
  expect(await run(`{ endpoint: 'http://127.0.0.1:9', service_name: 'x' }`)).toBeGreaterThan(0);
});
