import { expect, it } from 'vitest';
import { transaction } from '../../src/db/pool.ts';
import { actorOf } from '../../src/principal.ts';
import { testDatabase } from '../database.ts';
import { openConnections } from '../open_connections.ts';
import { lineageWorld, MANUAL, serviceRow } from './lineage_world.ts';

const { db } = await testDatabase({ max: 70 });

it('fills in the lineage from a subject, from an enrollment, and from a play', async () => {
  const world = await lineageWorld(db);
  const { lead_id, enrollment_id, campaign, play_id, proposal_id } = world;
  await world.work();
  const { draft } = await world.draftOf(lead_id);
  const lineage = {
    lead_id,
    enrollment_id,
    campaign_id: campaign.id,
    play_id,
    originating_proposal_id: proposal_id,
  };
  const opportunity = await world.call('create_opportunity', world.person, { lead_id, name: 'Acme' });
  const rows = [
    serviceRow({ subject_id: draft.id }),
    serviceRow({ service: 'comm_brief_log', enrollment_id }),
    serviceRow({ service: 'opportunity_brief_log', subject_id: opportunity.id, kind: null }),
    serviceRow({ service: 'abm_playbook', play_id }),
    serviceRow({ service: 'expansion_log', lead_id, originating_proposal_id: world.other_proposal_id }),
    serviceRow({ subject_id: enrollment_id, ...lineage }),
  ];
  const { items, ...counts } = await world.record(...rows);
  expect(counts).toEqual({ recorded_count: 6, known_count: 0 });
  const none = { lead_id: null, enrollment_id: null, opportunity_id: null, campaign_id: null };
  expect(items).toMatchObject([
    { ...lineage, recorded_by_agent_id: 'roles.sales', recorded_by_user_id: null, is_known: false },
    lineage,
    { ...lineage, opportunity_id: opportunity.id, kind: null },
    { ...none, play_id, originating_proposal_id: proposal_id },
    { ...none, lead_id, play_id: null, originating_proposal_id: world.other_proposal_id },
    lineage,
  ]);
  const listed = async (filter: object) =>
    (await world.call('list_service_records', world.person, filter)).items.length;
  expect([
    await listed({}),
    await listed({ lead_id }),
    await listed({ service: 'abm_playbook' }),
    await listed({ originating_proposal_id: proposal_id }),
  ]).toEqual([6, 5, 1, 5]);
});

it('names each id that does not fit by its row and field, and records nothing', async () => {
  const world = await lineageWorld(db);
  const { enrollment_id, play_id, proposal_id, other_play_id, other_proposal_id, lead_id } = world;
  const other = await world.addLead();
  await world.request(other, MANUAL);
  const manual = await world.enrollmentOf(other);
  const opportunity = await world.call('create_opportunity', world.person, { lead_id: other, name: 'Bolt' });
  const elsewhere = crypto.randomUUID();
  for (const [wrong, path] of [
    [{}, 'subject_id'],
    [{ subject_id: elsewhere }, 'subject_id'],
    [{ enrollment_id: lead_id }, 'enrollment_id'],
    [{ enrollment_id, lead_id: other }, 'lead_id'],
    [{ enrollment_id, play_id: other_play_id }, 'play_id'],
    [{ enrollment_id: manual, originating_proposal_id: proposal_id }, 'originating_proposal_id'],
    [{ enrollment_id: manual, campaign_id: world.campaign.id }, 'campaign_id'],
    [{ opportunity_id: opportunity.id, enrollment_id }, 'enrollment_id'],
    [{ opportunity_id: opportunity.id, subject_id: lead_id }, 'subject_id'],
    [{ play_id, originating_proposal_id: other_proposal_id }, 'originating_proposal_id'],
    [{ play_id, campaign_id: world.campaign.id }, 'campaign_id'],
    [{ subject_id: world.campaign.id, play_id: other_play_id }, 'play_id'],
    [{ lead_id, subject_id: other }, 'lead_id'],
    [{ lead_id, occurred_at: '2098-01-01T00:00:00Z' }, 'occurred_at'],
    [{ lead_id, external_id: 'a@b.example' }, 'external_id'],
    [{ lead_id, kind: 'two words' }, 'kind'],
  ] as const) {
    const error = await world.refusal(serviceRow({ lead_id }), serviceRow(wrong));
    expect([error.code, error.errors?.map((one) => one.path)], JSON.stringify(wrong)).toEqual([
      'input_invalid',
      [`rows[1].${path}`],
    ]);
  }
  const [campaign] = await world.rows<{ id: string }>('campaigns', `slug = '${MANUAL}'`);
  expect(await world.refusal(serviceRow({ subject_id: campaign!.id }))).toMatchObject({
    code: 'input_invalid',
  });
  const twin = serviceRow({ lead_id });
  expect((await world.refusal(twin, twin)).errors).toMatchObject([{ path: 'rows[1].external_id' }]);
  expect(await world.rows('service_records')).toEqual([]);
});

