-- Row-level security. The application works as touchline_app, which owns nothing: every statement sees and writes only
-- the rows of the organization that its transaction named (src/db/pool.ts). Forced, so it also binds the owner of the
-- tables: a migration that touches rows of all organizations says NO FORCE first, and this file, applied after every
-- migration, says FORCE again.

-- A statement without an actor would find no rows, and that would look like an answer. So the application's role is
-- refused instead; before the organization is known, callers act as the system.
CREATE OR REPLACE FUNCTION refuse_nobody() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RAISE EXCEPTION 'this statement names no actor'
    USING ERRCODE = '42501', HINT = 'Set touchline.org, touchline.actor_kind and touchline.actor_id for the transaction first.';
END $$;

CREATE OR REPLACE FUNCTION acting_org() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE WHEN current_user = 'touchline_app' AND acting_kind() IS NULL THEN refuse_nobody()
              ELSE nullif(current_setting('touchline.org', true), '')::uuid END;

-- What a caller presents before its organization is known: the SHA-256 of a key or token as hex, or an address.
CREATE OR REPLACE FUNCTION presented() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('touchline.presented', true), '');

GRANT USAGE ON SCHEMA public TO touchline_app;
GRANT SELECT ON schema_migrations TO touchline_app;

-- Creates only missing policies: replacing one would wait for every reader of the table.
CREATE OR REPLACE FUNCTION ensure_policy(t regclass, name text, command text, condition text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = t AND polname = name) THEN
    EXECUTE format('CREATE POLICY %I ON %s FOR %s USING (%s)', name, t, command, condition);
  END IF;
END $$;

-- Every table with rows of organizations. Partitions too, without a policy or a grant: they are reached only through
-- their table. The subquery evaluates the organization once per statement instead of once per row.
DO $$
DECLARE
  t record;
BEGIN
  FOR t IN
    SELECT c.oid::regclass AS name, c.relispartition, c.relrowsecurity AND c.relforcerowsecurity AS is_forced
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  LOOP
    IF NOT t.is_forced THEN
      EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t.name);
    END IF;
    IF NOT t.relispartition THEN
      PERFORM ensure_policy(t.name, 'own_org', 'ALL', 'org_id = (SELECT acting_org())');
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO touchline_app', t.name);
    END IF;
  END LOOP;
END $$;

-- Workers and the first start list the organizations, and learn nothing else about them.
SELECT ensure_policy('organizations', 'listed_for_system', 'SELECT', $$(SELECT acting_kind()) = 'system'$$);

-- A key or token identifies its organization: its presenter sees that one row.
SELECT ensure_policy('api_keys', 'presented', 'SELECT', $$key_sha256 = decode((SELECT presented()), 'hex')$$);
SELECT ensure_policy('sessions', 'presented', 'SELECT', $$token_sha256 = decode((SELECT presented()), 'hex')$$);
SELECT ensure_policy('sign_in_links', 'presented', 'SELECT', $$token_sha256 = decode((SELECT presented()), 'hex')$$);
SELECT ensure_policy('crm_subscriptions', 'presented', 'SELECT', $$token = (SELECT presented())$$);
-- Signing in presents an address, which may belong to users of several organizations.
SELECT ensure_policy('users', 'presented', 'SELECT', $$email = (SELECT presented())$$);

-- Counted before the user is known: it belongs to no organization and names no one.
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_counts TO touchline_app;

-- The owner declares whose clock counts.
GRANT SELECT ON simulated_clock TO touchline_app;

-- Records of history: the grant is missing too, besides the trigger.
REVOKE UPDATE, DELETE ON cadence_event_log, policies, lead_signals, service_records FROM touchline_app;
-- Only triggers and seal_event_log write these, as the owner.
REVOKE INSERT, UPDATE, DELETE ON audit_log, event_log_batches, event_log_heads, opportunity_moves FROM touchline_app;
-- The owner, also bound by row policies, writes for the organization that the transaction named. If it named none, as in
-- a migration, only the owner has rows to write: then for the organization of each row.
DO $$
DECLARE
  log regclass;
