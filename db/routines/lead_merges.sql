-- Merging two rows that are one person. The merged lead becomes a shell: its addresses move, its history stays and counts for the
-- other lead. Only merge_leads merges, as the owner, under both leads' locks.

-- The rows of a person: the lead and those merged into it.
CREATE OR REPLACE FUNCTION ids_of_lead(org uuid, lead uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN ARRAY(SELECT lead UNION ALL SELECT l.id FROM leads l WHERE l.org_id = org AND l.merged_into_id = lead);
END $$;

-- Merges `lead` into `into_lead`: for a person with the role, or for the coordinator if both had one CRM record. Nothing may be
-- open for `lead`, and nothing under way for either. Empty values of `into_lead` are filled in; the stricter consent counts.
CREATE OR REPLACE FUNCTION merge_leads(lead uuid, into_lead uuid, by_user uuid, why text, at timestamptz) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  org CONSTANT uuid := acting_org();
  merge CONSTANT uuid := gen_random_uuid();
  gone leads;
  kept leads;
BEGIN
  IF by_user IS NOT NULL THEN
    PERFORM require_acting_person(by_user), require_acting_role(org, '{revops,admin}');
  ELSIF acting_kind() IS DISTINCT FROM 'coordinator' OR NOT EXISTS (
    SELECT FROM lead_merge_suggestions s
    WHERE s.org_id = org AND s.lead_id = least(lead, into_lead) AND s.other_lead_id = greatest(lead, into_lead)
      AND s.reason = 'same_crm_record' AND s.ended_at IS NULL
  ) THEN
    RAISE EXCEPTION 'only a person merges leads that have no common CRM record' USING ERRCODE = 'TL005';
  END IF;
  PERFORM 1 FROM leads l WHERE l.org_id = org AND l.id IN (lead, into_lead) ORDER BY l.id FOR UPDATE;
  SELECT * INTO gone FROM leads l WHERE l.org_id = org AND l.id = lead;
  SELECT * INTO kept FROM leads l WHERE l.org_id = org AND l.id = into_lead;
  PERFORM require_mergeable(gone), require_mergeable(kept);
  IF by_user IS NULL AND num_nonnulls(gone.crm_contact_id, kept.crm_contact_id) <> 1 THEN
    RAISE EXCEPTION 'only a person merges leads that have no CRM record, or two' USING ERRCODE = 'TL005';
  END IF;
  IF EXISTS (SELECT FROM campaign_contacts e WHERE e.org_id = org AND e.lead_id = lead AND e.status::text IN ('active', 'paused'))
     OR EXISTS (SELECT FROM sequence_requests r WHERE r.org_id = org AND r.lead_id = lead AND r.status::text IN ('held', 'queued'))
     OR EXISTS (SELECT FROM sales_send_queue q WHERE q.org_id = org AND q.lead_id = lead
                AND q.status::text IN ('pending', 'drafted', 'approved', 'held')) THEN
    RAISE EXCEPTION 'lead % has open work', lead USING ERRCODE = 'TL041', HINT = 'Merge through the operation, which settles it.';
  END IF;
  INSERT INTO lead_merges (org_id, id, lead_id, into_lead_id, merged_at, merged_by_user_id, reason, lead_before, transaction_id)
  VALUES (org, merge, lead, into_lead, at, by_user, why, jsonb_strip_nulls(to_jsonb(gone)), pg_current_xact_id()::text::bigint);
  PERFORM set_config('touchline.merging', merge::text, true);
  UPDATE leads l SET merged_into_id = into_lead, updated_at = at WHERE l.org_id = org AND l.merged_into_id = lead;
  UPDATE leads l SET merged_into_id = into_lead, email = 'merged-' || l.id || '@merged.invalid', linkedin_url = NULL, phone = NULL,
    crm_contact_id = NULL, account_id = NULL, first_name = NULL, last_name = NULL, title = NULL, segment = NULL, vertical = NULL,
    lifecycle_stage = NULL, owner_user_id = NULL, intent_signals = '{}', updated_at = at
  WHERE l.org_id = org AND l.id = lead;
  UPDATE lead_addresses a SET is_primary = false WHERE a.org_id = org AND a.lead_id = lead AND a.is_primary;
  UPDATE lead_addresses a SET lead_id = into_lead WHERE a.org_id = org AND a.lead_id = lead;
  UPDATE crm_writes w SET lead_id = into_lead WHERE w.org_id = org AND w.lead_id = lead AND w.settled_at IS NULL;
  UPDATE leads l SET
    first_name = coalesce(l.first_name, gone.first_name), last_name = coalesce(l.last_name, gone.last_name),
    title = coalesce(l.title, gone.title), account_id = coalesce(l.account_id, gone.account_id),
    linkedin_url = coalesce(l.linkedin_url, gone.linkedin_url), phone = coalesce(l.phone, gone.phone),
    country = coalesce(l.country, gone.country), time_zone = coalesce(l.time_zone, gone.time_zone),
    icp_tier = coalesce(l.icp_tier, gone.icp_tier), segment = coalesce(l.segment, gone.segment),
    vertical = coalesce(l.vertical, gone.vertical), lifecycle_stage = coalesce(l.lifecycle_stage, gone.lifecycle_stage),
    crm_contact_id = coalesce(l.crm_contact_id, gone.crm_contact_id), owner_user_id = coalesce(l.owner_user_id, gone.owner_user_id),
    intent_signals = (SELECT coalesce(array_agg(DISTINCT s), '{}') FROM (SELECT s FROM unnest(l.intent_signals || gone.intent_signals) s LIMIT 100) w),
    unsubscribe_flag = l.unsubscribe_flag OR gone.unsubscribe_flag,
    unsubscribed_at = least(l.unsubscribed_at, gone.unsubscribed_at),
    opt_out_flag = l.opt_out_flag OR gone.opt_out_flag, opted_out_at = least(l.opted_out_at, gone.opted_out_at),
    customer_since = least(l.customer_since, gone.customer_since), last_touch_at = greatest(l.last_touch_at, gone.last_touch_at),
    cadence_paused_at = coalesce(l.cadence_paused_at, gone.cadence_paused_at),
    cadence_pause_reason = coalesce(l.cadence_pause_reason, gone.cadence_pause_reason),
    updated_at = at
  WHERE l.org_id = org AND l.id = into_lead;
  PERFORM suppress_opted_out(org, ARRAY[into_lead]);
  INSERT INTO lead_signals (org_id, id, lead_id, side, source, detail, occurred_at, recorded_at)
  SELECT DISTINCT ON (s.side::text) org, gen_random_uuid(), into_lead, s.side, 'merged_lead', s.detail, s.occurred_at, at
  FROM lead_signals s WHERE s.org_id = org AND s.lead_id = lead ORDER BY s.side::text, s.occurred_at DESC;
  -- Suggestions with the merged lead concern the other one now.
  INSERT INTO lead_merge_suggestions (org_id, lead_id, other_lead_id, reason, found_at)
  SELECT org, least(o.id, into_lead), greatest(o.id, into_lead), o.reason, at
  FROM (SELECT CASE s.lead_id WHEN lead THEN s.other_lead_id ELSE s.lead_id END AS id, s.reason FROM lead_merge_suggestions s
        WHERE s.org_id = org AND lead IN (s.lead_id, s.other_lead_id) AND s.ended_at IS NULL) o
  WHERE o.id <> into_lead
  ON CONFLICT DO NOTHING;
  UPDATE lead_merge_suggestions s SET ended_at = at, outcome = 'merged', ended_by_user_id = by_user
  WHERE s.org_id = org AND lead IN (s.lead_id, s.other_lead_id) AND s.ended_at IS NULL;
  PERFORM set_config('touchline.merging', '', true);
  RETURN merge;
END $$;

-- Refuses a lead that is missing, erased, or merged, to which a message is being sent, or to which a delivery is unknown.
CREATE OR REPLACE FUNCTION require_mergeable(known leads) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF known.id IS NULL THEN
    RAISE EXCEPTION 'a lead to merge does not exist' USING ERRCODE = '23503';
  ELSIF known.erased_at IS NOT NULL THEN
    RAISE EXCEPTION 'lead % was erased', known.id USING ERRCODE = 'TL040';
  ELSIF known.merged_into_id IS NOT NULL THEN
    RAISE EXCEPTION 'lead % was merged into lead %', known.id, known.merged_into_id USING ERRCODE = 'TL080';
  ELSIF EXISTS (
    SELECT FROM sales_send_queue q
    JOIN send_attempts a ON a.org_id = q.org_id AND a.queue_id = q.id AND a.stage IN ('intent', 'data')
    WHERE q.org_id = known.org_id AND q.lead_id = known.id
  ) THEN
    RAISE EXCEPTION 'a message to lead % is being sent', known.id USING ERRCODE = 'TL014', HINT = 'Try again in a minute.';
  ELSIF EXISTS (SELECT FROM sales_send_queue q
                WHERE q.org_id = known.org_id AND q.lead_id = known.id AND q.status::text = 'unknown') THEN
    RAISE EXCEPTION 'the delivery of a message to lead % is unknown', known.id
      USING ERRCODE = 'TL042', HINT = 'Confirm the delivery (touchline resolve), then merge.';
  END IF;
END $$;

-- Refuses to merge by hand, and to give a merged lead back what the merge took.
CREATE OR REPLACE FUNCTION refuse_merge_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF is_merging() OR is_erasing() THEN
    RETURN NEW;
  ELSIF TG_OP = 'UPDATE' AND OLD.merged_into_id IS NOT NULL THEN
    RAISE EXCEPTION 'lead % was merged into lead %', OLD.id, OLD.merged_into_id USING ERRCODE = 'TL080';
  END IF;
  RAISE EXCEPTION 'only merge_leads merges a lead, and only as a whole' USING ERRCODE = 'TL080';
END $$;
CREATE OR REPLACE TRIGGER leads_merged_as_a_whole
  BEFORE UPDATE OF merged_into_id ON leads
  FOR EACH ROW WHEN (OLD.merged_into_id IS DISTINCT FROM NEW.merged_into_id) EXECUTE FUNCTION refuse_merge_by_hand();
CREATE OR REPLACE TRIGGER leads_not_born_merged
  BEFORE INSERT ON leads
  FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL) EXECUTE FUNCTION refuse_merge_by_hand();
