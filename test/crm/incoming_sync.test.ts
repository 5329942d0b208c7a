import { afterEach, beforeEach, expect, it } from 'vitest';
import { randomFrom } from '../connectors/crm/double_world.ts';
import { attackersOf } from '../database/attackers.ts';
import { testDatabase } from '../database.ts';
import { DAY_MS, HOUR_MS } from '../world.ts';
import { differencesOf } from './differences.ts';
import { type IncomingWorld, incomingWorld } from './incoming_world.ts';

const { db } = await testDatabase();
let world: IncomingWorld;

beforeEach(async () => {
  world = await incomingWorld(db);
  await world.read();
});
afterEach(() => world.stop());

const owner = () => ({ workspace_member_email_address: world.double.world.members[0]!.email_address });
const link = (object: 'people' | 'companies', id: string) => [
  { target_object: object, target_record_id: id },
];

/** Random changes of a busy CRM; returns its people. */
function busy(random: () => number, count: number): string[] {
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
  const companies = Array.from({ length: 10 }, (_, n) =>
    world.create('company', { name: `Company ${n}`, domains: [`company${n}.example`] }),
  );
  const people = Array.from({ length: count }, (_, n) =>
    world.create('person', {
      email_addresses: [`person${n}@company${n % 10}.example`],
      name: [{ first_name: `First${n}`, last_name: `Last${n}`, full_name: `First${n} Last${n}` }],
      company: link('companies', pick(companies)),
    }),
  );
  const deals = Array.from({ length: count / 4 }, (_, n) =>
    world.create('deal', {
      name: `Deal ${n}`,
      stage: 'Lead',
      owner: owner(),
      value: n * 10.5,
      associated_people: link('people', pick(people)),
    }),
  );
  for (let step = 0; step < count; step += 1) {
    const id = pick(people);
    const chance = random();
    if (chance < 0.4) world.change('person', id, { job_title: `Title ${step}` });
    else if (chance < 0.6) world.change('person', id, { email_addresses: [`more${step}@company1.example`] });
    else if (chance < 0.7) world.change('person', id, { touchline_opt_out: true });
    else if (chance < 0.8) world.change('company', pick(companies), { name: `Renamed ${step}` });
    else world.change('deal', pick(deals), { stage: pick(['In Progress', 'Won 🎉', 'Lost', 'Lead']) });
  }
  return people;
}

it('events that are doubled, shuffled, and lost, and then a sync, leave no difference', async () => {
  const people = busy(randomFrom(7), 60);
  world.clock.advance(HOUR_MS);
  const statuses = await world.deliver({ double: 30, shuffle: 50, lose: 10 });
  expect(new Set(statuses)).toEqual(new Set([200]));
  await world.read();
  // Deletions and merges, all of whose events are lost.
  world.remove('person', people[0]!);
  world.merge('person', people[1]!, people[2]!);
  world.double.takeDeliveries({ lose: 100 });
  world.clock.advance(DAY_MS);
  await world.read();
  await world.work();
  world.clock.advance(HOUR_MS);
  await world.read();
  expect(await differencesOf(world)).toEqual([]);
  expect(await world.flags('crm_record_deleted')).toHaveLength(1);
  const merged = await world.rows('leads', 'merged_into_id IS NOT NULL');
  expect(merged).toHaveLength(1);
}, 120_000);

it('after 100 opt-outs in the CRM, none of those leads is touched', async () => {
  const ids = Array.from({ length: 100 }, (_, n) =>
    world.create('person', { email_addresses: [`p${n}@acme.example`] }),
  );
  await world.sync();
  for (const id of ids) {
    const lead = await world.leadOf(id);
    await world.request(lead!.id as string, 'b2bea_membership_close');
  }
  for (const id of ids) world.change('person', id, { touchline_opt_out: true });
  // Half of the events are lost; the sync finds the rest.
  await world.deliver({ lose: 50 });
  await world.sync();
  for (let days = 0; days < 10; days += 1) {
    world.clock.advance(DAY_MS);
    await world.work();
  }
  expect(await world.rows('leads', 'opt_out_flag')).toHaveLength(100);
  expect(await world.rows('touches')).toEqual([]);
  expect(
    await world.rows('sales_send_queue', `status IN ('pending', 'drafted', 'approved', 'held')`),
  ).toEqual([]);
  expect(await world.rows('cadence_event_log', `event_type = 'opted_out'`)).toHaveLength(100);
}, 120_000);

