-- Who made a sign-in link, and which session began with it: a link that someone else made signs in as its person, who
-- has to be able to see that.

ALTER TABLE sign_in_links
  -- Null: made by the machine itself. The database fills it in.
  ADD COLUMN created_by_user_id uuid,
  ADD CONSTRAINT sign_in_links_created_by FOREIGN KEY (org_id, created_by_user_id) REFERENCES users (org_id, id),
  ADD CONSTRAINT sign_in_links_of_person UNIQUE (org_id, user_id, id);
ALTER TABLE sessions
  -- Null: it began otherwise.
  ADD COLUMN sign_in_link_id uuid,
  ADD CONSTRAINT sessions_link FOREIGN KEY (org_id, user_id, sign_in_link_id)
    REFERENCES sign_in_links (org_id, user_id, id);