it('answers a row that was recorded before as known, and refuses another content under its id', async () => {
  const world = await lineageWorld(db);
  const { lead_id, enrollment_id } = world;
  const first = serviceRow({ subject_id: lead_id });
  const { items } = await world.record(first);
  const enrolled = serviceRow({ enrollment_id });
  await world.record(enrolled);
  const again = await world.record(serviceRow({ lead_id }), {
    ...first,
    occurred_at: '2026-10-05T11:00:00+02:00',
  });
  expect(again).toMatchObject({
    recorded_count: 1,
    known_count: 1,
    items: [{}, { id: items[0].id, is_known: true }],
  });
  // Other words for the same content.
  const { lead_id: _, ...by_draft } = {
    ...enrolled,
    enrollment_id: null,
    subject_id: enrollment_id,
    lead_id,
  };
  expect(await world.record(by_draft)).toMatchObject({ known_count: 1 });
  const corrected = { ...first, kind: 'qbr_moved' };
  expect(await world.refusal(serviceRow({ lead_id }), corrected)).toMatchObject({
    code: 'service_record_differs',
    status: 409,
    errors: [{ path: 'rows[1].external_id' }],
  });
  expect(await world.refusal({ ...first, subject_id: enrollment_id })).toMatchObject({
    code: 'service_record_differs',
  });
  expect(await world.rows('service_records')).toHaveLength(3);
});

it('is known after its lead moved to another account, took a CRM record, or was merged', async () => {
  const world = await lineageWorld(db);
  const { lead_id, org_id } = world;
  const [at] = (
    await db.query<{ id: string }>(
      `INSERT INTO accounts (org_id, id, name, updated_at) VALUES ($1, gen_random_uuid(), 'Acme', now()) RETURNING id`,
      [org_id],
    )
  ).rows;
  await db.query('UPDATE leads SET account_id = $2 WHERE id = $1', [lead_id, at!.id]);
  await world.call('patch_lead', world.person, { id: lead_id, crm_contact_id: 'contact-9' });
  const rows = [serviceRow({ subject_id: 'contact-9' }), serviceRow({ lead_id, account_id: at!.id })];
  expect((await world.record(...rows)).items).toMatchObject([{ account_id: at!.id }, { account_id: at!.id }]);
  await db.query('UPDATE leads SET account_id = NULL WHERE id = $1', [lead_id]);
  const kept = await world.addLead();
  await world.call('merge_leads', world.person, { id: kept, other_lead_id: lead_id, reason: 'one person' });
  expect(await world.record(...rows)).toMatchObject({ recorded_count: 0, known_count: 2 });
  const { items } = await world.call('list_service_records', world.person, { lead_id: kept });
  expect(items.map((one: { lead_id: string }) => one.lead_id)).toEqual([lead_id, lead_id]);
  const exported = await world.call('export_lead', world.person, { id: kept });
  expect(exported.service_records).toHaveLength(2);
  // A row about the enrollment of the merged lead is the kept lead's.
  const { items: later } = await world.record(serviceRow({ enrollment_id: world.enrollment_id, lead_id }));
  expect(later).toMatchObject([{ lead_id: kept, enrollment_id: world.enrollment_id }]);
});

