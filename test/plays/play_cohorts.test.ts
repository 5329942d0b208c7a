import { describe, expect, it } from 'vitest';
import { playAnalyticsOperations } from '../../src/operations/plays/analytics.ts';
import { testDatabase } from '../database.ts';
import { openLibrary } from './play_calls.ts';

/* Results of brains' plays beside enrollments without a play, by the quarter in which they began. */

const { db } = await testDatabase();
const { world, as, revops, brain, agent } = await openLibrary(db);
const [, , cohorts] = playAnalyticsOperations;
const SEGMENT = await world.addSegment();

/** Ended enrollments; past the triggers, since only the end is counted. */
async function sequences(
  count: number,
  given: { play_id?: string; at: string; met: number; segment?: string },
) {
  const own = await db.checkout();
  const campaign = given.play_id === undefined ? `slug = 'b2bea_nurture'` : `play_id = '${given.play_id}'`;
  try {
    await own.query(`SET session_replication_role = replica`);
    await own.query(
      `WITH many AS (SELECT n, gen_random_uuid() AS lead, gen_random_uuid() AS id FROM generate_series(1, $2::int) n),
       made AS (INSERT INTO leads (org_id, id, email, segment) SELECT $1, lead, lead || '@cohort.example', $5 FROM many)
       INSERT INTO campaign_contacts (org_id, id, contact_id, lead_id, campaign_id, client_id, request_id, requested_by,
         status, enrolled_at, exited_at, exit_reason, play_id, originating_proposal_id)
       SELECT $1, m.id, m.lead::text, m.lead, c.id, c.client_id, gen_random_uuid(), 'AGT-302',
         (CASE WHEN m.n <= $4 THEN 'converted' ELSE 'timed_out' END)::enrollment_status, $3, $3,
         CASE WHEN m.n <= $4 THEN 'meeting' ELSE 'no_engagement' END, c.play_id, c.originating_proposal_id
       FROM many m, campaigns c WHERE c.org_id = $1 AND c.${campaign}`,
      [world.org_id, count, given.at, given.met, given.segment ?? SEGMENT],
    );
  } finally {
    await own.query(`SET session_replication_role = origin`);
    own.release();
  }
}

async function activePlay(writer: string): Promise<string> {
  const play_id = await world.propose({ segment: SEGMENT }, writer);
  await world.pickUp(play_id);
  await world.approve(play_id, 'other_revops', 'revops');
  await world.approve(play_id, 'other_slm', 'slm');
  await world.activate(play_id);
  await world.work();
  return play_id;
}

const ask = async (input: object = {}, principal = revops) =>
  cohorts.output.parse(await cohorts.run({ ...as(principal), input: cohorts.input.parse(input) })).items;

describe('cohorts', () => {
  it('compare each brain with enrollments without a play in the same quarter', async () => {
    const first = await activePlay('brain');
    const second = await activePlay('other_brain');
    await sequences(50, { play_id: first, at: '2026-11-03T12:00:00Z', met: 10 });
    await sequences(20, { play_id: second, at: '2026-11-03T12:00:00Z', met: 0 });
    await sequences(100, { at: '2026-11-03T12:00:00Z', met: 5 });
    await sequences(40, { play_id: first, at: '2026-08-03T12:00:00Z', met: 4 });
    await sequences(30, { at: '2026-11-03T12:00:00Z', met: 30, segment: 'elsewhere' });
    // From a year outside the filter.
    await sequences(10, { at: '2025-11-03T12:00:00Z', met: 10 });

    expect(await ask({ segment: SEGMENT })).toMatchObject([
      {
        quarter: '2026-Q4',
        agent_id: 'AGT-901',
        plays: 1,
        enrolled: 50,
        meetings: 10,
        meeting_rate: 0.2,
        meeting_lift: 4,
      },
      {
        quarter: '2026-Q4',
        agent_id: 'AGT-902',
        plays: 1,
        enrolled: 20,
        meetings: 0,
        meeting_rate: 0,
        meeting_lift: 0,
      },
      { quarter: '2026-Q4', agent_id: null, plays: 0, enrolled: 100, converted: 5, meeting_lift: null },
      // Without enrollments beside it there is no comparison.
      { quarter: '2026-Q3', agent_id: 'AGT-901', enrolled: 40, meeting_rate: 0.1, meeting_lift: null },
    ]);
    const [, , without] = await ask();
    expect(without).toMatchObject({ agent_id: null, enrolled: 130, meetings: 35 });
    expect(await ask({ quarters: 1, segment: 'elsewhere' })).toMatchObject([
      { enrolled: 30, conversion_lift: null },
    ]);
    expect(await ask({ quarters: 5, segment: SEGMENT })).toHaveLength(5);
  });

  it('show a brain its own plays and its baseline, and no other brain’s plays', async () => {
    const own = await ask({ segment: SEGMENT }, brain);
    expect(own.map(({ agent_id }) => agent_id)).toEqual(['AGT-901', null, 'AGT-901']);
    const other = await ask({ segment: SEGMENT }, agent('AGT-902'));
    expect(other.map(({ agent_id }) => agent_id)).toEqual(['AGT-902', null]);
  });
});
