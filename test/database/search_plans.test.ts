import { beforeAll, describe, expect, it } from 'vitest';
import { transaction } from '../../src/db/pool.ts';
import { listAccounts, searchAccounts } from '../../src/db/queries/accounts.gen.ts';
import { searchFewLeads, searchLeads, searchNextLeads } from '../../src/db/queries/lead_search.gen.ts';
import { leadPageAmong, leadPageOfSegment } from '../../src/db/queries/leads.gen.ts';
import { countSuppressed } from '../../src/db/queries/suppressions.gen.ts';
import { type Statement, statement } from '../../src/db/statement.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';
import { type PlanNode, planOf, scanned } from './plan.ts';

/* A search reads about as many rows as it returns, however many leads there are: a few match, or half of them, or the last
   ones in page order, or none. */

const { db } = await testDatabase({ statement_timeout_ms: 120_000 });
const LEADS = 100_000;
const LEADS_PER_ACCOUNT = 10;
/** The most rows that a page and its probe may read in five ways, including neighboring index entries. */
const READ_MAX = 3_000;
/** Owns 40 leads, spread over all: 20 directly, and 20 through two accounts. */
const OWNER = '00000000-0000-4000-8000-000000000040';
let world: World;
/** Tables that kept plans scan sequentially if the plans were made while the tables were empty. */
let scanned_early: string[];

beforeAll(async () => {
  world = await createWorld(db);
  const anybody = { org_id: world.org_id, ...searched('anybody') };
  const early = [
    await planOf(db, world.org_id, searchFewLeads, { ...anybody, ...few }),
    await planOf(db, world.org_id, searchNextLeads, { ...anybody, ...next }),
  ];
  scanned_early = early.flatMap(scanned);
  await fill(world.org_id);
  await fill((await createWorld(db)).org_id);
  await db.query('VACUUM ANALYZE');
}, 120_000);

/** Without triggers, which would take minutes. Ids ascend, as the product's do. */
async function fill(org_id: string): Promise<void> {
  const org = `'${org_id}'::uuid`;
  const idOf = (n: string) => `lpad(to_hex(${n}), 32, '0')::uuid`;
  const actor = { org_id, kind: 'coordinator', id: 'AGT-302' } as const;
  const act = async (tx: { query(text: string): Promise<unknown> }) => {
    await tx.query('SET LOCAL session_replication_role = replica');
    await tx.query(`INSERT INTO accounts (org_id, id, name, domain, segment, owner_user_id)
      SELECT ${org}, ${idOf('n')}, 'Company ' || n, 'c' || n || '.example',
        CASE WHEN n = 4242 THEN 'rare' WHEN n % 2 = 0 THEN 'half' END,
        CASE WHEN n IN (100, 9100) THEN '${OWNER}'::uuid END
      FROM generate_series(0, ${LEADS / LEADS_PER_ACCOUNT}) n`);
    await tx.query(`INSERT INTO leads (org_id, id, account_id, email, first_name, last_name, unsubscribe_flag,
        unsubscribed_at, owner_user_id)
      SELECT ${org}, ${idOf('n')}, ${idOf(`n / ${LEADS_PER_ACCOUNT}`)},
        CASE WHEN n % 2 = 0 THEN 'info' ELSE 'p' END || n || '@c' || n / ${LEADS_PER_ACCOUNT} || '.example',
        CASE WHEN n > ${LEADS - 40} THEN 'Zoe' ELSE 'Ann' || n END, 'Lee' || lpad(n::text, 7, '0'), n % 1000 = 0,
        CASE WHEN n % 1000 = 0 THEN now() END, CASE WHEN n % 5000 = 0 THEN '${OWNER}'::uuid END
      FROM generate_series(1, ${LEADS}) n`);
    await tx.query(`INSERT INTO lead_addresses (org_id, id, lead_id, kind, value, is_primary, source, since)
      SELECT ${org}, gen_random_uuid(), ${idOf('n')}, 'email', 'second' || n || '@c' || n / ${LEADS_PER_ACCOUNT} || '.example',
        false, 'file', now()
      FROM generate_series(1, ${LEADS}) n`);
  };
  await transaction(db, actor, act, { statement_timeout_ms: 120_000 });
}