CREATE OR REPLACE TRIGGER leads_stay_merged
  BEFORE UPDATE ON leads
  FOR EACH ROW
  WHEN (OLD.merged_into_id IS NOT NULL
        AND (OLD.email, OLD.linkedin_url, OLD.phone, OLD.crm_contact_id, OLD.account_id, OLD.first_name, OLD.last_name, OLD.title,
             OLD.unsubscribe_flag, OLD.opt_out_flag, OLD.owner_user_id)
            IS DISTINCT FROM
            (NEW.email, NEW.linkedin_url, NEW.phone, NEW.crm_contact_id, NEW.account_id, NEW.first_name, NEW.last_name, NEW.title,
             NEW.unsubscribe_flag, NEW.opt_out_flag, NEW.owner_user_id))
  EXECUTE FUNCTION refuse_merge_by_hand();
-- Its history counts for the other lead.
CREATE OR REPLACE TRIGGER leads_merged_kept
  BEFORE DELETE ON leads FOR EACH ROW WHEN (OLD.merged_into_id IS NOT NULL) EXECUTE FUNCTION refuse_change();

-- Refuses new work for a merged lead: it is the other lead's. Checked once per statement.
CREATE OR REPLACE FUNCTION refuse_work_for_merged() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  merged record;
BEGIN
  SELECT l.id, l.merged_into_id INTO merged FROM new_rows n
  JOIN leads l ON l.org_id = n.org_id AND l.id = n.lead_id AND l.merged_into_id IS NOT NULL LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'lead % was merged into lead %', merged.id, merged.merged_into_id
      USING ERRCODE = 'TL080', HINT = 'Request again: the request finds the other lead.';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER campaign_contacts_not_merged
  AFTER INSERT ON campaign_contacts REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_work_for_merged();
