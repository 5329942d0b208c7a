import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { attioCrm } from '../../../src/connectors/crm/attio.ts';
import { startAttioDouble } from '../attio_double.ts';
import { receiveOverTls, runProcess } from './double_process.ts';

/* The double as a process of its own: its arguments, journal, and webhooks over TLS. */

const DOUBLE = fileURLToPath(new URL('../attio_double.ts', import.meta.url));

test('the double runs on its own, journals writes, and sends signed webhooks', async () => {
  const receiver = await receiveOverTls();
  const { target_url, received } = receiver;
  const { next, stop } = runProcess(DOUBLE, ['--port', '0', '--seed', '1', '--webhooks', 'double=100']);
  try {
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
    await stop();
    await receiver.close();
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