it('a sync whose process dies continues from its place in another one', async () => {
  for (let n = 0; n < 250; n += 1) world.create('person', { email_addresses: [`q${n}@acme.example`] });
  world.double.takeDeliveries({ lose: 100 });
  world.clock.advance(HOUR_MS);
  await world.call('sync_crm', world.person, {});
  expect(await world.call('sync_crm', world.person, {})).toMatchObject({ is_new: false });
  const place = async () => (await world.rows<Record<string, unknown>>('crm_syncs'))[0]!;
  const first = world.reader();
  while ((await place()).step !== 'person' || (await place()).cursor === null) {
    await first.begin(world.org_id);
    await first.settled();
  }
  const { run_id, record_count } = await place();
  expect(record_count).toBe(100);
  // The process dies with the next page under way: its claim stays for the length of the lease.
  await world.asWorker('UPDATE crm_syncs SET claim_id = gen_random_uuid(), next_at = $2 WHERE org_id = $1', [
    world.org_id,
    new Date(world.clock.now_ms() + 300_000),
  ]);
  const early = world.reader();
  await early.begin(world.org_id);
  await early.settled();
  expect((await place()).record_count).toBe(100);
  world.clock.advance(HOUR_MS);
  const before = world.double.journal.length;
  const second = world.reader();
  for (let begun = 1; begun > 0; ) {
    begun = await second.begin(world.org_id);
    await second.settled();
  }
  expect(await place()).toMatchObject({ run_id, step: 'done', record_count: 250, gone_count: 0 });
  expect(world.double.journal.length).toBe(before);
  expect(await world.rows('leads')).toHaveLength(250);
  expect(await differencesOf(world)).toEqual([]);
}, 120_000);

it('many deletions at once stop the run until a person allows them', async () => {
  const ids = Array.from({ length: 60 }, (_, n) =>
    world.create('person', { email_addresses: [`r${n}@acme.example`] }),
  );
  await world.sync();
  for (const id of ids.slice(0, 30)) world.remove('person', id);
  world.double.takeDeliveries({ lose: 100 });
  await world.sync();
  expect(await world.call('get_crm', world.person, {})).toMatchObject({
    sync: { step: 'done', last_code: 'too_many_deletions', gone_count: 0 },
  });
  expect(await world.flags('crm_sync_stopped')).toMatchObject([
    { detail: { object: 'person', count: 30, known: 60 } },
  ]);
  expect(await world.rows('leads', 'cadence_paused_at IS NOT NULL')).toEqual([]);
  await world.sync({ allows_deletions: true });
  expect(await world.rows('leads', `cadence_pause_reason = 'crm_record_deleted'`)).toHaveLength(30);
  expect(await world.flags('crm_sync_stopped')).toEqual([]);
}, 60_000);

it('disconnecting forgets the subscription, the records, and the place', async () => {
  world.create('person', { email_addresses: ['s@acme.example'] });
  await world.hear();
  await world.call('disconnect_crm', world.person, {});
  for (const table of ['crm_subscriptions', 'crm_events', 'crm_records', 'crm_syncs'])
    expect(await world.rows(table)).toEqual([]);
  expect(await world.rows('leads')).toHaveLength(1);
});

// crm_events_by_coordinator, crm_records_by_coordinator, crm_syncs_by_coordinator, crm_subscriptions_by_coordinator, crm_events_kept
it('only the coordinator writes records and syncs, and an event stays as reported', async () => {
  world.create('person', { email_addresses: ['t@acme.example'] });
  await world.hear();
  const { tried } = await attackersOf(db, world);
  const attacks = [
    `UPDATE crm_records SET gone_at = now()`,
    `DELETE FROM crm_records`,
    `UPDATE crm_syncs SET allows_deletions = true`,
    `UPDATE crm_subscriptions SET token = repeat('x', 43)`,
    `DELETE FROM crm_events`,
    `SELECT repeat_opt_out_for_crm(gen_random_uuid(), now())`,
    `SELECT extend_erasure('\\x00', '\\x00')`,
  ];
  for (const attack of attacks)
    expect(await tried([attack], ['admin', 'rep'])).toEqual({ admin: 'TL004', rep: 'TL004' });
  expect(await tried([`UPDATE crm_events SET settled_at = NULL`], ['coordinator'])).toEqual({
    coordinator: 'TL001',
  });
  const rename = `INSERT INTO crm_events (org_id, event_id, object, record_id, action, received_at, next_at)
    VALUES ('${world.org_id}', 'e', 'person', 'r', 'updated', now(), now());
    UPDATE crm_events SET record_id = 'other' WHERE event_id = 'e'`;
  expect(await tried([rename], ['coordinator'])).toEqual({ coordinator: 'TL012' });
});
