-- The hash chain over the event log and the audit log of each organization. Its tables are in
-- db/migrations/0011_audit.sql.

-- Each statement that writes to a log leaves one batch with the hashes of its rows; more only if it wrote for several
-- organizations or days, or more than 1,000 rows. No writer waits: sealing assigns the place.
CREATE OR REPLACE FUNCTION batch_events() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  INSERT INTO event_log_batches (org_id, kind, id, format, row_ids, row_times, row_hashes, first_at, last_at)
  -- The rows in arrival order, so nothing is sorted; hashed first, so no trace is carried along.
  WITH hashed AS MATERIALIZED (
    SELECT n.org_id, n.id, n.timestamp, event_hash_2(n) AS hash FROM new_rows n
  ), numbered AS (
    SELECT h.*, date_trunc('day', h.timestamp AT TIME ZONE 'UTC') AS day, (row_number() OVER () - 1) / 1000 AS part
    FROM hashed h
  )
  SELECT r.org_id, 'events', (array_agg(r.id))[1], 2, array_agg(r.id), array_agg(r.timestamp), string_agg(r.hash, ''),
         min(r.timestamp), max(r.timestamp)
  FROM numbered r GROUP BY r.org_id, r.day, r.part;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER cadence_event_log_batch
  AFTER INSERT ON cadence_event_log REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION batch_events();

-- Adds the audit's new row to the chain of hashes. The audit's trigger writes row by row, so each of these batches has one
-- row.
CREATE OR REPLACE FUNCTION batch_audit() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  INSERT INTO event_log_batches (org_id, kind, id, format, row_ids, row_times, row_hashes, first_at, last_at)
  SELECT n.org_id, 'audit', n.id, 1, ARRAY[n.id], ARRAY[n.at], audit_hash_1(n), n.at, n.at FROM new_rows n;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER audit_log_batch
  AFTER INSERT ON audit_log REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION batch_audit();

-- The input of a batch's hash: its place, the previous hash, its rows. src/coordinator/upkeep/event_chain.ts computes the
-- same.
CREATE OR REPLACE FUNCTION chain_hash(b event_log_batches, place bigint, previous_hash bytea) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
  RETURN sha256(convert_to(concat_ws(' ', 'touchline', (b).format, (b).org_id, (b).kind, (b).id, place), 'UTF8')
                || previous_hash || (b).row_hashes);

-- Assigns places to at most `most` committed batches of an organization; returns their number. Holds the lock of the
-- organization's head, so places have no gap however many processes seal, and reads after locking, so no batch is sealed
-- twice. An open transaction's batch gets a later place.
CREATE OR REPLACE FUNCTION seal_event_log(org uuid, most int) RETURNS int LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  head event_log_heads;
  last event_log_batches;
  batch event_log_batches;
  sealed int := 0;
BEGIN
  INSERT INTO event_log_heads (org_id, place, hash) VALUES (org, 0, sha256(convert_to('touchline ' || org, 'UTF8')))
  ON CONFLICT DO NOTHING;
  SELECT * INTO head FROM event_log_heads WHERE org_id = org FOR UPDATE;
  -- Never extends a tampered chain, which would make it look intact.
  SELECT * INTO last FROM event_log_batches WHERE org_id = org AND place IS NOT NULL ORDER BY place DESC LIMIT 1;
  IF coalesce(last.place, 0) <> head.place OR (head.place > 0 AND last.hash <> head.hash) THEN
    RAISE EXCEPTION 'the chain of hashes does not end at its recorded head' USING ERRCODE = 'TL021',
      HINT = 'Run touchline audit verify for details.';
  END IF;
  FOR batch IN
    SELECT * FROM event_log_batches WHERE org_id = org AND place IS NULL ORDER BY id LIMIT most
  LOOP
    UPDATE event_log_batches
    SET place = head.place + 1, previous_hash = head.hash, hash = chain_hash(batch, head.place + 1, head.hash)
    WHERE org_id = org AND kind = batch.kind AND id = batch.id
    RETURNING event_log_batches.place, event_log_batches.hash INTO head.place, head.hash;
    sealed := sealed + 1;
  END LOOP;
  UPDATE event_log_heads SET place = head.place, hash = head.hash WHERE org_id = org AND sealed > 0;
  RETURN sealed;
END $$;

-- A batch may be sealed once; nothing else about it ever changes.
CREATE OR REPLACE FUNCTION keep_batch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.place IS NULL
     AND (OLD.org_id, OLD.kind, OLD.id, OLD.format, OLD.row_ids, OLD.row_times, OLD.row_hashes, OLD.first_at, OLD.last_at, OLD.as_found)
         IS NOT DISTINCT FROM
         (NEW.org_id, NEW.kind, NEW.id, NEW.format, NEW.row_ids, NEW.row_times, NEW.row_hashes, NEW.first_at, NEW.last_at, NEW.as_found)
     AND NEW.hash = chain_hash(OLD, NEW.place, NEW.previous_hash) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'batch % of the log cannot change', OLD.id USING ERRCODE = 'TL003';
END $$;
CREATE OR REPLACE TRIGGER event_log_batches_keep BEFORE UPDATE ON event_log_batches
  FOR EACH ROW EXECUTE FUNCTION keep_batch();
CREATE OR REPLACE TRIGGER event_log_batches_kept BEFORE DELETE ON event_log_batches
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER event_log_batches_no_truncate BEFORE TRUNCATE ON event_log_batches
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The head of a chain only moves forward, to a batch with that place.
CREATE OR REPLACE FUNCTION keep_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.org_id = OLD.org_id AND NEW.place > OLD.place AND EXISTS (
    SELECT FROM event_log_batches b WHERE b.org_id = NEW.org_id AND b.place = NEW.place AND b.hash = NEW.hash
  ) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the chain of organization % can only grow', OLD.org_id USING ERRCODE = 'TL003';
END $$;
CREATE OR REPLACE TRIGGER event_log_heads_keep BEFORE UPDATE ON event_log_heads
  FOR EACH ROW EXECUTE FUNCTION keep_head();
CREATE OR REPLACE TRIGGER event_log_heads_kept BEFORE DELETE ON event_log_heads
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER event_log_heads_no_truncate BEFORE TRUNCATE ON event_log_heads
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whether a draft's text still matches the hash that a log names, computed again from the words. An erased draft has no
-- words, and nothing replaces them.
CREATE OR REPLACE FUNCTION text_is_as_logged(org uuid, draft uuid, logged_hash text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM staged_drafts d
    WHERE d.org_id = org AND d.id = draft
      AND (content_sha256(ARRAY[channel_text(d.channel), d.to_id, d.subject, d.body]) = logged_hash
           OR d.to_id = '(erased)' AND d.body = '(erased)' AND coalesce(d.subject, '(erased)') = '(erased)' AND EXISTS (
             SELECT FROM sales_send_queue q JOIN lead_erasures e ON e.org_id = q.org_id AND e.id = q.lead_id
             WHERE q.org_id = d.org_id AND q.id = d.queue_id)));
END $$;
