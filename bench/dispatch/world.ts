import { startClock } from '../../src/clock.ts';
import type { Connection } from '../../src/db/pool.ts';
import { openAppPool } from '../../src/db/roles.ts';
import { createOrganization } from '../../src/setup/organization.ts';
import type { BenchDatabase } from './database.ts';
import { startProgress } from './progress.ts';

/** Sizes: leads with one due enrollment each, or several with fewer leads, or none for the last ones with more leads. */
export type Size = { leads: number; enrollments: number; leads_per_account?: number };

/** Leads, their enrollments, and their events of this week. */
export type World = Required<Size> & { org_id: string; now: Date };

const LEADS_PER_ACCOUNT = 5;

/** Rows per transaction: bounds memory and lets the bar move. */
const CHUNK = 100_000;

/**
 * Fills an empty database: an org with the shipped campaigns through the product's own setup, then leads and their
 * enrollments in bulk. All enrollments have become due within three days. 45% of the leads had one to three touches within
 * the window, 1% are unsubscribed, 2% are in an account in ABM, 2% have an enrollment of the other side. Everything derives
 * from a row's number, so equal sizes create equal worlds.
 */
export async function buildWorld(database: BenchDatabase, size: Size): Promise<World> {
  const clock = startClock();
  const app = await openAppPool({ url: database.app_url, max: 2 });
  const org_id = await createOrganization(app, clock, {
    slug: 'bench',
    name: 'Bench',
    time_zone: 'Europe/London',
    postal_address: '1 Test Street, Testing',
    sender_name: 'Sender',
    sender_address: 'sender@bench.example',
    clients: [
      { client_id: 'b2bea', name: 'B2BEA' },
      { client_id: 'dreamborn', name: 'DreamBorn' },
    ],
    policy: { mailbox_limits: { enforce: false }, drafts: { undo_seconds: 0 } },
    policy_note: 'benchmark',
  }).finally(() => app.close());
  const world: World = { leads_per_account: LEADS_PER_ACCOUNT, ...size, org_id, now: clock.now() };
  const own = await database.loader();
  try {
    await prepare(own, world);
    await load(
      own,
      'plan',
      size.enrollments,
      PLANS.map((text) => fillIn(text, world)),
    );
    await own.query('ANALYZE bench.plan');
    await load(
      own,
      'leads',
      size.leads,
      LEADS.map((text) => fillIn(text, world)),
    );
    await load(
      own,
      'enrollments',
      size.enrollments,
      ENROLLMENTS.map((text) => fillIn(text, world)),
    );
    await own.query(fillIn(OTHER_SIDE, world));
    await own.query('VACUUM (ANALYZE)');
  } finally {
    own.release(true);
  }
  return world;
}

/** Each statement writes the rows numbered from $1 to $2. */
async function load(own: Connection, label: string, total: number, texts: string[]): Promise<void> {
  const progress = startProgress(label, total);
  for (let first = 1; first <= total; first += CHUNK) {
    const last = Math.min(total, first + CHUNK - 1);
    await own.query('BEGIN');
    for (const text of texts) await own.query(text, [first, last]);
    await own.query('COMMIT');
    progress.add(last - first + 1);
  }
  progress.done();
}

/** A statement with the world's own values; none has an outside source. */
export function fillIn(text: string, { org_id, leads, enrollments, leads_per_account, now }: World): string {
  return text
    .replaceAll(':org', `'${org_id}'::uuid`)
    .replaceAll(':per_account', String(leads_per_account))
    .replaceAll(':leads', String(leads))
    .replaceAll(':enrollments', String(enrollments))
    .replaceAll(':now', `'${now.toISOString()}'::timestamptz`);
}

async function prepare(own: Connection, world: World): Promise<void> {
  await own.query('CREATE SCHEMA bench; GRANT ALL ON SCHEMA bench TO PUBLIC');
  const base = (world.now.getTime() - 200 * 24 * 3_600_000).toString(16).padStart(12, '0');
  await own.query(`
    -- Ids in the order of their rows, shaped like the product's (UUIDv7).
    CREATE FUNCTION bench.id(kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
      ('${base}7' || lpad(to_hex(kind), 3, '0') || '8' || lpad(to_hex(n), 15, '0'))::uuid;
    CREATE FUNCTION bench.event_id(at timestamptz, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
      (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid;
    -- From 0 to below - 1, by the number of the row and what is asked about it.
    CREATE FUNCTION bench.roll(n bigint, about int, below int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
      ((hashint8extended(n, about) & 9007199254740991) % below)::int`);
  await own.query(fillIn(CAMPAIGNS, world));
  await own.query(PLAN);
}

