import { beforeAll, describe, expect, it } from 'vitest';
import { sqlState } from '../../src/db/errors.ts';
import { transaction } from '../../src/db/pool.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';

/* An agent with direct SQL as the product's role: the database rejects everything that agents may not write. */

const { db } = await testDatabase();
const world = await createWorld(db);
const { org_id, person } = world;
const agent = { org_id, kind: 'agent', id: 'AGT-202' } as const;

const as = (text: string, values: readonly unknown[] = []) =>
  transaction(db.app, agent, (tx) => tx.query(text, values)).then(() => null, sqlState);

it.each([
  ...[
    'organizations',
    'clients',
    'agents',
    'users',
    'sessions',
    'sign_in_links',
    'sign_in_counts',
    'mailboxes',
  ],
  ...['campaigns', 'campaign_sequences', 'template_approvals', 'sales_play_library_config'],
  ...['territory_definitions', 'play_runs', 'touches', 'webhooks', 'mailbox_grants', 'suppressions'],
  ...['lead_imports', 'lead_import_rows'],
])('agents cannot write %s', async (table) => {
  const [column] = (
    await db.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute
       WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum LIMIT 1`,
      [table],
    )
  ).rows;
  expect(await as(`UPDATE ${table} SET ${column!.name} = ${column!.name} WHERE false`)).toBe('TL005');
  expect(await as(`DELETE FROM ${table} WHERE false`)).toBe('TL005');
  expect(await as(`INSERT INTO ${table} SELECT * FROM ${table} WHERE false`)).toMatch(/^(TL005|428C9)$/);
});

it('agents cannot create a session or a sign-in link', async () => {
  const token = Buffer.alloc(32, 7);
  const times = `now(), now() + interval '1 day'`;
  const user_id = person.kind === 'human' ? person.user_id : null;
  for (const table of ['sessions', 'sign_in_links']) {
    const text = `INSERT INTO ${table} (org_id, id, user_id, token_sha256, created_at, expires_at)
      VALUES ($1, gen_random_uuid(), $2, $3, ${times})`;
    expect(await as(text, [org_id, user_id, token])).toBe('TL005');
  }
});

it('agents cannot change a policy', async () => {
  expect(await as(`INSERT INTO policies SELECT * FROM policies WHERE false`)).toBe('TL005');
});

describe('the rules on recipients and times', () => {
  beforeAll(async () => {
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_membership_close');
    await world.work();
  });

  it.each([
    'UPDATE leads SET cadence_paused_at = NULL, cadence_pause_reason = NULL',
    `UPDATE leads SET email = 'other@prospect.example'`,
    'UPDATE leads SET account_id = NULL',
    'INSERT INTO leads (org_id, id, email) SELECT org_id, gen_random_uuid(), id::text FROM leads',
    'DELETE FROM leads',
    'UPDATE campaign_contacts SET next_send_at = now(), current_step = 5',
    'UPDATE campaign_contacts SET paused_until = now()',
    `UPDATE campaign_contacts SET status = 'rejected'`,
    `INSERT INTO suppressions (org_id, id, kind, value, reason, source, created_at)
     SELECT org_id, gen_random_uuid(), 'domain', 'prospect.example', 'x', 'earlier', now() FROM organizations`,
    'UPDATE sales_send_queue SET due_at = now()',
    'UPDATE sales_send_queue SET scheduled_at = now()',
    'UPDATE sales_send_queue SET held_until = now()',
    'UPDATE sales_send_queue SET deferred_policy_version = 0',
    'DELETE FROM lead_imports',
    'DELETE FROM notifications',
    `UPDATE notifications SET to_agent = 'AGT-202'`,
  ])('are out of reach for agents: %s', async (statement) => {
    expect(await as(statement)).toBe('TL005');
  });

  it('follow from an agent’s reports about an account and a lead', async () => {
    const lead_id = await world.addLead();
    await world.request(lead_id, 'b2bea_nurture');
    const [{ account_id } = {}] = await world.rows<{ account_id: string }>('leads', `id = '${lead_id}'`);
    const abm = `UPDATE accounts SET abm_active = $2, updated_at = $3 WHERE id = $1`;
    await db.query(abm, [account_id, true, world.clock.now()]);
    await world.work();
    const waits = () => world.rows('campaign_contacts', `lead_id = '${lead_id}'`);
    expect(await waits()).toMatchObject([{ status: 'paused', wake: 'abm_ends', paused_until: null }]);
    const now = world.clock.now();
    expect(await as(abm, [account_id, false, now])).toBeNull();
    expect(await as(`UPDATE leads SET time_zone = 'Asia/Tokyo' WHERE id = $1`, [lead_id])).toBeNull();
    expect(await waits()).toMatchObject([{ status: 'paused', paused_until: now }]);
  });
});
