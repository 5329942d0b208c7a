-- What a client calls a request of its own by, so that it may ask again without its being done twice: the first request
-- claims the key, and what it was answered is kept for a day.

CREATE TABLE idempotency_keys (
  org_id         uuid NOT NULL REFERENCES organizations,
  -- Whose key it is. Others may choose the same one.
  principal_kind text NOT NULL CHECK (principal_kind IN ('human', 'agent')),
  principal_id   text NOT NULL CHECK (principal_id <> ''),
  key            text NOT NULL CHECK (key ~ '^[\x20-\x7e]{1,255}$'),
  operation      text NOT NULL CHECK (operation <> ''),
  -- HMAC-SHA-256 of the request under the process's secret: a plain hash of what people type could be guessed.
  request_hmac   bytea NOT NULL CHECK (length(request_hmac) = 32),
  -- The fence: who claimed it last is the one who may answer.
  claim_id       uuid NOT NULL,
  claimed_at     timestamptz NOT NULL,
  -- Renewed while the request runs. Once it is over the process is taken for dead, and the next request claims the key.
  lease_until    timestamptz NOT NULL,
  expires_at     timestamptz NOT NULL,
  answered_at    timestamptz,
  status         int CHECK (status BETWEEN 200 AND 499),
  -- Null where the answer is empty, or is not kept (see replayable).
  body           text,
  -- False: it holds a secret, or was about a file that is not compared. Then only the status is kept.
  replayable     boolean,
  PRIMARY KEY (org_id, principal_kind, principal_id, key),
  CONSTRAINT idempotency_keys_answered CHECK (num_nulls(answered_at, status, replayable) IN (0, 3)),
  CONSTRAINT idempotency_keys_not_kept CHECK (body IS NULL OR replayable),
  CONSTRAINT idempotency_keys_lease CHECK (lease_until >= claimed_at AND expires_at >= lease_until)
);
CREATE INDEX idempotency_keys_expired ON idempotency_keys (org_id, expires_at);