/** Mostly prospecting, then closing, another prospecting one, nurture. */
const CAMPAIGNS = `
  UPDATE campaigns SET entry = 'open' WHERE org_id = :org;
  CREATE TABLE bench.campaigns AS
  SELECT c.*, array_position('{b2bea_membership,b2bea_membership_close,b2bea_world,dreamborn,b2bea_nurture}',
                             c.slug) - 1 AS position
  FROM campaigns c WHERE c.org_id = :org AND c.slug <> 'b2bea_membership_cs'`;

/** Values that all rows of an enrollment share. */
const PLAN = `
  CREATE TABLE bench.plan (
    n bigint PRIMARY KEY, lead_n bigint, enrollment_id uuid, request_id uuid, lead_id uuid, campaign_id uuid,
    client_id text, requested_by text, sequence_type sequence_type, next_send_at timestamptz,
    enrolled_at timestamptz, touches int)`;

const PLANS = [
  `INSERT INTO bench.plan
   SELECT p.n, p.lead_n, bench.id(4, p.n), bench.id(3, p.n), bench.id(2, p.lead_n), c.id, c.client_id, c.owner_role,
          c.sequence_type, p.due, p.due - s.delay_days * interval '24 hours', p.touches
   FROM (
     SELECT n, 1 + (n - 1) % :leads AS lead_n, :now - (1 + bench.roll(n, 7, 259200)) * interval '1 second' AS due,
            ('{0,0,0,0,1,1,1,2,3,4}'::int[])[1 + bench.roll(1 + (n - 1) % :leads, 8, 10)] + (n - 1) / :leads AS place,
            CASE WHEN n > :leads THEN 0
                 ELSE ('{0,0,0,0,0,0,0,0,0,0,0,1,1,1,1,1,2,2,3,3}'::int[])[1 + bench.roll(n, 9, 20)] END AS touches
     FROM generate_series($1::bigint, $2::bigint) n
   ) p
   JOIN bench.campaigns c ON c.position = p.place % 5
   JOIN campaign_sequences s ON s.org_id = :org AND s.campaign_id = c.id AND s.step_number = p.touches + 1`,
];

const LEADS = [
  `INSERT INTO accounts (org_id, id, name, domain, vertical, segment, abm_active)
   SELECT :org, bench.id(1, n / :per_account), 'Account ' || n / :per_account, 'a' || n / :per_account || '.example', 'retail',
          'segment_' || 1 + n / :per_account % 10,
          bench.roll(n / :per_account, 1, 50) = 0
   FROM generate_series($1::bigint, $2::bigint) n WHERE n % :per_account = 0 OR n = 1`,
  `INSERT INTO leads (org_id, id, account_id, email, first_name, title, linkedin_url, time_zone, icp_tier,
     unsubscribe_flag, unsubscribed_at, sales_signal_at, marketing_signal_at, cadence_state, active_sequence_id,
     current_step, last_touch_at, created_at, updated_at)
   SELECT :org, bench.id(2, n), bench.id(1, n / :per_account), 'lead' || n || '@a' || n / :per_account || '.example', 'Lead' || n,
          'Head of Purchasing', 'https://linkedin.example/in/lead' || n,
          ('{America/New_York,America/Chicago,America/Los_Angeles,Europe/London,Europe/Berlin,NULL}'::text[])
            [1 + bench.roll(n, 2, 6)],
          CASE WHEN bench.roll(n, 3, 100) < 30 THEN 'T1' ELSE 'T2' END::icp_tier,
          bench.roll(n, 4, 100) = 0, CASE WHEN bench.roll(n, 4, 100) = 0 THEN :now - interval '20 days' END,
          :now - bench.roll(n, 5, 400) * interval '1 hour', :now - bench.roll(n, 6, 400) * interval '1 hour',
          -- Triggers would keep these; the load passes by them.
          coalesce(p.sequence_type::text, 'idle')::cadence_state, p.enrollment_id, p.touches + 1,
          CASE WHEN p.touches > 0 THEN :now - (30 + bench.roll(n, 10, 12)) * interval '1 hour' END,
          :now - interval '90 days', :now - interval '90 days'
   FROM generate_series($1::bigint, $2::bigint) n LEFT JOIN bench.plan p USING (n)`,
];

