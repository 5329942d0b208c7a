import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { hubspotCrm } from '../../../src/connectors/crm/hubspot.ts';
import type { Crm, CrmOutcome } from '../../../src/connectors/crm/port.ts';
import { startHubspotDouble } from '../hubspot_double.ts';
import { receiveOverTls, runProcess } from './double_process.ts';

const DOUBLE = fileURLToPath(new URL('../hubspot_double.ts', import.meta.url));

async function granted<T>(outcome: Promise<CrmOutcome<T>>): Promise<T> {
  const got = await outcome;
  if (got.kind !== 'ok') throw new Error(JSON.stringify(got));
  return got.value;
}

async function prepare(crm: Crm) {
  for (const planned of await granted(crm.planAttributes())) await granted(crm.createAttribute(planned));
}

test('the double runs on its own, journals writes, and sends signed webhooks', async () => {
  const receiver = await receiveOverTls();
  const args = ['--port', '0', '--seed', '1', '--webhooks', 'double=100', '--burst', '1000'];
  const { next, stop } = runProcess(DOUBLE, args);
  try {
    const { url, ...app } = await next();
    const crm = hubspotCrm({ ...app, base_url: url });
    await prepare(crm);
    const subscription = await granted(crm.ensureSubscription(receiver.target_url, null));
    expect(await next()).toMatchObject({ index: 0, method: 'POST', actor: 'app' });
    const { record_id } = await granted(crm.upsertPerson({ email_addresses: ['pat@acme.example'] }));
    await expect.poll(() => receiver.received.length).toBe(2);
    for (const delivery of receiver.received) {
      expect(crm.isAuthentic(delivery, subscription, new Date().toISOString())).toBe(true);
      const events = crm.readEvents(delivery, subscription, [app.app_id]) ?? [];
      const [created, changed] = events;
      expect(created).toMatchObject({ object: 'person', record_id, action: 'created', is_ours: true });
      expect(changed).toMatchObject({ object: 'person', record_id, action: 'updated', is_ours: true });
    }
    await crm.close();
  } finally {
    await stop();
    await receiver.close();
  }
});

test('the controls merge, delete, and set faults', async () => {
  const double = await startHubspotDouble({ seed: 1 });
  const { api_key, client_secret, app_id } = double.world;
  const crm = hubspotCrm({ api_key, client_secret, app_id: String(app_id), base_url: double.url });
  const control = async (name: string, body: unknown) => {
    const response = await fetch(`${double.url}/_double/${name}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    return { status: response.status, body: JSON.parse((await response.text()) || '{}') };
  };
  const create = async (email: string) => {
    const body = { properties: { email }, associations: [] };
    const made = await control('member', { method: 'POST', path: '/crm/objects/2026-03/contacts', body });
    return made.body.id as string;
  };
  const [primary, secondary] = [await create('one@acme.example'), await create('two@acme.example')];
  await control('merge', { object: 'contacts', primary, secondary });
  expect(await crm.readRecord('person', secondary)).toEqual({ kind: 'merged', merged_into: primary });
  await control('member', { method: 'DELETE', path: `/crm/objects/2026-03/contacts/${primary}` });
  expect(await crm.readRecord('person', primary)).toMatchObject({ kind: 'missing' });
  await control('faults', { '429': 100 });
  expect(await crm.check()).toMatchObject({ kind: 'limited', per: 'burst' });
  expect(await control('nothing', {})).toMatchObject({ status: 404, body: { category: 'not_found' } });
  await crm.close();
  await double.close();
});
