import { expect, inject, it } from 'vitest';
import { DAY_MS } from '../../src/core/durations.ts';
import { MEASURES, measure } from '../../src/core/plays/measures.ts';
import { outcomeOperations } from '../../src/operations/plays/outcomes.ts';
import { testDatabase } from '../database.ts';
import { seededRandom } from '../faults/seeded_random.ts';
import { scale } from '../scale.ts';
import { openLibrary } from './play_calls.ts';
import { rowsOf } from './rows.ts';
import { type Simulated, simulateYear, TRUTH } from './simulated_year.ts';

/* Simulated years as rows of the database: the answer is that of the pure comparison, and nothing about one deal. */

const YEARS = scale(2, 100);
const { db } = await testDatabase();
const { world, as, revops, agent } = await openLibrary(db);
const [outcomes] = outcomeOperations;
const MINIMUM = { people: 100, accounts: 20 };
/** All of them are followed to the end. */
const BEGAN = new Date(world.clock.now_ms() - 300 * DAY_MS);

const ask = async (principal = revops) =>
  outcomes.output.parse(
    await outcomes.run({ ...as(principal), input: outcomes.input.parse({ quarters: 5 }) }),
  ).items;

async function activePlay(): Promise<string> {
  const segment = await world.addSegment();
  const play_id = await world.propose({ segment }, 'brain');
  await world.pickUp(play_id);
  await world.approve(play_id, 'other_revops', 'revops');
  await world.approve(play_id, 'other_slm', 'slm');
  await world.activate(play_id);
  await world.work();
  return play_id;
}
const play_id = await activePlay();

/** Past the triggers: only the rows are counted. */
async function store(people: readonly Simulated[]): Promise<void> {
  const own = await db.checkout();
  const rows = people.map(({ stratum, account, arm, has_meeting, deal }) => {
    const end = deal === null || deal.end === 'open' ? null : deal.day;
    return {
      ...{ tier: `T${stratum + 1}`, account, is_with: arm === 'with', has_meeting },
      ...deal,
      end_day: end,
    };
  });
  try {
    await own.query(`SET session_replication_role = replica`);
    for (const table of ['opportunities', 'campaign_contacts', 'leads', 'accounts'])
      await own.query(`DELETE FROM ${table} WHERE org_id = $1`, [world.org_id]);
    await own.query(
      `WITH given AS MATERIALIZED (
         SELECT g.*, gen_random_uuid() AS lead_id, gen_random_uuid() AS id
         FROM jsonb_to_recordset($2) AS g(tier icp_tier, account int, is_with boolean, has_meeting boolean, opened_day int, end_day int,
           "end" text, acv_cents bigint)
       ), companies AS (
         INSERT INTO accounts (org_id, id, name)
         SELECT $1, ('00000000-0000-7000-8000-' || lpad(account::text, 12, '0'))::uuid, 'Company ' || account FROM given GROUP BY account
       ), people AS (
         INSERT INTO leads (org_id, id, email, icp_tier, account_id)
         SELECT $1, lead_id, lead_id || '@cohort.example', tier, ('00000000-0000-7000-8000-' || lpad(account::text, 12, '0'))::uuid FROM given
       ), enrolled AS (
         INSERT INTO campaign_contacts (org_id, id, contact_id, lead_id, campaign_id, client_id, request_id, requested_by, status,
           enrolled_at, exited_at, exit_reason, play_id, originating_proposal_id)
         SELECT $1, g.id, g.lead_id::text, g.lead_id, c.id, c.client_id, gen_random_uuid(), 'AGT-302',
           (CASE WHEN g.has_meeting THEN 'converted' ELSE 'timed_out' END)::enrollment_status, $3, $3::timestamptz + interval '1 day',
           CASE WHEN g.has_meeting THEN 'meeting' ELSE 'no_engagement' END, c.play_id, c.originating_proposal_id
         FROM given g JOIN campaigns c ON c.org_id = $1 AND c.id = CASE WHEN g.is_with
           THEN (SELECT id FROM campaigns WHERE org_id = $1 AND play_id = $4)
           ELSE (SELECT id FROM campaigns WHERE org_id = $1 AND play_id IS NULL AND sequence_type = 'prospecting' ORDER BY slug LIMIT 1) END
       )
       INSERT INTO opportunities (org_id, id, lead_id, name, opened_at, closed_at, stage, amount_cents, currency, source, created_at, updated_at)
       SELECT $1, gen_random_uuid(), lead_id, 'Deal', $3::timestamptz + opened_day * interval '1 day',
         $3::timestamptz + (opened_day + end_day) * interval '1 day', (CASE WHEN "end" = 'open' THEN 'in_progress' ELSE "end" END)::opportunity_stage,
         acv_cents, 'EUR', 'crm', $3, $3
       FROM given WHERE opened_day IS NOT NULL`,
      [world.org_id, JSON.stringify(rows), BEGAN, play_id],
    );
  } finally {
    await own.query(`SET session_replication_role = origin`);
    // As autovacuum does.
    await own.query('ANALYZE leads, accounts, campaign_contacts, opportunities');
    own.release();
  }
}

const held: Record<string, number> = {};

it(
  'answers as the pure comparison of the same people does, measure by measure',
  async () => {
    const random = seededRandom(inject('seed'));
    for (let year = 0; year < YEARS; year += 1) {
      const people = simulateYear(random, 500, 12);
      await store(people);
      const expected = measure(
        rowsOf(people, ({ stratum }) => `T${stratum}`),
        MINIMUM,
      );
      const items = await ask();
      expect(items.map(({ measure: name, currency }) => [name, currency])).toEqual(
        expected.map(({ measure: name, currency }) => [name, currency]),
      );
      for (const [index, { with: one, without: other, comparison, measure: name }] of expected.entries()) {
        const item = items[index]!;
        expect(item.with_brain).toEqual({ people: one.of, events: one.events, accounts: one.accounts });
        expect(item.without_brain).toEqual({
          people: other.of,
          events: other.events,
          accounts: other.accounts,
        });
        expect(item.is_provisional).toBe(false);
        for (const key of ['difference', 'lowest', 'highest'] as const)
          expect(item[key]! / comparison![key], `${name}.${key}`).toBeCloseTo(1, 6);
        const is_held = item.lowest! <= TRUTH[name] && TRUTH[name] <= item.highest!;
        held[name] = (held[name] ?? 0) + (is_held ? 1 : 0);
      }
    }
    process.stdout.write(`held through the database, of ${YEARS}: ${JSON.stringify(held)}\n`);
    if (YEARS < 100) return;
    for (const name of MEASURES) expect(held[name]! / YEARS, name).toBeGreaterThanOrEqual(0.88);
  },
  scale(60_000, 1_800_000),
);

it('shows counts only below the minimum, and how many more it takes; a brain sees only its own plays', async () => {
  await store(simulateYear(seededRandom(7), 16, 4));
  const [meetings] = await ask();
  expect(meetings).toMatchObject({ quarter: expect.any(String), difference: null, lowest: null });
  expect(meetings!.needs_people).toBe(
    100 - Math.min(meetings!.with_brain.people, meetings!.without_brain.people),
  );
  expect(meetings!.needs_accounts).toBeGreaterThan(0);
  const [own] = await ask(agent('AGT-901'));
  expect(own!.with_brain).toEqual(meetings!.with_brain);
  const [other] = await ask(agent('AGT-902'));
  expect(other!.with_brain.people).toBe(0);
  expect(other!.without_brain).toEqual(meetings!.without_brain);
});
