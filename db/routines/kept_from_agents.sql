-- Agents never write these, whatever the statement: users and credentials, the rules, mailboxes, play caps and segments,
-- the ledger, inbound mail, suppressions, and imports. Where agents request such changes, the coordinator or a person
-- writes them.

-- Refuses every write by an agent.
CREATE OR REPLACE FUNCTION refuse_agents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() = 'agent' THEN
    RAISE EXCEPTION 'agents may not write %', TG_TABLE_NAME USING ERRCODE = 'TL005';
  END IF;
  RETURN NULL;
END $$;

-- Refuses a write by an agent, but not one by a trigger that follows from an agent's permitted change.
CREATE OR REPLACE FUNCTION refuse_agents_themselves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() = 'agent' AND NOT is_written_by_trigger() THEN
    RAISE EXCEPTION 'agents may not write %', TG_TABLE_NAME USING ERRCODE = 'TL005';
  END IF;
  RETURN NEW;
END $$;

DO $$
DECLARE
  kept text;
BEGIN
  FOREACH kept IN ARRAY '{organizations,clients,agents,users,sessions,sign_in_links,sign_in_counts,policies,mailboxes,
      lead_mailboxes,campaigns,campaign_sequences,template_approvals,sales_play_library_config,territory_definitions,
      play_runs,touches,send_attempts,inbound_messages,inbound_sources,mailbox_cursors,mailbox_grants,webhooks,lead_imports,
      lead_import_rows,lead_merges,opportunities,opportunity_moves,crm_connections,crm_limits,
      crm_actors,crm_subscriptions,crm_events,crm_records,crm_syncs,crm_workspaces,assignment_rules,notification_preferences,notification_webhooks}'::text[] LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE INSERT OR UPDATE OR DELETE ON %I
                    FOR EACH STATEMENT EXECUTE FUNCTION refuse_agents()', kept || '_kept_from_agents', kept);
  END LOOP;
END $$;

DROP FUNCTION IF EXISTS agent_columns();

-- Refuses an agent's change of a column whose declaration (account_and_lead_columns.sql) does not name the agent's kind.
CREATE OR REPLACE FUNCTION refuse_agents_of_other_kinds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed text;
BEGIN
  IF is_written_by_trigger() THEN
    RETURN NULL;
  END IF;
  SELECT c.of_column INTO changed FROM declared_columns() c
  WHERE c.of_table = TG_TABLE_NAME AND c.agents IS NOT NULL AND to_jsonb(OLD) -> c.of_column <> to_jsonb(NEW) -> c.of_column
    AND NOT EXISTS (SELECT FROM agents a WHERE a.org_id = NEW.org_id AND a.id = acting_id() AND a.kind::text = ANY (c.agents))
  LIMIT 1;
  IF changed IS NOT NULL THEN
    RAISE EXCEPTION 'the agent % may not set % of %', acting_id(), changed, TG_TABLE_NAME USING ERRCODE = 'TL064', COLUMN = changed;
  END IF;
  RETURN NULL;
END $$;

-- A column without declared agents is closed to agents in any statement that names it, including columns from later
-- migrations, at no cost per row. The update time follows from the change.
DO $$
DECLARE
  t text;
  closed text;
  open text;
BEGIN
  -- An agent's change may end what a request waits for, or the cause of a warning.
  FOREACH t IN ARRAY '{sequence_requests,flags,suppressions,lead_addresses,lead_merge_suggestions}'::text[] LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE INSERT OR UPDATE OR DELETE ON %I
                    FOR EACH STATEMENT EXECUTE FUNCTION refuse_agents_themselves()', t || '_kept_from_agents', t);
  END LOOP;
  FOREACH t IN ARRAY '{leads,accounts}'::text[] LOOP
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO closed
    FROM pg_attribute a
    WHERE a.attrelid = t::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attname <> 'updated_at'
      AND NOT EXISTS (SELECT FROM declared_columns() c WHERE c.of_table = t AND c.of_column = a.attname AND c.agents IS NOT NULL);
    EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE INSERT OR DELETE OR UPDATE OF %s ON %I
                    FOR EACH STATEMENT EXECUTE FUNCTION refuse_agents_themselves()', t || '_kept_from_agents', closed, t);
    -- AFTER the change: a BEFORE trigger would make every statement that names a name lock the account against leads that
    -- move to it.
    SELECT string_agg(quote_ident(c.of_column), ', ') INTO open FROM declared_columns() c WHERE c.of_table = t AND c.agents IS NOT NULL;
    EXECUTE format('CREATE OR REPLACE TRIGGER %I AFTER UPDATE OF %s ON %I
                    FOR EACH ROW WHEN (acting_kind() = ''agent'') EXECUTE FUNCTION refuse_agents_of_other_kinds()',
                   t || '_of_agents', open, t);
  END LOOP;
END $$;

-- Agents change parts of these tables: a draft's text, or a read notification. They change neither recipient nor time.
-- Checked per statement that names such a column, at no cost per row.
CREATE OR REPLACE TRIGGER campaign_contacts_kept_from_agents
  BEFORE INSERT OR DELETE OR UPDATE OF contact_id, requested_by, status, current_step, next_send_at, exited_at, exit_reason, goal, notes,
    paused_at, paused_reason, wake, conflict_since, paused_policy_version
  ON campaign_contacts FOR EACH STATEMENT EXECUTE FUNCTION refuse_agents();
CREATE OR REPLACE TRIGGER sales_send_queue_kept_from_agents
  BEFORE INSERT OR DELETE OR UPDATE OF contact_id, requires_personal_send, scheduled_at, sent_at, attempt_count, created_at, due_at,
    deferred_reason, deferred_detail, mailbox_id, assigned_to_user_id
  ON sales_send_queue FOR EACH STATEMENT EXECUTE FUNCTION refuse_agents();
CREATE OR REPLACE TRIGGER notifications_kept_from_agents
  BEFORE DELETE OR UPDATE OF org_id, id, to_agent, to_user_id, kind, lead_id, detail, created_at, flag_id, act_id
  ON notifications FOR EACH STATEMENT EXECUTE FUNCTION refuse_agents();

-- An agent's change of a lead or an account may release waiting work.
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
