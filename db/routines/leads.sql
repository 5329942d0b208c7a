-- Only an active user lifts an opt-out; an import, an agent, or a mistaken statement leaves it in place.
CREATE OR REPLACE FUNCTION keep_opt_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_user() IS NULL AND NOT is_merging() THEN
    RAISE EXCEPTION 'lead % is opted out: only a person can lift the opt-out', OLD.id
      USING ERRCODE = 'TL007', HINT = 'A person can lift it, with a reason, through POST /leads/{id}/opt_out.';
  END IF;
  RETURN NEW;
END $$;

-- Changing a lead's address does not free an address that opted out.
CREATE OR REPLACE TRIGGER leads_keep_address
  BEFORE UPDATE OF email ON leads
  FOR EACH ROW WHEN ((OLD.unsubscribe_flag OR OLD.opt_out_flag) AND lower(OLD.email) <> lower(NEW.email))
  EXECUTE FUNCTION keep_opt_out();

CREATE OR REPLACE TRIGGER leads_keep_opt_out
  BEFORE UPDATE ON leads
  FOR EACH ROW
  WHEN ((OLD.unsubscribe_flag AND NOT NEW.unsubscribe_flag) OR (OLD.opt_out_flag AND NOT NEW.opt_out_flag))
  EXECUTE FUNCTION keep_opt_out();

-- Neither does deleting the lead: the next import would restore it as contactable.
CREATE OR REPLACE TRIGGER leads_keep_opted_out
  BEFORE DELETE ON leads
  FOR EACH ROW WHEN (OLD.unsubscribe_flag OR OLD.opt_out_flag) EXECUTE FUNCTION refuse_change();

-- Suppressions were checked for the address to which a message is being sent; it stays the lead's address until the
-- outcome is known.
CREATE OR REPLACE FUNCTION keep_address_under_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM sales_send_queue q
    JOIN send_attempts a ON a.org_id = q.org_id AND a.queue_id = q.id AND a.stage IN ('intent', 'data')
    WHERE q.org_id = OLD.org_id AND q.lead_id = OLD.id
  ) THEN
    RAISE EXCEPTION 'a message to lead % is being sent: the address cannot change now', OLD.id
      USING ERRCODE = 'TL014', HINT = 'Try again in a minute.';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER leads_keep_address_under_way
  BEFORE UPDATE OF email ON leads
  FOR EACH ROW WHEN (lower(OLD.email) <> lower(NEW.email))
  EXECUTE FUNCTION keep_address_under_way();

-- A sent touch moves its lead's last_touch_at, never backward.
CREATE OR REPLACE FUNCTION project_last_touch() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in((SELECT c.org_id FROM changed_touches c LIMIT 1));
  UPDATE leads l SET last_touch_at = t.touched_at
  FROM (SELECT org_id, lead_id, max(touched_at) AS touched_at FROM changed_touches
        WHERE outcome IN ('sent', 'unknown', 'marked_sent') GROUP BY org_id, lead_id) t
  WHERE l.org_id = t.org_id AND l.id = t.lead_id
    AND (l.last_touch_at IS NULL OR l.last_touch_at < t.touched_at);
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;

-- The time of the last touch follows from the touches, never from a writer.
CREATE OR REPLACE FUNCTION refuse_last_touch_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF is_written_by_trigger() OR is_merging() OR is_erasing() THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the last touch of lead % follows from its touches', OLD.id USING ERRCODE = 'TL004';
END $$;
CREATE OR REPLACE TRIGGER leads_last_touch_derived
  BEFORE UPDATE OF last_touch_at ON leads FOR EACH ROW WHEN (OLD.last_touch_at IS DISTINCT FROM NEW.last_touch_at)
  EXECUTE FUNCTION refuse_last_touch_by_hand();

CREATE OR REPLACE TRIGGER touches_project_insert
  AFTER INSERT ON touches REFERENCING NEW TABLE AS changed_touches
  FOR EACH STATEMENT EXECUTE FUNCTION project_last_touch();
