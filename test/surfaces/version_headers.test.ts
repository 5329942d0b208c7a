import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase } from '../database.ts';
import { type ServedProduct, serveProduct } from './product.ts';

/* ETag, If-None-Match and If-Match (RFC 9110) where two people may change the same thing. */

const { db } = await testDatabase();
let product: ServedProduct;
let paths: Record<Noun, string>;

type Noun = 'lead' | 'account' | 'campaign' | 'mailbox' | 'policy' | 'draft';

/** The n-th change of each thing, different from the others; null where the body carries the version. */
const CHANGES: Record<Noun, ((n: number) => { method: string; path?: string; body: unknown }) | null> = {
  lead: (n) => ({ method: 'PATCH', body: { title: `Title ${n}` } }),
  account: (n) => ({ method: 'PATCH', body: { segment: `segment ${n}`, abm_active: false } }),
  campaign: (n) => ({ method: 'PUT', path: '/steps', body: { steps: [stepOf(n)] } }),
  mailbox: (n) => ({ method: 'PATCH', body: { display_name: `Name ${n}` } }),
  policy: (n) => ({
    method: 'PUT',
    body: { document: { backlog_paused_leads: n + 1 }, expected_version: 0 },
  }),
  draft: null,
};

function stepOf(n: number) {
  return {
    step_number: 1,
    delay_days: n,
    channel: 'email',
    content_type: 'follow_up',
    template_instructions: 'Say hello.',
  };
}

beforeAll(async () => {
  product = await serveProduct(db);
  const { world } = product;
  const lead_id = await world.addLead();
  await world.request(lead_id, 'b2bea_membership_close');
  await world.work();
  const { draft } = await world.draftOf(lead_id);
  const [mailbox] = await world.rows<{ id: string }>('mailboxes');
  const [account] = await world.rows<{ id: string }>('accounts');
  paths = {
    lead: `/api/v1/leads/${lead_id}`,
    account: `/api/v1/accounts/${account!.id}`,
    campaign: '/api/v1/campaigns/b2bea_membership',
    mailbox: `/api/v1/mailboxes/${mailbox!.id}`,
    policy: '/api/v1/policy',
    draft: `/api/v1/drafts/${draft.id}`,
  };
});
afterAll(() => product.close());

const nouns = Object.keys(CHANGES) as Noun[];
const changed = nouns.filter((noun) => CHANGES[noun] !== null);

async function change(noun: Noun, n: number, headers: Record<string, string>) {
  const { method, path = '', body } = CHANGES[noun]!(n);
  const given = body as { expected_version?: number };
  if (given.expected_version !== undefined) {
    given.expected_version = Number((await product.call('GET', paths[noun])).body.version);
  }
  return product.call(method, paths[noun] + path, { headers, body: given });
}

const etagOf = async (noun: Noun) => (await product.call('GET', paths[noun])).headers.get('etag')!;

describe.each(nouns)('a %s', (noun) => {
  test('has a strong version, which is stable while nothing changes', async () => {
    const first = await product.call('GET', paths[noun]);
    expect(first.headers.get('etag')).toMatch(/^"[A-Za-z0-9_-]{22}"$/);
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    expect(await etagOf(noun)).toBe(first.headers.get('etag'));
  });

  test('is not resent to a client that has it', async () => {
    const etag = await etagOf(noun);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await product.call('GET', paths[noun], { headers: { 'if-none-match': known } });
      expect([answer.status, answer.text, answer.headers.get('etag')]).toEqual([304, '', etag]);
    }
    const other = await product.call('GET', paths[noun], { headers: { 'if-none-match': '"other"' } });
    expect(other.status).toBe(200);
  });
});

