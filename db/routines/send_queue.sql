CREATE OR REPLACE TRIGGER sales_send_queue_first_status
  BEFORE INSERT ON sales_send_queue
  FOR EACH ROW EXECUTE FUNCTION refuse_illegal_first_status('pending', 'held');

CREATE OR REPLACE TRIGGER sales_send_queue_status_move
  BEFORE UPDATE OF status ON sales_send_queue
  FOR EACH ROW EXECUTE FUNCTION refuse_illegal_status_move(
    'pending>drafted,held,failed,canceled',
    'drafted>approved,held,sent,failed,canceled',
    'approved>drafted,held,sent,failed,unknown,canceled',
    'held>pending,drafted,approved,sent,canceled',
    'unknown>sent,failed',
    'failed>drafted,approved,canceled');

CREATE OR REPLACE TRIGGER sales_send_queue_held_reason_insert
  BEFORE INSERT ON sales_send_queue
  FOR EACH ROW WHEN (NEW.held_reason IS NOT NULL) EXECUTE FUNCTION refuse_unless_coordinator();
CREATE OR REPLACE TRIGGER sales_send_queue_held_reason_update
  BEFORE UPDATE OF held_reason ON sales_send_queue
  FOR EACH ROW WHEN (NEW.held_reason IS NOT NULL AND NEW.held_reason IS DISTINCT FROM OLD.held_reason)
  EXECUTE FUNCTION refuse_unless_coordinator();

-- A person approved this exact text; or, if the campaign's rule allows, approved the template of which this text is a
-- plain rendering.
CREATE OR REPLACE FUNCTION is_approved(org uuid, item_campaign_id uuid, item_step_number int, draft uuid)
RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1 FROM draft_approvals a
    JOIN staged_drafts d ON d.org_id = a.org_id AND d.id = a.draft_id
    WHERE a.org_id = org AND a.draft_id = draft AND a.withdrawn_at IS NULL AND a.content_hash = d.content_hash
  ) OR EXISTS (
    SELECT 1 FROM staged_drafts d
    JOIN campaigns c ON c.org_id = d.org_id AND c.id = item_campaign_id AND c.send_rule = 'pre_approved'
    JOIN template_approvals t ON t.org_id = d.org_id AND t.campaign_id = c.id
      AND t.step_number = item_step_number AND t.template_hash = d.template_hash
    WHERE d.org_id = org AND d.id = draft
  )
$$;

-- Nothing is approved or sent without an approval, and nothing is sent that the ledger does not contain.
CREATE OR REPLACE FUNCTION refuse_unapproved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.staged_draft_id IS NULL
     OR NOT is_approved(NEW.org_id, NEW.campaign_id, NEW.step_number, NEW.staged_draft_id) THEN
    RAISE EXCEPTION 'queue item % has no human approval of the text it would send', NEW.id
      USING ERRCODE = 'TL002', HINT = 'A person must approve the current draft by its content hash.';
  END IF;
  IF NEW.status = 'sent' AND NOT EXISTS (
    SELECT 1 FROM touches t
    WHERE t.org_id = NEW.org_id AND t.queue_id = NEW.id AND t.outcome IN ('sent', 'marked_sent')
  ) THEN
    RAISE EXCEPTION 'queue item % cannot be sent: the ledger has no touch for it', NEW.id USING ERRCODE = 'TL011';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER sales_send_queue_approved
  BEFORE UPDATE ON sales_send_queue
  FOR EACH ROW
  WHEN (NEW.status IN ('approved', 'sent', 'unknown')
        AND (NEW.status <> OLD.status OR NEW.staged_draft_id IS DISTINCT FROM OLD.staged_draft_id))
  EXECUTE FUNCTION refuse_unapproved();