const ENROLLMENTS = [
  `INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, trace, policy_version,
     enrollment_id, created_at, decided_at)
   SELECT :org, request_id, lead_id, campaign_id, requested_by, 'allowed', '[]', 1, enrollment_id, enrolled_at,
          enrolled_at
   FROM bench.plan WHERE n BETWEEN $1 AND $2`,
  `INSERT INTO campaign_contacts (org_id, id, contact_id, lead_id, campaign_id, client_id, request_id, requested_by,
     current_step, next_send_at, enrolled_at)
   SELECT :org, enrollment_id, lead_id::text, lead_id, campaign_id, client_id, request_id, requested_by, touches + 1,
          next_send_at, enrolled_at
   FROM bench.plan WHERE n BETWEEN $1 AND $2`,
  // The steps before the due one: each a sent item with its draft and its touch, 30 hours apart.
  `INSERT INTO sales_send_queue (org_id, id, client_id, contact_id, lead_id, campaign_id, enrollment_id, step_number,
     channel, staged_draft_id, scheduled_at, sent_at, status, created_at)
   SELECT :org, bench.id(5, p.n * 4 + k), p.client_id, p.lead_id::text, p.lead_id, p.campaign_id, p.enrollment_id, k,
          'email', bench.id(6, p.n * 4 + k), t.touched_at, t.touched_at, 'sent', t.touched_at - interval '1 hour'
   FROM_TOUCHES`,
  `INSERT INTO staged_drafts (org_id, id, queue_id, version, channel, to_id, subject, body, context,
     written_by_agent_id, created_at)
   SELECT :org, bench.id(6, p.n * 4 + k), bench.id(5, p.n * 4 + k), 1, 'email',
          'lead' || p.lead_n || '@a' || p.lead_n / :per_account || '.example', 'A word on visibility',
          repeat('One honest sentence on why them, and one easy question. ', 8), '{}', p.requested_by,
          t.touched_at - interval '1 hour'
   FROM_TOUCHES`,
  `INSERT INTO touches (org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type, touched_at,
     outcome, settled_at, time_zone)
   SELECT :org, bench.id(7, p.n * 4 + k), p.lead_id, p.enrollment_id, bench.id(5, p.n * 4 + k), p.campaign_id, 'email',
          p.sequence_type, t.touched_at, 'sent', t.touched_at, 'UTC'
   FROM_TOUCHES`,
].map((text) =>
  text.replace(
    'FROM_TOUCHES',
    `FROM bench.plan p CROSS JOIN generate_series(1, p.touches) k
     CROSS JOIN LATERAL (
       SELECT :now - ((p.touches - k + 1) * 30 + bench.roll(p.n, 10, 12)) * interval '1 hour' AS touched_at) t
     WHERE p.n BETWEEN $1 AND $2`,
  ),
);

/** Enrollments of the other side, due much later: work for gate 4. */
const OTHER_SIDE = `
  WITH other AS (
    SELECT p.lead_id, bench.id(8, p.n) AS enrollment_id, bench.id(9, p.n) AS request_id, c.id AS campaign_id,
           c.client_id, c.owner_role
    FROM bench.plan p
    JOIN bench.campaigns c ON c.slug = CASE WHEN p.sequence_type = 'nurture' THEN 'b2bea_membership'
                                            ELSE 'b2bea_nurture' END
    WHERE p.n <= :leads AND bench.roll(p.n, 11, 50) = 0
      AND NOT EXISTS (SELECT 1 FROM bench.plan q WHERE q.lead_id = p.lead_id AND q.campaign_id = c.id)
  ), requests AS (
    INSERT INTO sequence_requests (org_id, id, lead_id, campaign_id, requested_by, status, trace, policy_version,
      enrollment_id, decided_at)
    SELECT :org, request_id, lead_id, campaign_id, owner_role, 'allowed', '[]', 1, enrollment_id, :now FROM other
  )
  INSERT INTO campaign_contacts (org_id, id, contact_id, lead_id, campaign_id, client_id, request_id, requested_by,
    next_send_at, enrolled_at)
  SELECT :org, enrollment_id, lead_id::text, lead_id, campaign_id, client_id, request_id, owner_role,
         :now + interval '20 days', :now - interval '10 days'
  FROM other`;
