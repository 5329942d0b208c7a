import { expect, it } from 'vitest';
import { testDatabase } from '../database.ts';
import { scale } from '../scale.ts';
import { createPlayRunWorld, type PlayRunWorld } from './play_run_world.ts';

/* How fast an activation enrolls its leads: 100,000 in the long form, in less than a minute on a quiet machine with two
   cores, in bounded memory. */

const { db } = await testDatabase({ statement_timeout_ms: 120_000 });
const LEADS = scale(2_000, 100_000);
const SECONDS_MAX = 60;
/** A batch takes a few megabytes; more would be growth of the process. */
const GROWTH_MB_MAX = 200;

async function worldWithLeads(share_of_segment: number): Promise<{ world: PlayRunWorld; segment: string }> {
  const world = await createPlayRunWorld(db);
  const segment = await world.addSegment();
  await db.query(
    `INSERT INTO leads (org_id, id, email, icp_tier, segment, title)
     SELECT $1, gen_random_uuid(), 'speed' || n || '@many.example', 'T2',
            CASE WHEN n % 100 < $3 THEN $4 ELSE 'elsewhere' END, 'Head of Finance, EMEA'
     FROM generate_series(1, $2) n`,
    [world.org_id, LEADS, share_of_segment, segment],
  );
  await db.query('ANALYZE leads');
  return { world, segment };
}

/** Seconds until every lead is requested, and the growth of the process. */
async function enrollAll(
  world: PlayRunWorld,
): Promise<{ seconds: number; growth_mb: number; peak_mb: number }> {
  const before_mb = rssMb();
  let peak_mb = before_mb;
  const began = performance.now();
  while ((await world.stage('run_plays')) > 0) peak_mb = Math.max(peak_mb, rssMb());
  return { seconds: (performance.now() - began) / 1000, growth_mb: peak_mb - before_mb, peak_mb };
}

function rssMb(): number {
  return Math.round(process.memoryUsage().rss / 2 ** 20);
}

it.each([
  ['all', 100],
  ['30 in a hundred', 30],
])('a play whose audience is %s of the leads enrolls them', async (what, share) => {
  const { world, segment } = await worldWithLeads(share);
  const play_id = await world.activePlay(segment, { target_definition: { titles: ['head of finance'] } });
  await world.compile(play_id);
  const { seconds, growth_mb, peak_mb } = await enrollAll(world);
  const meant = (LEADS * share) / 100;
  const rate = Math.round(meant / seconds);
  process.stdout.write(
    `play of ${what}: ${meant} leads in ${seconds.toFixed(1)} s, ${rate} leads/s, peak RSS ${peak_mb} MB (+${growth_mb})\n`,
  );
  const { rows } = await db.query(
    `SELECT count(*)::int AS enrolled, count(DISTINCT lead_id)::int AS leads FROM campaign_contacts
     WHERE org_id = $1 AND play_id = $2`,
    [world.org_id, play_id],
  );
  expect(rows).toEqual([{ enrolled: meant, leads: meant }]);
  expect((await world.run(play_id)).requested_count).toBe(meant);
  expect(seconds).toBeLessThan(SECONDS_MAX);
  expect(growth_mb).toBeLessThan(GROWTH_MB_MAX);
});