const searched = (q: string) => ({
  after_id: null,
  limit: 51,
  icp_tier: null,
  q_from: q,
  q_to: `${q}\u{10FFFF}`,
});
const unfiltered = { account_id: null, cadence_state: null, blocked: null, segment: null };
const few = { ...unfiltered, found_max: 1_000, after_id: idAt(0) };
const next = { ...unfiltered, ahead: 510, after_id: idAt(0) };
const among = { ...unfiltered, icp_tier: null, after_id: null, limit: 51, q_from: null, q_to: null };
const of_owner = { ...among, lead_ids: ownedLeads() };
/** The leads of owners, inlined as a list inlines them. */
const leadsOf = statement(
  'search.leadsOf',
  { org_id: 'plain', owners: 'plain' },
  'SELECT o.id FROM leads_of($1, $2) AS o (id)',
);
const of_accounts = { abm_active: null, icp_tier: null, owner_user_ids: null, after_id: null, limit: 51 };
const of_segment = { ...unfiltered, icp_tier: null, after_id: null, limit: 51 };

describe('a search reads few rows, by index', () => {
  it.each([
    ['an address', searchLeads, { ...unfiltered, ...searched('info4242@') }, 1],
    ['an address in capitals', searchLeads, { ...unfiltered, ...searched('INFO4242@C') }, 1],
    ['half of all addresses', searchLeads, { ...unfiltered, ...searched('info') }, 51],
    [
      'half of all addresses, a later page',
      searchLeads,
      { ...unfiltered, ...searched('info'), after_id: idAt(90_000) },
      51,
    ],
    [
      'half of all addresses, of which few opted out',
      searchLeads,
      { ...unfiltered, ...searched('info'), blocked: true },
      51,
    ],
    ['a further address', searchLeads, { ...unfiltered, ...searched('second4242@') }, 1],
    ['every further address', searchLeads, { ...unfiltered, ...searched('second') }, 51],
    ['few: a further address', searchFewLeads, { ...searched('second4242@'), ...few }, 1],
    ['few: not every further address', searchFewLeads, { ...searched('second'), ...few }, 1],
    ['next: every further address', searchNextLeads, { ...searched('second'), ...next }, 51],
    ['a domain', searchLeads, { ...unfiltered, ...searched('c4242.') }, 10],
    ['a full name', searchLeads, { ...unfiltered, ...searched('ann4242 l') }, 1],
    ['a first name of the last leads', searchLeads, { ...unfiltered, ...searched('zoe') }, 40],
    ['a last name', searchLeads, { ...unfiltered, ...searched('lee0004242') }, 1],
    ['every last name', searchLeads, { ...unfiltered, ...searched('lee') }, 51],
    ['a company', searchLeads, { ...unfiltered, ...searched('company 4242') }, 10],
    ['every company', searchLeads, { ...unfiltered, ...searched('company') }, 51],
    ['no lead', searchLeads, { ...unfiltered, ...searched('nobody here') }, 0],
    ['few: an address', searchFewLeads, { ...searched('INFO4242@C'), ...few }, 1],
    ['few: a domain', searchFewLeads, { ...searched('c4242.'), ...few }, 10],
    ['few: a full name', searchFewLeads, { ...searched('ann4242 l'), ...few }, 1],
    ['few: a first name of the last', searchFewLeads, { ...searched('zoe'), ...few }, 40],
    ['few: more than a page', searchFewLeads, { ...searched('lee00042'), ...few }, 51],
    ['few: a company', searchFewLeads, { ...searched('company 4242'), ...few }, 10],
    ['few: no lead', searchFewLeads, { ...searched('nobody here'), ...few }, 0],
    ['few: not half of all addresses', searchFewLeads, { ...searched('info'), ...few }, 1],
    ['few: not every last name', searchFewLeads, { ...searched('lee'), ...few }, 1],
    ['few: not every company', searchFewLeads, { ...searched('company'), ...few }, 1],
    ['next: half of all addresses', searchNextLeads, { ...searched('info'), ...next }, 51],
    ['next: a later page', searchNextLeads, { ...searched('info'), ...next, after_id: idAt(90_000) }, 51],
    ['next: every company', searchNextLeads, { ...searched('company'), ...next }, 51],
    ['next: no lead', searchNextLeads, { ...searched('nobody here'), ...next }, 0],
    ['a segment of one account', leadPageOfSegment, { ...of_segment, segment: 'rare' }, 10],
    ['a segment of half of all accounts', leadPageOfSegment, { ...of_segment, segment: 'half' }, 51],
    ['a segment without leads', leadPageOfSegment, { ...of_segment, segment: 'none' }, 0],
    ['the leads of one owner', leadsOf, { owners: [OWNER] }, 40],
    ['one owner', leadPageAmong, of_owner, 40],
    ['one owner of a segment', leadPageAmong, { ...of_owner, segment: 'half' }, 40],
    ['one owner and half of all addresses', leadPageAmong, { ...of_owner, ...searched('info') }, 30],
    ['one owner and every company', leadPageAmong, { ...of_owner, ...searched('company') }, 40],
    ['accounts of one owner', listAccounts, { ...of_accounts, owner_user_ids: [OWNER] }, 2],
    ['an account', searchAccounts, { ...of_accounts, ...searched('company 4242') }, 1],
    ['every account', searchAccounts, { ...of_accounts, ...searched('company') }, 51],
    ['the domain of an account', searchAccounts, { ...of_accounts, ...searched('c4242.e') }, 1],
    ['no account', searchAccounts, { ...of_accounts, ...searched('nobody here') }, 0],
  ] as const)('%s', async (_name, asked, rest, count) => {
    const params = { org_id: world.org_id, ...rest };
    const nodes = await planOf<never>(db, world.org_id, asked as Statement<never, unknown>, params as never);
    expect(nodes[0]!['Actual Rows']).toBe(count);
    expect(scanned(nodes).filter(isLarge)).toEqual([]);
    expect(readOf(nodes)).toBeLessThanOrEqual(READ_MAX);
  });
});

