import { expect, test } from 'vitest';
import { actingDb } from '../../src/db/acting.ts';
import { AppError } from '../../src/errors.ts';
import { accountOperations } from '../../src/operations/leads/accounts.ts';
import { leadOperations } from '../../src/operations/leads/leads.ts';
import { actorOf, type Principal } from '../../src/principal.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, type World } from '../world.ts';

const { db } = await testDatabase();

const operations = [...leadOperations, ...accountOperations];
type Name = (typeof operations)[number]['name'];
type Answer = Record<string, unknown> & {
  id: string;
  items: Record<string, unknown>[];
  next_cursor: string | null;
};

/** Runs an operation as a surface does: input and output pass their schemas. */
async function run(world: World, name: Name, input: unknown, principal: Principal = world.person) {
  const found = operations.find((one) => one.name === name)!;
  const parsed = found.input.parse(input) as never;
  const context = { ...world.context, db: actingDb(world.context.db, actorOf(principal)) };
  return found.output.parse(await found.run({ context, principal, input: parsed })) as unknown as Answer;
}

async function refusal(running: Promise<unknown>): Promise<AppError> {
  const error = await running.then(
    () => new Error('it was not refused'),
    (caught: unknown) => caught,
  );
  if (error instanceof AppError) return error;
  throw error;
}

function agentOf(world: World): Principal {
  return { kind: 'agent', org_id: world.org_id, agent_id: 'roles.bdr', agent_kind: 'role', name: 'Tara' };
}

test('leads are listed in pages and filtered', async () => {
  const world = await createWorld(db);
  for (const n of [1, 2, 3, 4, 5]) {
    await world.addLead({
      email: `p${n}@x.example`,
    });
    world.clock.advance(1);
  }
  await db.query(
    `UPDATE leads SET opt_out_flag = true, opted_out_at = $2 WHERE org_id = $1 AND email = 'p5@x.example'`,
    [world.org_id, world.clock.now()],
  );
  const emails = (answer: Answer) => answer.items.map((item) => item.email);
  const first = await run(world, 'list_leads', { limit: '2' });
  const second = await run(world, 'list_leads', { limit: '2', cursor: first.next_cursor });
  const third = await run(world, 'list_leads', { limit: '2', cursor: second.next_cursor });
  expect([first, second, third].flatMap(emails)).toEqual([1, 2, 3, 4, 5].map((n) => `p${n}@x.example`));
  expect(third.next_cursor).toBeNull();
  const found = async (input: unknown) => emails(await run(world, 'list_leads', input));
  expect(await found({ blocked: 'true' })).toEqual(['p5@x.example']);
  expect(await found({ blocked: 'false', icp_tier: 'T2' })).toHaveLength(4);
  expect(await found({ icp_tier: 'T1' })).toEqual([]);
  expect(await found({ cadence_state: 'idle' })).toHaveLength(5);
  expect((await refusal(run(world, 'list_leads', { cursor: 'nonsense' }))).code).toBe('cursor_invalid');
});

test('a lead is found by id and by address, and only in its own org', async () => {
  const [world, other] = [await createWorld(db), await createWorld(db)];
  const id = await world.addLead({ email: 'Ann@x.example', time_zone: null });
  await db.query(
    `INSERT INTO suppressions (org_id, id, kind, value, reason, source) VALUES ($1, $2, 'domain', 'x.example', 'asked', 'earlier')`,
    [world.org_id, id],
  );
  expect(await run(world, 'get_lead', { id: 'ANN@x.example' })).toMatchObject({
    id,
    company: 'Account 1',
    effective_time_zone: 'Europe/London',
    suppressed_address: true,
  });
  expect((await run(world, 'get_lead', { id })).email).toBe('Ann@x.example');
  await world.addLead({ email: 'bo@y.example' });
  const { items } = await run(world, 'list_leads', {});
  expect(items.map((one) => one.suppressed_address)).toEqual([true, false]);
  for (const key of [id, 'ann@x.example']) {
    for (const name of ['get_lead', 'patch_lead', 'opt_out_lead'] as const) {
      expect(await refusal(run(other, name, { id: key }))).toMatchObject({ code: 'not_found', status: 404 });
    }
  }
});

test('a patch changes the named fields, and null clears', async () => {
  const world = await createWorld(db);
  const id = await world.addLead({ title: 'Boss', segment: 'smb' });
  const [before] = await world.rows('leads');
  world.clock.advance(1_000);
  await run(world, 'patch_lead', {
    id,
    title: null,
    time_zone: 'Asia/Tokyo',
    icp_tier: 'T1',
  });
  const after = {
    ...before,
    title: null,
    time_zone: 'Asia/Tokyo',
    icp_tier: 'T1',
    updated_at: world.clock.now(),
  };
  expect(await world.rows('leads')).toEqual([after]);
  world.clock.advance(1_000);
  await run(world, 'patch_lead', { id });
  expect(await world.rows('leads')).toEqual([after]);
});

