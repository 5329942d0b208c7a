import { expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';
import { type LineageWorld, lineageWorld, MANUAL } from './lineage_world.ts';

const { db } = await testDatabase();

const idOf = async (world: LineageWorld, table: string, lead_id = world.lead_id) =>
  (await world.rows<{ id: string }>(table, `lead_id = '${lead_id}' ORDER BY id DESC LIMIT 1`))[0]!.id;

it('answers kind and lineage of every kind of id', async () => {
  const world = await lineageWorld(db);
  const { lead_id, enrollment_id, play_id, proposal_id, campaign } = world;
  await db.query(
    `INSERT INTO accounts (org_id, id, name, updated_at) VALUES ($1, gen_random_uuid(), 'Acme', now())`,
    [world.org_id],
  );
  const [account] = await world.rows<{ id: string }>('accounts', `name = 'Acme'`);
  await world.call('patch_lead', world.person, { id: lead_id, crm_contact_id: 'contact-7' });
  await db.query('UPDATE leads SET account_id = $2 WHERE id = $1', [lead_id, account!.id]);
  await world.work();
  await world.approve(lead_id);
  world.clock.advance(3_600_000);
  await world.work();
  const { draft } = await world.draftOf(lead_id);
  const opportunity = await world.call('create_opportunity', world.person, { lead_id, name: 'Acme' });
  await db.query(
    `INSERT INTO inbound_messages (org_id, id, source, raw_hash, from_address, received_at, created_at, kind, matched_by, lead_id,
       enrollment_id, queue_id)
     VALUES ($1, gen_random_uuid(), 'http', sha256('x'), 'a@b.example', now(), now(), 'reply', 'token', $2, $3, $4)`,
    [world.org_id, lead_id, enrollment_id, draft.queue_id],
  );
  const of_play = { campaign_id: campaign.id, play_id, originating_proposal_id: proposal_id };
  const person = { lead_id, account_id: account!.id };
  const nothing = { enrollment_id: null, opportunity_id: null, campaign_id: null, play_id: null };
  const enrolled = { ...person, enrollment_id, opportunity_id: null, ...of_play };
  const own = await idOf(world, 'sequence_requests');
  const expected: [string, string, object][] = [
    [lead_id, 'lead', { ...person, ...nothing, originating_proposal_id: null }],
    [account!.id, 'account', { lead_id: null, account_id: account!.id, ...nothing }],
    [own, 'request', enrolled],
    [enrollment_id, 'enrollment', enrolled],
    [draft.queue_id, 'queue_item', enrolled],
    [draft.id, 'draft', enrolled],
    [await idOf(world, 'touches'), 'touch', enrolled],
    [opportunity.id, 'opportunity', { ...enrolled, opportunity_id: opportunity.id }],
    [await idOf(world, 'inbound_messages'), 'inbound_message', enrolled],
    [campaign.id, 'campaign', { lead_id: null, enrollment_id: null, ...of_play }],
    [play_id, 'play', { lead_id: null, ...of_play }],
    [proposal_id, 'proposal', { ...nothing, lead_id: null, originating_proposal_id: proposal_id }],
  ];
  for (const [id, kind, rest] of expected)
    expect(await world.lineage(id), kind).toMatchObject({ id, kind, ...rest });
  expect(await world.lineage('contact-7')).toMatchObject({ id: lead_id, kind: 'lead', lead_id });
});

it('follows merges, also from a CRM record that is an id', async () => {
  const world = await lineageWorld(db);
  const kept = await world.addLead();
  const crm_contact_id = crypto.randomUUID();
  await world.call('patch_lead', world.person, { id: world.lead_id, crm_contact_id });
  await world.call('merge_leads', world.person, {
    id: kept,
    other_lead_id: world.lead_id,
    reason: 'one person',
  });
  expect(await world.lineage(world.lead_id)).toMatchObject({
    id: world.lead_id,
    kind: 'lead',
    lead_id: kept,
  });
  expect(await world.lineage(world.enrollment_id)).toMatchObject({ lead_id: kept, play_id: world.play_id });
  expect(await world.lineage(crm_contact_id)).toMatchObject({ id: kept, kind: 'lead', lead_id: kept });
});

it('knows nothing of other organizations, and no other ids', async () => {
  const world = await lineageWorld(db);
  const other = await createWorld(db);
  const foreign = await other.addLead({ crm_contact_id: 'theirs' });
  await other.request(foreign, MANUAL);
  const rows = await other.rows<{ id: string }>('campaign_contacts');
  const [campaign] = await other.rows<{ id: string }>('campaigns');
  for (const id of [foreign, 'theirs', rows[0]!.id, campaign!.id, crypto.randomUUID(), 'unknown'])
    expect((await world.refused('get_lineage', world.person, { id })).code, id).toBe('not_found');
});
