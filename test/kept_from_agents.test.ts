import { expect, it } from 'vitest';
import { sqlState } from '../src/db/errors.ts';
import { transaction } from '../src/db/pool.ts';
import { testDatabase } from './database.ts';
import { createWorld } from './world.ts';

/* An agent, with SQL of its own as the product's role: what is not for agents, the database does not let it write. */

const { db } = await testDatabase();
const { org_id, person } = await createWorld(db);
const agent = { org_id, kind: 'agent', id: 'AGT-901' } as const;

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
  ...['territory_definitions', 'play_runs', 'touches', 'webhooks', 'mailbox_grants'],
])('not %s', async (table) => {
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

it('not a session or a link for somebody', async () => {
  const token = Buffer.alloc(32, 7);
  const times = `now(), now() + interval '1 day'`;
  const user_id = person.kind === 'human' ? person.user_id : null;
  for (const table of ['sessions', 'sign_in_links']) {
    const text = `INSERT INTO ${table} (org_id, id, user_id, token_sha256, created_at, expires_at)
      VALUES ($1, gen_random_uuid(), $2, $3, ${times})`;
    expect(await as(text, [org_id, user_id, token])).toBe('TL005');
  }
});

it('not a policy', async () => {
  expect(await as(`INSERT INTO policies SELECT * FROM policies WHERE false`)).toBe('TL005');
});
