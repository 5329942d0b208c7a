import { expect, it } from 'vitest';
import { type Attacker, all, attackersOf } from '../database/attackers.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';
import { lineageWorld, MANUAL, serviceRow } from './lineage_world.ts';

const { db } = await testDatabase();
const WRITERS = ['admin', 'agent'] as const satisfies readonly Attacker[];
const COLUMNS = [
  ...['lead_id', 'account_id', 'enrollment_id', 'opportunity_id', 'campaign_id', 'play_id'],
  'originating_proposal_id',
];

/** A row as anyone may try to insert it. */
function inserting(org_id: string, ids: Record<string, unknown>) {
  const row = { org_id, id: crypto.randomUUID(), ...serviceRow(), content_hash: 'a'.repeat(64), ...ids };
  return [
    `INSERT INTO service_records (org_id, id, service, external_id, kind, ${COLUMNS}, occurred_at, content_hash, recorded_by_agent_id,
       recorded_by_user_id, created_at)
     SELECT org_id, id, service, external_id, kind, ${COLUMNS}, occurred_at, content_hash, recorded_by_agent_id, recorded_by_user_id,
       created_at FROM jsonb_populate_record(NULL::service_records, $1)`,
    [JSON.stringify(row)],
  ] as const;
}

// service_records_lineage, service_records_play, service_records_campaign, service_records_person
it('takes no other lineage than that of its enrollment, opportunity, or play from raw SQL', async () => {
  const world = await lineageWorld(db);
  const { org_id, lead_id, enrollment_id, play_id, campaign, proposal_id, other_play_id, other_proposal_id } =
    world;
  const other = await world.addLead();
  await world.request(other, MANUAL);
  const manual = await world.enrollmentOf(other);
  const [{ campaign_id: manual_campaign }] = (await world.rows<{ campaign_id: string }>(
    'campaign_contacts',
    `id = '${manual}'`,
  )) as [{ campaign_id: string }];
  const opportunity = await world.call('create_opportunity', world.person, { lead_id: other, name: 'Bolt' });
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO accounts (org_id, id, name, updated_at) VALUES ($1, gen_random_uuid(), 'Else', now()) RETURNING id`,
    [org_id],
  );
  const account_id = rows[0]!.id;
  const { tried } = await attackersOf(db, world);
  const right = {
    lead_id,
    enrollment_id,
    campaign_id: campaign.id,
    play_id,
    originating_proposal_id: proposal_id,
  };
  const by_hand = { lead_id: other, enrollment_id: manual, campaign_id: manual_campaign };
  const of_opportunity = { ...by_hand, opportunity_id: opportunity.id };
  for (const ids of [
    right,
    by_hand,
    of_opportunity,
    { play_id, originating_proposal_id: proposal_id },
    { account_id },
  ])
    expect(await tried(inserting(org_id, ids), WRITERS), JSON.stringify(ids)).toEqual({
      admin: null,
      agent: null,
    });
  for (const [ids, code] of [
    [{ ...right, lead_id: other }, 'TL012'],
    [{ ...right, play_id: null, originating_proposal_id: null }, 'TL012'],
    [{ ...right, play_id: other_play_id, originating_proposal_id: other_proposal_id }, 'TL012'],
    [{ ...right, campaign_id: manual_campaign }, 'TL012'],
    [{ ...by_hand, originating_proposal_id: proposal_id }, 'TL012'],
    [{ ...right, opportunity_id: opportunity.id, lead_id: other }, 'TL012'],
    [{ lead_id: other, opportunity_id: opportunity.id }, 'TL012'],
    [{ ...of_opportunity, lead_id }, 'TL012'],
    [{ lead_id, account_id }, 'TL012'],
    [{ play_id: other_play_id, originating_proposal_id: proposal_id }, '23503'],
    [{ originating_proposal_id: crypto.randomUUID() }, '23503'],
    [{ ...right, lead_id: null }, '23514'],
    [{ lead_id, campaign_id: campaign.id }, '23514'],
    [{ play_id }, '23514'],
    [{}, '23514'],
    [{ lead_id, external_id: 'lena@acme.example' }, '23514'],
    [{ lead_id, kind: 'called Lena' }, '23514'],
    [{ lead_id, occurred_at: '2098-01-01T00:00:00Z' }, 'TL031'],
  ] as const)
    expect(await tried(inserting(org_id, ids), WRITERS), JSON.stringify(ids)).toEqual(all(code, WRITERS));
});

// service_records_stamp
it('is handed in by agents, RevOps, and admins alone, in their own name and of now', async () => {
  const world = await lineageWorld(db);
  const { org_id, lead_id, person } = world;
  const { tried, as, rep } = await attackersOf(db, world);
  const products = ['coordinator', 'system'] as const;
  expect(await tried(inserting(org_id, { lead_id }), [...WRITERS, 'rep', ...products])).toEqual({
    ...{ admin: null, rep: 'TL022', agent: null },
    ...all('TL032', products),
  });
  const forged = {
    lead_id,
    recorded_by_user_id: rep,
    recorded_by_agent_id: 'roles.bdr',
    created_at: '2020-01-01T00:00:00Z',
  };
  for (const who of WRITERS) {
    const [text, values] = inserting(org_id, forged);
    await as(who, (tx) => tx.query(text, values));
  }
  const rows = await world.rows<Record<string, unknown>>(
    'service_records',
    'true ORDER BY recorded_by_agent_id',
  );
  expect(rows.map(({ created_at }) => (created_at as Date).getFullYear() > 2020)).toEqual([true, true]);
  expect(rows).toMatchObject([
    { recorded_by_agent_id: 'roles.sales', recorded_by_user_id: null },
    { recorded_by_agent_id: null, recorded_by_user_id: person.kind === 'human' ? person.user_id : '' },
  ]);
});

// service_records_once, service_records_kept, service_records_shell_insert
it('stays as it is, once, and takes nothing about an erased lead or from another organization', async () => {
  const world = await lineageWorld(db);
  const { org_id, lead_id } = world;
  const row = serviceRow({ lead_id });
  await world.record(row);
  const { tried } = await attackersOf(db, world);
  const { external_id } = row;
  expect(await tried(inserting(org_id, { lead_id, external_id }), WRITERS)).toEqual(all('23505', WRITERS));
  for (const attack of [
    `UPDATE service_records SET kind = 'x'`,
    'DELETE FROM service_records',
    'TRUNCATE service_records',
  ])
    expect(await tried([attack]), attack).toEqual(all('42501'));
  for (const attack of [
    `UPDATE service_records SET kind = 'x'`,
    'DELETE FROM service_records',
    'TRUNCATE service_records',
  ])
    await expect(db.query(attack), attack).rejects.toMatchObject({ code: 'TL003' });
  const other = await createWorld(db);
  const foreign = await other.addLead();
  expect(await tried(inserting(other.org_id, { lead_id: foreign }), WRITERS)).toEqual({
    admin: 'TL022',
    agent: '42501',
  });
  expect(await tried(inserting(org_id, { lead_id: foreign }), WRITERS)).toEqual(all('23503', WRITERS));
  const { tried: triedThere } = await attackersOf(db, other);
  expect(await triedThere(['SELECT FROM service_records'], ['admin'])).toEqual({
    admin: 'Error: the attack found no row',
  });
  const gone = await world.addLead();
  await world.call('erase_lead', world.person, { id: gone, reason: 'asked to' });
  expect(await tried(inserting(org_id, { lead_id: gone }), WRITERS)).toEqual(all('TL040', WRITERS));
});