-- A message is handed over only with the approved text, and only to the lead that the gates decided on.
CREATE OR REPLACE FUNCTION refuse_unapproved_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Locked before the check, so no approval is withdrawn in the meantime (refuse_false_withdrawal).
  PERFORM FROM sales_send_queue q WHERE q.org_id = NEW.org_id AND q.id = NEW.queue_id FOR KEY SHARE;
  IF NOT EXISTS (
    SELECT 1 FROM sales_send_queue q
    JOIN staged_drafts d ON d.org_id = q.org_id AND d.id = q.staged_draft_id
    JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
    WHERE q.org_id = NEW.org_id AND q.id = NEW.queue_id AND q.status = 'approved'
      AND NOT q.requires_personal_send AND lower(d.to_id) = lower(lead_address(l, q.channel))
      AND q.staged_draft_id = NEW.draft_id AND d.content_hash = NEW.content_hash
      AND is_approved(q.org_id, q.campaign_id, q.step_number, q.staged_draft_id)
  ) THEN
    RAISE EXCEPTION 'no attempt for queue item %: this text is not approved for this lead', NEW.queue_id USING ERRCODE = 'TL002';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER send_attempts_approved
  BEFORE INSERT ON send_attempts
  FOR EACH ROW EXECUTE FUNCTION refuse_unapproved_attempt();

