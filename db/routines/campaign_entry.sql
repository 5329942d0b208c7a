-- The right to enroll a lead in a restricted campaign. A request names it, and the database verifies it from evidence. Each
-- piece of evidence serves one enrollment (sequence_requests_routed_once, sequence_requests_exited_once).

-- Refuses a right that the evidence does not show.
CREATE OR REPLACE FUNCTION verify_entry_right() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  is_shown boolean;
BEGIN
  CASE NEW.entered_by
    WHEN 'routing' THEN
      SELECT EXISTS (
        SELECT FROM agent_tasks t
        JOIN agent_tasks d ON d.org_id = t.org_id AND d.id = (t.payload ->> 'from_task_id')::uuid
        JOIN campaigns c ON c.org_id = t.org_id AND c.id = NEW.campaign_id
        WHERE t.org_id = NEW.org_id AND t.id = NEW.entry_task_id AND t.type = 'enroll_contact' AND t.payload ->> 'campaign' = c.slug
          -- The decision was about this person: about the lead, or a lead merged into it.
          AND ids_of_lead(t.org_id, NEW.lead_id) @> ARRAY[t.lead_id, d.lead_id]
          AND d.decided_by_user_id IS NOT NULL AND d.result -> 'campaigns' ? c.slug
      ) INTO is_shown;
    WHEN 'exit' THEN
      SELECT EXISTS (
        SELECT FROM campaign_contacts x
        JOIN campaigns o ON o.org_id = x.org_id AND o.id = x.campaign_id
        JOIN campaigns c ON c.org_id = x.org_id AND c.id = NEW.campaign_id
        WHERE x.org_id = NEW.org_id AND x.id = NEW.exited_enrollment_id AND x.lead_id = NEW.lead_id
          AND x.exit_reason IS NOT NULL AND o.on_exit -> x.exit_reason = to_jsonb(c.slug)
      ) INTO is_shown;
    WHEN 'merge' THEN
      SELECT EXISTS (
        SELECT FROM campaign_contacts x JOIN leads l ON l.org_id = x.org_id AND l.id = x.lead_id
        WHERE x.org_id = NEW.org_id AND x.id = NEW.exited_enrollment_id AND x.campaign_id = NEW.campaign_id
          AND x.exit_reason = 'merged' AND l.merged_into_id = NEW.lead_id
      ) INTO is_shown;
    ELSE
      SELECT EXISTS (
        SELECT FROM users u
        WHERE u.org_id = NEW.org_id AND u.id = NEW.requested_by_user_id AND u.deactivated_at IS NULL AND u.roles && '{exec,admin}'
          AND (acting_user() = u.id OR acting_kind() = 'coordinator')
      ) INTO is_shown;
  END CASE;
  IF is_shown THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'nothing shows that request % enters by %', NEW.id, NEW.entered_by USING ERRCODE = 'TL081';
END $$;
CREATE OR REPLACE TRIGGER sequence_requests_entry
  BEFORE INSERT ON sequence_requests
  FOR EACH ROW WHEN (NEW.entered_by IS NOT NULL) EXECUTE FUNCTION verify_entry_right();

-- The rights by which a lead may enter a campaign of this kind; the same as MAY_ENTER in src/core/gate/entry.ts.
CREATE OR REPLACE FUNCTION may_enter(entry campaign_entry, by entry_right) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE entry WHEN 'open' THEN true
                    WHEN 'routed' THEN by IS NOT NULL
                    ELSE coalesce(by IN ('routing', 'executive', 'merge'), false) END;

-- Refuses an enrollment in a restricted campaign unless its own request has the right to enter. Checked once per statement.
CREATE OR REPLACE FUNCTION refuse_restricted_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  refused record;
BEGIN
  SELECT c.slug, n.lead_id INTO refused FROM new_rows n
  JOIN campaigns c ON c.org_id = n.org_id AND c.id = n.campaign_id AND c.entry <> 'open'
  LEFT JOIN sequence_requests r ON r.org_id = n.org_id AND r.id = n.request_id AND r.lead_id = n.lead_id
    AND r.campaign_id = n.campaign_id AND r.enrollment_id = n.id
  WHERE NOT may_enter(c.entry, r.entered_by) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'only a person may enroll leads in %', refused.slug
      USING ERRCODE = 'TL081', HINT = 'Request it: a hand-off asks an executive.';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER campaign_contacts_entry
  AFTER INSERT ON campaign_contacts REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_restricted_entry();
