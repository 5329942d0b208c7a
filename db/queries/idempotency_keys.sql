/* Claims a key that is new, has expired, or was claimed for the same request by a process that died. No row: another
   process holds the key, or it has an answer. */
/* @name claimIdempotencyKey */
INSERT INTO idempotency_keys AS k (org_id, principal_kind, principal_id, key, operation, request_hmac, claim_id, claimed_at,
                                   lease_until, expires_at)
VALUES (:org_id!, :principal_kind!, :principal_id!, :key!, :operation!, :request_hmac!, :claim_id!, :now!, :lease_until!,
        :expires_at!)
ON CONFLICT (org_id, principal_kind, principal_id, key) DO UPDATE SET
  operation = excluded.operation, request_hmac = excluded.request_hmac, claim_id = excluded.claim_id,
  claimed_at = excluded.claimed_at, lease_until = excluded.lease_until, expires_at = excluded.expires_at,
  answered_at = NULL, status = NULL, body = NULL, replayable = NULL
WHERE k.expires_at <= excluded.claimed_at
   OR (k.answered_at IS NULL AND k.lease_until <= excluded.claimed_at AND k.request_hmac = excluded.request_hmac)
RETURNING k.claim_id;

/* @name getIdempotencyKey */
SELECT operation, request_hmac, lease_until, answered_at, status, body, replayable
FROM idempotency_keys
WHERE org_id = :org_id! AND principal_kind = :principal_kind! AND principal_id = :principal_id! AND key = :key!;

/* @name renewIdempotencyKey */
UPDATE idempotency_keys SET lease_until = :lease_until!
WHERE org_id = :org_id! AND principal_kind = :principal_kind! AND principal_id = :principal_id! AND key = :key!
  AND claim_id = :claim_id! AND answered_at IS NULL AND expires_at >= :lease_until!;

/* Only the holder of the claim writes; one that slept past its lease changes nothing. */
/* @name answerIdempotencyKey */
UPDATE idempotency_keys SET answered_at = :now!, status = :status!, body = :body, replayable = :replayable!
WHERE org_id = :org_id! AND principal_kind = :principal_kind! AND principal_id = :principal_id! AND key = :key!
  AND claim_id = :claim_id! AND answered_at IS NULL;

/* The request failed by an internal error: the next request starts again. */
/* @name releaseIdempotencyKey */
DELETE FROM idempotency_keys
WHERE org_id = :org_id! AND principal_kind = :principal_kind! AND principal_id = :principal_id! AND key = :key!
  AND claim_id = :claim_id! AND answered_at IS NULL;

/* @name deleteExpiredIdempotencyKeys */
WITH expired AS MATERIALIZED (
  SELECT org_id, principal_kind, principal_id, key FROM idempotency_keys
  WHERE org_id = :org_id! AND expires_at <= :now!
  ORDER BY expires_at LIMIT :limit! FOR UPDATE SKIP LOCKED)
DELETE FROM idempotency_keys k USING expired e
WHERE k.org_id = e.org_id AND k.principal_kind = e.principal_kind AND k.principal_id = e.principal_id AND k.key = e.key;