CREATE OR REPLACE TRIGGER touches_project_update
  AFTER UPDATE ON touches REFERENCING NEW TABLE AS changed_touches
  FOR EACH STATEMENT EXECUTE FUNCTION project_last_touch();

-- A touch has the subject of its queue item, so it counts for the lead that receives the message, on a day of that lead's time
-- zone. Only the coordinator reserves one; others record what a person sent, now. Reads one row by each key, because the planner
-- would rely on statistics that may be old.
CREATE OR REPLACE FUNCTION refuse_foreign_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.outcome <> 'marked_sent' AND acting_kind() <> 'coordinator' THEN
    RAISE EXCEPTION 'only the coordinator reserves a touch (queue item %)', NEW.queue_id
      USING ERRCODE = 'TL004', HINT = 'Approve the draft; the coordinator decides when its message is sent.';
  END IF;
  PERFORM require_timely(NEW.touched_at, 'the time of a touch');
  NEW.time_zone := zone_of_lead(NEW.org_id, NEW.lead_id);
  PERFORM 1 FROM sales_send_queue q
  JOIN campaigns c ON c.org_id = q.org_id AND c.id = q.campaign_id
  WHERE q.org_id = NEW.org_id AND q.id = NEW.queue_id AND q.lead_id = NEW.lead_id
    AND q.enrollment_id = NEW.enrollment_id AND q.campaign_id = NEW.campaign_id AND q.channel = NEW.channel
    AND c.sequence_type = NEW.sequence_type AND q.play_id IS NOT DISTINCT FROM NEW.play_id
    AND q.originating_proposal_id IS NOT DISTINCT FROM NEW.originating_proposal_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a touch must have the lead, enrollment, campaign, channel, and play of its queue item'
      USING ERRCODE = 'TL012';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER touches_of_item
  BEFORE INSERT ON touches
  FOR EACH ROW EXECUTE FUNCTION refuse_foreign_touch();

-- A message that a server has, or may have, counts: the attempt is settled first.
CREATE OR REPLACE FUNCTION keep_touch_under_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM send_attempts a
    WHERE a.org_id = OLD.org_id AND a.queue_id = OLD.queue_id AND a.stage IN ('data', 'accepted', 'unknown')
  ) THEN
    RAISE EXCEPTION 'touch % cannot be voided: its message was sent, or may have been', OLD.id
      USING ERRCODE = 'TL003';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER touches_keep_under_way
  BEFORE UPDATE OF outcome ON touches
  FOR EACH ROW WHEN (OLD.outcome <> 'void' AND NEW.outcome = 'void')
  EXECUTE FUNCTION keep_touch_under_way();

-- The ledger keeps what it counted: a touch may be settled, or voided while its outcome is open; a sent touch stays.
CREATE OR REPLACE FUNCTION keep_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'touch % cannot be deleted', OLD.id USING ERRCODE = 'TL003';
  END IF;
  IF OLD.outcome IN ('sent', 'marked_sent', 'void')
     OR NEW.outcome <> OLD.outcome AND NOT is_legal_move(TG_ARGV, OLD.outcome::text, NEW.outcome::text) THEN
    RAISE EXCEPTION 'touch % is settled (%)', OLD.id, OLD.outcome USING ERRCODE = 'TL003';
  END IF;
  -- A person only confirms what became of a message of unknown delivery.
  IF acting_kind() = 'human' AND (OLD.outcome <> 'unknown' OR NEW.touched_at <> OLD.touched_at) THEN
    RAISE EXCEPTION 'only the coordinator settles touch %', OLD.id USING ERRCODE = 'TL004';
  END IF;
  IF NEW.touched_at <> OLD.touched_at THEN
    PERFORM require_timely(NEW.touched_at, 'the time of a touch');
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER touches_keep
  BEFORE UPDATE OR DELETE ON touches
  FOR EACH ROW EXECUTE FUNCTION keep_touch('reserved>sent,unknown,marked_sent,void', 'unknown>sent,void');
CREATE OR REPLACE TRIGGER touches_no_truncate
  BEFORE TRUNCATE ON touches
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
