-- RevOps and admins set campaigns, their steps, the policy, and mailboxes: planners in src/operations/permissions.ts. The product's own
-- work on them, such as a mailbox that backs off, has no person.

-- Refuses a write by a person without the role, or who was deactivated.
CREATE OR REPLACE FUNCTION refuse_other_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() = 'human' AND NOT is_written_by_trigger() THEN
    PERFORM require_acting_role(acting_org(), '{revops,admin}');
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER campaigns_set_by_planners
  BEFORE INSERT OR UPDATE ON campaigns FOR EACH STATEMENT EXECUTE FUNCTION refuse_other_people();
CREATE OR REPLACE TRIGGER campaign_sequences_set_by_planners
  BEFORE INSERT OR UPDATE OR DELETE ON campaign_sequences FOR EACH STATEMENT EXECUTE FUNCTION refuse_other_people();
CREATE OR REPLACE TRIGGER policies_set_by_planners
  BEFORE INSERT ON policies FOR EACH STATEMENT EXECUTE FUNCTION refuse_other_people();
CREATE OR REPLACE TRIGGER mailboxes_set_by_planners
  BEFORE INSERT OR UPDATE OF display_name, owner_user_id, client_id, time_zone, smtp_host, smtp_port, smtp_security, smtp_user, smtp_password,
    smtp_oauth, imap_host, imap_port, imap_security, imap_user, imap_password, imap_oauth, hourly_cap, daily_cap, gap_seconds,
    recipient_domain_daily_cap, warm_up_began_on, dkim_domain, dkim_selector, dkim_private_key, dkim_public_key
  ON mailboxes FOR EACH STATEMENT EXECUTE FUNCTION refuse_other_people();
CREATE OR REPLACE TRIGGER lead_mailboxes_set_by_planners
  BEFORE UPDATE ON lead_mailboxes FOR EACH STATEMENT EXECUTE FUNCTION refuse_other_people();
