-- The audit of manual changes. Triggers write it, so it covers every writer, including direct SQL.

-- Whether this transaction merges an import into the organization's leads. It cannot end without an audit line
-- (imports.sql).
CREATE OR REPLACE FUNCTION import_is_merging() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM lead_imports i WHERE i.org_id = acting_org() AND i.status = 'merging');
END $$;

-- Whether the change is manual. Two settings identify the coordinator's own work, which is most of all writes, at no
-- further cost; work that an actor requested counts as that actor's. The changes of an import are in its one audit line,
-- if there is an import.
CREATE OR REPLACE FUNCTION acts_by_hand() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE
    WHEN nullif(current_setting('touchline.origin', true), '') IS NULL THEN acting_kind() IS DISTINCT FROM 'coordinator'
    WHEN acting_origin() ->> 'operation' IS DISTINCT FROM 'import_leads' THEN true
    ELSE NOT import_is_merging()
  END;

-- A UUIDv7 (RFC 9562) of this time. Ids within one millisecond follow the counter.
CREATE OR REPLACE FUNCTION audit_id(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE
  RETURN (SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || left(n, 3) || '8' || right(n, 3)
                  || left(replace(gen_random_uuid()::text, '-', ''), 12))::uuid
          FROM (SELECT lpad(to_hex(nextval('audit_log_counter') % 16777216), 6, '0') AS n) counted);

-- The columns that differ, as {"column": {"old": ..., "new": ...}}. For masked columns, only that they changed.
CREATE OR REPLACE FUNCTION changed_columns(old_row jsonb, new_row jsonb, masked text[], ignored text[]) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
  RETURN (
    SELECT coalesce(jsonb_object_agg(key, CASE WHEN key = ANY (masked) THEN to_jsonb('(changed)'::text)
                                               ELSE jsonb_build_object('old', old_row -> key, 'new', new_row -> key) END), '{}')
    FROM jsonb_object_keys(coalesce(old_row, '{}') || coalesce(new_row, '{}')) AS key
    WHERE key <> ALL (ignored) AND coalesce(old_row -> key, 'null') <> coalesce(new_row -> key, 'null'));

-- Writes a manual change to the audit. TG_ARGV: the columns whose values are masked, then the columns whose changes are not
-- manual; both separated by commas. Runs as the owner, because no other role may write the log. From the writer it takes
-- only the surface, the operation, the request, and the actor on whose behalf the coordinator acts, shortened; a user or an
-- agent acts on no one else's behalf.
CREATE OR REPLACE FUNCTION audit_change() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  one jsonb := coalesce(new_row, old_row);
  masked text[] := string_to_array(TG_ARGV[0], ',');
  changes jsonb;
  origin jsonb := acting_origin();
  asked_by jsonb := CASE WHEN acting_kind() IN ('human', 'agent') AND origin #>> '{asked_by,kind}' <> 'public'
    THEN jsonb_build_object('kind', acting_kind(), 'id', acting_id()) ELSE origin -> 'asked_by' END;
  at timestamptz := acting_time();
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  -- An edit that removes an erased name must not preserve it in the audit (erased_mentions.sql).
  IF TG_OP <> 'INSERT' AND TG_TABLE_NAME IN ('accounts', 'campaign_sequences', 'campaigns', 'clients', 'sales_play_library',
                                             'territory_definitions') THEN
    masked := masked || ARRAY (
      SELECT e.field FROM erased_mentions e
      WHERE e.org_id = (one ->> 'org_id')::uuid AND e.subject_table = TG_TABLE_NAME AND e.ended_at IS NULL
        AND e.subject_key = coalesce(one ->> 'id', one ->> 'play_id', one ->> 'segment', one ->> 'client_id'));
  END IF;
  changes := changed_columns(old_row, new_row, masked, 'org_id'::text || string_to_array(TG_ARGV[1], ','));
  IF changes = '{}' THEN
    RETURN NULL;
  END IF;
  INSERT INTO audit_log (org_id, id, at, actor_kind, actor_id, asked_by_kind, asked_by_id, surface, operation, request_id,
                         database_login, subject_table, subject_key, action, changes)
  VALUES ((one ->> 'org_id')::uuid, audit_id(at), at,
          (SELECT k FROM unnest(enum_range(NULL::actor_kind)) k WHERE k::text = acting_kind()), acting_id(),
          asked_by ->> 'kind', nullif(left(asked_by ->> 'id', 200), ''), left(origin ->> 'surface', 200),
          left(origin ->> 'operation', 200), nullif(left(origin ->> 'request_id', 200), ''), session_user, TG_TABLE_NAME,
          coalesce(one ->> 'id', one ->> 'version', one ->> 'play_id', one ->> 'proposal_id', one ->> 'segment',
                   one ->> 'client_id', one ->> 'lead_id', one ->> 'mailbox_id', one ->> 'user_id', one ->> 'org_id'), lower(TG_OP), changes);
  RETURN NULL;
