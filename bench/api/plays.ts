/** Plays of three states from brains, webhooks, and their deliveries. */
export const PLAYS = [
  `INSERT INTO territory_definitions (org_id, segment, name, created_at, updated_at)
   SELECT :org, 'segment_' || n, 'Segment ' || n, :now, :now FROM generate_series(1, 10) n`,
  `INSERT INTO brain_analysis_log (org_id, proposal_id, agent_id, summary, analysis, created_at)
   SELECT :org, bench.id(23, n), 'AGT-901', 'They answer to an example.', repeat('What the replies of the quarter say. ', 20), :now
   FROM generate_series(1, 2000) n`,
  `INSERT INTO sales_play_library (org_id, play_id, state, scope, segment, name, hypothesis, target_definition,
     suggested_cadence, success_criteria, originating_proposal_id, writer_agent_id, created_at, drafted,
     picked_up_by_user_id, picked_up_at, retired_at, retired_by_user_id, retire_reason)
   SELECT :org, bench.id(24, n), s.state, 'segment', 'segment_' || 1 + n % 10, 'Play ' || n,
          'Shop owners respond to one example of a company like theirs.', '{"icp_tiers": ["T1", "T2"]}', c.cadence,
          '{"meeting_rate": 0.08}', bench.id(23, n), 'AGT-901', :now - n * interval '1 hour', '{}',
          CASE WHEN s.state = 'under_review' THEN :asker END, CASE WHEN s.state = 'under_review' THEN :now END,
          CASE WHEN s.state = 'retired' THEN :now - n * interval '1 hour' END,
          CASE WHEN s.state = 'retired' THEN :asker END,
          CASE WHEN s.state = 'retired' THEN 'rejected_at_draft'::retire_reason END
   FROM generate_series(1, 2000) n
   CROSS JOIN LATERAL (SELECT ('{draft,under_review,retired,retired}'::play_state[])[1 + n % 4] AS state) s
   CROSS JOIN (SELECT '{"steps": [{"delay_days": 0, "channel": "email", "content_type": "proof",
     "template_instructions": "One example."}], "touch_count": 1, "channel_mix": {"email": 1}}'::jsonb AS cadence) c`,
  `INSERT INTO webhooks (org_id, id, url, events, secret, created_by_user_id, created_at, disabled_at, disabled_reason)
   SELECT :org, bench.id(25, n), 'https://hooks.example/' || n, '{touch.sent}', sha256('no secret') || sha256('no secret'),
          :asker, :now, :now, 'gone'
   FROM generate_series(1, 20) n`,
  `INSERT INTO webhook_deliveries (org_id, id, webhook_id, event, data, occurred_at, status, attempt_count, next_at,
     last_status, settled_at)
   SELECT :org, bench.id(26, n), bench.id(25, 1 + n % 20), 'touch.sent', '{}', :now, 'delivered', 1, :now, 200, :now
   FROM generate_series(1, 20000) n`,
];
