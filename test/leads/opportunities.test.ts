import { expect, it } from 'vitest';
import { actorOf } from '../../src/principal.ts';
import { all, attackersOf } from '../database/attackers.ts';
import { testDatabase } from '../database.ts';
import { taskWorld } from '../tasks/task_calls.ts';
import { DAY_MS } from '../world.ts';

const { db } = await testDatabase();
const CAMPAIGN = 'b2bea_membership';
type World = Awaited<ReturnType<typeof taskWorld>>;
const create = (world: World, lead_id: string, more: Record<string, unknown> = {}) =>
  world.call('create_opportunity', world.person, { lead_id, name: 'Acme, 50 seats', ...more });
const patch = (world: World, id: string, changes: Record<string, unknown>) =>
  world.call('patch_opportunity', world.person, { id, ...changes });
const EUR_12_000 = { amount_cents: 1_200_000, currency: 'EUR' };

it('has the lineage of the newest enrollment before it was opened, the account and owner of its lead, and its moves', async () => {
  const world = await taskWorld(db);
  const lead_id = await world.addLead();
  await world.call('patch_lead', world.person, { id: lead_id, owner_user_id: world.person.user_id });
  await world.request(lead_id, CAMPAIGN);
  world.clock.advance(DAY_MS);
  const [enrollment] = await world.rows<{ id: string; campaign_id: string }>('campaign_contacts');
  const made = await create(world, lead_id, { ...EUR_12_000, term_months: 24 });
  expect(made).toMatchObject({
    ...{ enrollment_id: enrollment!.id, campaign_id: enrollment!.campaign_id, play_id: null, stage: 'lead' },
    ...{ acv_cents: 600_000, acv_basis: 'term', owner_user_id: world.person.user_id, source: 'person' },
  });
  const won = await patch(world, made.id, { stage: 'won', term_months: null });
  expect(won).toMatchObject({
    acv_cents: 1_200_000,
    acv_basis: 'amount',
    closed_at: world.clock.now().toISOString(),
  });
  const open = await patch(world, made.id, { stage: 'in_progress' });
  expect(open).toMatchObject({ closed_at: null });
  const lost = await patch(world, made.id, { stage: 'lost', lost_reason: 'no budget' });
  expect(lost).toMatchObject({ lost_reason: 'no budget' });
  expect(lost.moves).toMatchObject([
    { from_stage: null, to_stage: 'lead', moved_by_kind: 'human' },
    { from_stage: 'lead', to_stage: 'won' },
    { from_stage: 'won', to_stage: 'in_progress' },
    { from_stage: 'in_progress', to_stage: 'lost' },
  ]);
  const before = { opened_at: '2020-01-01T00:00:00Z' };
  expect(await create(world, lead_id, before)).toMatchObject({
    enrollment_id: null,
    acv_cents: null,
    acv_basis: null,
  });
  expect(await create(world, lead_id, { enrollment_id: null })).toMatchObject({ enrollment_id: null });
  const listed = async (filter: Record<string, unknown>) =>
    (await world.call('list_opportunities', world.person, filter)).items.length;
  expect([
    await listed({ lead_id }),
    await listed({ stage: 'lost' }),
    await listed({ scope: 'mine' }),
  ]).toEqual([3, 1, 3]);
  expect(await listed({ lead_id: await world.addLead() })).toBe(0);
});

