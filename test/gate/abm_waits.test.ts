import { expect, it } from 'vitest';
import { dispatchDueSteps } from '../../src/coordinator/cadence/dispatch.ts';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { FLAG_CHECKS } from '../../src/coordinator/upkeep/checks.ts';
import { transaction } from '../../src/db/pool.ts';
import { accountOperations } from '../../src/operations/leads/accounts.ts';
import type { CampaignContactsRow, LeadsRow } from '../../src/schema.gen.ts';
import { runCheck } from '../../src/worker/checks.ts';
import { testDatabase } from '../database.ts';
import { createWorld, DAY_MS, type World } from '../world.ts';

const { db } = await testDatabase();
const BATCH = { limit: 100, set_aside: [], claimed: () => {}, report: () => {} };
const patchAccount = accountOperations[2];

const rescue = (world: World) =>
  runCheck(world.worker_context, world.org_id, FLAG_CHECKS.find(({ name }) => name === 'abm_waits')!);
const setAbm = (world: World, active: boolean) =>
  db.query(`UPDATE accounts SET abm_active = $2, updated_at = $3 WHERE org_id = $1`, [
    world.org_id,
    active,
    world.clock.now(),
  ]);
const enrollment = async (world: World) => (await world.rows<CampaignContactsRow>('campaign_contacts'))[0]!;

it('a wait that began just before ABM ended is woken', async () => {
  const world = await createWorld(db);
  await world.request(await world.addLead(), 'b2bea_nurture');
  await setAbm(world, true);
  await transaction(db, coordinatorActor(world.org_id), async (tx) => {
    await dispatchDueSteps({ tx, org_id: world.org_id, clock: world.clock }, BATCH);
    await setAbm(world, false);
  });
  world.clock.advance(DAY_MS);
  await world.work();
  expect(await enrollment(world)).toMatchObject({ status: 'paused', wake: 'abm_ends', paused_until: null });
  await rescue(world);
  await world.work();
  expect(await enrollment(world)).toMatchObject({ status: 'active' });
});

it('the wait of a lead that moved to an account whose ABM ended concurrently is woken', async () => {
  const world = await createWorld(db);
  const lead_id = await world.addLead();
  const other_lead_id = await world.addLead();
  await world.request(lead_id, 'b2bea_nurture');
  await setAbm(world, true);
  await world.work();
  const [other] = await world.rows<LeadsRow>('leads', `id = '${other_lead_id}'`);
  const account_id = other!.account_id!;
  const actor = { org_id: world.org_id, kind: 'human', id: 'someone' } as const;
  await transaction(db, actor, async (tx) => {
    await tx.query(`UPDATE leads SET account_id = $2 WHERE org_id = $1 AND id = $3`, [
      world.org_id,
      account_id,
      lead_id,
    ]);
    const call = { context: world.context, principal: world.person };
    await patchAccount.run({ ...call, input: { id: account_id, abm_active: false } });
  });
  await rescue(world);
  await world.work();
  expect(await enrollment(world)).toMatchObject({ status: 'active' });
});

it('a wait on an account in ABM continues', async () => {
  const world = await createWorld(db);
  await world.request(await world.addLead(), 'b2bea_nurture');
  await setAbm(world, true);
  await world.work();
  await rescue(world);
  await world.work();
  expect(await enrollment(world)).toMatchObject({ status: 'paused', paused_until: null });
});
