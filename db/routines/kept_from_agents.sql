-- What agents have no hand in, by whatever statement: who is let in and how, the rules, what is sent from where, the caps and
-- segments of plays, the ledger, and what came back. What they ask for there, the coordinator writes, or a person.

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
      play_runs,touches,inbound_messages,inbound_sources,mailbox_cursors,mailbox_grants,webhooks}'::text[] LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE INSERT OR UPDATE OR DELETE ON %I
                    FOR EACH STATEMENT EXECUTE FUNCTION refuse_agents()', kept || '_kept_from_agents', kept);
  END LOOP;
END $$;
