import { pino } from 'pino';
import { expect, it } from 'vitest';
import { Isolation } from '../../src/worker/isolation.ts';
import { STAGES } from '../../src/worker/stages.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';

const { db } = await testDatabase();
const dispatch = STAGES.find((stage) => stage.name === 'dispatch_steps')!;

it('a row that cannot be processed is set aside, and the rows around it continue', async () => {
  const world = await createWorld(db);
  const leads: string[] = [];
  for (let n = 0; n < 40; n += 1) {
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership');
    leads.push(lead_id);
  }
  const [bad, worse] = [leads[0]!, leads[23]!];
  await db.query(`CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'poison'; END $$`);
  await db.query(`CREATE TRIGGER poison BEFORE INSERT ON sales_send_queue
    FOR EACH ROW WHEN (NEW.lead_id IN ('${bad}', '${worse}')) EXECUTE FUNCTION poison()`);

  const logged: { id?: string; stage?: string }[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => logged.push(JSON.parse(line)) });
  const isolation = new Isolation({ ...world.worker_context, log });
  for (let rounds = 0; rounds < 10; rounds += 1) await isolation.run(world.org_id, dispatch);

  const items = await world.rows<{ lead_id: string }>('sales_send_queue');
  expect(items).toHaveLength(38);
  expect(items.map((item) => item.lead_id)).not.toContain(bad);
  const aside = await world.rows<{ id: string }>('campaign_contacts', `lead_id IN ('${bad}', '${worse}')`);
  expect(logged.map((line) => line.id).sort()).toEqual(aside.map((row) => row.id).sort());
  // The set-aside rows are not retried for now, and no other row remains.
  expect(await isolation.run(world.org_id, dispatch)).toBe(0);

  await db.query('DROP TRIGGER poison ON sales_send_queue');
  expect(await new Isolation(world.worker_context).run(world.org_id, dispatch)).toBe(2);
});
