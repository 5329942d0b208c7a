import { beforeAll, describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { type Actor, transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import { actorOf } from '../../src/principal.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';

/* The role may create tables with its own triggers. Their statements may do no more than the role's own statements. */

const { db } = await testDatabase();
const world = await createWorld(db);
const { org_id } = world;
const agent = (id: string): Actor => ({ org_id, kind: 'agent', id });
const person = actorOf(world.person);

/** Runs the statement in the role's own trigger, on the role's own table. */
function beneath(who: Actor, statement: string, make: string): Promise<string | null | undefined> {
  return transaction(db.app, who, async (tx) => {
    await tx.query(
      `CREATE FUNCTION pgboss.run_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE NEW.q; RETURN NEW; END $$`,
    );
    await tx.query(make);
    await tx.query('CREATE TRIGGER t BEFORE INSERT ON own FOR EACH ROW EXECUTE FUNCTION pgboss.run_it()');
    await tx.query('INSERT INTO own SELECT $1', [statement]);
    throw new Error('committed');
  }).then(
    () => null,
    (error: Error) => sqlState(error) ?? error.message,
  );
}
const TABLES = [
  'CREATE TEMP TABLE own (q text)',
  `CREATE TABLE pgboss.own (q text); SET LOCAL search_path = pgboss, public`,
];

beforeAll(async () => {
  await world.request(await world.addLead(), 'b2bea_membership_close');
  await world.work();
  const lead_id = await world.addLead();
  await transaction(db, { org_id, kind: 'system', id: null }, async (tx) => {
    // Only an erasure lists mentions.
    await tx.query('SET LOCAL session_replication_role = replica');
    await tx.query(
      `INSERT INTO erased_mentions (org_id, id, lead_id, subject_table, subject_key, field, found_at)
       VALUES ($1, $2, $3, 'campaigns', 'x', 'name', $4)`,
      [org_id, newId(world.clock), lead_id, world.clock.now()],
    );
    await tx.query(
      `INSERT INTO flags (org_id, id, kind, subject, for_role, detail, raised_at) VALUES ($1, $2, 'backlog', 'x', 'rep', '{}', $3)`,
      [org_id, newId(world.clock), world.clock.now()],
    );
  });
});

describe.each(TABLES)('in a trigger on %s', (make) => {
  it.each([
    [`UPDATE leads SET sales_signal_at = now() + interval '3 years'`, agent('AGT-901'), 'TL005'],
    [`UPDATE leads SET sales_signal_at = now() + interval '3 years'`, person, 'TL061'],
    [`UPDATE leads SET icp_tier = 'T3'`, agent('AGT-901'), 'TL064'],
    [`UPDATE leads SET linkedin_url = 'https://www.linkedin.com/in/x'`, agent('AGT-901'), 'TL064'],
    ['UPDATE accounts SET abm_active = NOT abm_active', agent('AGT-901'), 'TL064'],
    ['DELETE FROM leads', agent('AGT-901'), 'TL005'],
    [`UPDATE sequence_requests SET held_until = now()`, agent('AGT-901'), 'TL005'],
    [`UPDATE flags SET resolved_at = now()`, agent('AGT-901'), 'TL005'],
    [`UPDATE campaign_contacts SET paused_until = now()`, agent('AGT-901'), 'TL005'],
    [
      `UPDATE sales_send_queue SET held_policy_version = 0, deferred_policy_version = 0`,
      agent('AGT-901'),
      'TL005',
    ],
    [`UPDATE erased_mentions SET ended_at = found_at`, agent('AGT-901'), 'TL005'],
  ])('%s is refused', async (statement, who, code) => {
    expect(await beneath(who, statement, make)).toBe(code);
  });
});

it('the trigger depth is checked together with the trigger’s owner, and nowhere else', async () => {
  const asking = `SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
    AND pg_get_functiondef(oid) ~* 'pg_trigger_depth'`;
  expect((await db.query(asking)).rows).toEqual([{ proname: 'is_written_by_trigger' }]);
  const conditions = `SELECT tgname FROM pg_trigger WHERE pg_get_triggerdef(oid) ~* 'pg_trigger_depth'`;
  expect((await db.query(conditions)).rows).toEqual([]);
});

it('no trigger that writes as the owner can be attached to a table of the role', async () => {
  const { rows } = await db.query(
    `SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype = 'trigger'::regtype
       AND p.prosecdef AND (has_function_privilege('touchline_app', p.oid, 'EXECUTE') OR p.prosrc !~ 'refuse_other_schema')`,
  );
  expect(rows).toEqual([]);
});