it('a kept plan reads by index even if it was made for empty tables', () => {
  expect(scanned_early.filter(isLarge)).toEqual([]);
});

/** The leads that OWNER owns. */
function ownedLeads(): string[] {
  const direct = Array.from({ length: 20 }, (_, at) => idAt((at + 1) * 5_000));
  const by_account = [1_000, 91_000].flatMap((first) =>
    Array.from({ length: LEADS_PER_ACCOUNT }, (_, at) => idAt(first + at)),
  );
  return [...direct, ...by_account];
}

function idAt(n: number): string {
  return n
    .toString(16)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** An organization has one row of these, or few: its users. */
function isLarge(table: unknown): boolean {
  return table !== 'organizations' && table !== 'users';
}

/** Rows that the scans read, including discarded rows. */
function readOf(nodes: readonly PlanNode[]): number {
  const scans = nodes.filter(
    (node) => String(node['Node Type']).endsWith('Scan') && node['Relation Name'] !== undefined,
  );
  return scans.reduce((sum, node) => {
    const each = Number(node['Actual Rows']) + Number(node['Rows Removed by Filter'] ?? 0);
    return sum + each * Number(node['Actual Loops']);
  }, 0);
}

it('the leads of suppressed values are counted by index', async () => {
  const kinds = ['address', 'domain', 'phone'] as const;
  const rows = kinds.map((kind) => ({ kind, value: 'x', subdomains_from: 'x.', subdomains_to: 'x/' }));
  const asked = { org_id: world.org_id, rows, most: 10_000 };
  expect(scanned(await planOf(db, world.org_id, countSuppressed, asked))).toEqual([]);
});
