-- The subject of a row never changes: a queue item never moves to another lead, a touch never to another day's lead, an
-- attempt never to another text. Otherwise a text approved for one lead could be sent to another.

-- Refuses to make a row mean another lead, campaign, step, or text.
CREATE OR REPLACE FUNCTION refuse_identity_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND is_erasing() THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% % cannot change its identity', TG_TABLE_NAME, OLD.id USING ERRCODE = 'TL012';
END $$;

CREATE OR REPLACE TRIGGER sales_send_queue_identity
  BEFORE UPDATE ON sales_send_queue
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.lead_id, OLD.enrollment_id, OLD.campaign_id, OLD.step_number, OLD.channel, OLD.client_id,
         OLD.contact_id, OLD.play_id, OLD.originating_proposal_id)
        IS DISTINCT FROM
        (NEW.org_id, NEW.id, NEW.lead_id, NEW.enrollment_id, NEW.campaign_id, NEW.step_number, NEW.channel, NEW.client_id,
         NEW.contact_id, NEW.play_id, NEW.originating_proposal_id))
  EXECUTE FUNCTION refuse_identity_change();

CREATE OR REPLACE TRIGGER campaign_contacts_identity
  BEFORE UPDATE ON campaign_contacts
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.lead_id, OLD.campaign_id, OLD.client_id, OLD.request_id, OLD.enrolled_at,
         OLD.contact_id, OLD.play_id, OLD.originating_proposal_id)
        IS DISTINCT FROM
        (NEW.org_id, NEW.id, NEW.lead_id, NEW.campaign_id, NEW.client_id, NEW.request_id, NEW.enrolled_at,
         NEW.contact_id, NEW.play_id, NEW.originating_proposal_id))
  EXECUTE FUNCTION refuse_identity_change();

CREATE OR REPLACE TRIGGER sequence_requests_identity
  BEFORE UPDATE ON sequence_requests
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.lead_id, OLD.campaign_id, OLD.requested_by, OLD.created_at, OLD.entered_by, OLD.entry_task_id,
         OLD.play_id, OLD.originating_proposal_id)
        IS DISTINCT FROM
        (NEW.org_id, NEW.id, NEW.lead_id, NEW.campaign_id, NEW.requested_by, NEW.created_at, NEW.entered_by, NEW.entry_task_id,
         NEW.play_id, NEW.originating_proposal_id))
  EXECUTE FUNCTION refuse_identity_change();

-- A touch may only be settled, and its time only move forward.
CREATE OR REPLACE TRIGGER touches_identity
  BEFORE UPDATE ON touches
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.lead_id, OLD.enrollment_id, OLD.queue_id, OLD.campaign_id, OLD.channel, OLD.sequence_type,
         OLD.play_id, OLD.originating_proposal_id, OLD.time_zone)
        IS DISTINCT FROM
        (NEW.org_id, NEW.id, NEW.lead_id, NEW.enrollment_id, NEW.queue_id, NEW.campaign_id, NEW.channel, NEW.sequence_type,
         NEW.play_id, NEW.originating_proposal_id, NEW.time_zone)
        OR NEW.touched_at < OLD.touched_at)
  EXECUTE FUNCTION refuse_identity_change();

CREATE OR REPLACE TRIGGER flags_identity
  BEFORE UPDATE ON flags
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.kind, OLD.subject, OLD.lead_id, OLD.queue_id, OLD.raised_at)
        IS DISTINCT FROM (NEW.org_id, NEW.id, NEW.kind, NEW.subject, NEW.lead_id, NEW.queue_id, NEW.raised_at))
  EXECUTE FUNCTION refuse_identity_change();

CREATE OR REPLACE TRIGGER send_attempts_identity
  BEFORE UPDATE ON send_attempts
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.queue_id, OLD.draft_id, OLD.content_hash, OLD.message_id, OLD.started_at, OLD.policy_version,
         OLD.recipient_domain, OLD.process_id, OLD.caught)
        IS DISTINCT FROM
        (NEW.org_id, NEW.id, NEW.queue_id, NEW.draft_id, NEW.content_hash, NEW.message_id, NEW.started_at, NEW.policy_version,
         NEW.recipient_domain, NEW.process_id, NEW.caught))
  EXECUTE FUNCTION refuse_identity_change();

-- A suppression never moves to another address, or to another lead's opt-out.
CREATE OR REPLACE TRIGGER suppressions_identity
  BEFORE UPDATE ON suppressions
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.kind, OLD.value, OLD.source, OLD.until, OLD.added_by_user_id, OLD.created_at, OLD.lead_id)
        IS DISTINCT FROM
        (NEW.org_id, NEW.id, NEW.kind, NEW.value, NEW.source, NEW.until, NEW.added_by_user_id, NEW.created_at, NEW.lead_id))
  EXECUTE FUNCTION refuse_identity_change();

