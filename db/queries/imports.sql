/* @name insertImport */
INSERT INTO lead_imports (org_id, id, dry_run, imported_by_user_id, created_at)
VALUES (:org_id!, :id!, :dry_run!, :imported_by_user_id, :now!);

/* @name insertImportRows */
INSERT INTO lead_import_rows
SELECT * FROM jsonb_populate_recordset(NULL::lead_import_rows, :rows!);

/* Fails imports whose process died before it cleaned up. Skips one that is finishing now. */
/* @name failAbandonedImports */
UPDATE lead_imports SET status = 'failed', finished_at = :now!
WHERE org_id = :org_id! AND id IN (
  SELECT id FROM lead_imports
  WHERE org_id = :org_id! AND status IN ('receiving', 'merging') AND created_at < :before!
  ORDER BY id LIMIT :limit!
  FOR UPDATE SKIP LOCKED)
RETURNING id;

/* @name analyzeImportRows */
SELECT analyze_import_rows()::text AS done;

/* Serializes merges in an organization, because two files may contain the same leads in different orders. Held until
   the transaction ends. */
/* @name tryMergeLock */
SELECT pg_try_advisory_xact_lock(hashtext('lead_import'), hashtext(:org_id!::text)) AS "taken!";

/* Lasts as long as the transaction. Its end writes the audit line of all changes. */
/* @name beginMerge */
UPDATE lead_imports SET status = 'merging' WHERE org_id = :org_id! AND id = :id! AND status = 'receiving' RETURNING id;

/* Leads that appear twice in the file: earlier lines are removed and reported, the last one counts. */
/* @name takeDuplicateImportRows */
WITH placed AS MATERIALIZED (
  SELECT line, first_value(line) OVER (PARTITION BY lower(email) ORDER BY line DESC) AS kept_line
  FROM lead_import_rows WHERE org_id = :org_id! AND import_id = :import_id!
), gone AS (
  DELETE FROM lead_import_rows d USING placed p
  WHERE d.org_id = :org_id! AND d.import_id = :import_id! AND d.line = p.line AND p.line <> p.kept_line
  RETURNING d.line, d.email, p.kept_line
)
SELECT line AS "line!", email AS "email!", kept_line AS "kept_line!", count(*) OVER () AS "total!"
FROM gone ORDER BY line LIMIT :limit!;

/* Finds the lead of each row: by the email address, any of them; else by a further email address; else by the CRM record; else by
   the profile or the phone number if the name is the same. Rows of one person share a lead (`linkImportRows`, the CRM record): the
   last line counts, and `kept_line` of the others names it. Their consent counts together. A CRM record that another lead has is
   left out, and suggests a merge, which a rule carries out if `by_rule`; but takeOtherRecordRows takes a row whose lead has a
   record of its own. */