END $$;

-- Users, and everything that lets them sign in.
CREATE OR REPLACE TRIGGER organizations_audit AFTER INSERT OR UPDATE OR DELETE ON organizations
  FOR EACH ROW EXECUTE FUNCTION audit_change();
CREATE OR REPLACE TRIGGER clients_audit AFTER INSERT OR UPDATE OR DELETE ON clients
  FOR EACH ROW EXECUTE FUNCTION audit_change();
CREATE OR REPLACE TRIGGER agents_audit AFTER INSERT OR UPDATE OR DELETE ON agents
  FOR EACH ROW EXECUTE FUNCTION audit_change();
CREATE OR REPLACE TRIGGER users_audit AFTER INSERT OR UPDATE OR DELETE ON users
  FOR EACH ROW EXECUTE FUNCTION audit_change('password_hash', 'last_seen_at');
CREATE OR REPLACE TRIGGER api_keys_audit AFTER INSERT OR UPDATE OR DELETE ON api_keys
  FOR EACH ROW EXECUTE FUNCTION audit_change('key_sha256', 'last_used_at');
CREATE OR REPLACE TRIGGER sessions_audit AFTER INSERT OR UPDATE OR DELETE ON sessions
  FOR EACH ROW EXECUTE FUNCTION audit_change('token_sha256', 'last_seen_at');
CREATE OR REPLACE TRIGGER sign_in_links_audit AFTER INSERT OR UPDATE OR DELETE ON sign_in_links
  FOR EACH ROW EXECUTE FUNCTION audit_change('token_sha256', '');

-- What is sent, by which rules, and from which mailbox.
CREATE OR REPLACE TRIGGER campaigns_audit AFTER INSERT OR UPDATE OR DELETE ON campaigns
  FOR EACH ROW EXECUTE FUNCTION audit_change('', 'updated_at');
CREATE OR REPLACE TRIGGER campaign_sequences_audit AFTER INSERT OR UPDATE OR DELETE ON campaign_sequences
  FOR EACH ROW EXECUTE FUNCTION audit_change('subject_template,body_template', '');
CREATE OR REPLACE TRIGGER template_approvals_audit AFTER INSERT OR UPDATE OR DELETE ON template_approvals
  FOR EACH ROW EXECUTE FUNCTION audit_change();
CREATE OR REPLACE TRIGGER policies_audit AFTER INSERT OR UPDATE OR DELETE ON policies
  FOR EACH ROW EXECUTE FUNCTION audit_change();
CREATE OR REPLACE TRIGGER mailboxes_audit AFTER INSERT OR UPDATE OR DELETE ON mailboxes
  FOR EACH ROW WHEN (acts_by_hand()) EXECUTE FUNCTION audit_change('dkim_private_key,smtp_password,imap_password', '');
-- A renewed access token is not a manual change.
CREATE OR REPLACE TRIGGER mailbox_grants_audit AFTER INSERT OR UPDATE OR DELETE ON mailbox_grants
  FOR EACH ROW WHEN (acts_by_hand()) EXECUTE FUNCTION audit_change(
    'oauth_client_secret,refresh_token,access_token,state_sha256,code_verifier',
    'access_token,access_expires_at,access_renew_at,renewing_until,failure,failed_at');
CREATE OR REPLACE TRIGGER lead_mailboxes_audit AFTER UPDATE ON lead_mailboxes
  FOR EACH ROW WHEN (acts_by_hand()) EXECUTE FUNCTION audit_change();
