-- Who may create users and credentials. src/operations/permissions.ts has the same rules at the door; these hold for
-- every writer.

-- The machine itself, as in setup and sign-in; or the database's administrator, who names no actor. The product's role
-- always names an actor.
CREATE OR REPLACE FUNCTION acts_as_machine() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN coalesce(acting_kind() = 'system', current_user <> 'touchline_app');
END $$;

-- A user or key is created in the acting person's name, never by an agent. The setup creates the first ones.
CREATE OR REPLACE FUNCTION require_own_creation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.created_by_user_id IS NOT NULL THEN
    PERFORM require_acting_person(NEW.created_by_user_id);
  ELSIF NOT acts_as_machine() THEN
    RAISE EXCEPTION 'only a person may add to %, and only in their own name', TG_TABLE_NAME USING ERRCODE = 'TL005';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER users_created_by
  BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION require_own_creation();
CREATE OR REPLACE TRIGGER api_keys_created_by
  BEFORE INSERT ON api_keys FOR EACH ROW EXECUTE FUNCTION require_own_creation();

-- Records who made a link: its writer cannot name another.
CREATE OR REPLACE FUNCTION note_link_maker() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.created_by_user_id := CASE WHEN acting_kind() = 'human' THEN acting_id()::uuid END;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sign_in_links_maker
  BEFORE INSERT ON sign_in_links FOR EACH ROW EXECUTE FUNCTION note_link_maker();

-- Only signing in creates a session, by password, identity provider, or a link that it used up; no actor creates one
-- directly.
CREATE OR REPLACE FUNCTION refuse_session_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT acts_as_machine() THEN
    RAISE EXCEPTION 'only a sign-in creates a session' USING ERRCODE = 'TL032';
  END IF;
  IF NEW.sign_in_link_id IS NOT NULL AND EXISTS (
    SELECT FROM sign_in_links l WHERE l.org_id = NEW.org_id AND l.id = NEW.sign_in_link_id AND l.used_at IS NULL
  ) THEN
    RAISE EXCEPTION 'a new session must use up its sign-in link' USING ERRCODE = 'TL001';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sessions_made_by_sign_in
  BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION refuse_session_by_hand();

-- A user sets their own password; the machine sets the first one and rehashes it.
CREATE OR REPLACE FUNCTION require_own_password() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT acts_as_machine() THEN
    PERFORM require_acting_person(NEW.id);
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER users_own_password
  BEFORE UPDATE OF password_hash ON users
  FOR EACH ROW WHEN (OLD.password_hash IS DISTINCT FROM NEW.password_hash) EXECUTE FUNCTION require_own_password();
CREATE OR REPLACE TRIGGER users_first_password
  BEFORE INSERT ON users
  FOR EACH ROW WHEN (NEW.password_hash IS NOT NULL) EXECUTE FUNCTION require_own_password();

-- Admins decide about roles, access, and managers: no user raises their own.
CREATE OR REPLACE FUNCTION require_acting_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT acts_as_machine() AND NOT EXISTS (
    SELECT FROM users u
    WHERE u.org_id = NEW.org_id AND acting_kind() = 'human' AND u.id::text = acting_id()
      AND 'admin' = ANY (u.roles) AND u.deactivated_at IS NULL)
  THEN
    RAISE EXCEPTION 'only an admin may change permissions' USING ERRCODE = 'TL019',
      HINT = CASE TG_TABLE_NAME WHEN 'api_keys' THEN 'You can create and end your own keys; an admin does it for agents.'
             ELSE 'Ask an admin of the organization.' END;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER users_made_by_admin
  BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION require_acting_admin();
CREATE OR REPLACE TRIGGER users_changed_by_admin
  BEFORE UPDATE OF roles, deactivated_at, manager_user_id ON users
  FOR EACH ROW
  WHEN ((OLD.roles, OLD.deactivated_at, OLD.manager_user_id)
        IS DISTINCT FROM (NEW.roles, NEW.deactivated_at, NEW.manager_user_id))
  EXECUTE FUNCTION require_acting_admin();
-- A key of one's own adds no permissions, so each user makes and ends their own (api_keys_created_by,
-- api_keys_own_person); an admin makes and ends an agent's key.
CREATE OR REPLACE TRIGGER api_keys_made_by_admin
  BEFORE INSERT ON api_keys
  FOR EACH ROW WHEN (NEW.user_id IS NULL) EXECUTE FUNCTION require_acting_admin();
CREATE OR REPLACE TRIGGER api_keys_revoked_by_admin
  BEFORE UPDATE OF revoked_at ON api_keys
  FOR EACH ROW
  WHEN (NEW.revoked_at IS DISTINCT FROM OLD.revoked_at
        AND (acting_kind() = 'human' AND acting_id() = NEW.user_id::text) IS NOT TRUE)
  EXECUTE FUNCTION require_acting_admin();