/* @name identifyImportRows */
WITH given AS MATERIALIZED (
  SELECT r.line, r.lead_id AS new_id, lower(r.email) AS email_key, r.crm_contact_id, r.unsubscribe_flag, r.opt_out_flag,
         address_key('linkedin', r.linkedin_url) AS profile_key, r.phone,
         nullif(lower(btrim(coalesce(r.first_name, '') || ' ' || coalesce(r.last_name, ''))), '') AS name_key
  FROM lead_import_rows r WHERE r.org_id = :org_id! AND r.import_id = :import_id!
), further AS MATERIALIZED (
  SELECT r.line, lower(f.value) AS email_key
  FROM lead_import_rows r CROSS JOIN LATERAL jsonb_to_recordset(r.further_addresses) AS f (kind text, value text)
  WHERE r.org_id = :org_id! AND r.import_id = :import_id! AND f.kind = 'email'
), by_further AS MATERIALIZED (
  SELECT DISTINCT ON (f.line) f.line, d.lead_id FROM further f
  JOIN lead_addresses d ON d.org_id = :org_id! AND d.kind = 'email' AND d.until IS NULL AND d.value_key = f.email_key
  ORDER BY f.line, d.lead_id
), known AS MATERIALIZED (
  SELECT g.*, c.id AS crm_lead_id, coalesce(
    e.lead_id, b.lead_id, c.id,
    (SELECT l.id FROM lead_addresses p JOIN leads l ON l.org_id = :org_id! AND l.id = p.lead_id
     WHERE p.org_id = :org_id! AND p.kind = 'linkedin' AND p.until IS NULL AND p.value_key = g.profile_key AND l.name_key = g.name_key),
    (SELECT l.id FROM lead_addresses p JOIN leads l ON l.org_id = :org_id! AND l.id = p.lead_id
     WHERE p.org_id = :org_id! AND p.kind = 'phone' AND p.until IS NULL AND p.value_key = g.phone AND l.name_key = g.name_key
       AND position(' ' IN g.name_key) > 0)) AS lead_id
  FROM given g
  LEFT JOIN lead_addresses e ON e.org_id = :org_id! AND e.kind = 'email' AND e.until IS NULL AND e.value_key = g.email_key
  LEFT JOIN by_further b ON b.line = g.line
  LEFT JOIN leads c ON c.org_id = :org_id! AND c.crm_contact_id = g.crm_contact_id
), grouped AS (
  SELECT k.*, coalesce(k.lead_id, k.of_link, k.of_record) AS found_id
  FROM (SELECT k.*, first_value(k.lead_id) OVER (PARTITION BY k.new_id ORDER BY k.lead_id IS NULL, k.line) AS of_link, CASE WHEN k.crm_contact_id IS NOT NULL
                         THEN first_value(k.lead_id) OVER (PARTITION BY k.crm_contact_id ORDER BY k.lead_id IS NULL, k.line) END AS of_record
        FROM known k) k
), identified AS (
  SELECT g.*, x.id IS NOT NULL AS is_other, coalesce(g.found_id, first_value(g.new_id) OVER (
    PARTITION BY g.found_id IS NULL, coalesce(g.crm_contact_id, g.new_id::text) ORDER BY g.line)) AS person_id
  FROM grouped g LEFT JOIN leads x ON x.org_id = :org_id! AND x.id = g.found_id AND x.crm_contact_id <> g.crm_contact_id
), decided AS MATERIALIZED (
  SELECT i.line, i.new_id, i.person_id, i.is_other,
         max(i.line) OVER person AS last_line, bool_or(i.unsubscribe_flag) OVER person AS unsubscribe_flag,
         bool_or(i.opt_out_flag) OVER person AS opt_out_flag,
         coalesce(i.crm_lead_id, CASE WHEN i.crm_contact_id IS NOT NULL
           THEN first_value(i.person_id) OVER (PARTITION BY i.crm_contact_id ORDER BY i.is_other, i.lead_id IS NULL, i.line) END) AS record_of
  FROM identified i
  WINDOW person AS (PARTITION BY i.person_id, i.is_other)
), suggested AS (
  INSERT INTO lead_merge_suggestions (org_id, lead_id, other_lead_id, reason, found_at)
  SELECT DISTINCT :org_id!::uuid, least(d.person_id, d.record_of), greatest(d.person_id, d.record_of),
         CASE WHEN :by_rule!::boolean THEN 'same_crm_record' ELSE 'crm_record_in_file' END::merge_reason, :now!::timestamptz
  FROM decided d
  JOIN leads l ON l.org_id = :org_id! AND l.id = d.person_id
  JOIN leads o ON o.org_id = :org_id! AND o.id = d.record_of
  WHERE d.record_of <> d.person_id AND NOT d.is_other
  ON CONFLICT (org_id, lead_id, other_lead_id) DO UPDATE SET reason = excluded.reason
    WHERE lead_merge_suggestions.ended_at IS NULL AND excluded.reason = 'same_crm_record' RETURNING id
), written AS (
  UPDATE lead_import_rows r SET lead_id = d.person_id, kept_line = nullif(d.last_line, d.line),
    unsubscribe_flag = d.unsubscribe_flag, opt_out_flag = d.opt_out_flag,
    crm_contact_id = CASE WHEN d.record_of = d.person_id OR d.is_other THEN r.crm_contact_id END
  FROM decided d
  WHERE r.org_id = :org_id! AND r.import_id = :import_id! AND r.line = d.line
    AND (d.person_id <> d.new_id OR d.last_line <> d.line OR d.record_of <> d.person_id)
  RETURNING r.line
)
SELECT (SELECT count(*) FROM suggested)::int + 0 * (SELECT count(*) FROM written)::int AS "pair_count!";