-- An assignment by a rule changes its count: the line has the number of leads.
CREATE OR REPLACE TRIGGER assignment_rules_audit AFTER INSERT OR UPDATE OR DELETE ON assignment_rules
  FOR EACH ROW EXECUTE FUNCTION audit_change('', 'updated_at,updated_by_user_id');
CREATE OR REPLACE TRIGGER webhooks_audit AFTER INSERT OR UPDATE OR DELETE ON webhooks
  FOR EACH ROW EXECUTE FUNCTION audit_change('secret', 'failing_since');
CREATE OR REPLACE TRIGGER notification_preferences_audit AFTER INSERT OR UPDATE OR DELETE ON notification_preferences
  FOR EACH ROW EXECUTE FUNCTION audit_change('', 'changed_at');
CREATE OR REPLACE TRIGGER notification_webhooks_audit AFTER INSERT OR UPDATE OR DELETE ON notification_webhooks
  FOR EACH ROW EXECUTE FUNCTION audit_change('url', 'failing_since,last_error');
CREATE OR REPLACE TRIGGER crm_connections_audit AFTER INSERT OR UPDATE OR DELETE ON crm_connections
  FOR EACH ROW EXECUTE FUNCTION audit_change('api_key,client_secret', '');
CREATE OR REPLACE TRIGGER opportunities_audit AFTER INSERT OR UPDATE OR DELETE ON opportunities
  FOR EACH ROW WHEN (acts_by_hand()) EXECUTE FUNCTION audit_change('', 'updated_at');
CREATE OR REPLACE TRIGGER crm_writes_audit AFTER UPDATE ON crm_writes
  FOR EACH ROW WHEN (acts_by_hand()) EXECUTE FUNCTION audit_change('', 'next_at,attempt_count');
CREATE OR REPLACE TRIGGER suppressions_audit AFTER INSERT OR UPDATE OR DELETE ON suppressions
  FOR EACH ROW WHEN (acts_by_hand()) EXECUTE FUNCTION audit_change();

-- Plays: every draft, edit, approval, and cap. edits_during_review has the edits for as long as the play is kept.
CREATE OR REPLACE TRIGGER sales_play_library_audit AFTER INSERT OR UPDATE OR DELETE ON sales_play_library
  FOR EACH ROW EXECUTE FUNCTION audit_change(
    'hypothesis,target_definition,suggested_cadence,success_criteria,retrospective_outcomes', 'edits_during_review,drafted');
CREATE OR REPLACE TRIGGER sales_play_library_config_audit AFTER INSERT OR UPDATE OR DELETE ON sales_play_library_config
  FOR EACH ROW EXECUTE FUNCTION audit_change('', 'activation_count,config_key,updated_at,updated_by_user_id');
CREATE OR REPLACE TRIGGER territory_definitions_audit AFTER INSERT OR UPDATE OR DELETE ON territory_definitions
  FOR EACH ROW EXECUTE FUNCTION audit_change('', 'updated_at');
CREATE OR REPLACE TRIGGER brain_analysis_log_audit AFTER INSERT ON brain_analysis_log
  FOR EACH ROW EXECUTE FUNCTION audit_change('summary,analysis,evidence', '');

-- Decisions of people about drafts, and the versions that they write.
CREATE OR REPLACE TRIGGER draft_approvals_audit AFTER INSERT OR UPDATE OR DELETE ON draft_approvals
  FOR EACH ROW EXECUTE FUNCTION audit_change();
CREATE OR REPLACE TRIGGER draft_rejections_audit AFTER INSERT OR UPDATE OR DELETE ON draft_rejections
  FOR EACH ROW EXECUTE FUNCTION audit_change();
CREATE OR REPLACE TRIGGER staged_drafts_audit AFTER INSERT ON staged_drafts
  FOR EACH ROW WHEN (NEW.written_by_user_id IS NOT NULL) EXECUTE FUNCTION audit_change('subject,body,context', '');

-- Leads and accounts: fields that an actor sets, without the derived ones. Generated from the existing columns, so a
-- column from a later migration is audited unless its declaration excludes it.
DO $$
DECLARE
  said text;
  passed_by text;
