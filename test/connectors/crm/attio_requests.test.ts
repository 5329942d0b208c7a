import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { attioCrm } from '../../../src/connectors/crm/attio.ts';
import type { Crm } from '../../../src/connectors/crm/port.ts';

/* Answers that the double never gives, and the settings of the connector. */

const API_KEY = 'key-of-this-test';
const PERSON = { email_addresses: ['pat@acme.example'] };
const ID = '33333333-3333-4333-8333-333333333333';
const IDS = { workspace_id: ID, object_id: ID, record_id: ID };

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A connector to a server that gives this answer to everything, and the requests that the server received. */
async function answering(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
  timeout_ms = 5_000,
): Promise<{ crm: Crm; received: IncomingMessage[]; base_url: string }> {
  const received: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    received.push(request);
    request.resume().on('end', () => answer(response, request));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const base_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const crm = attioCrm({ api_key: API_KEY, base_url, timeout_ms });
  closers.push(
    () => crm.close(),
    () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  );
  return { crm, received, base_url };
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body));

const refusal = (status_code: number, code: string, message: string, more = {}) =>
  json(status_code, { status_code, type: 'invalid_request_error', code, message, ...more });

test.each([
  'http://api.attio.com',
  'https://api.attio.com.evil.example',
  'https://api.attio.com:8443',
  'https://evil.example',
  'https://user:pass@api.attio.com',
  'https://api.attio.com/v2',
  'https://api.attio.com?x=1',
  'https://10.0.0.1',
  'ftp://127.0.0.1',
  'not a URL',
  '',
])('the base URL %j is refused with its path', (base_url) => {
  const made = () => attioCrm({ api_key: API_KEY, base_url });
  expect(made).toThrow(
    expect.objectContaining({
      code: 'crm_url_refused',
      errors: [expect.objectContaining({ path: 'base_url' })],
    }),
  );
});

test.each([
  'https://api.attio.com',
  'https://api.attio.com/',
  'http://127.0.0.1:8080',
  'http://[::1]:1',
  'http://localhost:1',
])('the base URL %j is accepted', async (base_url) => {
  await attioCrm({ api_key: API_KEY, base_url }).close();
});

test.each(['', 'two words', 'line\nbreak', 'é'])('the key %j is refused', (api_key) => {
  expect(() => attioCrm({ api_key })).toThrow(expect.objectContaining({ code: 'crm_key_invalid' }));
});

test.each([
  ['a date', { 'retry-after': 'Mon, 11 Jan 2027 09:00:05 GMT' }, '2027-01-11T09:00:05.000Z'],
  ['seconds', { 'retry-after': '7', date: 'Mon, 11 Jan 2027 09:00:00 GMT' }, '2027-01-11T09:00:07.000Z'],
  ['nothing readable', { 'retry-after': 'soon' }, null],
  ['nothing', {}, null],
])('a limit whose Retry-After is %s', async (_, headers, until) => {
  const { crm } = await answering(json(429, { message: 'Slow down.' }, headers as Record<string, string>));
  const limited = { kind: 'limited', until, per: 'burst' };
  expect(await crm.upsertPerson(PERSON)).toMatchObject(limited);
  expect(await crm.check()).toMatchObject(limited);
});

test('a refusal has its code, path, and one line of message', async () => {
  const validation_errors = [{ code: 'invalid', path: ['data', 'values', 0], message: 'Wrong.' }];
  const { crm } = await answering(refusal(400, 'validation_type', 'Invalid.', { validation_errors }));
  expect(await crm.upsertPerson(PERSON)).toEqual({
    kind: 'refused',
    status: 400,
    code: 'validation_type',
    path: 'data.values.0',
    message: 'HTTP 400: Wrong.',
  });
  const long = await answering(refusal(409, 'conflict', `First\r\nsecond ${'x'.repeat(5_000)}`));
  const refused = await long.crm.upsertPerson(PERSON);
  expect(refused).toMatchObject({ kind: 'refused', code: 'conflict', path: null });
  expect(refused.kind === 'refused' && refused.message).toMatch(/^HTTP 409: First second x{900,990}$/);
});

