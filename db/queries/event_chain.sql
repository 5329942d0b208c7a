/* Assigns committed batches their places in the chain. Returns the number of batches. */
/* @name sealEventLog */
SELECT seal_event_log(:org_id!, :most!) AS "sealed!";

/* @name chainHead */
SELECT place, hash FROM event_log_heads WHERE org_id = :org_id!;

/* The next batches by place, with at most this many rows together (or one batch), each with its first row that is
   missing or does not match its hash. */
/* @name checkBatches */
WITH next AS MATERIALIZED (
  SELECT b.*, sum(cardinality(b.row_ids)) OVER (ORDER BY b.place) - cardinality(b.row_ids) AS rows_before
  FROM (SELECT * FROM event_log_batches
        WHERE org_id = :org_id! AND place > :after_place! ORDER BY place LIMIT :limit!) b
)
SELECT b.place AS "place!", b.kind, b.id, b.format, b.previous_hash AS "previous_hash!", b.hash AS "hash!", b.row_hashes,
       b.as_found, cardinality(b.row_ids) AS "row_count!", f.id AS "fault_id?", f.at AS "fault_at?",
       f.is_missing AS "fault_is_missing?"
FROM next b
LEFT JOIN LATERAL (
  (SELECT r.id, r.at, v.id IS NULL AS is_missing
   FROM unnest(b.row_ids, b.row_times) WITH ORDINALITY AS r(id, at, n)
   LEFT JOIN cadence_event_log v ON v.org_id = :org_id! AND v.timestamp = r.at AND v.id = r.id
   WHERE b.kind = 'events' AND event_hash_2(v) <> substring(b.row_hashes FROM (r.n::int - 1) * 32 + 1 FOR 32)
     AND NOT is_erased_as_recorded(:org_id!, 'events', v.id, substring(b.row_hashes FROM (r.n::int - 1) * 32 + 1 FOR 32),
                                   event_hash_2(v), coalesce(v.detail = '{"erased": true}', false))
   ORDER BY r.n LIMIT 1)
  UNION ALL
  (SELECT r.id, r.at, a.id IS NULL
   FROM unnest(b.row_ids, b.row_times) WITH ORDINALITY AS r(id, at, n)
   LEFT JOIN audit_log a ON a.org_id = :org_id! AND a.id = r.id AND a.at = r.at
   WHERE b.kind = 'audit' AND audit_hash_1(a) <> substring(b.row_hashes FROM (r.n::int - 1) * 32 + 1 FOR 32)
     AND NOT is_erased_as_recorded(:org_id!, 'audit', a.id, substring(b.row_hashes FROM (r.n::int - 1) * 32 + 1 FOR 32),
                                   audit_hash_1(a), coalesce(a.changes = erased_changes(a.changes), false))
   ORDER BY r.n LIMIT 1)
) f ON true
WHERE b.rows_before < :rows!
ORDER BY b.place;

/* The place of the batch sealed after the one with this hash; no row if that batch was the last. */
/* @name batchAfterHash */
SELECT place AS "place!" FROM event_log_batches WHERE org_id = :org_id! AND previous_hash = :previous_hash! LIMIT 1;

/* The next rows of the event log by time, the first row without a batch, and the first event whose message text does
   not match its hash. Times travel as text, because they are finer than a Date. A batch covers one UTC day, so its
   start bounds the search. */
