-- Who changed what by hand, and a chain of hashes over that and over the event log: what is taken out, put in or changed
-- behind the product's back is found, and named (GET /audit/verify).

-- A line for each row that a person, an agent, set-up or someone with SQL changed. Written by triggers alone
-- (db/routines/audit.sql); nobody has the right to write here, and nothing is ever changed or deleted.
CREATE TABLE audit_log (
  org_id         uuid NOT NULL,
  id             uuid NOT NULL,
  at             timestamptz NOT NULL,
  -- Null: whoever it was did not say, as with SQL by hand. Then database_login is all that is known.
  actor_kind     actor_kind,
  actor_id       text,
  -- Who asked for it, also where the coordinator acted on their behalf.
  asked_by_kind  text CHECK (asked_by_kind IN ('human', 'agent', 'public')),
  asked_by_id    text,
  surface        text,
  operation      text,
  request_id     text,
  database_login text NOT NULL,
  subject_table  text NOT NULL,
  subject_key    text NOT NULL,
  action         text NOT NULL CHECK (action IN ('insert', 'update', 'delete')),
  -- {"column": {"old": ..., "new": ...}}; secrets and texts of messages as '(changed)'.
  changes        jsonb NOT NULL CHECK (jsonb_typeof(changes) = 'object'),
  PRIMARY KEY (org_id, id)
);
CREATE INDEX audit_log_of_subject ON audit_log (org_id, subject_table, subject_key, id);
CREATE INDEX audit_log_of_actor ON audit_log (org_id, actor_id, id);
CREATE INDEX audit_log_of_asker ON audit_log (org_id, asked_by_id, id);

-- Rows that one statement writes have one time: this keeps their order in the id.
CREATE SEQUENCE audit_log_counter;

-- Rows of a log as one statement wrote them, and their hashes. A batch gets its place in the org's chain a little later
-- (seal_event_log), since writers that had to agree on places at once would have to wait for each other. Of one UTC day and
-- at most 1000 rows, so that a verification reads the log piece by piece.
CREATE TABLE event_log_batches (
  org_id        uuid NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('events', 'audit')),
  -- The id of its first row.
  id            uuid NOT NULL,
  -- How its rows are hashed.
  format        smallint NOT NULL CHECK (format = 1),
  row_ids       uuid[] NOT NULL,
  row_times     timestamptz[] NOT NULL,
  -- SHA-256 of each row, one after the other.
  row_hashes    bytea NOT NULL,
  first_at      timestamptz NOT NULL,
  last_at       timestamptz NOT NULL,
  -- Rows that were there before the chain was: from then on they do not change unseen; what they were before, nobody knows.
  as_found      boolean NOT NULL DEFAULT false,
  place         bigint CHECK (place > 0),
  previous_hash bytea CHECK (length(previous_hash) = 32),
  hash          bytea CHECK (length(hash) = 32),
  PRIMARY KEY (org_id, kind, id),
  CONSTRAINT event_log_batches_place_uniq UNIQUE (org_id, place),
  CONSTRAINT event_log_batches_rows CHECK (
    cardinality(row_ids) > 0 AND cardinality(row_times) = cardinality(row_ids)
    AND length(row_hashes) = 32 * cardinality(row_ids)),
  CONSTRAINT event_log_batches_sealed CHECK (num_nulls(place, previous_hash, hash) IN (0, 3))
);
CREATE INDEX event_log_batches_unsealed ON event_log_batches (org_id, id) WHERE place IS NULL;
CREATE INDEX event_log_batches_by_time ON event_log_batches (org_id, kind, first_at);
-- Hashes and random ids do not compress; trying to costs more than the rest of the insert.
ALTER TABLE event_log_batches ALTER row_ids SET STORAGE EXTERNAL, ALTER row_hashes SET STORAGE EXTERNAL;

-- The end of each org's chain.
CREATE TABLE event_log_heads (
  org_id uuid PRIMARY KEY,
  place  bigint NOT NULL CHECK (place >= 0),
  hash   bytea NOT NULL CHECK (length(hash) = 32)
);

-- Format 1: SHA-256 of the row's columns as a record, in this order, times in seconds since 1970, so that no setting of a
-- session changes it; the trace, which is most of it, stands behind the record, where nothing of it has to be escaped. Other columns or another order are another format with a function of its own: this one never changes,
-- which is why it stands here and not among the routines.
CREATE FUNCTION event_hash_1(v cadence_event_log) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
  RETURN sha256(convert_to(concat(ROW(
    v.org_id, v.id, extract(epoch FROM v.timestamp), v.event_type, v.coordinator_action, v.resolution,
    v.touch_cap_at_event, v.compliance_status, v.suppressed_reason, v.moment, extract(epoch FROM v.until), v.actor_kind,
    v.actor_id, v.lead_id, v.account_id, v.campaign_id, v.request_id, v.enrollment_id, v.queue_id, v.step_number,
    v.channel, v.sequence_type, v.policy_version, v.play_id, v.originating_proposal_id, v.detail)::text, v.trace),
    'UTF8'));

CREATE FUNCTION audit_hash_1(a audit_log) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
  RETURN sha256(convert_to(ROW(
    a.org_id, a.id, extract(epoch FROM a.at), a.actor_kind, a.actor_id, a.asked_by_kind, a.asked_by_id, a.surface,
    a.operation, a.request_id, a.database_login, a.subject_table, a.subject_key, a.action, a.changes)::text, 'UTF8'));

-- What is there already, as it is found. db/routines/tenants.sql guards the log again.
ALTER TABLE cadence_event_log NO FORCE ROW LEVEL SECURITY;
INSERT INTO event_log_batches (org_id, kind, id, format, row_ids, row_times, row_hashes, first_at, last_at, as_found)
SELECT org_id, 'events', (array_agg(id ORDER BY timestamp, id))[1], 1, array_agg(id ORDER BY timestamp, id),
       array_agg(timestamp ORDER BY timestamp, id), string_agg(hash, '' ORDER BY timestamp, id),
       min(timestamp), max(timestamp), true
FROM (SELECT v.org_id, v.id, v.timestamp, event_hash_1(v) AS hash, date_trunc('day', v.timestamp AT TIME ZONE 'UTC') AS day,
             (row_number() OVER (PARTITION BY v.org_id, date_trunc('day', v.timestamp AT TIME ZONE 'UTC')
                                 ORDER BY v.timestamp, v.id) - 1) / 1000 AS part
      FROM cadence_event_log v) found
GROUP BY org_id, day, part;