test.each([
  ['HTML', (response: ServerResponse) => void response.writeHead(200).end('<html>')],
  ['an empty body', (response: ServerResponse) => void response.writeHead(200).end()],
  ['another object', json(200, { data: { id: 'x' } })],
])('an answer with %s is lost for a write and refused for a read', async (_, answer) => {
  const { crm } = await answering(answer);
  expect(await crm.upsertPerson(PERSON)).toMatchObject({ kind: 'lost' });
  expect(await crm.readRecord('person', ID)).toMatchObject({ kind: 'refused', code: 'answer_invalid' });
});

test('an answer that breaks off is lost for a write', async () => {
  const broken = (response: ServerResponse) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"data":', () => response.destroy());
  };
  const { crm } = await answering(broken);
  expect(await crm.upsertPerson(PERSON)).toMatchObject({ kind: 'lost' });
  expect(await crm.check()).toMatchObject({ kind: 'unreachable' });
});

test('no answer in time is lost for a write and unreachable for a read', async () => {
  const { crm } = await answering(() => undefined, 100);
  expect(await crm.upsertPerson(PERSON)).toEqual({ kind: 'lost', response: 'timeout' });
  expect(await crm.check()).toEqual({ kind: 'unreachable', response: 'timeout' });
});

test('a redirect is refused and not followed', async () => {
  const other = await answering(json(200, {}));
  const { crm, received } = await answering(json(307, {}, { location: `${other.base_url}/v2/self` }));
  expect(await crm.check()).toMatchObject({ kind: 'refused', status: 307 });
  expect([received.length, other.received.length]).toEqual([1, 0]);
});

test('requests have the key in a header and JSON only with a body', async () => {
  const { crm, received } = await answering(refusal(400, 'x', 'x'));
  await crm.check();
  await crm.upsertPerson(PERSON);
  const [read, write] = received.map(({ headers }) => headers);
  expect(read).toMatchObject({ authorization: `Bearer ${API_KEY}`, connection: 'close' });
  expect(read!['content-type']).toBe(undefined);
  expect(write!['content-type']).toBe('application/json');
  expect(received.map(({ url }) => url).join()).not.toContain(API_KEY);
});

test('unknown keys and values of other types in an answer are passed over', async () => {
  const values = {
    email_addresses: [{ email_address: 'pat@acme.example', attribute_type: 'email-address', new_key: 1 }, 7],
    name: [{ value: 'not a name' }],
    job_title: 'not a list',
    other: [{ deep: [{}] }],
  };
  const { crm } = await answering(
    json(200, { data: { id: IDS, created_at: '2027-01-11T09:00:00Z', values, more: 1 } }),
  );
  expect(await crm.readRecord('person', ID)).toEqual({
    kind: 'ok',
    value: {
      object: 'person',
      record_id: ID,
      created_at: '2027-01-11T09:00:00Z',
      name: null,
      email_addresses: ['pat@acme.example'],
      phone_numbers: [],
      job_title: null,
      company_id: null,
      is_opted_out: false,
      fields: {},
    },
  });
});

test('a read that answers another record names the survivor of a merge', async () => {
  const { crm } = await answering(
    json(200, { data: { id: IDS, created_at: '2027-01-11T09:00:00Z', values: {} } }),
  );
  const asked = '44444444-4444-4444-8444-444444444444';
  expect(await crm.readRecord('person', asked)).toEqual({ kind: 'merged', merged_into: ID });
  expect(await crm.changeDeal(asked, { name: 'x' })).toMatchObject({ kind: 'missing' });
});

test('an inactive key is refused', async () => {
  const { crm } = await answering(json(200, { active: false }));
  expect(await crm.check()).toMatchObject({ kind: 'refused', code: 'key_inactive' });
});

test('a value of the wrong form is refused before any request, with its path', async () => {
  const { crm, received } = await answering(json(200, {}));
  const at = '2027-01-11T09:00:00.000Z';
  const note = { person_id: ID, title: 'x', text: 'x', at, now: at, reference: 'x' };
  expect(await crm.createActivity({ ...note, person_id: 'x' })).toMatchObject({
    kind: 'refused',
    status: null,
    code: 'request_invalid',
    path: 'body.data.parent_record_id',
  });
  expect(await crm.ensureSubscription('http://plain.example', null)).toMatchObject({ kind: 'refused' });
  expect(received.filter(({ method }) => method === 'POST')).toEqual([]);
});
