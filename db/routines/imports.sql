-- The key by which an import finds the account of a row, made like accounts.account_key.
CREATE OR REPLACE FUNCTION import_account_key(r lead_import_rows) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN coalesce(lower((r).company_domain), lower((r).company));

-- Whether a row of a file contains new data about a lead, apart from its account. An empty field says nothing, and
-- "false" never lifts an opt-out. Locking and updating share this condition, made from the declared columns; the planner
-- inlines it.
DO $$
BEGIN
  EXECUTE (
    SELECT 'CREATE OR REPLACE FUNCTION import_row_is_news(r lead_import_rows, l leads) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
      RETURN (lower((r).email) = (l).email_key AND (r).email <> (l).email) OR '
      || string_agg(format('coalesce((r).%1$I, (l).%1$I) IS DISTINCT FROM (l).%1$I', of_column), ' OR ')
      || ' OR ((r).unsubscribe_flag IS TRUE AND NOT (l).unsubscribe_flag) OR ((r).opt_out_flag IS TRUE AND NOT (l).opt_out_flag)
           OR coalesce((r).intent_signals, (l).intent_signals) <> (l).intent_signals
           OR greatest((r).sales_signal_at, (l).sales_signal_at) IS DISTINCT FROM (l).sales_signal_at
           OR greatest((r).marketing_signal_at, (l).marketing_signal_at) IS DISTINCT FROM (l).marketing_signal_at'
    FROM declared_columns() WHERE of_table = 'leads' AND is_imported);
END $$;

-- The table was just filled, so the planner's statistics are outdated and it would join 100,000 rows as if they were two.
-- Runs as the owner, because no other role may.
CREATE OR REPLACE FUNCTION analyze_import_rows() RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  ANALYZE lead_import_rows;
END $$;

-- An import merges within one transaction and ends with it: only the line of its end audits its changes. A merging import
-- cannot be deleted or renumbered, so no merge ends without that line.
CREATE OR REPLACE FUNCTION keep_merging_import() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'import % is being merged', OLD.id USING ERRCODE = 'TL003';
  ELSIF (OLD.org_id, OLD.id) <> (NEW.org_id, NEW.id) THEN
    RAISE EXCEPTION 'import % is being merged', OLD.id USING ERRCODE = 'TL012';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER lead_imports_kept
  BEFORE UPDATE OR DELETE ON lead_imports FOR EACH ROW WHEN (OLD.status = 'merging') EXECUTE FUNCTION keep_merging_import();

-- Refuses to commit an import that is still merging.
CREATE OR REPLACE FUNCTION refuse_endless_merge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM lead_imports i WHERE i.org_id = NEW.org_id AND i.id = NEW.id AND i.status = 'merging') THEN
    RAISE EXCEPTION 'import % ends in the transaction that merges it', NEW.id USING ERRCODE = 'TL001';
  END IF;
  RETURN NULL;
END $$;
-- A trigger of this kind cannot be replaced.
DROP TRIGGER IF EXISTS lead_imports_merge_ends ON lead_imports;
CREATE CONSTRAINT TRIGGER lead_imports_merge_ends
  AFTER INSERT OR UPDATE OF status ON lead_imports DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.status = 'merging') EXECUTE FUNCTION refuse_endless_merge();

-- A person imports in their own name.
CREATE OR REPLACE FUNCTION require_own_import() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() = 'human' THEN
    PERFORM require_acting_person(NEW.imported_by_user_id);
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER lead_imports_own
  BEFORE INSERT OR UPDATE OF imported_by_user_id ON lead_imports FOR EACH ROW EXECUTE FUNCTION require_own_import();

-- Refuses a person's change to rows of an import that another person began and that has not ended: anyone deletes what is left
-- of one.
CREATE OR REPLACE FUNCTION require_own_import_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF acting_kind() = 'human' AND NOT is_erasing() AND EXISTS (
    SELECT FROM changed_rows r LEFT JOIN lead_imports i ON i.org_id = r.org_id AND i.id = r.import_id
    WHERE coalesce(i.status IN ('receiving', 'merging'), true) AND i.imported_by_user_id IS DISTINCT FROM acting_user()
  ) THEN
    RAISE EXCEPTION 'the rows belong to an import of someone else' USING ERRCODE = 'TL005';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER lead_import_rows_own_new
  AFTER INSERT ON lead_import_rows REFERENCING NEW TABLE AS changed_rows
  FOR EACH STATEMENT EXECUTE FUNCTION require_own_import_rows();
CREATE OR REPLACE TRIGGER lead_import_rows_own_changed
  AFTER UPDATE ON lead_import_rows REFERENCING OLD TABLE AS changed_rows
  FOR EACH STATEMENT EXECUTE FUNCTION require_own_import_rows();
CREATE OR REPLACE TRIGGER lead_import_rows_own_deleted
  AFTER DELETE ON lead_import_rows REFERENCING OLD TABLE AS changed_rows
  FOR EACH STATEMENT EXECUTE FUNCTION require_own_import_rows();
