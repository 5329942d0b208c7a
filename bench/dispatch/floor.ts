import { coordinatorActor } from '../../src/coordinator/gate/scope.ts';
import { transaction } from '../../src/db/pool.ts';
import type { StartContestant } from './contestant.ts';

/**
 * Writes only the rows of a dispatched touch: no claim, no lock, no facts, no decision. Their contents were prepared in
 * `bench.floor_work`. They pass the product's own constraints and triggers, one batch of the list per transaction.
 */
export const startFloor: StartContestant = async (context, { org_id }) => ({
  async run({ seconds, limit }) {
    const end_ms = performance.now() + seconds * 1000;
    let written = 0;
    while (performance.now() < end_ms && written < limit) {
      const { rows } = await context.db.query<{ batch: number }>(
        `SELECT nextval('bench.floor_batch')::int AS batch`,
      );
      const values = [org_id, rows[0]!.batch, context.clock.now()];
      const count = await transaction(context.db, coordinatorActor(org_id), async (tx) => {
        const items = await tx.query(ITEMS, values);
        await tx.query(TASKS, values);
        await tx.query(EVENTS, values);
        return items.rowCount;
      });
      if (count === 0) return;
      written += count;
    }
  },
  close: async () => {},
});

const ITEMS = `
  INSERT INTO sales_send_queue (org_id, id, client_id, contact_id, lead_id, campaign_id, enrollment_id, step_number,
    channel, requires_personal_send, scheduled_at, status, held_until, held_reason, wake, held_policy_version,
    attempt_count, created_at)
  SELECT $1, queue_id, client_id, contact_id, lead_id, campaign_id, enrollment_id, step_number, channel, false,
         scheduled_at, CASE WHEN held THEN 'held' ELSE 'pending' END::queue_status,
         CASE WHEN held THEN $3::timestamptz + interval '1 day' END,
         CASE WHEN held THEN 'touch_cap_exceeded'::suppressed_reason END,
         CASE WHEN held THEN 'at_until'::wake_condition END, CASE WHEN held THEN 1 END, 0, $3
  FROM bench.floor_work WHERE batch = $2`;

const TASKS = `
  INSERT INTO agent_tasks (org_id, id, type, role, status, lead_id, enrollment_id, queue_id, payload, attempt_count,
    created_at)
  SELECT $1, task_id, 'execute_sequence_step', role, 'open', lead_id, enrollment_id, queue_id, '{}', 0, $3
  FROM bench.floor_work WHERE batch = $2 AND NOT held`;

const EVENTS = `
  INSERT INTO cadence_event_log (org_id, id, timestamp, event_type, coordinator_action, resolution,
    touch_cap_at_event, compliance_status, suppressed_reason, moment, until, actor_kind, actor_id, lead_id,
    account_id, campaign_id, enrollment_id, queue_id, step_number, channel, sequence_type, policy_version, trace)
  SELECT $1, w.event_id, $3, t.event_type, t.coordinator_action, t.resolution, t.touches, 'clear',
         t.suppressed_reason, 'dispatched', CASE WHEN w.held THEN $3::timestamptz + interval '1 day' END,
         'coordinator', 'AGT-302', w.lead_id, w.account_id, w.campaign_id, w.enrollment_id, w.queue_id,
         w.step_number, w.channel, w.sequence_type, 1, t.trace
  FROM bench.floor_work w JOIN bench.traces t ON t.position = w.trace_position
  WHERE w.batch = $2`;
