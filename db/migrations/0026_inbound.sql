-- What comes back: answers, reports of delivery, complaints; and how far each mailbox has been read.

CREATE TYPE inbound_source AS ENUM ('imap', 'http');
CREATE TYPE inbound_kind AS ENUM
  ('reply', 'unsubscribe', 'out_of_office', 'auto_reply', 'bounce', 'delay', 'complaint', 'other');
-- By what a message was found to be about a lead. `sender_only` is no evidence: anybody can write a From line.
CREATE TYPE inbound_match AS ENUM ('in_reply_to', 'references', 'returned_message', 'token', 'sender_only', 'none');
CREATE TYPE reply_intent AS ENUM
  ('interested', 'meeting', 'question', 'not_now', 'not_interested', 'unsubscribe', 'wrong_person', 'out_of_office', 'other');
CREATE TYPE intent_source AS ENUM ('rules', 'model', 'agent', 'person');
CREATE TYPE bounce_severity AS ENUM ('hard', 'soft', 'policy');

ALTER TYPE event_type ADD VALUE 'replied';
ALTER TYPE event_type ADD VALUE 'auto_replied';
ALTER TYPE event_type ADD VALUE 'bounced';
ALTER TYPE event_type ADD VALUE 'delivery_delayed';
ALTER TYPE event_type ADD VALUE 'complained';
ALTER TYPE event_type ADD VALUE 'reply_read';
ALTER TYPE flag_kind ADD VALUE 'reply_waiting';

-- What the index of kinds is led by: an enum's text form, since comparing enums is not leakproof.
CREATE FUNCTION inbound_kind_text(inbound_kind) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE $1 WHEN 'reply' THEN 'reply' WHEN 'unsubscribe' THEN 'unsubscribe' WHEN 'out_of_office' THEN 'out_of_office'
                 WHEN 'auto_reply' THEN 'auto_reply' WHEN 'bounce' THEN 'bounce' WHEN 'delay' THEN 'delay'
                 WHEN 'complaint' THEN 'complaint' WHEN 'other' THEN 'other' END;

