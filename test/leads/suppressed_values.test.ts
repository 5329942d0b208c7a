import { describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { readSuppressedValue } from '../../src/operations/leads/suppressed_values.ts';
import type {
  CadenceEventLogRow,
  CampaignContactsRow,
  SuppressionsRow,
  TouchesRow,
} from '../../src/schema.gen.ts';
import { attackersOf } from '../database/attackers.ts';
import { testDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';

/* Phone numbers on the suppression list: never called or texted, whichever lead has them. */

const { db } = await testDatabase();
const PHONE = '+12025550123';
const CONNECTIONS = 64;
const CALLS = `slug: phoned\nname: Phoned\nclient: b2bea\ntype: event\nowner_role: roles.bdr\nsteps:
  - { step_number: 1, delay_days: 0, channel: call, content_type: follow_up, when_unreachable: ask,
      template_instructions: Say hello., template: { body: Hello } }`;

/** One lead with a number, requested for a campaign of one call; the number is suppressed before or after the draft. */
async function called(suppressed: 'before' | 'after') {
  const world = await taskWorld(db);
  await world.call('import_campaign', world.person, { yaml: CALLS });
  const lead_id = await world.addLead({ phone: PHONE });
  const suppress = () =>
    world.call('add_suppressions', world.person, { values: ['+1 (202) 555-0123'], reason: 'asked by text' });
  if (suppressed === 'before') await suppress();
  await world.request(lead_id, 'phoned');
  await world.work();
  const mark = async (already_sent: boolean) => {
    const { draft } = await world.draftOf(lead_id);
    return { id: draft.id, content_hash: draft.content_hash, result: 'reached', already_sent };
  };
  return { world, lead_id, suppress, mark };
}

const enrollment = async (world: TaskWorld) =>
  (await world.rows<CampaignContactsRow>('campaign_contacts'))[0]!;
const inForce = async (world: TaskWorld) =>
  (await world.rows<SuppressionsRow>('suppressions', 'lifted_at IS NULL ORDER BY value, source')).map(
    ({ kind, value, source }) => `${kind} ${value} ${source}`,
  );
const TOUCH = `INSERT INTO touches (org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type, touched_at,
    outcome, settled_at, result)
  SELECT q.org_id, gen_random_uuid(), q.lead_id, q.enrollment_id, q.id, q.campaign_id, q.channel, c.sequence_type, now(),
         'marked_sent', now(), 'reached'
  FROM sales_send_queue q JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id WHERE q.org_id = $1`;

it.each([
  ['+1 (202) 555-0123', { kind: 'phone', value: PHONE }],
  ['0012025550123', { kind: 'phone', value: PHONE }],
  ['+sum@acme.example', { kind: 'address', value: '+sum@acme.example' }],
  ['123.example', { kind: 'domain', value: '123.example' }],
  ['202 555 0123', { error: expect.stringContaining('country code') }],
  ['+1 20', { error: expect.stringContaining('country code') }],
])('%s is read as %j', (text, value) => {
  expect(readSuppressedValue(text)).toEqual(value);
});

describe('a call to a suppressed number', () => {
  it('waits, and continues once the number is lifted', async () => {
    const { world, lead_id, suppress } = await called('before');
    expect(await enrollment(world)).toMatchObject({ status: 'paused', wake: 'address_known' });
    const { items } = await world.call('list_lead_suppressions', world.person, { id: lead_id });
    expect(items).toMatchObject([
      {
        kind: 'phone',
        text: `${PHONE} may not be called or texted (asked by text). Other channels may be used.`,
      },
    ]);
    expect(await suppress()).toMatchObject({ added_count: 0, already_count: 1, lead_count: 1 });
    const [{ id }] = (await world.call('list_suppressions', world.person, { kind: 'phone', q: '+1202' }))
      .items;
    await world.call('lift_suppression', world.person, { id, reason: 'agreed again' });
    await world.work();
    expect(await enrollment(world)).toMatchObject({ status: 'active' });
    expect((await world.draftOf(lead_id)).draft.to_id).toBe(PHONE);
  });

  it('goes to another number that becomes the primary one', async () => {
    const { world, lead_id } = await called('before');
    await world.call('patch_lead', world.person, { id: lead_id, phone: '+12025550199' });
    await world.work();
    expect((await world.draftOf(lead_id)).draft.to_id).toBe('+12025550199');
  });

  it('is recorded only as outside the gate', async () => {
    const { world, lead_id, suppress, mark } = await called('after');
    await suppress();
    await world.work();
    expect(await enrollment(world)).toMatchObject({ status: 'active' });
    const [send] = (await world.call('list_personal_sends', world.person, {})).items;
    expect(send).toMatchObject({ lead_id, open_url: null });
    const refusal = await world.refused('mark_sent', world.person, await mark(false));
    expect(refusal).toMatchObject({ code: 'gate_refused', extra: { reason: 'unreachable' } });
    await world.call('mark_sent', world.person, await mark(true));
    expect(await world.rows<TouchesRow>('touches')).toMatchObject([{ outcome: 'marked_sent' }]);
    const events = await world.rows<CadenceEventLogRow>('cadence_event_log', `event_type = 'marked_sent'`);
    expect(events).toMatchObject([{ resolution: 'outside_gate' }]);
  });

  it(`is refused for direct SQL, while the number is being suppressed too: ${CONNECTIONS} connections`, async () => {
    const { world } = await called('after');
    const { as } = await attackersOf(db, world);
    let tries: Promise<PromiseSettledResult<unknown>[]> | undefined;
    await as('admin', async (tx) => {
      await tx.query(
        `INSERT INTO suppressions (org_id, id, kind, value, reason, source, added_by_user_id, created_at)
         SELECT $1, gen_random_uuid(), 'phone', $2, 'x', 'person', acting_user(), now()`,
        [world.org_id, PHONE],
      );
      tries = Promise.allSettled(
        Array.from({ length: CONNECTIONS }, () =>
          as('coordinator', (own) => own.query(TOUCH, [world.org_id])),
        ),
      );
      // The first of them waits for this transaction by now.
      await tx.query('SELECT pg_sleep(0.2)');
    });
    const codes = (await tries!).map((one) => (one.status === 'rejected' ? sqlState(one.reason) : 'none'));
    expect([...new Set(codes)]).toEqual(['TL016']);
  });
});

it('an opt-out suppresses every number of the person, and lifting it lifts these alone', async () => {
  const world = await taskWorld(db);
  const id = await world.addLead({ email: 'ann@a.example', phone: PHONE });
  const add = (value: string) => world.call('add_lead_address', world.person, { id, kind: 'phone', value });
  await add('+12025550124');
  await world.call('add_suppressions', world.person, { values: ['+12025550124'], reason: 'a fax' });
  await world.call('opt_out_lead', world.person, { id, action: 'set', reason: 'asked' });
  await add('+12025550125');
  expect(await inForce(world)).toEqual([
    'phone +12025550123 opt_out',
    'phone +12025550124 person',
    'phone +12025550124 opt_out',
    'phone +12025550125 opt_out',
    'address ann@a.example opt_out',
  ]);
  await world.call('opt_out_lead', world.person, { id, action: 'lift', reason: 'agreed' });
  expect(await inForce(world)).toEqual(['phone +12025550124 person']);
  await world.call('erase_lead', world.person, { id, reason: 'They asked us to.' });
  expect(await world.rows('suppressions')).toEqual([]);
});

it('the database refuses another spelling, and a second row for one cause', async () => {
  const world = await taskWorld(db);
  await world.call('add_suppressions', world.person, { values: [PHONE], reason: 'x' });
  const { as } = await attackersOf(db, world);
  const insert = (value: string) =>
    as('admin', (tx) =>
      tx.query(
        `INSERT INTO suppressions (org_id, id, kind, value, reason, source, added_by_user_id, created_at)
         SELECT $1, gen_random_uuid(), 'phone', $2, 'x', 'person', acting_user(), now()`,
        [world.org_id, value],
      ),
    ).then(
      () => 'done',
      (error: { constraint?: string }) => error.constraint,
    );
  expect(await insert('2025550123')).toBe('suppressions_phone');
  expect(await insert(PHONE)).toBe('suppressions_value_uniq');
});
