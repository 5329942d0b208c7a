-- How active plays are run by the coordinator: whom they are for, and that nothing begins for a play that is not active.

-- Why nobody may be let into a play now, as a stable word; null where someone may. `today` is the org's own day.
CREATE OR REPLACE FUNCTION play_closed(p sales_play_library, today date) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN (p).state <> 'active' THEN 'play_retired'
              WHEN (p).active_period_end < today THEN 'play_over'
              WHEN (p).active_period_start > today THEN 'play_not_begun' END;

-- Whether a lead is one that a play is for. What is null restricts nothing. Patterns are made by src/core/plays/audience.ts,
-- and read alike there and here, whatever the collation. What the lead does not say of itself, its account says.
CREATE OR REPLACE FUNCTION play_matches(
  l leads, a accounts, play_segment text, play_account_id uuid, icp_tiers text[], segments text[], vertical_pattern text,
  lifecycle_stage_pattern text, title_pattern text, any_signals text[], all_signals text[]
) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  RETURN (play_segment IS NULL OR coalesce((l).segment, (a).segment) = play_segment)
    AND (play_account_id IS NULL OR (l).account_id = play_account_id)
    AND (icp_tiers IS NULL OR coalesce((l).icp_tier, (a).icp_tier)::text = ANY (icp_tiers))
    AND (segments IS NULL OR coalesce((l).segment, (a).segment) = ANY (segments))
    AND (vertical_pattern IS NULL OR coalesce((l).vertical, (a).vertical) ~ vertical_pattern)
    AND (lifecycle_stage_pattern IS NULL OR (l).lifecycle_stage ~ lifecycle_stage_pattern)
    AND (any_signals IS NULL OR (l).intent_signals && any_signals)
    AND (all_signals IS NULL OR (l).intent_signals @> all_signals)
    AND (title_pattern IS NULL OR (l).title ~ title_pattern);

-- Nothing begins for a play that is not active. The plays' rows are shared while that is asked, so that nobody retires one
-- between this look and the end of the transaction.
CREATE OR REPLACE FUNCTION refuse_closed_play() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  play sales_play_library;
BEGIN
  FOR play IN
    SELECT p.* FROM sales_play_library p
    WHERE (p.org_id, p.play_id) IN (SELECT DISTINCT n.org_id, n.play_id FROM new_rows n WHERE n.play_id IS NOT NULL)
    FOR SHARE
  LOOP
    IF play.state <> 'active' THEN
      RAISE EXCEPTION 'play % is %: nothing new begins for it', play.play_id, play.state
        USING ERRCODE = 'TL029', HINT = 'What runs goes on; to launch the play once more, copy it.';
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER sequence_requests_active_play
  AFTER INSERT ON sequence_requests REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_play();
CREATE OR REPLACE TRIGGER campaign_contacts_active_play
  AFTER INSERT ON campaign_contacts REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_play();

-- Nor is a request let through that waited while its play was retired.
CREATE OR REPLACE FUNCTION refuse_release_into_closed_play() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  now_state play_state := (SELECT p.state FROM sales_play_library p
                           WHERE p.org_id = NEW.org_id AND p.play_id = NEW.play_id FOR SHARE);
BEGIN
  IF now_state <> 'active' THEN
    RAISE EXCEPTION 'play % is %: nobody is let into it', NEW.play_id, now_state USING ERRCODE = 'TL029';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sequence_requests_active_play_release
  BEFORE UPDATE OF status ON sequence_requests
  FOR EACH ROW WHEN (NEW.play_id IS NOT NULL AND NEW.status = 'allowed' AND OLD.status <> 'allowed')
  EXECUTE FUNCTION refuse_release_into_closed_play();
