import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { type AttioDouble, startAttioDouble } from '../connectors/attio_double.ts';
import { productProcesses, URL_LINE, untilPrinted } from '../process/product_process.ts';

/* `touchline up` with a CRM: its server takes events, and its worker reads the records. */

const ADMIN_KEY = 'tl_crm_test_key_0123456789';
// On a machine with other work a start takes several times as long.
const LONG = { timeout: 240_000 };

const data_dir = await mkdtemp(join(tmpdir(), 'touchline-crm-'));
const { touchline, stopAll } = productProcesses(data_dir, {
  TOUCHLINE_ADMIN_KEY: ADMIN_KEY,
  TOUCHLINE_LOCAL_WEBHOOKS: '1',
  TOUCHLINE_PUBLIC_URL: 'https://touchline.example',
});
let double: AttioDouble;

afterAll(async () => {
  await stopAll();
  await double?.close();
  await rm(data_dir, { recursive: true, force: true });
}, 60_000);

it('syncs after connecting, takes signed events, and reads their records', LONG, async () => {
  double = await startAttioDouble({ seed: 1 });
  const create = (email_address: string) =>
    double.asMember('POST', '/v2/objects/people/records', {
      data: { values: { email_addresses: [email_address] } },
    });
  create('before@acme.example');
  const url = await untilPrinted(touchline(['up']), URL_LINE);
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const { api_key, members } = double.world;
  const connection = { crm: 'attio', api_key, base_url: double.url, deal_owner_id: members[0]!.id };
  expect((await ask('PUT', '/crm', connection)).status).toBe(200);
  const wait = { timeout: 60_000, interval: 200 };
  await vi.waitFor(async () => {
    expect((await ask('GET', '/leads/before@acme.example')).status).toBe(200);
    expect((await ask('GET', '/crm')).body).toMatchObject({ events: { is_subscribed: true } });
  }, wait);
  create('after@acme.example');
  for (const { target_url, headers, body } of double.takeDeliveries()) {
    const { pathname } = new URL(target_url);
    const forged = { ...headers, 'attio-signature': '0'.repeat(64) };
    expect((await fetch(url + pathname, { method: 'POST', headers: forged, body })).status).toBe(401);
    expect((await fetch(url + pathname, { method: 'POST', headers, body })).status).toBe(200);
  }
  await vi.waitFor(async () => {
    expect((await ask('GET', '/leads/after@acme.example')).status).toBe(200);
  }, wait);
});
