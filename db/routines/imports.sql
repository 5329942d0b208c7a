-- What an import recognises the account of a row by: as accounts.account_key is made.
CREATE OR REPLACE FUNCTION import_account_key(r lead_import_rows) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN coalesce(lower((r).company_domain), lower((r).company));

-- Whether a row of a file says something new about a lead, its account aside. An empty field says nothing, and a
-- "false" never speaks against an opt-out. Locking and updating ask the same question, so it stands here once;
-- the planner puts its text in place of the call.
CREATE OR REPLACE FUNCTION import_row_is_news(r lead_import_rows, l leads) RETURNS boolean LANGUAGE sql STABLE
PARALLEL SAFE
  RETURN (r).email <> (l).email
    OR coalesce((r).first_name, (l).first_name) IS DISTINCT FROM (l).first_name
    OR coalesce((r).last_name, (l).last_name) IS DISTINCT FROM (l).last_name
    OR coalesce((r).title, (l).title) IS DISTINCT FROM (l).title
    OR coalesce((r).linkedin_url, (l).linkedin_url) IS DISTINCT FROM (l).linkedin_url
    OR coalesce((r).country, (l).country) IS DISTINCT FROM (l).country
    OR coalesce((r).time_zone, (l).time_zone) IS DISTINCT FROM (l).time_zone
    OR coalesce((r).icp_tier, (l).icp_tier) IS DISTINCT FROM (l).icp_tier
    OR coalesce((r).segment, (l).segment) IS DISTINCT FROM (l).segment
    OR coalesce((r).vertical, (l).vertical) IS DISTINCT FROM (l).vertical
    OR coalesce((r).lifecycle_stage, (l).lifecycle_stage) IS DISTINCT FROM (l).lifecycle_stage
    OR coalesce((r).crm_contact_id, (l).crm_contact_id) IS DISTINCT FROM (l).crm_contact_id
    OR ((r).unsubscribe_flag IS TRUE AND NOT (l).unsubscribe_flag)
    OR ((r).opt_out_flag IS TRUE AND NOT (l).opt_out_flag)
    OR coalesce((r).intent_signals, (l).intent_signals) <> (l).intent_signals
    OR greatest((r).sales_signal_at, (l).sales_signal_at) IS DISTINCT FROM (l).sales_signal_at
    OR greatest((r).marketing_signal_at, (l).marketing_signal_at) IS DISTINCT FROM (l).marketing_signal_at;

-- The table was just filled, and the planner's idea of it is from before: without this it would join 100,000 rows as
-- if they were two. As the owner, because nobody else may.
CREATE OR REPLACE FUNCTION analyze_import_rows() RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  ANALYZE lead_import_rows;
END $$;
