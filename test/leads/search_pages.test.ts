import { beforeAll, expect, test } from 'vitest';
import type { Queryable } from '../../src/db/pool.ts';
import { searchedLeads } from '../../src/operations/leads/search.ts';
import { testDatabase } from '../database.ts';
import { createWorld, type World } from '../world.ts';

/* A search finds the same leads as reading all of them, page by page, whichever statement answers. */

const { db } = await testDatabase();
const LEADS = 150;
let world: World;
let all: Known[];

type Known = {
  id: string;
  keys: (string | null)[];
  icp_tier: string | null;
  segment: string | null;
  account_id: string | null;
  cadence_state: string;
  blocked: boolean;
};

beforeAll(async () => {
  world = await createWorld(db);
  for (const { org_id } of [await createWorld(db), world]) await fill(org_id);
  all = await knownLeads();
});

/** Ids unrelated to the search order, gaps in every column, names that are also domains, companies without leads. */
async function fill(org_id: string): Promise<void> {
  const one_of = (list: string, n: string) => `(ARRAY[${list}])[1 + ${n} % cardinality(ARRAY[${list}])]`;
  const id = (n: string) => `md5('${org_id}' || ${n})::uuid`;
  await db.query(`INSERT INTO accounts (org_id, id, name, icp_tier, segment)
    SELECT '${org_id}', ${id(`'a' || n`)}, ${one_of(`'Ann & Co', ' Beta ', 'Empty', 'éclair'`, 'n')} || ' ' || n,
      ${one_of(`'T1'::icp_tier, NULL, 'T2'`, 'n')}, ${one_of(`'smb', NULL`, 'n')}
    FROM generate_series(0, 39) n`);
  await db.query(`INSERT INTO leads (org_id, id, account_id, email, first_name, last_name, icp_tier, segment,
      cadence_state, opt_out_flag, opted_out_at)
    SELECT '${org_id}', ${id('n')}, CASE WHEN n % 40 % 4 <> 2 AND n % 7 > 0 THEN ${id(`'a' || n % 40`)} END,
      ${one_of(`'ann', 'Info', 'ben.'`, 'n')} || n || '@' || ${one_of(`'ann', 'beta', 'x'`, 'n / 3')} || '.example',
      ${one_of(`'Ann', 'ANNA', NULL, 'émile', ''`, 'n')}, ${one_of(`'Beta', 'Lee', NULL, 'Anderson'`, 'n')},
      ${one_of(`'T2'::icp_tier, NULL, NULL, 'T3'`, 'n')}, ${one_of(`NULL, NULL, 'ent'`, 'n')},
      ${one_of(`'idle'::cadence_state, 'idle', 'nurture'`, 'n')}, n % 5 = 0, CASE WHEN n % 5 = 0 THEN now() END
    FROM generate_series(1, ${LEADS}) n`);
}

async function knownLeads(): Promise<Known[]> {
  const { rows } = await db.query<Known>(
    `SELECT l.id, ARRAY[l.email_key, l.email_domain, l.name_key, lower(btrim(l.last_name)), a.name_key] AS keys,
      coalesce(l.icp_tier, a.icp_tier) AS icp_tier, coalesce(l.segment, a.segment) AS segment, l.account_id,
      l.cadence_state, l.unsubscribe_flag OR l.opt_out_flag AS blocked
    FROM leads l LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
    WHERE l.org_id = $1 ORDER BY l.id`,
    [world.org_id],
  );
  return rows;
}

const UNFILTERED = {
  icp_tier: null,
  segment: null,
  account_id: null,
  cadence_state: null,
  blocked: null,
};
const SOUGHT = [
  ...'a|ann|ANN1|ann & co 4|anna|info|Info1@|ben.149@x|beta|BETA L|lee|x.example'.split('|'),
  ...'é|éclair 3|émile|empty|empty 2|nobody|%|_|ann beta|\u{10FFFF}'.split('|'),
];
const FILTERS = [
  {},
  { icp_tier: 'T1' },
  { icp_tier: 'T2', blocked: false },
  { segment: 'smb' },
  { segment: 'none' },
  { cadence_state: 'nurture' },
  { blocked: true },
] as const;

test.each([
  ['all searches count as small', { few_max: 1_000, ahead: 10, many_max: 5_000 }, ['searchFewLeads']],
  [
    'some searches count as large',
    { few_max: 20, ahead: 5, many_max: 30 },
    ['searchFewLeads', 'searchLeads', 'searchNextLeads'],
  ],
  [
    'all searches count as large',
    { few_max: 1, ahead: 2, many_max: 2 },
    ['searchFewLeads', 'searchLeads', 'searchNextLeads'],
  ],
])('pages of a search contain each match once: %s', async (_name, bounds, statements) => {
  const asked = new Set<string>();
  const noting: Queryable = {
    actor: world.context.db.actor,
    query: (text, values, kept) => {
      asked.add(/search\w*Leads/.exec(text)![0]);
      return world.context.db.query(text, values, kept);
    },
  };
  for (const [at, q] of SOUGHT.entries())
    for (const part of [FILTERS[0], FILTERS[1 + (at % (FILTERS.length - 1))]!, ofCompany(at)]) {
      const filter = { ...UNFILTERED, org_id: world.org_id, ...part, limit: 2 + (at % 3) * 20 };
      const found = all.filter((lead) => isFound(lead, q, filter)).map(({ id }) => id);
      let shown = 0;
      do {
        const after_id = found[shown - 1] ?? null;
        const page = await searchedLeads(noting, q, { ...filter, after_id }, bounds);
        expect(page.map(({ id }) => id)).toEqual(found.slice(shown, shown + filter.limit));
        shown += filter.limit - 1;
      } while (shown < found.length);
    }
  expect([...asked].sort()).toEqual(statements);
});

function ofCompany(at: number): { account_id: string | null } {
  return { account_id: all[at]!.account_id };
}

function isFound(lead: Known, q: string, filter: Record<string, unknown>): boolean {
  const names = Object.keys(UNFILTERED) as (keyof typeof UNFILTERED)[];
  return (
    lead.keys.some((key) => key?.startsWith(q.toLowerCase()) === true) &&
    names.every((name) => filter[name] === null || lead[name] === filter[name])
  );
}
