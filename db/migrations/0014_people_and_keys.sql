-- How people and agents show who they are: passwords, sessions that end when nobody uses them, keys that may do less.

ALTER TABLE users
  -- A PHC string: algorithm, parameters, salt and hash, see src/operations/passwords.ts. Null: no password.
  ADD COLUMN password_hash text CHECK (password_hash ~ '^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{22,}\$[A-Za-z0-9+/]{43,}$'),
  -- Null: made by the set-up.
  ADD COLUMN created_by_user_id uuid,
  ADD CONSTRAINT users_created_by FOREIGN KEY (org_id, created_by_user_id) REFERENCES users (org_id, id);
-- An address is given before its org is known.
CREATE INDEX users_email ON users (email);

ALTER TABLE sessions ADD COLUMN last_seen_at timestamptz;
CREATE INDEX sessions_by_user ON sessions (org_id, user_id, id);
CREATE INDEX sign_in_links_by_user ON sign_in_links (org_id, user_id);

ALTER TABLE api_keys
  -- What it may do of what its principal may: null means all of it. The names are those of src/operations/scopes.ts.
  ADD COLUMN scopes text[] CHECK (cardinality(scopes) > 0 AND array_to_string(scopes, ' ') ~ '^[a-z_:]+( [a-z_:]+)*$'),
  -- Null: made by the machine itself, at its start.
  ADD COLUMN created_by_user_id uuid,
  ADD CONSTRAINT api_keys_created_by FOREIGN KEY (org_id, created_by_user_id) REFERENCES users (org_id, id),
  -- Who makes a key for a person makes it for themselves.
  ADD CONSTRAINT api_keys_own_person CHECK (user_id IS NULL OR created_by_user_id IS NULL OR user_id = created_by_user_id);

-- Counts of signing in, before anyone is known: so without an org. `subject` is an HMAC of what is counted (an address, a
-- network, a single-use state), with the process's secret as the key: the table names nobody.
CREATE TABLE sign_in_counts (
  subject bytea PRIMARY KEY CHECK (length(subject) = 32),
  count   int NOT NULL CHECK (count >= 0),
  until   timestamptz NOT NULL
);
CREATE INDEX sign_in_counts_until ON sign_in_counts (until);
