import { describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import type { CadenceEventLogRow, LeadsRow, SalesSendQueueRow, TouchesRow } from '../../src/schema.gen.ts';
import { attackersOf } from '../database/attackers.ts';
import { testDatabase } from '../database.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';
import { DAY_MS, START } from '../world.ts';

/* Calls and text messages: drafted and counted like every touch, and handled by a person at most once. */

const { db } = await testDatabase();
const PHONE = '+12025550123';

type Step = { day: number; channel: string; body?: string };

async function campaign(world: TaskWorld, steps: readonly Step[]): Promise<void> {
  const lines = steps.map(({ day, channel, body = 'Hi {{ lead.first_name }}, a minute?' }, at) =>
    [
      `  - step_number: ${at + 1}`,
      `    delay_days: ${day}`,
      `    channel: ${channel}`,
      '    content_type: follow_up',
      '    template_instructions: Say hello.',
      `    template: { body: "${body}" }`,
    ].join('\n'),
  );
  const head = [
    'slug: phoned',
    'name: Phoned',
    'client: b2bea',
    'type: event',
    'owner_role: roles.bdr',
    'steps:',
  ];
  await world.call('import_campaign', world.person, { yaml: [...head, ...lines].join('\n') });
}

/** One lead that is due for the first of these steps, with its text drafted. */
async function due(steps: readonly Step[], lead: Record<string, unknown> = { phone: PHONE }) {
  const world = await taskWorld(db);
  await campaign(world, steps);
  const lead_id = await world.addLead({ first_name: 'Pat', ...lead });
  await world.request(lead_id, 'phoned');
  await world.work();
  return { world, lead_id };
}

const manualSends = async (world: TaskWorld) =>
  (await world.call('list_personal_sends', world.person, {})).items;

async function mark(world: TaskWorld, more: object) {
  const [one] = await manualSends(world);
  return { id: one.id, content_hash: one.content_hash, already_sent: false, ...more };
}

const touches = (world: TaskWorld) => world.rows<TouchesRow>('touches', 'true ORDER BY touched_at');
const queue = (world: TaskWorld) =>
  world.rows<SalesSendQueueRow>('sales_send_queue', 'true ORDER BY step_number');

describe('a call', () => {
  it('is a script for a person, who records its result', async () => {
    const { world, lead_id } = await due([{ day: 0, channel: 'call' }]);
    expect(await manualSends(world)).toMatchObject([
      {
        ...{ lead_id, channel: 'call', to_id: PHONE, subject: null, body: 'Hi Pat, a minute?' },
        ...{ open_url: `tel:${PHONE}`, open_note: null, why: 'A person makes the call.' },
      },
    ]);
    await world.call('mark_sent', world.person, await mark(world, { result: 'voicemail' }));
    expect(await touches(world)).toMatchObject([
      { lead_id, channel: 'call', outcome: 'marked_sent', result: 'voicemail', counts: true },
    ]);
    const [event] = await world.rows<CadenceEventLogRow>('cadence_event_log', `event_type = 'marked_sent'`);
    expect(event).toMatchObject({ channel: 'call', detail: { result: 'voicemail' } });
    const explained = await world.call('explain_lead', world.person, { id: lead_id });
    expect(JSON.stringify(explained)).toContain('(a call script) personally (voicemail)');
    expect(await manualSends(world)).toEqual([]);
    expect(world.sent).toEqual([]);
  });

  it.each([
    [{}, 'expected reached, no_answer, voicemail, wrong_number, opted_out'],
    [{ result: 'went_well' }, 'must be one of reached, no_answer, voicemail, wrong_number, opted_out'],
  ])('cannot be recorded with %j', async (given, message) => {
    const { world } = await due([{ day: 0, channel: 'call' }]);
    const refusal = await world
      .refused('mark_sent', world.person, await mark(world, given))
      .catch((error) => error);
    expect(JSON.stringify(refusal.errors ?? refusal.message)).toContain(message);
    expect(await touches(world)).toEqual([]);
  });

  it('to a wrong number clears the number, and later steps that need it are skipped', async () => {
    const { world, lead_id } = await due([
      { day: 0, channel: 'call' },
      { day: 3, channel: 'sms' },
      { day: 7, channel: 'linkedin' },
    ]);
    await world.call('mark_sent', world.person, await mark(world, { result: 'wrong_number' }));
    const [lead] = await world.rows<LeadsRow>('leads', `id = '${lead_id}'`);
    expect(lead!.phone).toBeNull();
    world.clock.set(START + 8 * DAY_MS);
    await world.work();
    expect((await queue(world)).map(({ channel }) => channel)).toEqual(['call', 'linkedin']);
    const [skipped] = await world.rows<CadenceEventLogRow>('cadence_event_log', `event_type = 'skipped'`);
    expect(skipped).toMatchObject({ channel: 'sms', detail: { missing: 'phone' } });
  });

  it('with a person who asks not to be contacted opts the lead out at once', async () => {
    const { world, lead_id } = await due([
      { day: 0, channel: 'call' },
      { day: 3, channel: 'sms' },
    ]);
    await world.call('mark_sent', world.person, await mark(world, { result: 'opted_out' }));
    const [lead] = await world.rows<LeadsRow>('leads', `id = '${lead_id}'`);
    expect(lead).toMatchObject({ opt_out_flag: true });
    expect(await touches(world)).toMatchObject([{ outcome: 'marked_sent', result: 'opted_out' }]);
    const ended = await world.rows('campaign_contacts', `lead_id = '${lead_id}'`);
    expect(ended).toMatchObject([{ status: 'rejected', exit_reason: 'compliance_block' }]);
    world.clock.set(START + 8 * DAY_MS);
    await world.work();
    expect((await queue(world)).map(({ channel }) => channel)).toEqual(['call']);
  });

  it('that two people record at once counts once', async () => {
    const { world } = await due([{ day: 0, channel: 'call' }]);
    const input = await mark(world, { result: 'reached' });
    const said = await Promise.allSettled([1, 2, 3].map(() => world.call('mark_sent', world.person, input)));
    expect(said.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await touches(world)).toHaveLength(1);
  });

  it('is held by the cap like every touch, and counts toward the next', async () => {
    const { world, lead_id } = await due([
      { day: 0, channel: 'call' },
      { day: 0, channel: 'sms' },
    ]);
    await world.call('mark_sent', world.person, await mark(world, { result: 'no_answer' }));
    await world.work();
    const [, sms] = await queue(world);
    expect(sms).toMatchObject({ lead_id, channel: 'sms', status: 'held', held_reason: 'touch_cap_exceeded' });
  });
});

describe('a text message', () => {
  it('opens with its text, and is recorded without a result', async () => {
    const { world } = await due([{ day: 0, channel: 'sms' }]);
    const [one] = await manualSends(world);
    expect(one).toMatchObject({ channel: 'sms', open_url: `sms:${PHONE}?body=Hi%20Pat%2C%20a%20minute%3F` });
    const refusal = await world.refused('mark_sent', world.person, await mark(world, { result: 'reached' }));
    expect(refusal.errors).toEqual([{ path: 'result', message: 'a text message has no result' }]);
    await world.call('mark_sent', world.person, await mark(world, {}));
    expect(await touches(world)).toMatchObject([{ channel: 'sms', outcome: 'marked_sent', result: null }]);
  });

  it.each([
    ['opted out', 'opt_out_flag = true, opted_out_at = now()'],
    ['unsubscribed', 'unsubscribe_flag = true, unsubscribed_at = now()'],
  ])('is refused for a lead that %s after it was drafted', async (_, change) => {
    const { world, lead_id } = await due([{ day: 0, channel: 'sms' }]);
    const input = await mark(world, {});
    await db.query(`UPDATE leads SET ${change} WHERE id = $1`, [lead_id]);
    const { code } = await world.refused('mark_sent', world.person, input);
    expect(['gate_refused', 'illegal_status_move']).toContain(code);
    expect(await touches(world)).toEqual([]);
  });

  it('is skipped for a lead without a number', async () => {
    const { world } = await due(
      [
        { day: 0, channel: 'sms' },
        { day: 0, channel: 'linkedin' },
      ],
      { phone: null },
    );
    expect((await queue(world)).map(({ channel }) => channel)).toEqual(['linkedin']);
  });
});

describe('direct SQL', () => {
  it('cannot give an attempt to an item that a person works', async () => {
    const { world, lead_id } = await due([{ day: 0, channel: 'sms' }]);
    const { item, draft } = await world.draftOf(lead_id);
    const { tried } = await attackersOf(db, world);
    const attack = [
      `INSERT INTO send_attempts (org_id, id, queue_id, draft_id, content_hash, message_id, stage, lease_until, started_at, policy_version)
       VALUES ($1, gen_random_uuid(), $2, $3, $4, '<x@y>', 'intent', now() + interval '1 minute', now(), 1)`,
      [world.org_id, item.id, draft.id, draft.content_hash],
    ] as const;
    expect(await tried(attack)).not.toMatchObject({ coordinator: null });
    expect(await tried(attack, ['coordinator'])).toEqual({ coordinator: 'TL002' });
  });

  it('cannot pass an item of a manual channel to the product', async () => {
    const { world, lead_id } = await due([{ day: 0, channel: 'call' }]);
    const { item } = await world.draftOf(lead_id);
    const attack = [
      'UPDATE sales_send_queue SET requires_personal_send = false WHERE id = $1',
      [item.id],
    ] as const;
    const { tried } = await attackersOf(db, world);
    expect(await tried(attack, ['admin', 'rep', 'coordinator', 'system'])).toEqual({
      ...{ admin: '23514', rep: '23514', coordinator: '23514', system: '23514' },
    });
  });

  it.each([
    ['a call without a result', 'call', 'NULL'],
    ['a text message with one', 'sms', `'reached'`],
  ])('cannot write a touch of %s', async (_, channel, result) => {
    const { world } = await due([{ day: 0, channel }]);
    const { tried } = await attackersOf(db, world);
    const attack = [
      `INSERT INTO touches (org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type, touched_at,
                            outcome, settled_at, result)
       SELECT q.org_id, gen_random_uuid(), q.lead_id, q.enrollment_id, q.id, q.campaign_id, q.channel, c.sequence_type, now(),
              'marked_sent', now(), ${result}
       FROM sales_send_queue q JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id WHERE q.org_id = $1`,
      [world.org_id],
    ] as const;
    expect(await tried(attack, ['admin', 'coordinator'])).toEqual({ admin: '23514', coordinator: '23514' });
  });

  it.each(['2025550123', '+0123456789', '+1 202 555 0123', '+1', 'tel:+12025550123'])(
    'cannot give a lead the number %s',
    async (phone) => {
      const world = await taskWorld(db);
      await expect(world.addLead({ phone })).rejects.toSatisfy((error) => sqlState(error) === '23514');
    },
  );
});