-- Whether the person has no room left on the local day of the item's touch, under the policy in force: all counted touches of the
-- day, the item's own included. An item without a touch in the ledger has no room. A policy that names no cap leaves it to the gates, which
-- know the shipped one.
CREATE OR REPLACE FUNCTION is_over_daily_cap(org uuid, item uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  own touches;
BEGIN
  SELECT * INTO own FROM touches t WHERE t.org_id = org AND t.queue_id = item AND t.outcome <> 'void';
  RETURN CASE WHEN own.id IS NULL THEN true WHEN NOT own.counts THEN false ELSE (
    SELECT count(*) FROM touches t
    WHERE t.org_id = org AND t.lead_id = ANY (ids_of_lead(org, own.lead_id)) AND t.counts
      AND own.local_day IN (t.local_day, (t.touched_at AT TIME ZONE own.time_zone)::date)
      AND t.touched_at > own.touched_at - interval '2 days'
  ) > (SELECT (p.document #>> '{touch_cap,max_touches_per_day}')::int FROM policies p
       WHERE p.org_id = org ORDER BY p.version DESC LIMIT 1) IS TRUE END;
END $$;

-- Nothing has stopped the touch since its message was reserved, the day of the person has room for it, the lead may still be
-- contacted, and the policy that passed it is in force. No nurture goes to an account in ABM. Used by the check before DATA and
-- for every other writer.
-- Locks the lead and its suppressions first and reads afterward: an opt-out committed by then is seen, and a later one
-- finds a message in progress.
CREATE OR REPLACE FUNCTION touch_may_leave(org uuid, item uuid, judged_by int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM leads l JOIN sales_send_queue q ON q.org_id = l.org_id AND q.lead_id = l.id
  WHERE q.org_id = org AND q.id = item FOR NO KEY UPDATE OF l;
  PERFORM hold_suppressions_of(org, l.email)
  FROM sales_send_queue q JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
  WHERE q.org_id = org AND q.id = item;
  RETURN EXISTS (
    SELECT FROM sales_send_queue q
    JOIN campaign_contacts e ON e.org_id = q.org_id AND e.id = q.enrollment_id AND e.status = 'active'
    JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id AND c.status = 'active'
    JOIN leads l ON l.org_id = q.org_id AND l.id = q.lead_id
    LEFT JOIN accounts y ON y.org_id = l.org_id AND y.id = l.account_id
    WHERE q.org_id = org AND q.id = item
      AND NOT l.unsubscribe_flag AND NOT l.opt_out_flag AND l.erased_at IS NULL
      AND NOT is_suppressed(l.org_id, l.email)
      AND (l.cadence_paused_at IS NULL OR c.sequence_type = 'transactional')
      AND (y.abm_active IS NOT TRUE OR c.sequence_type <> 'nurture')
  ) AND NOT is_over_daily_cap(org, item) AND NOT EXISTS (
    SELECT FROM policies p WHERE p.org_id = org AND p.version > coalesce(judged_by, 0)
  );
END $$;

-- Before DATA, the item still has the approved text; read in a snapshot younger than the locks.
CREATE OR REPLACE FUNCTION refuse_stopped_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'a message can be sent only in READ COMMITTED' USING ERRCODE = '25001';
  END IF;
  IF touch_may_leave(NEW.org_id, NEW.queue_id, NEW.policy_version) THEN
    PERFORM FROM sales_send_queue q WHERE q.org_id = NEW.org_id AND q.id = NEW.queue_id FOR SHARE;
    PERFORM FROM sales_send_queue q
    WHERE q.org_id = NEW.org_id AND q.id = NEW.queue_id AND q.status = 'approved' AND q.staged_draft_id = NEW.draft_id;
    IF FOUND THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'queue item % was stopped, or must be decided again, before it was sent', NEW.queue_id
    USING ERRCODE = 'TL016', HINT = 'Remove the cause first; then the gates decide again.';
END $$;
CREATE OR REPLACE TRIGGER send_attempts_not_stopped
  BEFORE UPDATE OF stage ON send_attempts
  FOR EACH ROW WHEN (OLD.stage = 'intent' AND NEW.stage = 'data')
  EXECUTE FUNCTION refuse_stopped_touch();

-- A touch that is no longer about to be sent is not deferred either: its original due time applies.
CREATE OR REPLACE FUNCTION end_deferral() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.deferred_reason := NULL;
  NEW.deferred_policy_version := NULL;
  NEW.deferred_detail := NULL;
  NEW.scheduled_at := NEW.due_at;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sales_send_queue_deferral
  BEFORE UPDATE OF status ON sales_send_queue
  FOR EACH ROW WHEN (OLD.deferred_reason IS NOT NULL AND NEW.status <> 'approved')
  EXECUTE FUNCTION end_deferral();

-- An enrollment waits while it has an open touch, and the dispatch index omits it. An item begins open (pending or held)
-- and has the subject of its enrollment.
CREATE OR REPLACE FUNCTION project_new_item() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  matched bigint;
BEGIN
  UPDATE campaign_contacts e SET open_queue_id = n.id
  FROM new_rows n
  WHERE e.org_id = n.org_id AND e.id = n.enrollment_id
    AND e.lead_id = n.lead_id AND e.campaign_id = n.campaign_id AND e.client_id = n.client_id
    AND e.play_id IS NOT DISTINCT FROM n.play_id
    AND e.originating_proposal_id IS NOT DISTINCT FROM n.originating_proposal_id;
  GET DIAGNOSTICS matched = ROW_COUNT;
  IF matched <> (SELECT count(*) FROM new_rows) THEN
    RAISE EXCEPTION 'a queue item must have the lead, campaign, brand, and play of its enrollment'
      USING ERRCODE = 'TL012';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER sales_send_queue_project_insert
  AFTER INSERT ON sales_send_queue REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION project_new_item();

-- Marks on the enrollment whether a queue item is open, and advances past a step that ended undrafted.
CREATE OR REPLACE FUNCTION project_open_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE campaign_contacts e SET open_queue_id = CASE WHEN q.is_open THEN q.id END
  FROM (SELECT n.org_id, n.enrollment_id, n.id,
               n.status IN ('pending', 'drafted', 'approved', 'held', 'unknown') AS is_open
        FROM new_rows n) q
  WHERE e.org_id = q.org_id AND e.id = q.enrollment_id
    AND CASE WHEN q.is_open THEN e.open_queue_id IS DISTINCT FROM q.id ELSE e.open_queue_id = q.id END;
  -- A step that ended before it was drafted is over too: the enrollment continues with the next one.
  PERFORM advance_enrollments(skipped.org_id, skipped.enrollment_ids)
  FROM (
    SELECT n.org_id, array_agg(n.enrollment_id) AS enrollment_ids
    FROM new_rows n
    JOIN campaign_contacts e ON e.org_id = n.org_id AND e.id = n.enrollment_id
    WHERE n.status IN ('canceled', 'failed') AND n.staged_draft_id IS NULL AND e.current_step = n.step_number
    GROUP BY n.org_id
  ) skipped;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER sales_send_queue_project_update
  AFTER UPDATE ON sales_send_queue REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION project_open_item();

-- An item is decided once and kept, whatever its outcome, and so are its tasks.
CREATE OR REPLACE TRIGGER sales_send_queue_kept
  BEFORE DELETE ON sales_send_queue FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER sales_send_queue_no_truncate
  BEFORE TRUNCATE ON sales_send_queue FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER agent_tasks_kept
  BEFORE DELETE ON agent_tasks FOR EACH ROW EXECUTE FUNCTION refuse_change();
DROP FUNCTION IF EXISTS keep_task_of_open_item();
CREATE OR REPLACE TRIGGER agent_tasks_no_truncate
  BEFORE TRUNCATE ON agent_tasks FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