BEGIN
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FILTER (WHERE NOT is_derived),
         string_agg(attname, ',' ORDER BY attnum) FILTER (WHERE is_derived)
  INTO said, passed_by
  FROM (SELECT a.*, a.attgenerated <> '' OR EXISTS (
          SELECT FROM declared_columns() d
          WHERE d.of_table = 'leads' AND d.of_column = a.attname AND NOT d.is_audited) AS is_derived FROM pg_attribute a
        WHERE a.attrelid = 'leads'::regclass AND a.attnum > 0 AND NOT a.attisdropped) c;
  EXECUTE format('CREATE OR REPLACE TRIGGER leads_audit AFTER UPDATE OF %s ON leads
                  FOR EACH ROW WHEN (acts_by_hand()) EXECUTE FUNCTION audit_change('''', %L)', said, passed_by);
END $$;
CREATE OR REPLACE TRIGGER leads_audit_delete AFTER DELETE ON leads
  FOR EACH ROW EXECUTE FUNCTION audit_change();
-- The lead's own line has a change of a primary address.
CREATE OR REPLACE TRIGGER lead_addresses_audit AFTER INSERT ON lead_addresses
  FOR EACH ROW WHEN (NOT NEW.is_primary AND acts_by_hand()) EXECUTE FUNCTION audit_change('', 'value_key');
CREATE OR REPLACE TRIGGER lead_addresses_audit_change AFTER UPDATE OF verified_at, until ON lead_addresses
  FOR EACH ROW EXECUTE FUNCTION audit_change('', 'value_key');
CREATE OR REPLACE TRIGGER lead_merges_audit AFTER INSERT ON lead_merges
  FOR EACH ROW EXECUTE FUNCTION audit_change('lead_before', 'transaction_id');
CREATE OR REPLACE TRIGGER lead_merge_suggestions_audit AFTER UPDATE OF outcome ON lead_merge_suggestions
  FOR EACH ROW EXECUTE FUNCTION audit_change();
CREATE OR REPLACE TRIGGER accounts_audit AFTER UPDATE ON accounts
  FOR EACH ROW WHEN (acts_by_hand()) EXECUTE FUNCTION audit_change('', 'updated_at,account_key,name_key');
CREATE OR REPLACE TRIGGER accounts_audit_delete AFTER DELETE ON accounts
  FOR EACH ROW EXECUTE FUNCTION audit_change();

-- One line per import, with its counts. A dry run changes nothing unless it was merged after all.
CREATE OR REPLACE TRIGGER lead_imports_audit AFTER UPDATE OF status ON lead_imports
  FOR EACH ROW WHEN (OLD.status = 'merging' OR NEW.status IN ('done', 'failed') AND NOT NEW.dry_run)
  EXECUTE FUNCTION audit_change();

-- Acknowledged and resolved flags. Checks raise flags and clear causes.
CREATE OR REPLACE TRIGGER flags_audit AFTER UPDATE ON flags
  FOR EACH ROW WHEN (acts_by_hand()) EXECUTE FUNCTION audit_change();

-- Paused, resumed, ended; approved, canceled, settled. The event log has the rest.
CREATE OR REPLACE TRIGGER campaign_contacts_audit AFTER UPDATE OF status ON campaign_contacts
  FOR EACH ROW WHEN (OLD.status <> NEW.status AND acts_by_hand()) EXECUTE FUNCTION audit_change('', 'open_queue_id');
CREATE OR REPLACE TRIGGER sales_send_queue_audit AFTER UPDATE OF status, assigned_to_user_id ON sales_send_queue
  FOR EACH ROW WHEN ((OLD.status, OLD.assigned_to_user_id) IS DISTINCT FROM (NEW.status, NEW.assigned_to_user_id) AND acts_by_hand()) EXECUTE FUNCTION audit_change();

-- The recorded intent of a reply, without the reply's text.
CREATE OR REPLACE TRIGGER inbound_messages_audit AFTER UPDATE ON inbound_messages
  FOR EACH ROW WHEN (acts_by_hand()) EXECUTE FUNCTION audit_change('note,subject,text,raw_hash,answer_hash,suggested_name,suggested_email', '');

-- An audit line never changes.
CREATE OR REPLACE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
