-- The facts of a decision beside its trace: from them and the policy's version the decision follows again, at any time.
-- Facts are numbers, ids, and the product's own words (src/core/gate/stored_facts.ts); older decisions have none.
ALTER TABLE cadence_event_log ADD COLUMN facts jsonb;
ALTER TABLE cadence_event_log ADD CONSTRAINT cadence_event_log_facts CHECK (
  facts IS NULL OR (jsonb_typeof(facts) = 'object' AND moment IS NOT NULL AND sequence_type IS NOT NULL
                    AND coalesce(jsonb_typeof(trace) = 'array', false)));

-- Format 2: format 1 with the facts behind the trace. A row without facts has the hash of format 1, so rows of both are checked by
-- this function; a row of format 1 that was given facts has another hash. Like format 1 it never changes.
CREATE FUNCTION event_hash_2(v cadence_event_log) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
  RETURN sha256(convert_to(concat(ROW(
    v.org_id, v.id, extract(epoch FROM v.timestamp), v.event_type, v.coordinator_action, v.resolution,
    v.touch_cap_at_event, v.compliance_status, v.suppressed_reason, v.moment, extract(epoch FROM v.until), v.actor_kind,
    v.actor_id, v.lead_id, v.account_id, v.campaign_id, v.request_id, v.enrollment_id, v.queue_id, v.step_number,
    v.channel, v.sequence_type, v.policy_version, v.play_id, v.originating_proposal_id, v.detail)::text, v.trace, v.facts),
    'UTF8'));
ALTER TABLE event_log_batches DROP CONSTRAINT event_log_batches_format_check;
ALTER TABLE event_log_batches ADD CONSTRAINT event_log_batches_format_check CHECK (format IN (1, 2));
