import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { attioCrm } from '../../../src/connectors/crm/attio.ts';
import type { CrmDelivery } from '../../../src/connectors/crm/port.ts';
import { startAttioDouble } from '../attio_double.ts';
import { selfSigned } from '../self_signed.ts';

/* The double as a process of its own: its arguments, journal, and webhooks over TLS. */

const DOUBLE = fileURLToPath(new URL('../attio_double.ts', import.meta.url));

test('the double runs on its own, journals writes, and sends signed webhooks', async () => {
  const received: CrmDelivery[] = [];
  const receiver = createServer(selfSigned(), async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = request.headers as CrmDelivery['headers'];
    received.push({ method: 'POST', url: request.url!, headers, raw_body: Buffer.concat(chunks) });
    response.end();
  });
  await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready));
  const target_url = `https://127.0.0.1:${(receiver.address() as AddressInfo).port}/events`;
  const double = spawn(process.execPath, [DOUBLE, '--port', '0', '--seed', '1', '--webhooks', 'double=100'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface({ input: double.stdout })[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await lines.next()).value as string);
    const { url, api_key } = await next();
    const crm = attioCrm({ api_key, base_url: url });
    const subscribed = await crm.ensureSubscription(target_url, null);
    if (subscribed.kind !== 'ok') throw new Error(JSON.stringify(subscribed));
    expect(await next()).toMatchObject({
      index: 0,
      method: 'POST',
      path: '/v2/webhooks',
      actor: 'api-token',
    });
    const written = await crm.upsertPerson({ email_addresses: ['pat@acme.example'] });
    if (written.kind !== 'ok') throw new Error(JSON.stringify(written));
    expect(await next()).toMatchObject({ index: 1, method: 'PUT', answer_id: written.value.record_id });
    await expect.poll(() => received.length).toBe(2);
    for (const delivery of received) {
      expect(crm.isAuthentic(delivery, subscribed.value, '2027-01-11T09:00:00Z')).toBe(true);
      const [event] = crm.readEvents(delivery, subscribed.value, []) ?? [];
      expect(event).toMatchObject({
        object: 'person',
        record_id: written.value.record_id,
        action: 'created',
      });
    }
    await crm.close();
  } finally {
    double.kill();
    await once(double, 'exit');
    receiver.closeAllConnections();
    await new Promise((closed) => receiver.close(closed));
  }
});

test('an unknown fault ends the process with its reason', async () => {
  const double = spawn(process.execPath, [DOUBLE, '--faults', '418=5'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  double.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const [code] = await once(double, 'exit');
  expect(code).not.toBe(0);
  expect(errors).toContain('418=5: expected NAME=PERCENT');
});

test('the controls merge, set faults, and act as a member', async () => {
  const double = await startAttioDouble({ seed: 1 });
  const control = async (name: string, body?: unknown) => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${double.url}/_double/${name}`, init);
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const create = async (address: string) => {
    const body = { data: { values: { email_addresses: [address] } } };
    const made = await control('member', { method: 'POST', path: '/v2/objects/people/records', body });
    return made.body.data.id.record_id as string;
  };
  const [primary, secondary] = [await create('one@acme.example'), await create('two@acme.example')];
  expect(await control('merge', { object: 'people', primary, secondary, keeps_primary: true })).toMatchObject(
    {
      status: 200,
    },
  );
  const crm = attioCrm({ api_key: double.world.api_key, base_url: double.url });
  expect(await crm.readRecord('person', secondary)).toMatchObject({ kind: 'missing' });
  expect(await crm.readRecord('person', primary)).toMatchObject({
    value: { email_addresses: ['one@acme.example', 'two@acme.example'] },
  });
  await control('faults', { '503': 100 });
  expect(await crm.check()).toMatchObject({ kind: 'unreachable' });
  await control('faults', {});
  expect(await crm.check()).toMatchObject({ kind: 'ok' });
  const { body } = await control('journal');
  expect(body).toMatchObject([{ actor: 'workspace-member' }, { actor: 'workspace-member' }]);
  expect(await control('deliver', {})).toMatchObject({ status: 200 });
  expect(await control('nothing', {})).toMatchObject({ status: 404, body: { code: 'not_found' } });
  await crm.close();
  await double.close();
});
