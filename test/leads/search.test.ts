import { beforeAll, describe, expect, test } from 'vitest';
import { findLead } from '../../src/operations/leads/access.ts';
import { accountOperations } from '../../src/operations/leads/accounts.ts';
import { leadOperations } from '../../src/operations/leads/leads.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';

/* Leads and accounts are found by the beginning of an address, a domain, a name or a company. */

const { db } = await testDatabase();
type Item = { id: string; email: string; domain: string };
let world: World;

beforeAll(async () => {
  const other = await createWorld(db);
  await other.addLead({ email: 'jane@acme.example', first_name: 'Jane', last_name: 'Doe' });
  world = await createWorld(db);
  const people = [
    ['Jane.Doe@Acme.example', 'Jane', 'van Dyke', 'Zenith Works', 'T1'],
    ['jo@bolt.example', 'Özlem', 'Åström', 'Über Bolt', 'T2'],
    ['k_1@core.example', '100%', 'Lee_1', 'Core \\ Sons', 'T2'],
    ['kx1@core.example', '100x', 'Leex1', 'Core Sons', 'T2'],
    ['mary@delta.example', ' Mary ', null, 'Delta', 'T3'],
    ['solo@echo.example', null, 'Solo', 'Echo \u{1F680}', 'T3'],
  ] as const;
  for (const [email, first_name, last_name, company, icp_tier] of people) {
    const id = await world.addLead({ email, first_name, last_name });
    const { rows } = await db.query<{ account_id: string }>(`SELECT account_id FROM leads WHERE id = $1`, [
      id,
    ]);
    await db.query('UPDATE accounts SET name = $2, domain = $3, icp_tier = $4 WHERE id = $1', [
      rows[0]!.account_id,
      company,
      `${email.split('@')[1]!.toLowerCase().replace('core', email.slice(0, 2).replace('_', '0'))}`,
      icp_tier,
    ]);
    world.clock.advance(1);
  }
});

async function list(operation: 'list_leads' | 'list_accounts', input: unknown) {
  const found = [...leadOperations, ...accountOperations].find((one) => one.name === operation)!;
  const parsed = found.input.parse(input) as never;
  const answer = await found.run({ context: world.context, principal: world.person, input: parsed });
  return found.output.parse(answer) as unknown as { items: Item[]; next_cursor: string | null };
}

const leadsBy = async (input: unknown) =>
  (await list('list_leads', input)).items.map(({ email }) => email.toLowerCase().split('@')[0]);
const accountsBy = async (input: unknown) =>
  (await list('list_accounts', input)).items.map(({ domain }) => domain.split('.')[0]);

describe('leads are found by the beginning of', () => {
  test.each([
    ['an address', 'jane.d', ['jane.doe']],
    ['a whole address in another case', ' JANE.DOE@ACME.example ', ['jane.doe']],
    ['a domain', 'Core.ex', ['k_1', 'kx1']],
    ['a first name', 'jane', ['jane.doe']],
    ['a full name', 'Jane Van D', ['jane.doe']],
    ['a last name', 'van', ['jane.doe']],
    ['a first name alone', 'mary', ['mary']],
    ['a last name alone', 'sol', ['solo']],
    ['a company', 'zenith w', ['jane.doe']],
    ['a name with an umlaut', 'özl', ['jo']],
    ['a name with an umlaut in another case', 'ÖZLEM ÅS', ['jo']],
    ['a last name with an umlaut', 'åström', ['jo']],
    ['a company with an umlaut', 'ÜBER', ['jo']],
    ['a company with a character beyond the first plane', 'echo \u{1F680}', ['solo']],
    ['a name with %, which stands for itself', '100%', ['k_1']],
    ['a name with _, which stands for itself', 'lee_', ['k_1']],
    ['an address with _, which stands for itself', 'k_', ['k_1']],
    ['a company with \\, which stands for itself', 'core \\', ['k_1']],
    ['several at once, each lead once', 'core', ['k_1', 'kx1']],
    ['one letter', 'm', ['mary']],
  ])('%s', async (_what, q, expected) => {
    expect(await leadsBy({ q })).toEqual(expected);
  });

  test.each(['doe', 'yke', '%', '_', 'nobody', 'jane van dyke zenith', 'jane@acme', '\u{10FFFF}', '\uD83D'])(
    'nothing else: %j',
    async (q) => {
      expect(await leadsBy({ q })).toEqual([]);
    },
  );

  test('an empty search, which matches everyone', async () => {
    expect(await leadsBy({ q: '  ' })).toHaveLength(6);
  });
});

test('results are filtered and paged', async () => {
  const { account_id } = (await world.rows('leads', `email LIKE 'kx1@%'`))[0] as { account_id: string };
  expect(await leadsBy({ q: 'core', account_id })).toEqual(['kx1']);
  expect(await leadsBy({ q: 'core', icp_tier: 'T1' })).toEqual([]);
  expect(await leadsBy({ q: 'core', icp_tier: 'T2' })).toEqual(['k_1', 'kx1']);
  await db.query(`UPDATE leads SET icp_tier = 'T1' WHERE org_id = $1 AND email LIKE 'kx1@%'`, [world.org_id]);
  expect(await leadsBy({ q: 'core', icp_tier: 'T1' })).toEqual(['kx1']);
  expect(await leadsBy({ q: 'core', cadence_state: 'idle', blocked: 'false' })).toHaveLength(2);
  expect(await leadsBy({ q: 'core', blocked: 'true' })).toEqual([]);
  const first = await list('list_leads', { q: 'core', limit: '1' });
  expect(first.items.map(({ email }) => email)).toEqual(['k_1@core.example']);
  const second = { q: 'core', limit: '1', cursor: first.next_cursor };
  expect(await leadsBy(second)).toEqual(['kx1']);
  expect((await list('list_leads', second)).next_cursor).toBeNull();
});

test('a renamed lead is found by the new name', async () => {
  const id = await world.addLead({ email: 'nn@foxtrot.example', first_name: 'Nell', last_name: 'Novak' });
  await db.query(`UPDATE leads SET last_name = 'Quist' WHERE id = $1`, [id]);
  expect(await leadsBy({ q: 'nell quist' })).toEqual(['nn']);
  expect(await leadsBy({ q: 'novak' })).toEqual([]);
});

test('accounts are found by the beginning of their name or domain', async () => {
  expect(await accountsBy({ q: 'ZEN' })).toEqual(['acme']);
  expect(await accountsBy({ q: 'acme.e' })).toEqual(['acme']);
  expect(await accountsBy({ q: 'über' })).toEqual(['bolt']);
  expect(await accountsBy({ q: 'delta' })).toEqual(['delta']);
  expect(await accountsBy({ q: 'core', icp_tier: 'T2' })).toHaveLength(2);
  expect(await accountsBy({ q: 'core', abm_active: 'true' })).toEqual([]);
  const first = await list('list_accounts', { q: 'core', limit: '1' });
  const rest = await list('list_accounts', { q: 'core', limit: '1', cursor: first.next_cursor });
  expect(new Set([...first.items, ...rest.items].map(({ id }) => id)).size).toBe(2);
  expect(rest.next_cursor).toBeNull();
  for (const q of ['elta', '%', 'works', 'nobody']) expect(await accountsBy({ q })).toEqual([]);
});

test('an address with a domain in its own script names its lead', async () => {
  const id = await world.addLead({ email: 'jo@xn--bcher-kva.example' });
  for (const key of ['jo@bücher.example', 'JO@BÜCHER.example'])
    expect((await findLead(db, world.org_id, key)).id).toBe(id);
});
