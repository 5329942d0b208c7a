-- What agents have no hand in, by whatever statement: who is let in and how, the rules, what is sent from where, the caps and
-- segments of plays, the ledger, what came back, who is never written to, and what is imported. What they ask for there, the coordinator writes, or a person.

CREATE OR REPLACE FUNCTION refuse_agents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() = 'agent' THEN
    RAISE EXCEPTION 'agents do not write %', TG_TABLE_NAME USING ERRCODE = 'TL005';
  END IF;
  RETURN NULL;
END $$;

DO $$
DECLARE
  kept text;
BEGIN
  FOREACH kept IN ARRAY '{organizations,clients,agents,users,sessions,sign_in_links,sign_in_counts,policies,mailboxes,
      lead_mailboxes,campaigns,campaign_sequences,template_approvals,sales_play_library_config,territory_definitions,
      play_runs,touches,send_attempts,inbound_messages,inbound_sources,mailbox_cursors,mailbox_grants,webhooks,suppressions,lead_imports,
      lead_import_rows}'::text[] LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE INSERT OR UPDATE OR DELETE ON %I
                    FOR EACH STATEMENT EXECUTE FUNCTION refuse_agents()', kept || '_kept_from_agents', kept);
  END LOOP;
END $$;

-- Of these tables agents change a part: what they know of a lead, the text of a touch, that a note was read. Whom it reaches and
-- when, and whether a lead is stopped, is not theirs. For each statement that names such a column, so that a row costs nothing.
CREATE OR REPLACE TRIGGER leads_kept_from_agents
  BEFORE INSERT OR DELETE OR UPDATE OF org_id, id, account_id, email, last_touch_at, cadence_paused_at, cadence_pause_reason, created_at
  ON leads FOR EACH STATEMENT EXECUTE FUNCTION refuse_agents();
CREATE OR REPLACE TRIGGER campaign_contacts_kept_from_agents
  BEFORE INSERT OR DELETE OR UPDATE OF contact_id, requested_by, status, current_step, next_send_at, exited_at, exit_reason, goal, notes,
    paused_at, paused_reason, wake
  ON campaign_contacts FOR EACH STATEMENT EXECUTE FUNCTION refuse_agents();
CREATE OR REPLACE TRIGGER sales_send_queue_kept_from_agents
  BEFORE INSERT OR DELETE OR UPDATE OF contact_id, requires_personal_send, scheduled_at, sent_at, attempt_count, created_at, due_at,
    deferred_reason, deferred_detail, mailbox_id
  ON sales_send_queue FOR EACH STATEMENT EXECUTE FUNCTION refuse_agents();
CREATE OR REPLACE TRIGGER notifications_kept_from_agents
  BEFORE DELETE OR UPDATE OF org_id, id, to_agent, to_user_id, kind, lead_id, detail, created_at, flag_id
  ON notifications FOR EACH STATEMENT EXECUTE FUNCTION refuse_agents();

-- What an agent says of a lead or an account may end what others wait for: then the product's triggers write these, not it.
CREATE OR REPLACE FUNCTION refuse_agents_themselves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() = 1 THEN
    RAISE EXCEPTION 'agents do not write %', TG_TABLE_NAME USING ERRCODE = 'TL005';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER campaign_contacts_pause_kept_from_agents
  BEFORE UPDATE OF paused_until ON campaign_contacts
  FOR EACH ROW WHEN (OLD.paused_until IS DISTINCT FROM NEW.paused_until AND acting_kind() = 'agent')
  EXECUTE FUNCTION refuse_agents_themselves();
CREATE OR REPLACE TRIGGER sales_send_queue_hold_kept_from_agents
  BEFORE UPDATE OF held_until, held_reason, wake, held_policy_version, deferred_policy_version ON sales_send_queue
  FOR EACH ROW
  WHEN ((OLD.held_until, OLD.held_reason, OLD.wake, OLD.held_policy_version, OLD.deferred_policy_version)
        IS DISTINCT FROM (NEW.held_until, NEW.held_reason, NEW.wake, NEW.held_policy_version, NEW.deferred_policy_version)
        AND acting_kind() = 'agent')
  EXECUTE FUNCTION refuse_agents_themselves();