-- A stage goes forward. A message that a server may have had stays so; only a person confirms what happened.
CREATE OR REPLACE FUNCTION refuse_illegal_stage_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF is_legal_move(TG_ARGV, OLD.stage::text, NEW.stage::text) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'send attempt % cannot go from % to %', OLD.id, OLD.stage, NEW.stage USING ERRCODE = 'TL001';
END $$;
CREATE OR REPLACE TRIGGER send_attempts_stage_move
  BEFORE UPDATE OF stage ON send_attempts
  FOR EACH ROW WHEN (OLD.stage <> NEW.stage) EXECUTE FUNCTION refuse_illegal_stage_move(
    'intent>data,rejected,deferred,abandoned', 'data>accepted,rejected,deferred,unknown', 'unknown>accepted,abandoned');

-- Refuses an attempt that does not begin as an intent. TG_ARGV: the first stage.
CREATE OR REPLACE FUNCTION refuse_illegal_first_stage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a send attempt begins as %', TG_ARGV[0] USING ERRCODE = 'TL001';
END $$;
CREATE OR REPLACE TRIGGER send_attempts_first_stage
  BEFORE INSERT ON send_attempts
  FOR EACH ROW WHEN (NEW.stage <> 'intent') EXECUTE FUNCTION refuse_illegal_first_stage('intent');

-- The coordinator records an attempt's outcome and the mail server's answer; only a person may confirm the outcome of an
-- unknown delivery.
CREATE OR REPLACE FUNCTION refuse_outcome_by_others() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() = 'coordinator' OR is_erasing() OR TG_OP = 'UPDATE' AND OLD.stage = 'unknown' AND acting_user() IS NOT NULL
     AND (OLD.smtp_code, OLD.response, OLD.bounced_at) IS NOT DISTINCT FROM (NEW.smtp_code, NEW.response, NEW.bounced_at) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'only the coordinator records the outcome of attempt %', NEW.id USING ERRCODE = 'TL004';
END $$;
CREATE OR REPLACE TRIGGER send_attempts_written_by_coordinator
  BEFORE UPDATE OF stage, finished_at, smtp_code, response, bounced_at ON send_attempts
  FOR EACH ROW
  WHEN ((OLD.stage, OLD.finished_at, OLD.smtp_code, OLD.response, OLD.bounced_at)
        IS DISTINCT FROM (NEW.stage, NEW.finished_at, NEW.smtp_code, NEW.response, NEW.bounced_at))
  EXECUTE FUNCTION refuse_outcome_by_others();
CREATE OR REPLACE TRIGGER send_attempts_without_outcome
  BEFORE INSERT ON send_attempts
  FOR EACH ROW WHEN (num_nonnulls(NEW.finished_at, NEW.smtp_code, NEW.response, NEW.bounced_at) > 0)
  EXECUTE FUNCTION refuse_outcome_by_others();

CREATE OR REPLACE TRIGGER send_attempts_kept
  BEFORE DELETE ON send_attempts FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Requests, their outcomes, and warnings end; they are never deleted.
CREATE OR REPLACE TRIGGER sequence_requests_kept
  BEFORE DELETE ON sequence_requests FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER campaign_contacts_kept
  BEFORE DELETE ON campaign_contacts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER flags_kept
  BEFORE DELETE ON flags FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A row trigger lets TRUNCATE through.
CREATE OR REPLACE TRIGGER send_attempts_no_truncate
  BEFORE TRUNCATE ON send_attempts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER draft_approvals_no_truncate
  BEFORE TRUNCATE ON draft_approvals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER draft_rejections_no_truncate
  BEFORE TRUNCATE ON draft_rejections FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER template_approvals_no_truncate
  BEFORE TRUNCATE ON template_approvals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER staged_drafts_no_truncate
  BEFORE TRUNCATE ON staged_drafts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER policies_no_truncate
  BEFORE TRUNCATE ON policies FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER suppressions_kept
  BEFORE DELETE ON suppressions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER suppressions_no_truncate
  BEFORE TRUNCATE ON suppressions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER agents_identity
  BEFORE UPDATE ON agents
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.kind) IS DISTINCT FROM (NEW.org_id, NEW.id, NEW.kind))
  EXECUTE FUNCTION refuse_identity_change();

CREATE OR REPLACE TRIGGER opportunities_identity
  BEFORE UPDATE ON opportunities
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.lead_id, OLD.enrollment_id, OLD.campaign_id, OLD.play_id, OLD.originating_proposal_id, OLD.source,
         OLD.created_by_user_id, OLD.created_at)
        IS DISTINCT FROM
        (NEW.org_id, NEW.id, NEW.lead_id, NEW.enrollment_id, NEW.campaign_id, NEW.play_id, NEW.originating_proposal_id, NEW.source,
         NEW.created_by_user_id, NEW.created_at))
  EXECUTE FUNCTION refuse_identity_change();

-- A merge moves what is pending to the other lead (crm_writes_guard).
CREATE OR REPLACE TRIGGER crm_writes_identity
  BEFORE UPDATE ON crm_writes
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.account_id, OLD.kind, OLD.subject_id, OLD.part, OLD.occurred_at)
        IS DISTINCT FROM (NEW.org_id, NEW.id, NEW.account_id, NEW.kind, NEW.subject_id, NEW.part, NEW.occurred_at))
  EXECUTE FUNCTION refuse_identity_change();