-- A link signs in whoever has it, so an admin or the machine makes it. Each user ends their own links and sessions.
CREATE OR REPLACE TRIGGER sign_in_links_made_by_admin
  BEFORE INSERT ON sign_in_links FOR EACH ROW EXECUTE FUNCTION require_acting_admin();
CREATE OR REPLACE TRIGGER sign_in_links_ended_by_admin
  BEFORE UPDATE OF used_at ON sign_in_links
  FOR EACH ROW
  WHEN (NEW.used_at IS DISTINCT FROM OLD.used_at
        AND (acting_kind() = 'human' AND acting_id() = NEW.user_id::text) IS NOT TRUE)
  EXECUTE FUNCTION require_acting_admin();
CREATE OR REPLACE TRIGGER sessions_revoked_by_admin
  BEFORE UPDATE OF revoked_at ON sessions
  FOR EACH ROW
  WHEN (NEW.revoked_at IS DISTINCT FROM OLD.revoked_at
        AND (acting_kind() = 'human' AND acting_id() = NEW.user_id::text) IS NOT TRUE)
  EXECUTE FUNCTION require_acting_admin();

-- An admin also starts connections that open other users' mailboxes.
CREATE OR REPLACE TRIGGER mailbox_grants_made_by_admin
  BEFORE INSERT ON mailbox_grants FOR EACH ROW EXECUTE FUNCTION require_acting_admin();
CREATE OR REPLACE TRIGGER mailbox_grants_changed_by_admin
  BEFORE UPDATE ON mailbox_grants
  FOR EACH ROW
  WHEN ((OLD.provider, OLD.authorize_url, OLD.token_url, OLD.oauth_client_id, OLD.oauth_client_secret, OLD.scopes,
         OLD.login_user)
        IS DISTINCT FROM (NEW.provider, NEW.authorize_url, NEW.token_url, NEW.oauth_client_id, NEW.oauth_client_secret,
                          NEW.scopes, NEW.login_user)
        OR NEW.connected_at IS NOT NULL AND NEW.connected_at IS DISTINCT FROM OLD.connected_at
        OR NEW.state_sha256 IS NOT NULL AND NEW.state_sha256 IS DISTINCT FROM OLD.state_sha256)
  EXECUTE FUNCTION require_acting_admin();

-- A key that a person makes and forgets expires; the machine's own keys, which no person made, do not.
CREATE OR REPLACE FUNCTION require_end_of_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a personal key must expire' USING ERRCODE = '23514', COLUMN = 'expires_at';
END $$;
CREATE OR REPLACE TRIGGER api_keys_own_end
  BEFORE INSERT ON api_keys
  FOR EACH ROW WHEN (NEW.user_id IS NOT NULL AND NEW.created_by_user_id IS NOT NULL AND NEW.expires_at IS NULL)
  EXECUTE FUNCTION require_end_of_key();

-- An organization without an admin could never have one again. The lock serializes two admins who remove each other; a
-- snapshot older than the lock would miss the other removal, so each statement needs a new one.
CREATE OR REPLACE FUNCTION keep_an_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') = 'repeatable read' THEN
    RAISE EXCEPTION 'an admin can be removed only in READ COMMITTED' USING ERRCODE = '25001';
  END IF;
  PERFORM 1 FROM organizations o WHERE o.org_id = OLD.org_id FOR NO KEY UPDATE;
  IF NOT EXISTS (
    SELECT FROM users u WHERE u.org_id = OLD.org_id AND 'admin' = ANY (u.roles) AND u.deactivated_at IS NULL)
  THEN
    RAISE EXCEPTION 'this is the last active admin'
      USING ERRCODE = 'TL018', HINT = 'Make someone else an admin first.';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER users_keep_an_admin
  AFTER UPDATE OF roles, deactivated_at ON users
  FOR EACH ROW
  WHEN ('admin' = ANY (OLD.roles) AND OLD.deactivated_at IS NULL
        AND NOT ('admin' = ANY (NEW.roles) AND NEW.deactivated_at IS NULL))
  EXECUTE FUNCTION keep_an_admin();

-- Ends the sessions and sign-in links of a deactivated user. A reactivated user starts over: no earlier credential works.
CREATE OR REPLACE FUNCTION end_sessions_of_deactivated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sessions SET revoked_at = NEW.deactivated_at
  WHERE org_id = NEW.org_id AND user_id = NEW.id AND revoked_at IS NULL;
  UPDATE sign_in_links SET used_at = NEW.deactivated_at
  WHERE org_id = NEW.org_id AND user_id = NEW.id AND used_at IS NULL;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER users_deactivated
  AFTER UPDATE OF deactivated_at ON users
  FOR EACH ROW WHEN (OLD.deactivated_at IS NULL AND NEW.deactivated_at IS NOT NULL)
  EXECUTE FUNCTION end_sessions_of_deactivated();

