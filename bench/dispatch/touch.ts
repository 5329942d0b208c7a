import type { Context } from '../../src/context.ts';
import { type DueStep, dispatchSteps } from '../../src/coordinator/dispatch.ts';
import { coordinatorActor } from '../../src/coordinator/scope.ts';
import { transaction } from '../../src/db/pool.ts';

/** A peer's job. */
export type TouchJob = { enrollment_id: string };

/** The same as the product's claim of due steps, for one enrollment that a job names. */
const CLAIM_ONE = `
  SELECT e.id, e.lead_id, e.campaign_id, e.client_id, e.contact_id, e.request_id, e.requested_by, e.current_step,
         e.next_send_at, e.play_id, e.originating_proposal_id,
         c.sequence_type, c.side, c.owner_role, c.send_rule, s.step_number, s.channel, s.requires_personal_send
  FROM campaign_contacts e
  JOIN campaigns c ON c.org_id = e.org_id AND c.id = e.campaign_id AND c.status = 'active'
  LEFT JOIN campaign_sequences s
    ON s.org_id = e.org_id AND s.campaign_id = e.campaign_id AND s.step_number = e.current_step
  WHERE e.org_id = $1 AND e.id = $2 AND e.status = 'active' AND e.open_queue_id IS NULL AND e.next_send_at <= $3
  FOR UPDATE OF e SKIP LOCKED`;

/**
 * What a job's handler does: one touch, decided and recorded by the product's own code in a transaction of its own.
 * A job whose enrollment is no longer due has nothing to do.
 */
export async function decideTouch(context: Context, org_id: string, job: TouchJob): Promise<void> {
  await transaction(context.db, coordinatorActor(org_id), async (tx) => {
    const values = [org_id, job.enrollment_id, context.clock.now()];
    const { rows } = await tx.query<DueStep>(CLAIM_ONE, values);
    if (rows.length > 0) await dispatchSteps({ tx, org_id, clock: context.clock }, rows);
  });
}
