-- Who sees which rows. The application works as touchline_app, which owns nothing: whatever statement it runs, it sees and
-- writes the rows of the org that its transaction named (src/db/pool.ts) and no others. Forced, so that the owner of the
-- tables is held to it as well: a migration that has to touch the rows of all orgs says NO FORCE first, and this file,
-- which is applied after every migration, says FORCE again.

-- What names nobody would find no rows and nothing wrong with that. So the application's role is refused instead; who asks
-- before an org is known says that they are the system.
CREATE OR REPLACE FUNCTION refuse_nobody() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RAISE EXCEPTION 'this statement does not say who acts'
    USING ERRCODE = '42501', HINT = 'Set touchline.org, touchline.actor_kind and touchline.actor_id for the transaction first.';
END $$;

CREATE OR REPLACE FUNCTION acting_org() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE WHEN current_user = 'touchline_app' AND acting_kind() IS NULL THEN refuse_nobody()
              ELSE nullif(current_setting('touchline.org', true), '')::uuid END;

-- What a caller shows before it is known which org it belongs to: the SHA-256 of a key or token as hex, or an address.
CREATE OR REPLACE FUNCTION presented() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('touchline.presented', true), '');

GRANT USAGE ON SCHEMA public TO touchline_app;
GRANT SELECT ON schema_migrations TO touchline_app;

-- Only what is missing is made: a policy made anew would wait for everyone who reads the table.
CREATE OR REPLACE FUNCTION ensure_policy(t regclass, name text, command text, condition text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = t AND polname = name) THEN
    EXECUTE format('CREATE POLICY %I ON %s FOR %s USING (%s)', name, t, command, condition);
  END IF;
END $$;

-- Every table with rows of orgs. Partitions too, without a policy or a grant: they are reached through their table only.
-- The org is asked for in a subquery, so once for each statement and not once for each row.
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

-- Workers and the first start have to learn which orgs there are, and nothing else about them.
SELECT ensure_policy('organizations', 'listed_for_system', 'SELECT', $$(SELECT acting_kind()) = 'system'$$);

-- A key or token names its org: who shows it sees its row, and no other.
SELECT ensure_policy('api_keys', 'presented', 'SELECT', $$key_sha256 = decode((SELECT presented()), 'hex')$$);
SELECT ensure_policy('sessions', 'presented', 'SELECT', $$token_sha256 = decode((SELECT presented()), 'hex')$$);
SELECT ensure_policy('sign_in_links', 'presented', 'SELECT', $$token_sha256 = decode((SELECT presented()), 'hex')$$);
-- Who signs in gives an address, which may belong to people of several orgs.
SELECT ensure_policy('users', 'presented', 'SELECT', $$email = (SELECT presented())$$);

-- Counted before anyone is known: it holds no org's rows, and names nobody.
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_counts TO touchline_app;

-- Whose clock counts, the owner says.
GRANT SELECT ON simulated_clock TO touchline_app;

-- Records of what was: also the grant is missing, not only the trigger in the way.
REVOKE UPDATE, DELETE ON cadence_event_log, policies, lead_signals FROM touchline_app;
-- Written by triggers and by seal_event_log alone, as the owner.
REVOKE INSERT, UPDATE, DELETE ON audit_log, event_log_batches, event_log_heads FROM touchline_app;
-- The owner, held by row policies as well, writes for the org that the transaction named. Where it named none, as a migration
-- does, nobody but the owner has rows to write about: then for whichever org a row is of.
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
-- What is told outside is what happened: triggers alone put it down.
REVOKE INSERT ON webhook_deliveries FROM touchline_app;
-- Only erase_lead writes there, as the owner.
REVOKE INSERT, UPDATE, DELETE ON erasures_begun, lead_erasures, log_erasures, erased_addresses FROM touchline_app;
REVOKE INSERT, DELETE ON erased_mentions FROM touchline_app;
-- The audit of what the owner does without saying for which org has to know which names it must not keep.
SELECT ensure_policy('erased_mentions', 'looked_at_by_audit', 'SELECT',
                     $$(SELECT acting_org()) IS NULL AND current_user <> 'touchline_app'$$);

-- pg-boss makes and changes its own tables, so its schema is the role's: it holds turns of checks, and nothing of leads. One
-- that someone else made holds nothing that the next start would not write again.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_namespace WHERE nspname = 'pgboss' AND nspowner <> 'touchline_app'::regrole) THEN
    DROP SCHEMA pgboss CASCADE;
  END IF;
  CREATE SCHEMA IF NOT EXISTS pgboss AUTHORIZATION touchline_app;
END $$;

-- What a guard means by a name is the product's, whatever path or temporary tables whoever writes has made. (Functions in
-- SQL with a RETURN are bound when they are made; the others are called by these.)
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

-- What a trigger does, or a function as the owner, is done where the product has it do so: nobody hangs one on a table of
-- their own. Functions that the product itself calls stay the role's.
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

-- The role makes no tables next to the product's, temporary ones included: it needs none. As far as this login may say so.
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
