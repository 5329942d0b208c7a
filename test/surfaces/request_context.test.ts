import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unsubscribeToken } from '../../src/coordinator/sending/unsubscribe_token.ts';
import { registry } from '../../src/operations/registry.ts';
import { readTraceParent } from '../../src/telemetry/ports.ts';
import { testDatabase } from '../database.ts';
import { approvedLeads } from '../sending/send_world.ts';
import { type ServedProduct, serveProduct } from './product.ts';

const { db } = await testDatabase();
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${TRACE}-b7ad6b7169203331-00`;
const MADE = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
let product: ServedProduct;

beforeAll(async () => {
  const chatty = registry.map((operation) => ({
    ...operation,
    run: (call: never) => {
      const { context } = call as { context: ServedProduct['world']['context'] };
      context.log.info('said within the operation');
      if (operation.name === 'list_flags') throw new Error('a bug');
      return operation.run(call);
    },
  }));
  product = await serveProduct(db, { registry: chatty });
});
afterAll(() => product.close());

type Line = { msg: string; request_id?: string; trace_id?: string };
const linesOf = (request_id: string) =>
  product.logged.map((line) => JSON.parse(line) as Line).filter((line) => line.request_id === request_id);

describe('X-Request-Id', () => {
  it.each([
    ['a word of the client', 'build-17.step_2', true],
    ['128 characters', 'x'.repeat(128), true],
    ['129 characters', 'x'.repeat(129), false],
    ['a line of a log', 'a b', false],
    ['JSON', '{"level":50}', false],
    ['someone’s address', 'ada@lovelace.example', false],
    ['nothing', '', false],
  ])('%s', async (_name, given, is_kept) => {
    const { headers } = await product.call('GET', '/healthz', { headers: { 'x-request-id': given } });
    expect(headers.get('x-request-id')).toEqual(is_kept ? given : expect.stringMatching(MADE));
  });

  it('is in every line of its request, and in no other', async () => {
    const headers = { 'x-request-id': 'lines-1', traceparent };
    await product.call('GET', '/api/v1/leads', { headers });
    await product.call('GET', '/api/v1/leads', {
      headers: { 'x-request-id': 'lines-2', traceparent: 'odd' },
    });
    const lines = linesOf('lines-1');
    expect(lines.map(({ msg }) => msg)).toEqual(['said within the operation', 'request']);
    expect(lines.map(({ trace_id }) => trace_id)).toEqual([TRACE, TRACE]);
    expect(linesOf('lines-2').map(({ trace_id }) => trace_id)).toEqual([undefined, undefined]);
  });

  it('finds the log lines of an internal error', async () => {
    const headers = { 'x-request-id': 'fault-1' };
    const { status, body } = await product.call('GET', '/api/v1/flags', { headers });
    expect([status, body.code, body.request_id]).toEqual([500, 'internal', 'fault-1']);
    expect(linesOf('fault-1').map(({ msg }) => msg)).toContain('internal error');
  });

  it('is the same over MCP', async () => {
    const key = await product.keyOf('AGT-901');
    const headers = {
      'x-request-id': 'mcp-1',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
    };
    const call = { name: 'list_flags', arguments: {} };
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: call };
    const { text } = await product.call('POST', '/mcp', { key, headers, body });
    expect(text).toContain('"request_id":"mcp-1"');
    const said = linesOf('mcp-1').map(({ msg }) => msg);
    expect(said).toEqual(expect.arrayContaining(['said within the operation', 'internal error', 'request']));
  });

  it('is recorded with each change, by hand or by a link', async () => {
    const lead_id = await product.world.addLead();
    const change = { headers: { 'x-request-id': 'change-1' }, body: { title: 'CEO' } };
    expect((await product.call('PATCH', `/api/v1/leads/${lead_id}`, change)).status).toBe(200);
    const [reader] = await approvedLeads(product.world, 1);
    const { org_id, context } = product.world;
    const token = unsubscribeToken(context.secret, { org_id, lead_id: reader!, queue_id: reader! });
    await product.call('POST', `/u/${token}`, { key: null, headers: { 'x-request-id': 'link-1' } });
    const { rows } = await db.query(
      `SELECT DISTINCT request_id, operation FROM audit_log WHERE request_id IN ('change-1', 'link-1') ORDER BY 1`,
    );
    expect(rows).toEqual([
      { request_id: 'change-1', operation: 'patch_lead' },
      { request_id: 'link-1', operation: 'unsubscribe' },
    ]);
  });
});

it.each([
  [`00-${TRACE}-b7ad6b7169203331-01`, true],
  [`cc-${TRACE}-b7ad6b7169203331-03-more`, true],
  [`00-${TRACE}-b7ad6b7169203331-00`, false],
  [`00-${TRACE}-b7ad6b7169203331-01-more`, null],
  [`ff-${TRACE}-b7ad6b7169203331-01`, null],
  [`00-${'0'.repeat(32)}-b7ad6b7169203331-01`, null],
  [`00-${TRACE}-${'0'.repeat(16)}-01`, null],
  [`00-${TRACE.toUpperCase()}-b7ad6b7169203331-01`, null],
  ['', null],
  [undefined, null],
])('traceparent %s', (header, is_sampled) => {
  const read = readTraceParent(header);
  expect(read).toEqual(
    is_sampled === null ? null : { trace_id: TRACE, span_id: 'b7ad6b7169203331', is_sampled },
  );
});