/* @name unbatchedEvents */
WITH page AS MATERIALIZED (
  SELECT v.timestamp AS at, v.id, v.queue_id,
         CASE WHEN v.event_type IN ('sent', 'unknown') THEN v.detail ->> 'content_hash' END AS content_hash
  FROM cadence_event_log v
  WHERE v.org_id = :org_id! AND (v.timestamp, v.id) > ((:after_at!::text)::timestamptz, :after_id!::uuid)
  ORDER BY v.timestamp, v.id LIMIT :limit!
), held AS MATERIALIZED (
  SELECT r.at, r.id
  FROM event_log_batches b CROSS JOIN LATERAL unnest(b.row_times, b.row_ids) AS r(at, id)
  WHERE b.org_id = :org_id! AND b.kind = 'events' AND b.first_at > (SELECT min(at) FROM page) - interval '1 day'
    AND b.first_at <= (SELECT max(at) FROM page) AND b.last_at >= (SELECT min(at) FROM page)
), stray AS (
  SELECT at, id FROM page EXCEPT SELECT at, id FROM held
  ORDER BY at, id LIMIT 1
), changed AS (
  SELECT p.at, p.queue_id FROM page p
  WHERE p.content_hash IS NOT NULL AND NOT EXISTS (
    SELECT FROM staged_drafts d
    WHERE d.org_id = :org_id! AND d.queue_id = p.queue_id AND text_is_as_logged(:org_id!, d.id, p.content_hash))
  ORDER BY p.at, p.id LIMIT 1
)
SELECT (SELECT count(*) FROM page) AS "row_count!",
       (SELECT at::text FROM page ORDER BY at DESC, id DESC LIMIT 1) AS last_at,
       (SELECT id FROM page ORDER BY at DESC, id DESC LIMIT 1) AS last_id,
       (SELECT at FROM stray) AS stray_at, (SELECT id FROM stray) AS stray_id,
       (SELECT at FROM changed) AS changed_at, (SELECT queue_id FROM changed) AS changed_queue_id;

/* The same for the audit log, by id. */
/* @name unbatchedAudit */
WITH page AS MATERIALIZED (
  SELECT a.at, a.id FROM audit_log a
  WHERE a.org_id = :org_id! AND a.id > :after_id!::uuid ORDER BY a.id LIMIT :limit!
), stray AS (
  SELECT p.at, p.id FROM page p
  WHERE NOT EXISTS (SELECT FROM event_log_batches b WHERE b.org_id = :org_id! AND b.kind = 'audit' AND b.id = p.id)
  ORDER BY p.id LIMIT 1
)
SELECT (SELECT count(*) FROM page) AS "row_count!", (SELECT id FROM page ORDER BY id DESC LIMIT 1) AS last_id,
       (SELECT at FROM stray) AS stray_at, (SELECT id FROM stray) AS stray_id;

/* The next approvals by id, and the first whose text does not match the hash in the audit. */
/* @name approvedTexts */
WITH page AS MATERIALIZED (
  SELECT a.subject_key, a.at, a.changes #>> '{draft_id,new}' AS draft_id, a.changes #>> '{content_hash,new}' AS content_hash
  FROM audit_log a
  WHERE a.org_id = :org_id! AND a.subject_table = 'draft_approvals' AND a.subject_key > :after_key! AND a.action = 'insert'
  ORDER BY a.subject_key LIMIT :limit!
), changed AS (
  SELECT p.at, p.draft_id FROM page p
  WHERE NOT text_is_as_logged(:org_id!, p.draft_id::uuid, p.content_hash)
  ORDER BY p.subject_key LIMIT 1
)
SELECT (SELECT count(*) FROM page) AS "row_count!", (SELECT max(subject_key) FROM page) AS last_key,
       (SELECT at FROM changed) AS changed_at, (SELECT draft_id FROM changed) AS changed_draft_id;

/* The first erasure that the audit shows as begun without an end, or whose lead still has personal data. */
/* @name unfinishedErasure */
SELECT a.subject_key AS "lead_id!", a.id AS "line_id!", a.at AS "at!", a.database_login
FROM audit_log a
WHERE a.org_id = :org_id! AND a.subject_table = 'erasures_begun' AND a.action = 'insert' AND NOT EXISTS (
  SELECT FROM audit_log d JOIN leads l ON l.org_id = d.org_id AND l.id::text = d.subject_key AND l.erased_at IS NOT NULL
  WHERE d.org_id = a.org_id AND d.subject_table = 'lead_erasures' AND d.subject_key = a.subject_key AND d.action = 'insert')
ORDER BY a.id LIMIT 1;