CREATE TABLE inbound_messages (
  org_id            uuid NOT NULL REFERENCES organizations,
  id                uuid NOT NULL,
  source            inbound_source NOT NULL,
  -- Where it arrived; null where whoever handed it over did not say.
  mailbox_id        uuid,
  folder            text CHECK (folder IN ('inbox', 'junk')),
  uid_validity      bigint CHECK (uid_validity >= 0),
  uid               bigint CHECK (uid > 0),
  -- SHA-256 of its bytes: what is handed over twice is taken once, whatever the cursor says.
  raw_hash          bytea NOT NULL CHECK (length(raw_hash) = 32),
  -- Its own, as written.
  message_id        text CHECK (length(message_id) <= 1000),
  from_address      text NOT NULL CHECK (length(from_address) <= 1000),
  to_address        text CHECK (length(to_address) <= 1000),
  received_at       timestamptz NOT NULL,
  created_at        timestamptz NOT NULL,
  kind              inbound_kind NOT NULL,
  kind_key          text NOT NULL GENERATED ALWAYS AS (inbound_kind_text(kind)) STORED,
  -- Why it could not be read, or worked on: then it is of kind `other`.
  fault             text CHECK (fault <> '' AND length(fault) <= 1000),
  matched_by        inbound_match NOT NULL,
  lead_id           uuid,
  enrollment_id     uuid,
  queue_id          uuid,
  attempt_id        uuid,
  subject           text NOT NULL DEFAULT '' CHECK (length(subject) <= 1000),
  -- Its writer's own words; what they quote is left out.
  text              text NOT NULL DEFAULT '' CHECK (length(text) <= 20000),
  intent            reply_intent,
  intent_source     intent_source,
  -- False: a guess.
  intent_certain    boolean,
  return_date       date,
  bounce_severity   bounce_severity,
  bounce_status     text CHECK (length(bounce_status) <= 100),
  bounced_address   text CHECK (length(bounced_address) <= 1000),
  -- The work that a role has with it.
  task_id           uuid,
  task_role         text,
  -- Null: somebody has to look at it. What needs nobody is handled as it is taken.
  handled_at        timestamptz,
  handled_by_user_id uuid,
  handled_by_agent  text,
  note              text CHECK (length(note) <= 2000),
  PRIMARY KEY (org_id, id),
  CONSTRAINT inbound_messages_once UNIQUE NULLS NOT DISTINCT (org_id, mailbox_id, raw_hash),
  CONSTRAINT inbound_messages_mailbox FOREIGN KEY (org_id, mailbox_id) REFERENCES mailboxes (org_id, id),
  CONSTRAINT inbound_messages_lead FOREIGN KEY (org_id, lead_id) REFERENCES leads (org_id, id),
  CONSTRAINT inbound_messages_enrollment FOREIGN KEY (org_id, enrollment_id) REFERENCES campaign_contacts (org_id, id),
  CONSTRAINT inbound_messages_queue FOREIGN KEY (org_id, queue_id) REFERENCES sales_send_queue (org_id, id),
  CONSTRAINT inbound_messages_attempt FOREIGN KEY (org_id, attempt_id) REFERENCES send_attempts (org_id, id),
  CONSTRAINT inbound_messages_task FOREIGN KEY (org_id, task_id) REFERENCES agent_tasks (org_id, id)
    DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT inbound_messages_agent FOREIGN KEY (org_id, handled_by_agent) REFERENCES agents (org_id, id),
  CONSTRAINT inbound_messages_person FOREIGN KEY (org_id, handled_by_user_id) REFERENCES users (org_id, id),
  CONSTRAINT inbound_messages_place CHECK (
    num_nulls(folder, uid_validity, uid) IN (0, 3) AND (source = 'imap') = (uid IS NOT NULL)
    AND (uid IS NULL OR mailbox_id IS NOT NULL)),
  CONSTRAINT inbound_messages_match CHECK (
    (matched_by = 'none') = (lead_id IS NULL)
    AND (matched_by NOT IN ('none', 'sender_only') OR num_nonnulls(queue_id, attempt_id) = 0)
    AND (matched_by IN ('none', 'sender_only') OR num_nulls(queue_id, enrollment_id) = 0)),
  CONSTRAINT inbound_messages_intent CHECK (
    num_nulls(intent, intent_source, intent_certain) IN (0, 3)
    AND (intent IS NULL OR kind NOT IN ('bounce', 'delay', 'complaint'))),
  CONSTRAINT inbound_messages_bounce CHECK (
    (bounce_severity IS NULL OR kind = 'bounce') AND (bounce_severity IS NOT NULL OR num_nonnulls(bounce_status, bounced_address) = 0)),
  CONSTRAINT inbound_messages_fault CHECK (fault IS NULL OR kind = 'other'),
  CONSTRAINT inbound_messages_task_role CHECK ((task_id IS NULL) = (task_role IS NULL)),
  -- In whose name an intent was said, and that it was handled.
  CONSTRAINT inbound_messages_handled CHECK (
    (handled_at IS NOT NULL OR num_nonnulls(handled_by_user_id, handled_by_agent, note) = 0)
    AND (intent_source IS NOT DISTINCT FROM 'person') = (handled_by_user_id IS NOT NULL)
    AND num_nonnulls(handled_by_user_id, handled_by_agent) < 2)
);
-- Lists, by id: all, those of a kind, those that wait for somebody, those of a lead, and those of a role's tasks.
CREATE INDEX inbound_messages_by_kind ON inbound_messages (org_id, kind_key, id);
CREATE INDEX inbound_messages_waiting ON inbound_messages (org_id, id) WHERE handled_at IS NULL;
CREATE INDEX inbound_messages_by_lead ON inbound_messages (org_id, lead_id, id) WHERE lead_id IS NOT NULL;
CREATE INDEX inbound_messages_by_role ON inbound_messages (org_id, task_role, id) WHERE task_role IS NOT NULL;
CREATE INDEX inbound_messages_by_task ON inbound_messages (org_id, task_id) WHERE task_id IS NOT NULL;
-- Bounces of a mailbox's messages since a time: by the attempt, whose mailbox it is.
CREATE INDEX inbound_messages_policy_bounces ON inbound_messages (org_id, received_at)
  WHERE bounce_severity = 'policy' AND attempt_id IS NOT NULL;

-- The source, for as long as somebody may want to know what the product made of it.
CREATE TABLE inbound_sources (
  org_id     uuid NOT NULL REFERENCES organizations,
  inbound_id uuid NOT NULL,
  raw        bytea NOT NULL CHECK (length(raw) BETWEEN 1 AND 1048576),
  kept_until timestamptz NOT NULL,
  PRIMARY KEY (org_id, inbound_id),
  CONSTRAINT inbound_sources_message FOREIGN KEY (org_id, inbound_id) REFERENCES inbound_messages (org_id, id)
);
ALTER TABLE inbound_sources ALTER COLUMN raw SET STORAGE EXTERNAL;
CREATE INDEX inbound_sources_expired ON inbound_sources (org_id, kept_until);

-- How far a folder has been read, and who is reading it.
CREATE TABLE mailbox_cursors (
  org_id       uuid NOT NULL REFERENCES organizations,
  mailbox_id   uuid NOT NULL,
  folder       text NOT NULL CHECK (folder IN ('inbox', 'junk')),
  -- Null: never read yet.
  uid_validity bigint CHECK (uid_validity >= 0),
  last_uid     bigint CHECK (last_uid >= 0),
  -- The worker that reads it, until when. Two that read at once take nothing twice; they only do it in vain.
  reader_id    uuid,
  lease_until  timestamptz,
  -- Why it cannot be read; null: it can, or nobody has tried.
  error        text CHECK (error <> '' AND length(error) <= 1000),
  updated_at   timestamptz NOT NULL,
  PRIMARY KEY (org_id, mailbox_id, folder),
  CONSTRAINT mailbox_cursors_mailbox FOREIGN KEY (org_id, mailbox_id) REFERENCES mailboxes (org_id, id),
  CONSTRAINT mailbox_cursors_place CHECK (num_nulls(uid_validity, last_uid) IN (0, 2)),
  CONSTRAINT mailbox_cursors_lease CHECK (num_nulls(reader_id, lease_until) IN (0, 2))
);
