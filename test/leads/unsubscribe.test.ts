import { describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { confirmUnsubscribe, showUnsubscribe } from '../../src/operations/leads/unsubscribe.ts';
import type { CampaignContactsRow, LeadsRow, SuppressionsRow } from '../../src/schema.gen.ts';
import { testDatabase } from '../database.ts';
import { answer, mailFrom, take, writtenLead } from '../inbound/inbound_world.ts';
import { type TaskWorld, taskWorld } from '../tasks/task_calls.ts';

/* A no reaches the person: after merges, about an address that ended, and whichever lead has the address now. */

const { db } = await testDatabase({ max: 70 });
const CONNECTIONS = 64;

/** A lead with a sent message, and the token of its link. */
async function written() {
  const world = await taskWorld(db);
  const lead = await writtenLead(world, { email: 'ann@old.example' });
  return { world, lead, token: world.sent[0]!.mail.list_unsubscribe_url!.split('/u/')[1]! };
}

const mergeInto = (world: TaskWorld, id: string, other_lead_id: string) =>
  world.call('merge_leads', world.person, { id, other_lead_id });
const leadOf = async (world: TaskWorld, id: string) =>
  (await world.rows<LeadsRow>('leads', `id = '${id}'`))[0]!;
const inForce = async (world: TaskWorld) =>
  (await world.rows<SuppressionsRow>('suppressions', 'lifted_at IS NULL ORDER BY value')).map(
    ({ value }) => value,
  );
const add = (world: TaskWorld, id: string, value: string, is_primary = false) =>
  world.call('add_lead_address', world.person, { id, value, is_primary });
async function end(world: TaskWorld, value: string) {
  const [{ id }] = (await world.rows<{ id: string }>(
    'lead_addresses',
    `value = '${value}' AND until IS NULL`,
  )) as [{ id: string }];
  await world.call('change_lead_address', world.person, { id, is_ended: true });
}
const optOut = (world: TaskWorld, id: string, action: 'set' | 'lift' = 'set') =>
  world.call('opt_out_lead', world.person, { id, action, reason: 'asked' });

describe('after a merge', () => {
  it('the link unsubscribes the person, over several merges, and shows only the address written to', async () => {
    const { world, lead, token } = await written();
    const [bo, cy] = [await world.addLead(), await world.addLead({ email: 'ann@private.example' })];
    await mergeInto(world, bo, lead.lead_id);
    await mergeInto(world, cy, bo);
    const view = { email: 'ann@old.example', organization: 'Testers' };
    expect(await showUnsubscribe(world.worker_context, token)).toEqual({ ...view, is_unsubscribed: false });
    for (let click = 0; click < 2; click += 1)
      expect(await confirmUnsubscribe(world.worker_context, token)).toEqual({
        ...view,
        is_unsubscribed: true,
      });
    expect(await leadOf(world, cy)).toMatchObject({ unsubscribe_flag: true });
    expect(await inForce(world)).toEqual(expect.arrayContaining(['ann@old.example', 'ann@private.example']));
    const open = await world.rows('campaign_contacts', `status IN ('active', 'paused')`);
    expect(open).toEqual([]);
  });

  it(`the link works for ${CONNECTIONS} clicks during the merge`, async () => {
    const { world, lead, token } = await written();
    const bo = await world.addLead();
    const merging = mergeInto(world, bo, lead.lead_id);
    const clicks = Array.from({ length: CONNECTIONS }, () => confirmUnsubscribe(world.worker_context, token));
    for (const view of await Promise.all(clicks)) expect(view).toMatchObject({ is_unsubscribed: true });
    await merging;
    expect(await leadOf(world, bo)).toMatchObject({ unsubscribe_flag: true });
  });

  it('a reply that a person reads as a no opts the person out', async () => {
    const { world, lead } = await written();
    const { id } = await take(world, answer(lead, 'Who are you, and what is this about?'));
    const bo = await world.addLead();
    await mergeInto(world, bo, lead.lead_id);
    await world.call('handle_inbound', world.person, { id, intent: 'unsubscribe' });
    expect(await leadOf(world, bo)).toMatchObject({ unsubscribe_flag: true });
  });
});

describe('a no about an address that ended', () => {
  const NOS = [
    ['by the link', ({ world, token }) => confirmUnsubscribe(world.worker_context, token)],
    [
      'by a reply',
      ({ world, lead }) =>
        take(world, mailFrom(lead.email, 'Please unsubscribe me.', { 'In-Reply-To': lead.message_id })),
    ],
    ['by hand', ({ world, lead }) => optOut(world, lead.lead_id)],
  ] as const satisfies [string, (about: Awaited<ReturnType<typeof written>>) => Promise<unknown>][];

  it.each(NOS)('%s suppresses it, and lifting the opt-out lifts it', async (_how, refuse) => {
    const about = await written();
    const { world, lead } = about;
    await add(world, lead.lead_id, 'ann@new.example', true);
    await end(world, lead.email);
    await refuse(about);
    expect(await inForce(world)).toEqual(['ann@new.example', lead.email]);
    const bo = await world.addLead({ email: lead.email });
    const asked = { lead_id: bo, campaign_slug: 'b2bea_membership' };
    expect(await world.call('request_sequence', world.person, asked)).toMatchObject({ outcome: 'block' });
    await optOut(world, lead.lead_id, 'lift');
    expect(await inForce(world)).toEqual([]);
  });

  it.each(NOS)(
    '%s suppresses what another lead has now only if the message went there',
    async (how, refuse) => {
      const about = await written();
      const { world, lead } = about;
      await add(world, lead.lead_id, 'ann@new.example', true);
      await add(world, lead.lead_id, 'desk@old.example');
      for (const value of [lead.email, 'desk@old.example']) await end(world, value);
      const bo = await world.addLead({ email: lead.email });
      await add(world, bo, 'desk@old.example');
      await world.request(bo, 'b2bea_membership');
      await refuse(about);
      const went_there = how !== 'by hand';
      expect(await inForce(world)).toEqual(['ann@new.example', ...(went_there ? [lead.email] : [])]);
      await world.work();
      const [enrollment] = await world.rows<CampaignContactsRow>('campaign_contacts', `lead_id = '${bo}'`);
      expect(enrollment).toMatchObject({ status: went_there ? 'rejected' : 'active' });
      expect(await leadOf(world, bo)).toMatchObject({ unsubscribe_flag: false });
    },
  );
});

it('lifting one opt-out leaves an address suppressed that another opted-out lead has', async () => {
  const world = await taskWorld(db);
  const [ann, bo] = [await world.addLead(), await world.addLead()];
  await add(world, ann, 'desk@acme.example');
  await optOut(world, ann);
  await end(world, 'desk@acme.example');
  await add(world, bo, 'desk@acme.example');
  await optOut(world, bo);
  const twice = db.query(
    `INSERT INTO suppressions (org_id, id, kind, value, reason, source, lead_id, created_at)
     SELECT org_id, gen_random_uuid(), kind, value, reason, source, lead_id, created_at FROM suppressions WHERE org_id = $1`,
    [world.org_id],
  );
  await expect(twice).rejects.toMatchObject({ constraint: 'suppressions_opt_out_uniq' });
  const moving = db.query(`UPDATE suppressions SET lead_id = $2 WHERE org_id = $1`, [world.org_id, ann]);
  expect(sqlState(await moving.catch((error: unknown) => error))).toBe('TL012');
  await optOut(world, ann, 'lift');
  expect(await inForce(world)).toContain('desk@acme.example');
  await optOut(world, bo, 'lift');
  expect(await inForce(world)).toEqual([]);
});

it('the link of an erased lead says that no message will come, and no address', async () => {
  const { world, lead, token } = await written();
  await world.call('erase_lead', world.person, { id: lead.lead_id, reason: 'They asked us to.' });
  const view = { email: null, organization: 'Testers', is_unsubscribed: true };
  expect(await showUnsubscribe(world.worker_context, token)).toEqual(view);
  expect(await confirmUnsubscribe(world.worker_context, token)).toEqual(view);
});