/* The row that counts has the last value of each field among the rows of its person. */
/* @name fillKeptImportRows */
UPDATE lead_import_rows r SET /* @each leads.imported */ COLUMN = coalesce(r.COLUMN, s.COLUMN), /* @end */ kept_line = NULL
FROM (
  SELECT o.kept_line AS line,
         /* @each leads.imported */ (array_agg(o.COLUMN ORDER BY o.line DESC) FILTER (WHERE o.COLUMN IS NOT NULL))[1] AS COLUMN,
         /* @end */ count(*) AS row_count
  FROM lead_import_rows o WHERE o.org_id = :org_id! AND o.import_id = :import_id! AND o.kept_line IS NOT NULL
  GROUP BY o.kept_line
) s
WHERE r.org_id = :org_id! AND r.import_id = :import_id! AND r.line = s.line
RETURNING r.line;

/* Locks the rows that the merge will change, in id order like every other transaction, before any change: leads with
   new data in the file, and leads whose account leaves ABM. Computes keys first, because behind row policies only a
   plain column comparison uses an index. */
/* @name lockChangedLeads */
WITH abm_ends AS MATERIALIZED (
  SELECT a.id FROM accounts a
  JOIN (SELECT DISTINCT import_account_key(r) AS account_key FROM lead_import_rows r
        WHERE r.org_id = :org_id! AND r.import_id = :import_id! AND r.abm_active = false) r USING (account_key)
  WHERE a.org_id = :org_id! AND a.abm_active
), keyed AS MATERIALIZED (
  SELECT r.line, r.lead_id, import_account_key(r) AS account_key
  FROM lead_import_rows r WHERE r.org_id = :org_id! AND r.import_id = :import_id!
), changed AS MATERIALIZED (
  SELECT l.id
  FROM keyed k
  JOIN lead_import_rows r ON r.org_id = :org_id! AND r.import_id = :import_id! AND r.line = k.line
  JOIN leads l ON l.org_id = :org_id! AND l.id = k.lead_id
  LEFT JOIN accounts a ON a.org_id = l.org_id AND a.id = l.account_id
  WHERE import_row_is_news(r, l) OR coalesce(k.account_key <> a.account_key, k.account_key IS NOT NULL)
  UNION
  SELECT l.id FROM leads l WHERE l.org_id = :org_id! AND l.account_id IN (SELECT id FROM abm_ends)
), locked AS MATERIALIZED (
  SELECT l.id FROM leads l
  WHERE l.org_id = :org_id! AND l.id IN (SELECT id FROM changed)
  ORDER BY l.id
  FOR NO KEY UPDATE
)
SELECT count(*) AS "count!" FROM locked;

/* Creates accounts of the file or fills in missing fields. If several lines describe one account, the last value of
   each field counts. */
