CREATE OR REPLACE TRIGGER sequence_requests_first_status
  BEFORE INSERT ON sequence_requests
  FOR EACH ROW EXECUTE FUNCTION refuse_illegal_first_status('allowed', 'held', 'queued', 'blocked', 'refused');
CREATE OR REPLACE TRIGGER sequence_requests_status_move
  BEFORE UPDATE OF status ON sequence_requests
  FOR EACH ROW EXECUTE FUNCTION refuse_illegal_status_move(
    'held>allowed,queued,blocked,refused,canceled', 'queued>allowed,held,blocked,refused,canceled');
CREATE OR REPLACE TRIGGER sequence_requests_reason_insert
  BEFORE INSERT ON sequence_requests
  FOR EACH ROW WHEN (NEW.reason IS NOT NULL) EXECUTE FUNCTION refuse_unless_coordinator();
CREATE OR REPLACE TRIGGER sequence_requests_reason_update
  BEFORE UPDATE OF reason ON sequence_requests
  FOR EACH ROW WHEN (NEW.reason IS NOT NULL AND NEW.reason IS DISTINCT FROM OLD.reason)
  EXECUTE FUNCTION refuse_unless_coordinator();

-- No lead has a pending request for a campaign in which it is enrolled: otherwise the request would enroll the lead again
-- after it exits.
CREATE OR REPLACE FUNCTION refuse_waiting_twin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM new_rows n
    JOIN sequence_requests r ON r.org_id = n.org_id AND r.lead_id = n.lead_id AND r.campaign_id = n.campaign_id
    -- As text, so the index by lead finds a lead's few rows.
    WHERE n.status IN ('active', 'paused') AND r.status::text IN ('held', 'queued')
  ) THEN
    RAISE EXCEPTION 'a request for the same lead and campaign is still pending'
      USING ERRCODE = 'TL017', HINT = 'Settle the pending request first, in the same transaction.';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER campaign_contacts_no_waiting_twin
  AFTER INSERT ON campaign_contacts REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_waiting_twin();

-- Refuses a pending request for a campaign in which the lead is enrolled.
CREATE OR REPLACE FUNCTION refuse_wait_of_enrolled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM campaign_contacts e
    WHERE e.org_id = NEW.org_id AND e.lead_id = NEW.lead_id AND e.campaign_id = NEW.campaign_id
      AND e.status::text IN ('active', 'paused')
  ) THEN
    RAISE EXCEPTION 'lead % is already enrolled in this campaign', NEW.lead_id USING ERRCODE = 'TL017';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sequence_requests_not_enrolled
  BEFORE INSERT ON sequence_requests
  FOR EACH ROW WHEN (NEW.status IN ('held', 'queued'))
  EXECUTE FUNCTION refuse_wait_of_enrolled();

-- Checks now, rather than at commit, that the enrollments of new requests exist. The server keeps one plan for that
-- check; a plan made with few enrollments may read all of them each time, because no key looks better than another. So no
-- plan is kept until there are several thousand (2 MB).
CREATE OR REPLACE FUNCTION check_request_enrollments() RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = auto AS $$
BEGIN
  IF pg_relation_size('campaign_contacts') < 2 * 1024 * 1024 THEN
    PERFORM set_config('plan_cache_mode', 'force_custom_plan', true);
  END IF;
  SET CONSTRAINTS sequence_requests_enrollment IMMEDIATE;
  SET CONSTRAINTS sequence_requests_enrollment DEFERRED;
END $$;
