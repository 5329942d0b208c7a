-- How the coordinator runs active plays: their audience, and that an inactive play starts nothing.

-- Why a play takes no enrollments now, as a stable word; null if it takes them. `today` is the organization's own day.
CREATE OR REPLACE FUNCTION play_closed(p sales_play_library, today date) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN (p).state <> 'active' THEN 'play_retired'
              WHEN (p).active_period_end < today THEN 'play_over'
              WHEN (p).active_period_start > today THEN 'play_not_begun' END;

-- Whether a lead is in a play's audience. Null restricts nothing. src/core/plays/audience.ts makes the patterns, which
-- read the same there and here in any collation. The account supplies what the lead leaves open.
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

-- An inactive play starts nothing. Locks the plays in share mode for the check, so no user retires one before the
-- transaction ends.
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
      RAISE EXCEPTION 'play % is %: no new enrollments start', play.play_id, play.state
        USING ERRCODE = 'TL029', HINT = 'Current enrollments finish. To launch the play again, copy it.';
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

-- A request that waited while its play was retired is not enrolled either.
CREATE OR REPLACE FUNCTION refuse_release_into_closed_play() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  now_state play_state := (SELECT p.state FROM sales_play_library p
                           WHERE p.org_id = NEW.org_id AND p.play_id = NEW.play_id FOR SHARE);
BEGIN
  IF now_state <> 'active' THEN
    RAISE EXCEPTION 'play % is %: enrollment is closed', NEW.play_id, now_state USING ERRCODE = 'TL029';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sequence_requests_active_play_release
  BEFORE UPDATE OF status ON sequence_requests
  FOR EACH ROW WHEN (NEW.play_id IS NOT NULL AND NEW.status = 'allowed' AND OLD.status <> 'allowed')
  EXECUTE FUNCTION refuse_release_into_closed_play();
