-- The figures of an erasure.

-- Rows of the lead that lose their words, per table.
CREATE OR REPLACE FUNCTION own_counts(org uuid, lead uuid) RETURNS jsonb LANGUAGE sql STABLE
  RETURN (WITH items AS (SELECT q.id FROM sales_send_queue q WHERE q.org_id = org AND q.lead_id = lead)
          SELECT jsonb_build_object(
            'leads', 1, 'sales_send_queue', (SELECT count(*) FROM items),
            'staged_drafts', (SELECT count(*) FROM staged_drafts d JOIN items i ON d.org_id = org AND d.queue_id = i.id),
            'send_attempts', (SELECT count(*) FROM send_attempts a JOIN items i ON a.org_id = org AND a.queue_id = i.id),
            'campaign_contacts', (SELECT count(*) FROM campaign_contacts e WHERE e.org_id = org AND e.lead_id = lead),
            'sequence_requests', (SELECT count(*) FROM sequence_requests r WHERE r.org_id = org AND r.lead_id = lead),
            'opportunities', (SELECT count(*) FROM opportunities o WHERE o.org_id = org AND o.lead_id = lead),
            'crm_writes', (SELECT count(*) FROM crm_writes w WHERE w.org_id = org AND w.lead_id = lead),
            'service_records', (SELECT count(*) FROM service_records s WHERE s.org_id = org AND s.lead_id = lead),
            'lead_signals', (SELECT count(*) FROM lead_signals s WHERE s.org_id = org AND s.lead_id = lead),
            'agent_tasks', (SELECT count(*) FROM agent_tasks t WHERE t.org_id = org AND t.lead_id = lead),
            'flags', (SELECT count(*) FROM flags f WHERE f.org_id = org AND f.lead_id = lead),
            'notifications', (SELECT count(*) FROM notifications n WHERE n.org_id = org AND n.lead_id = lead)));

-- Omits tables without rows.
CREATE OR REPLACE FUNCTION added_counts(a jsonb, b jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (SELECT coalesce(jsonb_object_agg(key, total), '{}')
          FROM (SELECT e.key, sum(e.value::bigint) AS total
                FROM (SELECT * FROM jsonb_each_text(a) UNION ALL SELECT * FROM jsonb_each_text(b)) e GROUP BY e.key) t
          WHERE total > 0);