test.each([
  { time_zone: 'Mars/Olympus' },
  { icp_tier: 'T4' },
  { title: '' },
  { title: 'a\nBcc: b' },
  { first_name: 'x'.repeat(201) },
  { linkedin_url: 'javascript:alert(1)' },
  { linkedin_url: 'https://evil.example/in/abd' },
])('a patch with %j is bad input', (patch) => {
  const { input } = leadOperations.find((one) => one.name === 'patch_lead')!;
  expect(input.safeParse({ id: 'a@x.example', ...patch }).success).toBe(false);
});

test('an opt-out ends everything at once, and is set once', async () => {
  const world = await createWorld(db);
  const id = await world.addLead({ email: 'ann@x.example' });
  await world.request(id, 'b2bea_nurture');
  await world.work();
  world.clock.advance(1_000);
  const answer = await run(world, 'opt_out_lead', { id: 'ann@x.example', reason: 'phoned' }, agentOf(world));
  expect(answer).toMatchObject({ id, changed: true, opt_out_flag: true, cadence_state: 'idle' });
  expect(await world.rows('campaign_contacts')).toMatchObject([
    { status: 'rejected', exit_reason: 'compliance_block' },
  ]);
  expect(await world.rows('sales_send_queue', `status <> 'canceled'`)).toEqual([]);
  expect(await world.rows('cadence_event_log', `event_type = 'opted_out'`)).toMatchObject([
    { lead_id: id, actor_kind: 'agent', actor_id: 'roles.bdr', detail: { reason: 'phoned' } },
  ]);
  expect(await world.rows('cadence_event_log', `suppressed_reason = 'compliance_block'`)).not.toEqual([]);
  const events = await world.rows('cadence_event_log', 'true ORDER BY id');
  const leads = await world.rows('leads');
  world.clock.advance(1_000);
  expect(await run(world, 'opt_out_lead', { id })).toMatchObject({ changed: false, opt_out_flag: true });
  expect(await world.rows('cadence_event_log', 'true ORDER BY id')).toEqual(events);
  expect(await world.rows('leads')).toEqual(leads);
});

test('only a person lifts an opt-out, with a reason; nothing restarts automatically', async () => {
  const world = await createWorld(db);
  const id = await world.addLead();
  await world.request(id, 'b2bea_nurture');
  await run(world, 'opt_out_lead', { id });
  const lift = { id, action: 'lift', reason: 'wrote back' };
  expect(await refusal(run(world, 'opt_out_lead', lift, agentOf(world)))).toMatchObject({
    code: 'not_human',
    status: 403,
  });
  expect((await refusal(run(world, 'opt_out_lead', { id, action: 'lift' }))).code).toBe('reason_required');
  expect(await world.rows('leads')).toMatchObject([{ opt_out_flag: true }]);
  await db.query(
    `INSERT INTO suppressions (org_id, id, kind, value, reason, source) SELECT org_id, id, 'address', email_key, 'bounced', 'bounce' FROM leads WHERE org_id = $1`,
    [world.org_id],
  );
  world.clock.advance(DAY_MS);
  expect(await run(world, 'opt_out_lead', lift)).toMatchObject({
    changed: true,
    opt_out_flag: false,
    opted_out_at: null,
    suppressed_address: true,
  });
  expect(await world.rows('cadence_event_log', `event_type = 'opt_out_lifted'`)).toMatchObject([
    { actor_kind: 'human', detail: { reason: 'wrote back' }, compliance_status: 'suppressed_address' },
  ]);
  expect(await run(world, 'opt_out_lead', lift)).toMatchObject({ changed: false });
  await world.work();
  expect(await world.rows('campaign_contacts', `status <> 'rejected'`)).toEqual([]);
});

test('accounts are listed, read and patched', async () => {
  const world = await createWorld(db);
  await world.addLead({ abm_active: true });
  await world.addLead();
  const listed = await run(world, 'list_accounts', { abm_active: 'true' });
  expect(listed.items).toMatchObject([{ name: 'Account 1', lead_count: 1, abm_active: true }]);
  expect((await run(world, 'list_accounts', { q: 'ACCOUNT 2' })).items).toMatchObject([
    { name: 'Account 2' },
  ]);
  const { id } = listed.items[0] as { id: string };
  const changed = await run(world, 'patch_account', { id, icp_tier: 'T1', time_zone: 'Europe/Paris' });
  expect(changed).toMatchObject({ icp_tier: 'T1', time_zone: 'Europe/Paris', abm_active: true });
  expect(await run(world, 'get_account', { id })).toEqual(changed);
  const other = await createWorld(db);
  expect((await refusal(run(other, 'get_account', { id }))).status).toBe(404);
  expect((await refusal(run(other, 'patch_account', { id, abm_active: false }))).status).toBe(404);
});

test('ending ABM by hand wakes the nurture that waited for it', async () => {
  const world = await createWorld(db);
  await world.addLead();
  const [{ id, account_id }] = (await world.rows('leads')) as [{ id: string; account_id: string }];
  await world.request(id, 'b2bea_nurture');
  await run(world, 'patch_account', { id: account_id, abm_active: true });
  await world.work();
  expect(await world.rows('campaign_contacts')).toMatchObject([{ status: 'paused', wake: 'abm_ends' }]);
  world.clock.advance(1_000);
  await run(world, 'patch_account', { id: account_id, abm_active: false });
  await world.work();
  expect(await world.rows('campaign_contacts')).toMatchObject([{ status: 'active' }]);
});
