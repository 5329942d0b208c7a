/** Replies: one in eight waits for a person. Booked meetings: one in six is pending, the others are routed. */
export const ANSWERS = [
  `INSERT INTO inbound_messages (org_id, id, source, raw_hash, message_id, from_address, received_at, created_at, kind,
     matched_by, lead_id, enrollment_id, queue_id, subject, text, intent, intent_source, intent_certain, handled_at)
   SELECT :org, bench.id(20, n), 'http', sha256(('answer ' || n)::bytea), '<' || n || '@bench.example>', l.email,
          w.next_send_at, w.next_send_at,
          ('{reply,reply,reply,out_of_office,auto_reply,bounce,unsubscribe,other}'::inbound_kind[])[1 + n % 8],
          'in_reply_to', w.lead_id, w.enrollment_id, w.queue_id, 'Re: A word on visibility',
          repeat('Thank you for this. We look at it when the budget is done. ', 10),
          CASE WHEN n % 8 < 3 THEN 'question'::reply_intent END, CASE WHEN n % 8 < 3 THEN 'rules'::intent_source END,
          CASE WHEN n % 8 < 3 THEN false END, CASE WHEN n % 8 > 0 THEN w.next_send_at END
   FROM bench.open_work w JOIN leads l ON l.org_id = :org AND l.id = w.lead_id`,
  `CREATE TABLE bench.meetings AS
   SELECT n, lead_id, enrollment_id, next_send_at AS at, n % 6 > 0 AS is_routed FROM bench.open_work WHERE n <= 6000`,
  `INSERT INTO agent_tasks (org_id, id, type, role, status, lead_id, enrollment_id, payload, created_at, finished_at,
     decided_by_user_id, result)
   SELECT :org, bench.id(21, n), 'meeting_booked', 'roles.exec', CASE WHEN is_routed THEN 'done' ELSE 'open'
          END::task_status, lead_id, enrollment_id, '{"suggested_campaign": "b2bea_membership_close"}', at,
          CASE WHEN is_routed THEN at END, CASE WHEN is_routed THEN :asker END,
          CASE WHEN is_routed THEN jsonb_build_object('campaigns', '{b2bea_membership_close}'::text[], 'goal', NULL,
            'notes', NULL, 'task_ids', ARRAY[bench.id(22, n)]) END
   FROM bench.meetings`,
  `INSERT INTO agent_tasks (org_id, id, type, role, status, lead_id, enrollment_id, payload, created_at)
   SELECT :org, bench.id(22, n), 'enroll_contact', 'roles.sales', 'open', lead_id, enrollment_id,
          '{"campaign": "b2bea_membership_close"}', at
   FROM bench.meetings WHERE is_routed`,
];
