-- A person's addresses. The columns email, linkedin_url, and phone of leads are the primary ones: changing a column records
-- the address, and the former one stays the person's.

-- The source of an address that is named in this transaction. The coordinator says when it is the CRM.
CREATE OR REPLACE FUNCTION acting_address_source() RETURNS address_source LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE WHEN acting_origin() ->> 'operation' = 'import_leads' THEN 'file'
              WHEN acting_kind() = 'human' THEN 'person' WHEN acting_kind() = 'agent' THEN 'agent'
              WHEN current_setting('touchline.address_source', true) = 'crm' THEN 'crm' ELSE 'product' END::address_source;

-- Suggests that two leads are one person. A pair that was decided before is not suggested again.
CREATE OR REPLACE FUNCTION suggest_merge(org uuid, a uuid, b uuid, why merge_reason) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO lead_merge_suggestions (org_id, lead_id, other_lead_id, reason, found_at)
  VALUES (org, least(a, b), greatest(a, b), why, acting_time())
  ON CONFLICT DO NOTHING;
END $$;

-- Records the addresses of new leads. An email address that another lead has refuses the lead; a profile or a number that
-- another lead has stays that lead's, and the profile suggests a merge.
CREATE OR REPLACE FUNCTION record_new_addresses() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
  org uuid;
  named_by CONSTANT address_source := acting_address_source();
  at CONSTANT timestamptz := acting_time();
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  SELECT l.org_id INTO org FROM new_leads l LIMIT 1;
  IF org IS NULL THEN
    RETURN NULL;
  END IF;
  named := act_in(org);
  INSERT INTO lead_addresses (org_id, lead_id, kind, value, is_primary, source, since)
  SELECT l.org_id, l.id, 'email', l.email, true, named_by, at FROM new_leads l;
  INSERT INTO lead_addresses (org_id, lead_id, kind, value, is_primary, source, since)
  SELECT l.org_id, l.id, k.kind, k.value, true, named_by, at
  FROM new_leads l
  CROSS JOIN LATERAL (VALUES ('linkedin'::address_kind, l.linkedin_url), ('phone', l.phone)) k (kind, value)
  WHERE address_key(k.kind, k.value) IS NOT NULL
  ON CONFLICT DO NOTHING;
  -- Planned each time: a plan from when the tables were small would read them whole for each lead of a large file.
  EXECUTE 'INSERT INTO lead_merge_suggestions (org_id, lead_id, other_lead_id, reason, found_at)
    SELECT l.org_id, least(a.lead_id, l.id), greatest(a.lead_id, l.id), ''same_profile''::merge_reason, $2
    FROM new_leads l
    JOIN lead_addresses a ON a.org_id = $1 AND a.kind = ''linkedin'' AND a.until IS NULL
      AND a.value_key = address_key(''linkedin'', l.linkedin_url)
    WHERE a.lead_id <> l.id
    UNION
    SELECT l.org_id, least(o.id, l.id), greatest(o.id, l.id), ''same_name_and_company''::merge_reason, $2
    FROM new_leads l
    JOIN leads o ON o.org_id = $1 AND o.account_id = l.account_id AND o.name_key = l.name_key AND o.id <> l.id
    WHERE position('' '' IN l.name_key) > 0
    ON CONFLICT DO NOTHING' USING org, at;
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_record_addresses
  AFTER INSERT ON leads REFERENCING NEW TABLE AS new_leads
  FOR EACH STATEMENT EXECUTE FUNCTION record_new_addresses();