it('names each value that does not fit', async () => {
  const world = await taskWorld(db);
  const lead_id = await world.addLead();
  await world.request(await world.addLead(), CAMPAIGN);
  const [foreign] = await world.rows<{ id: string }>('campaign_contacts');
  const ahead = '2098-01-01T00:00:00Z';
  for (const [wrong, path] of [
    [{ amount_cents: 5 }, 'currency'],
    [{ currency: 'EUR' }, 'amount_cents'],
    [{ term_months: 12 }, 'term_months'],
    [{ opened_at: ahead }, 'opened_at'],
    [{ closed_at: '2020-01-01T00:00:00Z' }, 'closed_at'],
    [{ stage: 'won', closed_at: '2020-01-01T00:00:00Z' }, 'closed_at'],
    [{ stage: 'won', closed_at: ahead }, 'closed_at'],
    [{ enrollment_id: foreign!.id }, 'enrollment_id'],
    [{ currency: 'EURO' }, 'currency'],
    [{ term_months: 0 }, 'term_months'],
    [{ name: ' ' }, 'name'],
  ] as const) {
    const error = await world.refused('create_opportunity', world.person, {
      lead_id,
      name: 'Acme',
      ...wrong,
    });
    expect([error.code, error.errors?.map((one) => one.path)], JSON.stringify(wrong)).toEqual([
      'input_invalid',
      [path],
    ]);
  }
  expect(await world.rows('opportunities')).toEqual([]);
});

// opportunities_new, opportunities_identity, opportunities_kept, opportunity_moves_kept
it('keeps its lead, its lineage, and its moves against raw SQL', async () => {
  const world = await taskWorld(db);
  const [lead_id, other] = [await world.addLead(), await world.addLead()];
  await world.request(lead_id, CAMPAIGN);
  const { id } = await create(world, lead_id);
  const { tried, actors } = {
    ...(await attackersOf(db, world)),
    actors: ['admin', 'rep', 'coordinator', 'system'] as const,
  };
  const change = (set: string) => [`UPDATE opportunities SET ${set} WHERE id = $1`, [id]] as const;
  for (const set of [`lead_id = '${other}'`, 'enrollment_id = NULL, campaign_id = NULL', `source = 'file'`])
    expect(await tried(change(set), actors), set).toEqual(all('TL012', actors));
  expect(await tried(change(`crm_deal_id = 'other'`), actors)).toEqual({
    ...{ admin: 'TL004', rep: 'TL004', coordinator: null, system: 'TL004' },
  });
  expect(await tried(['DELETE FROM opportunities WHERE id = $1', [id]], actors)).toEqual(
    all('TL003', actors),
  );
  for (const attack of [
    'DELETE FROM opportunity_moves',
    `UPDATE opportunity_moves SET to_stage = 'won'`,
    `INSERT INTO opportunity_moves SELECT org_id, id, 9, 'lead', 'won', now(), 'human' FROM opportunities`,
  ])
    expect(await tried([attack], actors), attack).toEqual(all('42501', actors));
  const inserting = (lead: string, source: string, set = '') =>
    [
      `INSERT INTO opportunities (org_id, id, lead_id, enrollment_id, campaign_id, name, opened_at, source, created_by_user_id,
       created_at, updated_at)
     SELECT org_id, gen_random_uuid(), $1, enrollment_id, campaign_id, 'x', opened_at${set}, $2::opportunity_source,
       CASE WHEN $2 = 'crm' THEN NULL ELSE created_by_user_id END, created_at, updated_at FROM opportunities WHERE id = $3`,
      [lead, source, id],
    ] as const;
  expect(await tried(inserting(other, 'person'), ['admin'])).toEqual({ admin: 'TL012' });
  expect(await tried(inserting(lead_id, 'person'), ['rep'])).toEqual({ rep: 'TL005' });
  expect(await tried(inserting(lead_id, 'crm'), ['admin', 'rep', 'system'])).toEqual(
    all('TL004', ['admin', 'rep', 'system']),
  );
  expect(await tried(inserting(lead_id, 'crm', ` + interval '1 year'`), ['coordinator'])).toEqual({
    coordinator: 'TL031',
  });
  expect(await tried(['UPDATE opportunities SET name = $1', ['x']], ['agent'])).toEqual({ agent: 'TL005' });
});