CREATE OR REPLACE TRIGGER sequence_requests_not_merged
  AFTER INSERT ON sequence_requests REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_work_for_merged();
CREATE OR REPLACE TRIGGER sales_send_queue_not_merged
  AFTER INSERT ON sales_send_queue REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_work_for_merged();
-- A touch that failed cannot be tried again for a merged lead.
CREATE OR REPLACE FUNCTION refuse_retry_for_merged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM leads l WHERE l.org_id = NEW.org_id AND l.id = NEW.lead_id AND l.merged_into_id IS NOT NULL) THEN
    RAISE EXCEPTION 'lead % was merged: its touches are not sent', NEW.lead_id USING ERRCODE = 'TL080';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sales_send_queue_retry_not_merged
  BEFORE UPDATE OF status ON sales_send_queue
  FOR EACH ROW
  WHEN (OLD.status IN ('failed', 'canceled', 'unknown') AND NEW.status IN ('pending', 'drafted', 'approved', 'held'))
  EXECUTE FUNCTION refuse_retry_for_merged();

-- A merge stays on record. An erasure removes its words.
CREATE OR REPLACE TRIGGER lead_merges_kept
  BEFORE UPDATE OR DELETE ON lead_merges FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER lead_merges_no_truncate
  BEFORE TRUNCATE ON lead_merges FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- Only merge_leads records one.