-- A deactivated user gets no session, link, or key. The lock serializes this with the deactivation: existing ones end
-- with it, later ones are refused.
CREATE OR REPLACE FUNCTION require_active_person() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  left_at timestamptz;
BEGIN
  SELECT u.deactivated_at INTO left_at FROM users u
  WHERE u.org_id = NEW.org_id AND u.id = NEW.user_id FOR SHARE;
  IF left_at IS NOT NULL THEN
    RAISE EXCEPTION 'this person is deactivated' USING ERRCODE = 'TL020';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sessions_active_person
  BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION require_active_person();
CREATE OR REPLACE TRIGGER sign_in_links_active_person
  BEFORE INSERT ON sign_in_links FOR EACH ROW EXECUTE FUNCTION require_active_person();
CREATE OR REPLACE TRIGGER api_keys_active_person
  BEFORE INSERT ON api_keys FOR EACH ROW WHEN (NEW.user_id IS NOT NULL) EXECUTE FUNCTION require_active_person();

-- The owner, scope, and lifetime of a key, session, or link never change.
CREATE OR REPLACE TRIGGER users_identity
  BEFORE UPDATE ON users
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.email, OLD.created_by_user_id, OLD.created_at)
        IS DISTINCT FROM (NEW.org_id, NEW.id, NEW.email, NEW.created_by_user_id, NEW.created_at))
  EXECUTE FUNCTION refuse_identity_change();
CREATE OR REPLACE TRIGGER api_keys_identity
  BEFORE UPDATE ON api_keys
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.prefix, OLD.key_sha256, OLD.user_id, OLD.agent_id, OLD.scopes, OLD.expires_at,
         OLD.created_by_user_id, OLD.created_at)
        IS DISTINCT FROM
        (NEW.org_id, NEW.id, NEW.prefix, NEW.key_sha256, NEW.user_id, NEW.agent_id, NEW.scopes, NEW.expires_at,
         NEW.created_by_user_id, NEW.created_at))
  EXECUTE FUNCTION refuse_identity_change();
CREATE OR REPLACE TRIGGER sessions_identity
  BEFORE UPDATE ON sessions
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.user_id, OLD.token_sha256, OLD.user_agent, OLD.created_at, OLD.expires_at,
         OLD.sign_in_link_id)
        IS DISTINCT FROM
        (NEW.org_id, NEW.id, NEW.user_id, NEW.token_sha256, NEW.user_agent, NEW.created_at, NEW.expires_at,
         NEW.sign_in_link_id))
  EXECUTE FUNCTION refuse_identity_change();
CREATE OR REPLACE TRIGGER sign_in_links_identity
  BEFORE UPDATE ON sign_in_links
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.user_id, OLD.token_sha256, OLD.created_at, OLD.expires_at, OLD.created_by_user_id)
        IS DISTINCT FROM
        (NEW.org_id, NEW.id, NEW.user_id, NEW.token_sha256, NEW.created_at, NEW.expires_at, NEW.created_by_user_id))
  EXECUTE FUNCTION refuse_identity_change();

-- Refuses to revive a key, session, or link that has ended. What has ended does not begin again.
CREATE OR REPLACE FUNCTION refuse_revival() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'row % of % has ended for good', OLD.id, TG_TABLE_NAME USING ERRCODE = 'TL001';
END $$;
CREATE OR REPLACE TRIGGER api_keys_stay_revoked
  BEFORE UPDATE OF revoked_at ON api_keys
  FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
  EXECUTE FUNCTION refuse_revival();
CREATE OR REPLACE TRIGGER sessions_stay_revoked
  BEFORE UPDATE OF revoked_at ON sessions
  FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
  EXECUTE FUNCTION refuse_revival();
CREATE OR REPLACE TRIGGER sign_in_links_stay_used
  BEFORE UPDATE OF used_at ON sign_in_links
  FOR EACH ROW WHEN (OLD.used_at IS NOT NULL AND NEW.used_at IS DISTINCT FROM OLD.used_at)
  EXECUTE FUNCTION refuse_revival();

-- Users leave and keys are revoked; their actions stay theirs.
CREATE OR REPLACE TRIGGER users_kept
  BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER api_keys_kept
  BEFORE DELETE ON api_keys FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER sessions_kept
  BEFORE DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER sign_in_links_kept
  BEFORE DELETE ON sign_in_links FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER users_no_truncate
  BEFORE TRUNCATE ON users FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER api_keys_no_truncate
  BEFORE TRUNCATE ON api_keys FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER sessions_no_truncate
  BEFORE TRUNCATE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER sign_in_links_no_truncate
  BEFORE TRUNCATE ON sign_in_links FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