-- The former primary address stays the person's. The new one may already be theirs; an email address of another lead is
-- refused by its index.
CREATE OR REPLACE FUNCTION make_primary(org uuid, lead uuid, of_kind address_kind, new_value text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE lead_addresses SET is_primary = false
  WHERE org_id = org AND lead_id = lead AND kind = of_kind AND is_primary
    AND value_key IS DISTINCT FROM address_key(of_kind, new_value);
  IF address_key(of_kind, new_value) IS NULL THEN
    RETURN;
  END IF;
  UPDATE lead_addresses SET is_primary = true, value = new_value
  WHERE org_id = org AND lead_id = lead AND kind = of_kind AND until IS NULL AND value_key = address_key(of_kind, new_value);
  IF FOUND THEN
    RETURN;
  ELSIF of_kind = 'email' THEN
    INSERT INTO lead_addresses (org_id, lead_id, kind, value, is_primary, source, since)
    VALUES (org, lead, of_kind, new_value, true, acting_address_source(), at);
  ELSE
    INSERT INTO lead_addresses (org_id, lead_id, kind, value, is_primary, source, since)
    VALUES (org, lead, of_kind, new_value, true, acting_address_source(), at)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND AND of_kind = 'linkedin' THEN
      PERFORM suggest_merge(org, lead, a.lead_id, 'same_profile') FROM lead_addresses a
      WHERE a.org_id = org AND a.kind = 'linkedin' AND a.until IS NULL AND a.value_key = address_key(of_kind, new_value);
    END IF;
  END IF;
END $$;

-- Records the addresses that a lead gets; its unsent drafts go there. Erasures and merges take them away (erasures.sql, lead_merges.sql).
CREATE OR REPLACE FUNCTION record_changed_addresses() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
  at CONSTANT timestamptz := acting_time();
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in(NEW.org_id);
  IF NEW.erased_at IS NULL AND NEW.merged_into_id IS NULL THEN
    IF OLD.email <> NEW.email THEN
      PERFORM make_primary(NEW.org_id, NEW.id, 'email', NEW.email, at);
    END IF;
    IF OLD.linkedin_url IS DISTINCT FROM NEW.linkedin_url THEN
      PERFORM make_primary(NEW.org_id, NEW.id, 'linkedin', NEW.linkedin_url, at);
    END IF;
    IF OLD.phone IS DISTINCT FROM NEW.phone THEN
      PERFORM make_primary(NEW.org_id, NEW.id, 'phone', NEW.phone, at);
    END IF;
    PERFORM readdress_drafts(NEW, at);
  END IF;
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_record_changed_addresses
  AFTER UPDATE OF email, linkedin_url, phone ON leads
  FOR EACH ROW
  WHEN ((OLD.email, OLD.linkedin_url, OLD.phone) IS DISTINCT FROM (NEW.email, NEW.linkedin_url, NEW.phone))
  EXECUTE FUNCTION record_changed_addresses();

-- Suggests a lead that gets the name of another one at its company.
CREATE OR REPLACE FUNCTION suggest_namesakes() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  named text;
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  named := act_in(NEW.org_id);
  PERFORM suggest_merge(NEW.org_id, NEW.id, o.id, 'same_name_and_company') FROM leads o
  WHERE o.org_id = NEW.org_id AND o.account_id = NEW.account_id AND o.name_key = NEW.name_key AND o.id <> NEW.id;
  PERFORM set_config('touchline.org', named, true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER leads_suggest_namesakes
  AFTER UPDATE OF first_name, last_name, account_id ON leads
  FOR EACH ROW
  WHEN ((OLD.name_key, OLD.account_id) IS DISTINCT FROM (NEW.name_key, NEW.account_id) AND position(' ' IN NEW.name_key) > 0)
  EXECUTE FUNCTION suggest_namesakes();

-- An address never becomes another, moves to another lead only by a merge, and is primary only as the column of its lead says.
-- People end and verify addresses.
CREATE OR REPLACE FUNCTION guard_lead_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF is_written_by_trigger() OR is_merging() THEN
    RETURN NEW;
  ELSIF TG_OP = 'INSERT' THEN
    IF NEW.is_primary OR NEW.until IS NOT NULL THEN
      RAISE EXCEPTION 'a further address begins in force and is not primary' USING ERRCODE = 'TL001';
    END IF;
    RETURN NEW;
  ELSIF (OLD.org_id, OLD.id, OLD.lead_id, OLD.kind, OLD.value, OLD.source, OLD.since)
        IS DISTINCT FROM (NEW.org_id, NEW.id, NEW.lead_id, NEW.kind, NEW.value, NEW.source, NEW.since) THEN
    RAISE EXCEPTION 'address % cannot change its identity', OLD.id USING ERRCODE = 'TL012';
  ELSIF OLD.is_primary <> NEW.is_primary THEN
    RAISE EXCEPTION 'the lead''s column says which address is primary' USING ERRCODE = 'TL001';
  ELSIF OLD.until IS NOT NULL THEN
    RAISE EXCEPTION 'address % has already ended', OLD.id USING ERRCODE = 'TL001';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER lead_addresses_guard
  BEFORE INSERT OR UPDATE ON lead_addresses FOR EACH ROW EXECUTE FUNCTION guard_lead_address();

-- An address that ended still tells whose it was. Only an erasure, and a merge of two leads that have it, delete one.
CREATE OR REPLACE FUNCTION keep_lead_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF is_written_by_trigger() OR is_merging() OR is_erasing() THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'address % can end; it cannot be deleted', OLD.id USING ERRCODE = 'TL003';
END $$;
CREATE OR REPLACE TRIGGER lead_addresses_kept
  BEFORE DELETE ON lead_addresses FOR EACH ROW EXECUTE FUNCTION keep_lead_address();
CREATE OR REPLACE TRIGGER lead_addresses_no_truncate
  BEFORE TRUNCATE ON lead_addresses FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