describe.each(changed)('a change to a %s', (noun) => {
  test('with its version creates the next one', async () => {
    const before = await etagOf(noun);
    const answer = await change(noun, 101, { 'if-match': `"other", ${before}` });
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, await etagOf(noun)]);
    expect(answer.headers.get('etag')).not.toBe(before);
    expect((await change(noun, 102, { 'if-match': '*' })).status).toBe(200);
    expect((await change(noun, 103, {})).status).toBe(200);
  });

  test('with another version, or a weak one, is refused', async () => {
    const stale = await etagOf(noun);
    await change(noun, 201, { 'if-match': stale });
    const current = await product.call('GET', paths[noun]);
    for (const tag of [stale, `W/${current.headers.get('etag')}`, 'nothing', '""']) {
      const answer = await change(noun, 202, { 'if-match': tag });
      expect([answer.status, answer.body.code], tag).toEqual([412, 'version_changed']);
    }
    expect((await product.call('GET', paths[noun])).text).toBe(current.text);
  });

  test('by many clients with the same version succeeds for one of them', async () => {
    const etag = await etagOf(noun);
    const asked = Array.from({ length: 12 }, (_, n) => change(noun, 300 + n, { 'if-match': etag }));
    const statuses = (await Promise.all(asked)).map(({ status }) => status).sort();
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412 || status === 409)).toHaveLength(11);
  });
});

test('a draft gets another version with its next text', async () => {
  const before = await product.call('GET', paths.draft);
  await product.call('POST', `${paths.draft}/versions`, {
    body: { content_hash: before.body.content_hash, body: 'Another text.' },
  });
  expect(await etagOf('draft')).not.toBe(before.headers.get('etag'));
});

test('If-Match is refused where it would not be heeded', async () => {
  const answer = await product.call('POST', `${paths.draft}/approve`, {
    headers: { 'if-match': '*' },
    body: { content_hash: 'x' },
  });
  expect([answer.status, answer.body.code]).toEqual([400, 'precondition_unsupported']);
});

test('a response without a version may not be cached', async () => {
  const { headers } = await product.call('GET', '/api/v1/leads');
  expect([headers.get('etag'), headers.get('cache-control')]).toEqual([null, 'no-store']);
});

describe('a change', () => {
  test.each([
    ['PATCH', (): string => paths.lead],
    ['PATCH', (): string => paths.mailbox],
    ['PUT', (): string => '/api/v1/plays/config'],
  ] as const)('by %s with a null body is refused', async (method, path) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await product.call(method, path(), { headers, body: 'null' });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({
      code: 'input_invalid',
      errors: [{ path: '', message: 'expected an object' }],
    });
  });

  test.each([
    ['max_active_plays', '4'],
    ['max_active_plays', [4]],
    ['max_active_plays', true],
    ['auto_sunset', 'yes'],
    ['auto_sunset', 1],
  ])('accepts no %s of another type, for example %j', async (path, value) => {
    for (const where of ['/api/v1/plays/config', '/api/v1/plays/config/mid_market']) {
      const answer = await product.call('PUT', where, { body: { [path]: value } });
      expect(answer.status).toBe(422);
      expect(answer.body).toMatchObject({ code: 'input_invalid', errors: [{ path }] });
    }
  });

  test.each(['1969-12-31T23:59:59Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59-14:00'])(
    'accepts no time outside the stored range, for example %s',
    async (time) => {
      const body = { side: 'sales', occurred_at: time };
      const lead = await product.call('POST', `${paths.lead}/signals`, { body });
      expect(lead).toMatchObject({ status: 422, body: { errors: [{ path: 'occurred_at' }] } });
      const key = await product.call('POST', '/api/v1/api_keys', { body: { name: 'x', expires_at: time } });
      expect(key.status).toBeGreaterThanOrEqual(400);
      expect(key.status).toBeLessThan(500);
    },
  );

  test('without a body changes nothing', async () => {
    const answer = await product.call('PUT', '/api/v1/plays/config');
    expect(answer).toMatchObject({ status: 200, body: { max_active_plays: 5, auto_sunset: false } });
  });
});
