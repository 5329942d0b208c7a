import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { registry } from '../../src/operations/registry.ts';
import { PLAY_STATE_VALUES } from '../../src/schema.gen.ts';
import { type JsonSchema, writtenOut } from '../../src/surfaces/json_schema.ts';
import { openApiDocument } from '../../src/surfaces/openapi.ts';
import { testDatabase } from '../database.ts';
import { PLAY, playsOf } from '../plays/play_world.ts';
import { scale } from '../scale.ts';
import {
  type Described,
  describedOperations,
  type FuzzRequest,
  type KnownValues,
  requestTo,
} from './fuzz_requests.ts';
import { AGENT_OF_KIND, type ServedProduct, serveProduct } from './product.ts';
import { faultsAgainst } from './schema_check.ts';

/* Requests generated from the OpenAPI document, valid and invalid, several at once, against the real product: none may fail
   by a bug, and every response matches the document. */

const AT_ONCE = 4;

const with_refs = openApiDocument(registry);
/** With all references resolved, so that a request needs no lookup. */
const document = JSON.parse(JSON.stringify(writtenOut(with_refs, with_refs.components.schemas)));
/** All but the stream, whose response never ends. */
const operations = describedOperations(document).filter(({ name }) => name !== 'stream_changes');
/** Requests per operation: about 1,200 in all, and 10,000 in the long form. */
const ROUNDS = Math.ceil(scale(1_200, 10_000) / operations.length);
const REQUESTS = ROUNDS * operations.length;
const named: Record<string, JsonSchema> = document.components.schemas;

const { db } = await testDatabase();
let product: ServedProduct;
let keys: string[];
let known: KnownValues;

beforeAll(async () => {
  product = await serveProduct(db, { limits: { per_minute: 1e9, sign_in_per_minute: 1e9 } });
  keys = [product.key];
  for (const agent_id of Object.values(AGENT_OF_KIND)) keys.push(await product.keyOf(agent_id));
  known = await fillWorld();
});
afterAll(() => product.close());

test(`none of ${REQUESTS} requests fails because of a bug, and every response is as described`, async () => {
  const findings: string[] = [];
  const seen = new Map<string, Map<number, number>>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const together of groups(round)) {
      const requests = fc.tuple(...together.map((operation) => requestTo(operation, known, keys)));
      const [asked] = fc.sample(requests, { numRuns: 1, seed: inject('seed') + round });
      const faults = await Promise.all(asked!.map((one) => ask(one, seen)));
      asked!.forEach((one, at) => {
        if (faults[at]!.length > 0) findings.push(findingOf(one, faults[at]!));
      });
    }
  }
  expect(findings.slice(0, 10)).toEqual([]);
  const statuses = (operation: Described) => [...(seen.get(operation.name)?.keys() ?? [])];
  expect(operations.filter((operation) => statuses(operation).length === 0).map(({ name }) => name)).toEqual(
    [],
  );
  // Requests that only fail the first check would prove little.
  const answered = operations.filter((operation) => statuses(operation).some((status) => status < 300));
  expect(answered.length).toBeGreaterThan(operations.length * scale(0.4, 0.7));
});

test('a refused file of any operation leaves its connection to the next request', async () => {
  // One connection for all requests.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const statusOf = (method: string, path: string, body = '') =>
    new Promise<number>((resolve, reject) => {
      const headers = { authorization: `Bearer ${product.key}`, 'content-type': 'text/csv' };
      const asked = request(`${product.server.url}/api/v1${path}`, { method, headers, agent }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode!));
      });
      asked.on('error', reject).end(body);
    });
  // The first record is invalid; the rest fills the buffers between sender and reader.
  const file = `"${'\n,'.repeat(500_000)}`;
  const files = operations.filter(({ is_stream }) => is_stream);
  for (const { method, path } of files) {
    expect(await statusOf(method, path, file)).toBe(422);
    expect(await statusOf('GET', '/me')).toBe(200);
  }
  expect(files.length).toBeGreaterThan(1);
  agent.destroy();
});

/** All operations, in another order and grouping each round. */
function groups(round: number): Described[][] {
  const order = fc.shuffledSubarray(operations, { minLength: operations.length });
  const [all] = fc.sample(order, { numRuns: 1, seed: inject('seed') + round });
  return Array.from({ length: Math.ceil(all!.length / AT_ONCE) }, (_, at) =>
    all!.slice(at * AT_ONCE, (at + 1) * AT_ONCE),
  );
}

/** The printed seed of the run produces the same requests again. */
function findingOf(request: FuzzRequest, faults: readonly string[]): string {
  return `${faults.join('; ').slice(0, 1_500)} <- ${JSON.stringify(request).slice(0, 1_500)}`;
}

