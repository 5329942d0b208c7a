-- Why a message that names ours has no effect, or why a person decides about it.
CREATE TYPE inbound_reason AS ENUM (
  'receipt', 'delivery_report', 'feedback', 'erased_lead',
  'mail_server', 'mailing_list', 'other_sender', 'after_reply', 'left_company');

ALTER TABLE inbound_messages
  ADD COLUMN reason            inbound_reason,
  -- The same message through two ways (a mailbox and POST /inbound, or two mailboxes), whose bytes differ on the way.
  ADD COLUMN answer_hash       bytea CHECK (length(answer_hash) = 32),
  -- The person whom the sender names instead.
  ADD COLUMN suggested_name    text CHECK (suggested_name <> '' AND length(suggested_name) <= 300),
  ADD COLUMN suggested_email   text CHECK (suggested_email = lower(suggested_email) AND length(suggested_email) <= 254),
  -- The lead that a person made of the suggestion.
  ADD COLUMN suggested_lead_id uuid,
  ADD CONSTRAINT inbound_messages_suggested FOREIGN KEY (org_id, suggested_lead_id) REFERENCES leads (org_id, id),
  ADD CONSTRAINT inbound_messages_suggestion CHECK (
    suggested_lead_id IS NULL OR num_nonnulls(suggested_name, suggested_email) > 0);
CREATE UNIQUE INDEX inbound_messages_answer ON inbound_messages (org_id, answer_hash) WHERE answer_hash IS NOT NULL;
CREATE INDEX inbound_messages_suggesting ON inbound_messages (org_id, suggested_email) WHERE suggested_email IS NOT NULL;
CREATE INDEX inbound_messages_suggested_lead ON inbound_messages (org_id, suggested_lead_id) WHERE suggested_lead_id IS NOT NULL;
CREATE INDEX inbound_messages_suggestions ON inbound_messages (org_id, lead_id, id)
  WHERE num_nonnulls(suggested_name, suggested_email) > 0;