CREATE OR REPLACE FUNCTION refuse_merge_record_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user = (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = 'public.leads'::regclass)
     AND NEW.transaction_id = pg_current_xact_id()::text::bigint THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'only merge_leads records a merge' USING ERRCODE = 'TL080';
END $$;
CREATE OR REPLACE TRIGGER lead_merges_recorded
  BEFORE INSERT ON lead_merges FOR EACH ROW EXECUTE FUNCTION refuse_merge_record_by_hand();

-- The rule merges what a file, or the connected CRM, says to be one CRM record: only the merge of an import and the coordinator say
-- so, and of two leads that do not have two records, in a file of someone who may merge. Anyone may suggest other pairs, because a person decides about them.
CREATE OR REPLACE FUNCTION refuse_false_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT is_merging() AND ((acts_as_machine() OR import_is_merging() OR acting_kind() = 'coordinator' AND has_crm(NEW.org_id)) IS NOT TRUE OR (
    SELECT count(l.crm_contact_id) FROM leads l WHERE l.org_id = NEW.org_id AND l.id IN (NEW.lead_id, NEW.other_lead_id)) > 1)
  THEN
    RAISE EXCEPTION 'only a person merges leads % and %: no file shows that they have one CRM record', NEW.lead_id, NEW.other_lead_id
      USING ERRCODE = 'TL005', HINT = 'Merge them by hand if they are one person.';
  END IF;
  IF acting_kind() = 'human' AND NOT is_merging() THEN
    PERFORM require_acting_role(NEW.org_id, '{revops,admin}');
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER lead_merge_suggestions_record
  BEFORE INSERT ON lead_merge_suggestions
  FOR EACH ROW WHEN (NEW.reason = 'same_crm_record') EXECUTE FUNCTION refuse_false_record();
CREATE OR REPLACE TRIGGER lead_merge_suggestions_record_later
  BEFORE UPDATE OF reason ON lead_merge_suggestions
  FOR EACH ROW WHEN (NEW.reason = 'same_crm_record' AND OLD.reason <> NEW.reason) EXECUTE FUNCTION refuse_false_record();

-- A person ends a suggestion in their own name; a merge ends it automatically. An ended suggestion stays.
CREATE OR REPLACE FUNCTION guard_suggestion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF is_merging() OR is_erasing() THEN
    RETURN NEW;
  ELSIF (OLD.org_id, OLD.id, OLD.lead_id, OLD.other_lead_id, OLD.found_at)
        IS DISTINCT FROM (NEW.org_id, NEW.id, NEW.lead_id, NEW.other_lead_id, NEW.found_at) THEN
    RAISE EXCEPTION 'suggestion % cannot change its identity', OLD.id USING ERRCODE = 'TL012';
  ELSIF OLD.ended_at IS NOT NULL THEN
    RAISE EXCEPTION 'suggestion % has already ended', OLD.id USING ERRCODE = 'TL001';
  ELSIF NEW.outcome IS DISTINCT FROM OLD.outcome THEN
    IF NEW.outcome <> 'different_people' THEN
      RAISE EXCEPTION 'only merge_leads merges leads' USING ERRCODE = 'TL080';
    END IF;
    PERFORM require_acting_person(NEW.ended_by_user_id);
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER lead_merge_suggestions_guard
  BEFORE UPDATE ON lead_merge_suggestions FOR EACH ROW EXECUTE FUNCTION guard_suggestion();

-- A file merges leads by their CRM records, so changing the record of a lead by hand needs the right to merge.
CREATE OR REPLACE FUNCTION require_merger_of_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() = 'human' AND NOT (is_merging() OR is_erasing() OR import_is_merging()) THEN
    PERFORM require_acting_role(NEW.org_id, '{revops,admin}');
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER leads_crm_record
  BEFORE UPDATE OF crm_contact_id ON leads FOR EACH ROW WHEN (OLD.crm_contact_id IS DISTINCT FROM NEW.crm_contact_id)
  EXECUTE FUNCTION require_merger_of_record();