it('keeps lineage and time but no words when the person is erased, and takes no row about them', async () => {
  const world = await lineageWorld(db);
  const [gone, kept] = [await world.addLead(), await world.addLead()];
  await world.request(gone, MANUAL);
  const enrollment_id = await world.enrollmentOf(gone);
  const rows = [
    serviceRow({ enrollment_id }),
    serviceRow({ lead_id: kept, originating_proposal_id: world.proposal_id }),
  ];
  await world.record(...rows);
  await world.call('merge_leads', world.person, { id: kept, other_lead_id: gone, reason: 'one person' });
  const erasure = await world.call('erase_lead', world.person, { id: kept, reason: 'asked to' });
  // The merged lead has an erasure of its own.
  expect(erasure.row_counts.service_records).toBe(1);
  const left = await world.rows<Record<string, unknown>>('service_records', 'true ORDER BY id');
  expect(left).toMatchObject([
    { lead_id: gone, enrollment_id, kind: null },
    { lead_id: kept, originating_proposal_id: world.proposal_id, kind: null },
  ]);
  for (const { external_id, id } of left) expect(external_id).toBe(`erased-${id}`);
  expect(await world.refusal(serviceRow({ play_id: world.play_id }), rows[1]!)).toMatchObject({
    code: 'lead_erased',
    errors: [{ path: 'rows[1].lead_id' }],
  });
});

it('lets an account of its own be erased that rows and opportunities name', async () => {
  const world = await lineageWorld(db);
  const lead_id = await world.addLead({ first_name: 'Zebulonia', last_name: 'Quarkfeather' });
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO accounts (org_id, id, name, updated_at) VALUES ($1, gen_random_uuid(), 'Zebulonia Quarkfeather', now()) RETURNING id`,
    [world.org_id],
  );
  const account_id = rows[0]!.id;
  await db.query('UPDATE leads SET account_id = $2 WHERE id = $1', [lead_id, account_id]);
  await world.call('create_opportunity', world.person, { lead_id, name: 'Acme' });
  await world.record(serviceRow({ account_id }));
  await world.call('erase_lead', world.person, { id: lead_id, reason: 'asked to' });
  const [left] = await world.rows<{ name: string }>('accounts', `id = '${account_id}'`);
  expect(left!.name).not.toContain('Quark');
});

it('is recorded once by 64 connections', async () => {
  const world = await lineageWorld(db);
  await openConnections(db.app, 64);
  const rows = [serviceRow({ lead_id: world.lead_id }), serviceRow({ enrollment_id: world.enrollment_id })];
  const tries = Array.from({ length: 64 }, (_, at) =>
    world.record(...(at % 2 === 0 ? rows : rows.toReversed())),
  );
  const answers = await Promise.all(tries);
  expect(answers.reduce((sum, { recorded_count }) => sum + recorded_count, 0)).toBe(2);
  expect(answers.reduce((sum, { known_count }) => sum + known_count, 0)).toBe(126);
  expect(await world.rows('service_records')).toHaveLength(2);
});

it('is recorded by agents, RevOps, and admins, who are in the audit without the words of the service', async () => {
  const world = await lineageWorld(db);
  const { items } = await world.call('record_service_rows', world.person, {
    rows: [serviceRow({ lead_id: world.lead_id, kind: 'qbr_secret' })],
  });
  expect(items[0]).toMatchObject({
    recorded_by_agent_id: null,
    recorded_by_user_id: actorOf(world.person).id,
  });
  const rep = await world.addPerson('rep');
  const rows = [serviceRow({ lead_id: world.lead_id })];
  expect(await world.refused('record_service_rows', rep, { rows })).toMatchObject({ code: 'role_required' });
  const lines = await world.rows<{ changes: unknown }>('audit_log', `subject_table = 'service_records'`);
  expect(lines).toHaveLength(1);
  expect(JSON.stringify(lines)).toContain(world.lead_id);
  expect(JSON.stringify(lines)).not.toContain('qbr_secret');
});

it('records 500 rows in one call', async () => {
  const world = await lineageWorld(db);
  const { lead_id, enrollment_id, proposal_id } = world;
  const many = Array.from({ length: 500 }, (_, at) =>
    serviceRow([{ lead_id }, { enrollment_id }, { originating_proposal_id: proposal_id }][at % 3]),
  );
  expect(await world.record(...many)).toMatchObject({ recorded_count: 500 });
  expect(await world.record(...many)).toMatchObject({ known_count: 500 });
  expect((await world.refusal(...many, serviceRow({ lead_id }))).errors).toMatchObject([{ path: 'rows' }]);
  await transaction(db.app, actorOf(world.brooke), async (tx) => {
    const { rows } = await tx.query<{ count: number }>('SELECT count(*)::int AS count FROM service_records');
    expect(rows).toEqual([{ count: 500 }]);
  });
});