// opportunities_stage, opportunities_closed
it('moves a stage that a person chose back only by a person', async () => {
  const world = await taskWorld(db);
  const { id } = await create(world, await world.addLead(), { stage: 'in_progress' });
  const { as, tried } = await attackersOf(db, world);
  const to = (stage: string, closed = 'NULL') =>
    [`UPDATE opportunities SET stage = '${stage}', closed_at = ${closed} WHERE id = $1`, [id]] as const;
  expect(await tried(to('lead'), ['coordinator', 'rep'])).toEqual({ coordinator: 'TL001', rep: null });
  expect(await tried(to('won'), ['coordinator'])).toEqual({ coordinator: '23514' });
  await as('coordinator', (tx) => tx.query(...(to('won', 'opened_at') as unknown as [string, unknown[]])));
  expect(await tried(to('in_progress'), ['coordinator'])).toEqual({ coordinator: null });
  await patch(world, id, { stage: 'in_progress' });
  await patch(world, id, { stage: 'won' });
  expect(await tried(to('lost', 'opened_at'), ['coordinator'])).toEqual({ coordinator: 'TL001' });
});

it('of a merged lead is the person’s, and keeps its worth but no words when they are erased', async () => {
  const world = await taskWorld(db);
  const [gone, kept] = [await world.addLead(), await world.addLead()];
  const { id } = await create(world, gone, { ...EUR_12_000, stage: 'lost', lost_reason: 'Lena left' });
  await world.call('merge_leads', world.person, { id: kept, other_lead_id: gone, reason: 'one person' });
  const { items } = await world.call('list_opportunities', world.person, { lead_id: kept });
  expect(items).toMatchObject([{ id, lead_id: gone }]);
  const exported = await world.call('export_lead', world.person, { id: kept });
  expect(exported.opportunities).toMatchObject([{ id }]);
  await world.call('erase_lead', world.person, { id: kept, reason: 'asked to' });
  expect(await world.rows('opportunities')).toMatchObject([
    { name: '(erased)', lost_reason: null, amount_cents: 1_200_000, stage: 'lost' },
  ]);
  const again = [`UPDATE opportunities SET name = 'Lena' WHERE id = $1`, [id]] as const;
  const { tried } = await attackersOf(db, world);
  expect(await tried(again, ['admin'])).toEqual({ admin: 'TL040' });
});

it('reports each move to webhooks, with the lineage', async () => {
  const world = await taskWorld(db);
  const lead_id = await world.addLead();
  await world.request(lead_id, CAMPAIGN);
  await db.query(
    `INSERT INTO webhooks (org_id, id, url, events, secret, created_by_user_id, created_at)
     VALUES ($1, gen_random_uuid(), 'https://crm.example', '{opportunity.moved}', decode(repeat('01', 64), 'hex'), $2, now())`,
    [world.org_id, actorOf(world.person).id],
  );
  const { id, enrollment_id, campaign_id } = await create(world, lead_id);
  await patch(world, id, { stage: 'won' });
  const told = await world.rows<{ event: string; data: unknown }>('webhook_deliveries');
  const about = { opportunity_id: id, lead_id, enrollment_id, campaign_id };
  expect(told.map(({ event, data }) => [event, data])).toEqual(
    expect.arrayContaining([
      ['opportunity.moved', { ...about, kind: 'lead' }],
      ['opportunity.moved', { ...about, kind: 'won' }],
    ]),
  );
  expect(told).toHaveLength(2);
});

it('is opened once for a deal of the CRM, however many connections do so', async () => {
  const world = await taskWorld(db);
  const lead_id = await world.addLead();
  const { as } = await attackersOf(db, world);
  const insert = `INSERT INTO opportunities (org_id, id, lead_id, name, opened_at, source, crm_deal_id, created_at, updated_at)
    SELECT $1, gen_random_uuid(), $2, 'Acme', l.created_at, 'crm', 'deal-1', l.created_at, l.created_at FROM leads l WHERE l.id = $2`;
  const said = await Promise.all(
    Array.from({ length: 64 }, () =>
      as('coordinator', (tx) => tx.query(insert, [world.org_id, lead_id])).then(
        () => 'opened',
        (error: { code?: string }) => error.code,
      ),
    ),
  );
  expect(said.filter((one) => one === 'opened')).toHaveLength(1);
  expect(new Set(said)).toEqual(new Set(['opened', '23505']));
});