/* @name mergeAccounts */
WITH named AS MATERIALIZED (
  SELECT import_account_key(r) AS account_key,
         (array_agg(r.account_id ORDER BY r.line DESC))[1] AS id,
         (array_agg(r.company ORDER BY r.line DESC) FILTER (WHERE r.company IS NOT NULL))[1] AS company,
         max(lower(r.company_domain)) AS domain,
         /* @each accounts.filled */ (array_agg(r.COLUMN ORDER BY r.line DESC) FILTER (WHERE r.COLUMN IS NOT NULL))[1] AS COLUMN,
         /* @end */
         (array_agg(r.abm_active ORDER BY r.line DESC) FILTER (WHERE r.abm_active IS NOT NULL))[1] AS abm_active,
         (array_agg(r.account_owner_user_id ORDER BY r.line DESC) FILTER (WHERE r.account_owner_user_id IS NOT NULL))[1] AS owner_user_id
  FROM lead_import_rows r
  WHERE r.org_id = :org_id! AND r.import_id = :import_id! AND import_account_key(r) IS NOT NULL
  GROUP BY import_account_key(r)
), updated AS (
  UPDATE accounts a SET
    name = coalesce(n.company, a.name),
    /* @each accounts.filled */ COLUMN = coalesce(n.COLUMN, a.COLUMN),
    /* @end */
    abm_active = coalesce(n.abm_active, a.abm_active),
    owner_user_id = coalesce(n.owner_user_id, a.owner_user_id),
    updated_at = :now!
  FROM named n
  WHERE a.org_id = :org_id! AND a.account_key = n.account_key
    AND (/* @each accounts.filled */ coalesce(n.COLUMN, a.COLUMN), /* @end */
         coalesce(n.company, a.name), coalesce(n.abm_active, a.abm_active), coalesce(n.owner_user_id, a.owner_user_id))
        IS DISTINCT FROM (/* @each accounts.filled */ a.COLUMN, /* @end */ a.name, a.abm_active, a.owner_user_id)
  RETURNING a.id
), created AS (
  INSERT INTO accounts (org_id, id, name, domain, /* @each accounts.filled */ COLUMN, /* @end */ abm_active, owner_user_id, created_at, updated_at)
  SELECT :org_id!, id, coalesce(company, domain), domain, /* @each accounts.filled */ COLUMN, /* @end */
         coalesce(abm_active, false), owner_user_id, :now!, :now!
  FROM named
  ORDER BY account_key
  ON CONFLICT ON CONSTRAINT accounts_key_uniq DO NOTHING
  RETURNING id
)
SELECT (SELECT count(*) FROM created) AS "created_count!", (SELECT count(*) FROM updated) AS "updated_count!";

/* The last line of a chunk of `chunk_size` rows after `after_line`; null without further rows. */
/* @name nextImportChunk */
SELECT max(line) AS to_line, count(*) FILTER (WHERE kept_line IS NULL) AS "row_count!" FROM (
  SELECT line, kept_line FROM lead_import_rows
  WHERE org_id = :org_id! AND import_id = :import_id! AND line > :after_line!
  ORDER BY line LIMIT :chunk_size!
) c;

/* Leads of one chunk that do not exist yet. */
/* @name insertImportedLeads */
WITH keyed AS MATERIALIZED (
  SELECT r.line, import_account_key(r) AS account_key
  FROM lead_import_rows r
  WHERE r.org_id = :org_id! AND r.import_id = :import_id! AND r.line > :after_line! AND r.line <= :to_line!
    AND r.kept_line IS NULL AND NOT EXISTS (SELECT FROM leads l WHERE l.org_id = :org_id! AND l.id = r.lead_id)
)
INSERT INTO leads (org_id, id, account_id, email, /* @each leads.imported */ COLUMN, /* @end */
                   unsubscribe_flag, unsubscribed_at, opt_out_flag, opted_out_at, intent_signals, created_at, updated_at)
SELECT r.org_id, r.lead_id, a.id, r.email, /* @each leads.imported */ r.COLUMN, /* @end */
       coalesce(r.unsubscribe_flag, false), CASE WHEN r.unsubscribe_flag THEN :now!::timestamptz END,
       coalesce(r.opt_out_flag, false), CASE WHEN r.opt_out_flag THEN :now!::timestamptz END,
       coalesce(r.intent_signals, '{}'), :now!, :now!
FROM keyed k
JOIN lead_import_rows r ON r.org_id = :org_id! AND r.import_id = :import_id! AND r.line = k.line
LEFT JOIN accounts a ON a.org_id = :org_id! AND a.account_key = k.account_key
ORDER BY r.line
ON CONFLICT ON CONSTRAINT leads_email_uniq DO NOTHING
RETURNING id, account_id, unsubscribe_flag, (unsubscribe_flag OR opt_out_flag) AS "newly_blocked!",
          owner_user_id IS NOT NULL AS "newly_assigned!";

/* Existing leads of one chunk with new data. An empty field keeps the current value, and an opt-out stays set. Other
   leads are neither written nor locked. */
