-- The owner of an account owns its leads that have no owner of their own. A user's manager sees the leads of the whole team.
ALTER TABLE accounts
  ADD COLUMN owner_user_id uuid,
  ADD CONSTRAINT accounts_owner FOREIGN KEY (org_id, owner_user_id) REFERENCES users (org_id, id);
CREATE INDEX accounts_by_owner ON accounts (org_id, owner_user_id, id) WHERE owner_user_id IS NOT NULL;

ALTER TABLE users
  ADD COLUMN manager_user_id uuid,
  ADD CONSTRAINT users_manager FOREIGN KEY (org_id, manager_user_id) REFERENCES users (org_id, id);
CREATE INDEX users_by_manager ON users (org_id, manager_user_id) WHERE manager_user_id IS NOT NULL;