/** Sends the request and returns the faults of the response. */
async function ask(request: FuzzRequest, seen: Map<string, Map<number, number>>): Promise<string[]> {
  const logged_before = product.logged.length;
  const response = await fetch(`${product.server.url}/api/v1${request.path}`, {
    method: request.method,
    headers: request.headers,
    ...(request.body === null ? {} : { body: request.body }),
  });
  const text = await response.text();
  const { status } = response;
  const counts = seen.get(request.operation) ?? new Map<number, number>();
  seen.set(request.operation, counts.set(status, (counts.get(status) ?? 0) + 1));
  if (status >= 500)
    return [
      `${status} ${text}`,
      ...product.logged.slice(logged_before).filter((line) => /"level":50/.test(line)),
    ];
  const type = response.headers.get('content-type') ?? '';
  const operation = operations.find(({ name }) => name === request.operation)!;
  if (status >= 400) {
    if (!type.startsWith('application/problem+json')) return [`${status} is ${type}`];
    const problem = JSON.parse(text);
    const faults = faultsAgainst(named.Problem!, problem);
    return problem.status === status ? faults : [...faults, `says ${problem.status}`];
  }
  const schema = operation.answers[String(status)];
  if (schema === undefined) return [`${status} is not described`];
  if (schema === null) return text === '' ? [] : ['a body where none is described'];
  if (!type.startsWith('application/json')) return [`${status} is ${type}`];
  return faultsAgainst(schema, JSON.parse(text), named);
}

/** Rows in every table of the operations, and their ids. */
async function fillWorld(): Promise<KnownValues> {
  const { world } = product;
  const lead_ids: string[] = [];
  for (let at = 0; at < 12; at += 1) {
    const lead_id = await world.addLead(
      at === 0 ? { unsubscribe_flag: true, unsubscribed_at: new Date(0) } : {},
    );
    lead_ids.push(lead_id);
    if (at < 9) await world.request(lead_id, at % 2 === 0 ? 'b2bea_membership_close' : 'b2bea_membership');
  }
  await world.work();
  const [waiting] = await world.rows<{ lead_id: string }>('sales_send_queue', `status = 'drafted'`);
  await world.approve(waiting!.lead_id);
  const { org_id } = world;
  const plays = await playsOf(db, world);
  for (const state of PLAY_STATE_VALUES) {
    // Enough plays for operations that change their state.
    for (let at = 0; at < 4; at += 1) await plays.playIn(state);
  }
  await db.query(
    `INSERT INTO flags (org_id, id, kind, subject, raised_at) VALUES ($1, gen_random_uuid(), 'backlog', 'x', now())`,
    [org_id],
  );
  await db.query(
    `INSERT INTO notifications (org_id, id, to_user_id, kind, created_at) SELECT $1, gen_random_uuid(), id, 'note', now()
     FROM users WHERE org_id = $1`,
    [org_id],
  );
  const ids = async (table: string, column = 'id') =>
    (
      await db.query<{ value: unknown }>(
        `SELECT DISTINCT ${column} AS value FROM ${table} WHERE org_id = $1`,
        [org_id],
      )
    ).rows.map(({ value }) => value);
  const cursor = async (path: string) =>
    (await product.call('GET', `/api/v1${path}?limit=1`)).body.next_cursor;
  const slugs = await ids('campaigns', 'slug');
  return {
    leads: lead_ids,
    lead_id: lead_ids,
    accounts: await ids('accounts'),
    account_id: await ids('accounts'),
    drafts: await ids('staged_drafts'),
    enrollments: await ids('campaign_contacts'),
    send_queue: await ids('sales_send_queue'),
    flags: await ids('flags'),
    notifications: await ids('notifications'),
    mailboxes: await ids('mailboxes'),
    plays: await ids('sales_play_library', 'play_id'),
    segment: await ids('territory_definitions', 'segment'),
    originating_proposal_id: await ids('brain_analysis_log', 'proposal_id'),
    client_id: await ids('clients', 'client_id'),
    target_definition: [{}, PLAY.target_definition],
    suggested_cadence: [PLAY.suggested_cadence],
    success_criteria: [PLAY.success_criteria],
    owner_user_id: await ids('users'),
    sessions: ['current'],
    slug: slugs,
    campaign: slugs,
    content_hash: await ids('staged_drafts', 'content_hash'),
    template_hash: await ids('campaign_sequences', 'template_hash'),
    step_number: [1, 2],
    expected_version: [1, 2, 3],
    requested_by: await ids('agents'),
    owner_role: await ids('agents'),
    client: await ids('clients', 'client_id'),
    cursor: [await cursor('/leads'), await cursor('/events'), await cursor('/campaigns')],
    time_zone: ['Europe/Berlin', 'UTC', null],
    yaml: ['slug: a\nname: b', 'a: [', '&a [*a]'],
  };
}
