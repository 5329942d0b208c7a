import { beforeAll, expect, test } from 'vitest';
import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { transaction } from '../../src/db/pool.ts';
import { testDatabase } from '../database.ts';
import { answer, take, writtenLead } from '../inbound/inbound_world.ts';
import { approvedLeads, beginData, reserve } from '../sending/send_world.ts';
import { createWorld, type World } from '../world.ts';

/* Copies a row as the owner with all triggers off. The unique indexes alone must refuse what db/invariants.yaml says they
   refuse. */

const { db } = await testDatabase();
let world: World;

beforeAll(async () => {
  world = await createWorld(db);
  await take(world, answer(await writtenLead(world), 'Why?'));
  await approvedLeads(world, 2);
  const [first] = await reserve(world);
  await beginData(world, first!);
});

test.each([
  ['campaign_contacts', { id: 'gen_random_uuid()' }, `status = 'active'`, 'campaign_contacts_active_uniq'],
  ['sales_send_queue', { id: 'gen_random_uuid()' }, `status = 'approved'`, 'sales_send_queue_step_uniq'],
  [
    'sales_send_queue',
    { id: 'gen_random_uuid()', step_number: 'step_number + 1' },
    `status = 'approved'`,
    'sales_send_queue_open_uniq',
  ],
  ['send_attempts', { id: 'gen_random_uuid()' }, `stage = 'intent'`, 'send_attempts_open_uniq'],
  [
    'send_attempts',
    { id: 'gen_random_uuid()', stage: `'accepted'`, finished_at: 'now()' },
    `stage = 'data'`,
    'send_attempts_once_uniq',
  ],
  ['inbound_messages', { id: 'gen_random_uuid()', answer_hash: 'NULL' }, 'true', 'inbound_messages_once'],
  [
    'inbound_messages',
    { id: 'gen_random_uuid()', raw_hash: `sha256('other')` },
    'true',
    'inbound_messages_answer',
  ],
])('%s with %o where %s is refused by %s', async (table, changes, where, constraint) => {
  await expect(copyRow(table, changes, where)).rejects.toMatchObject({ code: '23505', constraint });
});

test('a copy with another identity is accepted', async () => {
  const changes = { id: 'gen_random_uuid()', lead_id: 'gen_random_uuid()', message_id: `'other'` };
  await expect(copyRow('campaign_contacts', changes, `status = 'active'`)).resolves.toBe(1);
});

/** Returns the number of rows copied. */
async function copyRow(table: string, changes: Readonly<Record<string, string>>, where: string) {
  const { rows: columns } = await db.query<{ name: string }>(
    `SELECT quote_ident(attname) AS name FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
    [table],
  );
  const names = columns.map(({ name }) => name);
  const values = names.map((name) => changes[name] ?? name);
  return transaction(db, coordinatorActor(world.org_id), async (tx) => {
    await tx.query('SET LOCAL session_replication_role = replica');
    const { rows } = await tx.query(
      `INSERT INTO ${table} (${names.join(', ')})
       SELECT ${values.join(', ')} FROM ${table} WHERE org_id = $1 AND ${where} LIMIT 1 RETURNING 1`,
      [world.org_id],
    );
    return rows.length;
  });
}