BEGIN
  FOREACH log IN ARRAY '{audit_log,event_log_batches}'::regclass[] LOOP
    IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = log AND polname = 'appended'
                   AND pg_get_expr(polwithcheck, polrelid) <> 'true') THEN
      EXECUTE format('DROP POLICY IF EXISTS appended ON %s', log);
      EXECUTE format('CREATE POLICY appended ON %s FOR INSERT WITH CHECK ((SELECT acting_org()) IS NULL)', log);
    END IF;
  END LOOP;
END $$;
-- A delivery reports committed changes: only triggers write it.
REVOKE INSERT ON webhook_deliveries FROM touchline_app;
-- So does the outbox to the CRM, and what the CRM called a person.
REVOKE INSERT, DELETE ON crm_writes, crm_workspaces FROM touchline_app;
REVOKE INSERT, UPDATE, DELETE ON contact_ids FROM touchline_app;
-- Only erase_lead writes these, as the owner.
REVOKE INSERT, UPDATE, DELETE ON erasures_begun, lead_erasures, log_erasures, erased_addresses FROM touchline_app;
REVOKE INSERT, DELETE ON erased_mentions FROM touchline_app;
-- The audit of the owner's unscoped changes must know which names not to keep.
SELECT ensure_policy('erased_mentions', 'looked_at_by_audit', 'SELECT',
                     $$(SELECT acting_org()) IS NULL AND current_user <> 'touchline_app'$$);

-- pg-boss creates and alters its own tables, so the role owns their schema: it contains turns of checks and nothing about
-- leads. A schema that someone else created contains nothing that the next start would not write again.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_namespace WHERE nspname = 'pgboss' AND nspowner <> 'touchline_app'::regrole) THEN
    DROP SCHEMA pgboss CASCADE;
  END IF;
  CREATE SCHEMA IF NOT EXISTS pgboss AUTHORIZATION touchline_app;
END $$;

-- A name in a guard means the product's object, whatever search path or temporary tables the writer has set up. (SQL
-- functions with a RETURN are bound at creation; these call the others.)
DO $$
DECLARE
  guard regprocedure;
BEGIN
  FOR guard IN
    SELECT p.oid FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.pronamespace = 'public'::regnamespace AND l.lanname = 'plpgsql'
      AND NOT coalesce('search_path=public, pg_temp' = ANY (p.proconfig), false)
      AND pg_has_role(p.proowner, 'USAGE')
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_temp', guard);
  END LOOP;
END $$;

-- Trigger functions, and functions that run as the owner, work only on the product's tables: no one attaches them to a
-- table of their own. Functions that the product itself calls remain the role's.
DO $$
DECLARE
  guard record;
BEGIN
  FOR guard IN
    SELECT p.oid::regprocedure AS name, p.prorettype = 'trigger'::regtype AS is_trigger
    FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND (p.prosecdef OR p.prorettype = 'trigger'::regtype)
      AND has_function_privilege('public', p.oid, 'EXECUTE') AND pg_has_role(p.proowner, 'USAGE')
      AND NOT EXISTS (SELECT FROM pg_depend d
                      WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', guard.name);
    IF NOT guard.is_trigger THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO touchline_app', guard.name);
    END IF;
  END LOOP;
END $$;

-- The role creates no tables, not even temporary ones: it needs none. As far as this login may revoke that.
DO $$
BEGIN
  IF has_database_privilege('touchline_app', current_database(), 'TEMPORARY')
     AND (SELECT pg_has_role(d.datdba, 'USAGE') FROM pg_database d WHERE d.datname = current_database()) THEN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC, touchline_app', current_database());
  END IF;
  IF has_schema_privilege('touchline_app', 'public', 'CREATE')
     AND (SELECT pg_has_role(n.nspowner, 'USAGE') FROM pg_namespace n WHERE n.nspname = 'public') THEN
    REVOKE CREATE ON SCHEMA public FROM PUBLIC, touchline_app;
  END IF;
END $$;
