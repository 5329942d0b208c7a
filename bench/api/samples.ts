import type { BenchDatabase } from '../dispatch/database.ts';
import type { World } from '../dispatch/world.ts';

/** Number of different leads, drafts and so on that are requested. */
const SAMPLES = 200;

/** Parts of the paths: at least one sample and one campaign. */
export type Requested = { samples: readonly Sample[]; slugs: readonly string[]; now: Date };

export type Sample = {
  n: number;
  lead_id: string;
  email: string;
  account_id: string;
  worked_lead_id: string;
  enrollment_id: string;
  queue_id: string;
  draft_id: string;
  inbound_id: string;
  meeting_id: string;
  play_id: string;
  webhook_id: string;
  mailbox_id: string;
  user_id: string;
  opportunity_id: string;
  proposal_id: string;
};

/** Rows that the targets request, from a world that `buildWorld` and `addOpenWork` have filled. */
export async function sampleRows({ db }: BenchDatabase, world: World): Promise<Requested> {
  const { rows } = await db.query<Sample>(SAMPLE, [
    world.leads,
    Math.min(20_000, Math.floor(world.enrollments / 2)),
    SAMPLES,
    world.leads_per_account,
    world.org_id,
  ]);
  const { slugs } = (
    await db.query<{ slugs: string[] }>(
      `SELECT array_agg(slug ORDER BY slug) AS slugs FROM campaigns WHERE org_id = $1`,
      [world.org_id],
    )
  ).rows[0]!;
  return { samples: rows, slugs, now: world.now };
}

/** Spread evenly over all rows. */
const SAMPLE = `
  SELECT s.n, bench.id(2, s.n) AS lead_id, 'lead' || s.n || '@' AS email, bench.id(1, s.n / $4) AS account_id,
         w.lead_id AS worked_lead_id, w.enrollment_id, w.queue_id, w.draft_id, bench.id(20, w.n) AS inbound_id,
         bench.id(21, 1 + s.i * 29 % (SELECT count(*) FROM bench.meetings)) AS meeting_id, bench.id(24, 1 + s.i) AS play_id,
         bench.id(25, 1 + s.i % 20) AS webhook_id, bench.id(16, 1 + s.i % 300) AS user_id, bench.id(33, 1 + s.i) AS opportunity_id,
         bench.id(23, 1 + s.i) AS proposal_id,
         (SELECT id FROM mailboxes WHERE org_id = $5 ORDER BY id LIMIT 1) AS mailbox_id
  FROM (SELECT i, 1 + i * ($1::bigint - 1) / $3::int AS n, 1 + i * ($2::bigint - 20) / $3::int AS place
        FROM generate_series(0, $3::int - 1) i) s
  JOIN bench.open_work w ON w.n = s.place / 20 * 20 + 11 + s.i % 8
  ORDER BY s.i`;
