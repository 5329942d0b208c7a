-- What is kept is changed in one place alone, by erase_lead. Each use of that is on record before anything is changed, and its
-- line in the audit hangs in the chain: one that no erasure followed is found by `touchline audit verify`.
CREATE TABLE erasures_begun (
  org_id uuid NOT NULL,
  -- The lead's: each is erased once.
  id uuid NOT NULL,
  begun_at timestamptz NOT NULL,
  -- Of the database server: it counts in this transaction only.
  transaction_id bigint NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, id) REFERENCES leads (org_id, id)
);