/* @name updateImportedLeads */
WITH keyed AS MATERIALIZED (
  SELECT r.line, r.lead_id, import_account_key(r) AS account_key
  FROM lead_import_rows r
  WHERE r.org_id = :org_id! AND r.import_id = :import_id! AND r.line > :after_line! AND r.line <= :to_line!
    AND r.kept_line IS NULL
)
UPDATE leads l SET
  account_id = coalesce(a.id, l.account_id),
  email = CASE WHEN lower(r.email) = l.email_key THEN r.email ELSE l.email END,
  /* @each leads.imported */ COLUMN = coalesce(r.COLUMN, l.COLUMN),
  /* @end */
  unsubscribe_flag = l.unsubscribe_flag OR coalesce(r.unsubscribe_flag, false),
  unsubscribed_at = CASE WHEN r.unsubscribe_flag AND NOT l.unsubscribe_flag THEN :now!::timestamptz
                         ELSE l.unsubscribed_at END,
  opt_out_flag = l.opt_out_flag OR coalesce(r.opt_out_flag, false),
  opted_out_at = CASE WHEN r.opt_out_flag AND NOT l.opt_out_flag THEN :now!::timestamptz ELSE l.opted_out_at END,
  intent_signals = coalesce(r.intent_signals, l.intent_signals),
  updated_at = :now!
FROM keyed k
JOIN lead_import_rows r ON r.org_id = :org_id! AND r.import_id = :import_id! AND r.line = k.line
LEFT JOIN accounts a ON a.org_id = :org_id! AND a.account_key = k.account_key
JOIN leads former ON former.org_id = :org_id! AND former.id = k.lead_id
WHERE l.org_id = :org_id! AND l.id = k.lead_id
  AND (import_row_is_news(r, l) OR (a.id IS NOT NULL AND a.id IS DISTINCT FROM l.account_id))
RETURNING l.id, l.account_id, l.unsubscribe_flag,
          coalesce((l.unsubscribe_flag AND l.unsubscribed_at = :now!)
                   OR (l.opt_out_flag AND l.opted_out_at = :now!), false) AS "newly_blocked!",
          l.owner_user_id IS DISTINCT FROM former.owner_user_id AS "newly_assigned!";

/* Signals of one chunk, after its leads exist. Only fresher signals count, so importing the same file again adds
   nothing. */
/* @name insertImportedSignals */
WITH keyed AS MATERIALIZED (
  SELECT r.lead_id, r.sales_signal_at, r.marketing_signal_at
  FROM lead_import_rows r
  WHERE r.org_id = :org_id! AND r.import_id = :import_id! AND r.line > :after_line! AND r.line <= :to_line!
    AND num_nonnulls(r.sales_signal_at, r.marketing_signal_at) > 0
)
INSERT INTO lead_signals (org_id, id, lead_id, side, source, occurred_at, recorded_at)
SELECT l.org_id, gen_random_uuid(), l.id, s.side, 'import', s.at, :now!
FROM keyed k
JOIN leads l ON l.org_id = :org_id! AND l.id = k.lead_id
CROSS JOIN LATERAL (VALUES ('sales'::side, k.sales_signal_at, l.sales_signal_at),
                           ('marketing'::side, k.marketing_signal_at, l.marketing_signal_at)) s (side, at, known)
WHERE s.at > s.known OR s.at IS NOT NULL AND s.known IS NULL;

/* @name finishImport */
UPDATE lead_imports SET status = :status!, rows_read = :rows_read!, created_count = :created_count!,
  updated_count = :updated_count!, unchanged_count = :unchanged_count!, assigned_count = :assigned_count!, error_count = :error_count!, finished_at = :now!
WHERE org_id = :org_id! AND id = :id! AND status IN ('receiving', 'merging');

/* Deletes in parts, so no file exceeds the statement timeout. By range instead of a join: the table was just filled,
   and the planner would choose a bad join. */
/* @name deleteImportRows */
DELETE FROM lead_import_rows
WHERE org_id = :org_id! AND import_id = :import_id! AND line <= (
  SELECT max(line) FROM (
    SELECT line FROM lead_import_rows WHERE org_id = :org_id! AND import_id = :import_id! ORDER BY line LIMIT :limit!
  ) part);
