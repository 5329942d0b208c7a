import { coordinatorActor, type Scope } from '../../src/coordinator/gate/scope.ts';
import { FLAG_CHECKS } from '../../src/coordinator/upkeep/checks.ts';
import { transaction } from '../../src/db/pool.ts';
import { newId } from '../../src/ids.ts';
import type {
  CampaignContactsRow,
  CampaignsRow,
  FlagsRow,
  NotificationsRow,
  UserRole,
} from '../../src/schema.gen.ts';
import { runCheck } from '../../src/worker/checks.ts';
import type { TestDb } from '../database.ts';
import { createWorld } from '../world.ts';

export const SALES = 'b2bea_membership';
export const MARKETING = 'b2bea_nurture';

export type FlagWorld = Awaited<ReturnType<typeof flagWorld>>;

/** A world with people to notify. Its admin has every role except for reps' leads, so tests name the recipients. */
export async function flagWorld(db: TestDb, options: Parameters<typeof createWorld>[1] = {}) {
  const world = await createWorld(db, options);
  const { org_id, clock, worker_context } = world;
  const admin_id = world.person.kind === 'human' ? world.person.user_id : '';
  // The tests are about recipients by role: the admin has none of these roles.
  await db.query(`UPDATE users SET roles = '{admin}' WHERE org_id = $1 AND id = $2`, [org_id, admin_id]);
  const scoped = <T>(act: (scope: Scope) => Promise<T>) =>
    transaction(db.app, coordinatorActor(org_id), (tx) => act({ tx, org_id, clock }));
  let people = 0;
  let steps = 100;
  return {
    ...world,
    admin_id,
    scoped,
    /** Adds a user; returns the id. */
    async addUser(...roles: UserRole[]): Promise<string> {
      people += 1;
      const id = newId(clock);
      await db.query(
        `INSERT INTO users (org_id, id, email, name, roles) VALUES ($1, $2, $3, $4, $5::user_role[])`,
        [org_id, id, `person${people}@testers.example`, `Person ${people}`, roles],
      );
      return id;
    },
    /** Runs a check as the schedule does. */
    async check(name: string): Promise<void> {
      await runCheck(worker_context, org_id, FLAG_CHECKS.find((check) => check.name === name)!);
    },
    flags: (kind: string, where = 'true') => world.rows<FlagsRow>('flags', `kind = '${kind}' AND ${where}`),
    /** Recipients of notifications about warnings of this kind, as ids of people and agents, sorted. */
    async told(kind: string): Promise<string[]> {
      const notes = await world.rows<NotificationsRow>('notifications', `kind = '${kind}'`);
      return notes.map((note) => note.to_user_id ?? note.to_agent ?? '').sort();
    },
    async enrollment(lead_id: string, slug: string): Promise<CampaignContactsRow> {
      const { rows } = await db.query<CampaignContactsRow>(
        `SELECT e.* FROM campaign_contacts e JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id
         WHERE e.org_id = $1 AND e.lead_id = $2 AND c.slug = $3`,
        [org_id, lead_id, slug],
      );
      return rows[0]!;
    },
    /** Ends an enrollment. */
    async exit(enrollment_id: string): Promise<void> {
      await db.query(
        `UPDATE campaign_contacts SET status = 'timed_out', exited_at = $3, exit_reason = 'no_engagement',
           next_send_at = NULL, paused_at = NULL, paused_reason = NULL, paused_until = NULL, wake = NULL
         WHERE org_id = $1 AND id = $2`,
        [org_id, enrollment_id, clock.now()],
      );
    },
    async pauseEnrollment(enrollment_id: string): Promise<void> {
      await db.query(
        `UPDATE campaign_contacts SET status = 'paused', paused_at = $3, paused_reason = 'test', wake = 'never'
         WHERE org_id = $1 AND id = $2`,
        [org_id, enrollment_id, clock.now()],
      );
    },
    async resumeEnrollment(enrollment_id: string): Promise<void> {
      await db.query(
        `UPDATE campaign_contacts SET status = 'active', paused_at = NULL, paused_reason = NULL, paused_until = NULL,
           wake = NULL
         WHERE org_id = $1 AND id = $2`,
        [org_id, enrollment_id],
      );
    },
    /** Puts a touch into the ledger, beside a step that is over. */
    async addTouch(
      enrollment: CampaignContactsRow,
      at_ms: number,
      { outcome = 'sent', sequence_type = 'closing' } = {},
    ): Promise<void> {
      steps += 1;
      const queue_id = newId(clock);
      await db.query(
        `INSERT INTO sales_send_queue (org_id, id, client_id, contact_id, lead_id, campaign_id, enrollment_id,
           step_number, channel, scheduled_at)
         VALUES ($1, $2, $3, 'x', $4, $5, $6, $7, 'email', $8)`,
        [
          org_id,
          queue_id,
          enrollment.client_id,
          enrollment.lead_id,
          enrollment.campaign_id,
          enrollment.id,
          steps,
          new Date(at_ms),
        ],
      );
      await db.query(`UPDATE sales_send_queue SET status = 'canceled' WHERE org_id = $1 AND id = $2`, [
        org_id,
        queue_id,
      ]);
      // A touch has its campaign's type at its creation; the campaign may have another one later.
      const [campaign] = await world.rows<CampaignsRow>('campaigns', `id = '${enrollment.campaign_id}'`);
      const retype = (type: string) =>
        db.query(`UPDATE campaigns SET sequence_type = $2::sequence_type WHERE id = $1`, [
          campaign!.id,
          type,
        ]);
      await retype(sequence_type);
      const settled_at = outcome === 'reserved' ? null : new Date(at_ms);
      await db.query(
        `INSERT INTO touches (org_id, id, lead_id, enrollment_id, queue_id, campaign_id, channel, sequence_type,
           touched_at, outcome, settled_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'email', $7, $8, $9, $10)`,
        [
          org_id,
          newId(clock),
          enrollment.lead_id,
          enrollment.id,
          queue_id,
          enrollment.campaign_id,
          sequence_type,
          new Date(at_ms),
          outcome,
          settled_at,
        ],
      );
      await retype(campaign!.sequence_type);
    },
  };
}
