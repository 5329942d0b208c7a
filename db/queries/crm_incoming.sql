/* @name getCrmSubscription */
SELECT * FROM crm_subscriptions WHERE org_id = :org_id!;

/* The organization of a presented token, before it is known otherwise. A CRM signs real time. */
/* @name presentedSubscription */
SELECT org_id, clock_timestamp() AS "real_now!" FROM crm_subscriptions WHERE token = :token!;

/* @name insertCrmSubscription */
INSERT INTO crm_subscriptions (org_id, token) VALUES (:org_id!, :token!) ON CONFLICT DO NOTHING;

/* @name keepCrmSubscription */
UPDATE crm_subscriptions
SET target_url = :target_url, subscription_id = :subscription_id, secret = :secret, object_ids = :object_ids!, checked_at = :now!,
  last_message = :last_message
WHERE org_id = :org_id! RETURNING org_id;

/* Asked in vain: what was there before stays. */
/* @name missCrmSubscription */
UPDATE crm_subscriptions SET checked_at = :now!, last_message = :last_message WHERE org_id = :org_id! RETURNING org_id;

/* Each event once. Our own changes need no reading. */
/* @name insertCrmEvents */
INSERT INTO crm_events (org_id, event_id, object, record_id, action, merged_into, at, is_ours, received_at, settled_at, next_at)
SELECT :org_id!, g.event_id, g.object, g.record_id, g.action, g.merged_into, g.at, g.is_ours, :now!,
       CASE WHEN g.is_ours THEN :now!::timestamptz END, :now!
FROM jsonb_to_recordset(:rows!) AS g(event_id text, object crm_object, record_id text, action crm_event_action, merged_into text,
  at timestamptz, is_ours boolean)
ON CONFLICT DO NOTHING
RETURNING event_id;

/* @name ownCrmActors */
SELECT actor_id FROM crm_actors WHERE org_id = :org_id! LIMIT 1000;

/* Records with due events. All events of a record are claimed together, so it is read once. */
/* @name claimCrmEvents */
WITH due AS MATERIALIZED (
  SELECT e.event_id, e.object, e.record_id FROM crm_events e
  WHERE e.org_id = :org_id! AND e.settled_at IS NULL AND e.next_at <= :now!
  ORDER BY e.next_at LIMIT :limit! FOR UPDATE SKIP LOCKED
)
UPDATE crm_events e SET claim_id = :claim_id!, next_at = :lease_until!, attempt_count = e.attempt_count + 1
FROM (SELECT DISTINCT object, record_id FROM due) d
WHERE e.org_id = :org_id! AND e.object = d.object AND e.record_id = d.record_id AND e.settled_at IS NULL
RETURNING e.event_id, e.object, e.record_id, e.merged_into, e.attempt_count;

/* Only the latest claimant settles. Without `settled_at`, the events are due again at `next_at`. */
/* @name settleCrmEvents */
UPDATE crm_events
SET settled_at = :settled_at, next_at = coalesce(:next_at, next_at), claim_id = NULL, attempt_count = attempt_count - :uncounted!::int,
  last_code = :last_code
WHERE org_id = :org_id! AND event_id = ANY (:event_ids!::text[]) AND claim_id = :claim_id! AND settled_at IS NULL
RETURNING event_id;

/* @name forgetCrmEvents */
DELETE FROM crm_events WHERE org_id = :org_id! AND event_id IN (
  SELECT e.event_id FROM crm_events e WHERE e.org_id = :org_id! AND e.settled_at IS NOT NULL AND e.received_at < :before! LIMIT :limit!);

/* Stores what was read. A reading older than the stored one changes nothing, but shows that the record exists. */
/* @name keepCrmRecords */
INSERT INTO crm_records AS r (org_id, object, record_id, subject_id, left_out, unread_fields, read_at, run_id)
SELECT :org_id!, :object!, g.record_id, g.subject_id, g.left_out, coalesce(g.unread_fields, '{}'), :read_at!, :run_id
FROM jsonb_to_recordset(:rows!) AS g(record_id text, subject_id uuid, left_out crm_left_out, unread_fields text[])
ORDER BY g.record_id
ON CONFLICT (org_id, object, record_id) DO UPDATE SET
  subject_id = CASE WHEN r.read_at <= excluded.read_at THEN excluded.subject_id ELSE r.subject_id END,
  left_out = CASE WHEN r.read_at <= excluded.read_at THEN excluded.left_out ELSE r.left_out END,
  unread_fields = CASE WHEN r.read_at <= excluded.read_at THEN excluded.unread_fields ELSE r.unread_fields END,
  gone_at = CASE WHEN r.read_at <= excluded.read_at THEN NULL ELSE r.gone_at END,
  read_at = greatest(r.read_at, excluded.read_at), run_id = coalesce(excluded.run_id, r.run_id)
RETURNING r.record_id, r.read_at = :read_at! AS "is_fresh!";

/* Records that are not known yet, or were not when they were last read. */
/* @name unknownCrmRecords */
SELECT g.object AS "object!", g.record_id AS "record_id!"
FROM jsonb_to_recordset(:rows!) AS g(object crm_object, record_id text)
WHERE NOT EXISTS (SELECT FROM crm_records r WHERE r.org_id = :org_id! AND r.object = g.object AND r.record_id = g.record_id
                  AND r.read_at > 'epoch');

/* No row: something newer is known. A record without a lead is not stored. */
/* @name loseCrmRecord */
INSERT INTO crm_records AS r (org_id, object, record_id, read_at, gone_at)
SELECT :org_id!, :object!, :record_id!, :read_at!, :now!
WHERE :is_linked! OR EXISTS (SELECT FROM crm_records k WHERE k.org_id = :org_id! AND k.object = :object! AND k.record_id = :record_id!)
ON CONFLICT (org_id, object, record_id) DO UPDATE SET gone_at = coalesce(r.gone_at, excluded.gone_at), read_at = excluded.read_at
  WHERE r.read_at <= excluded.read_at
RETURNING r.subject_id, r.record_id;

/* The lead of each record: by any id that the CRM ever gave it, and by its addresses in force, in their order. */
/* @name findCrmPeople */
SELECT g.record_id AS "record_id!",
  coalesce((SELECT l.id FROM leads l WHERE l.org_id = :org_id! AND l.crm_contact_id = g.record_id),
           (SELECT coalesce(l.merged_into_id, l.id) FROM contact_ids i JOIN leads l ON l.org_id = :org_id! AND l.id = i.lead_id
            WHERE i.org_id = :org_id! AND i.contact_id = g.record_id AND i.until IS NULL)) AS by_record_id,
  ARRAY(SELECT d.lead_id FROM unnest(g.emails) WITH ORDINALITY AS e (key, place)
        JOIN lead_addresses d ON d.org_id = :org_id! AND d.kind = 'email' AND d.until IS NULL AND d.value_key = e.key
        ORDER BY e.place) AS "by_address_ids!",
  ARRAY(SELECT e.key FROM unnest(g.emails) WITH ORDINALITY AS e (key, place)
        JOIN lead_addresses d ON d.org_id = :org_id! AND d.kind = 'email' AND d.until IS NULL AND d.value_key = e.key
        ORDER BY e.place) AS "address_keys!"
FROM jsonb_to_recordset(:rows!) AS g(record_id text, emails text[]);

/* Facts that decide about a person whose record was read. */
/* @name crmLeadFacts */
SELECT l.id, l.email_key, l.crm_contact_id, l.opt_out_flag OR l.unsubscribe_flag AS "is_opted_out!", l.cadence_pause_reason,
  EXISTS (SELECT FROM crm_records r WHERE r.org_id = l.org_id AND r.object = 'person' AND r.record_id = l.crm_contact_id
          AND r.gone_at IS NULL) AS "has_record!",
  EXISTS (SELECT FROM crm_writes w WHERE w.org_id = l.org_id AND w.lead_id = l.id AND w.kind = 'opt_out'
          AND (w.settled_at IS NULL OR w.settled_at > :read_at!)) AS "opt_out_is_being_written!",
  EXISTS (SELECT FROM sales_send_queue q JOIN send_attempts a ON a.org_id = q.org_id AND a.queue_id = q.id AND a.stage IN ('intent', 'data')
          WHERE q.org_id = l.org_id AND q.lead_id = l.id) AS "is_being_sent_to!",
  ARRAY(SELECT d.value_key FROM lead_addresses d WHERE d.org_id = l.org_id AND d.lead_id = l.id AND d.kind = 'email'
        AND d.until IS NOT NULL AND d.value_key IS NOT NULL) AS "ended_emails!",
  ARRAY(SELECT d.value_key FROM lead_addresses d WHERE d.org_id = l.org_id AND d.lead_id = l.id AND d.kind = 'email'
        AND d.until IS NULL AND d.value_key IS NOT NULL) AS "emails!"
FROM leads l WHERE l.org_id = :org_id! AND l.id = ANY (:lead_ids!::uuid[]) AND l.erased_at IS NULL AND l.merged_into_id IS NULL;

/* Addresses written in this transaction are the CRM's. */
/* @name nameCrmAsSource */
SELECT set_config('touchline.address_source', 'crm', true) AS done;

/* @name insertCrmPeople */
INSERT INTO leads (org_id, id, account_id, email, first_name, last_name, title, phone, icp_tier, segment, owner_user_id, crm_contact_id, created_at, updated_at)
SELECT :org_id!, g.lead_id, a.id, g.email, g.first_name, g.last_name, g.title, g.phone, g.icp_tier, g.segment, g.owner_user_id, g.record_id, :now!, :now!
FROM jsonb_to_recordset(:rows!) AS g(lead_id uuid, record_id text, email text, first_name text, last_name text, title text, phone text,
  company_id text, icp_tier icp_tier, segment text, owner_user_id uuid)
LEFT JOIN accounts a ON a.org_id = :org_id! AND a.crm_account_id = g.company_id
RETURNING id;

/* The CRM's values win; an empty one says nothing. */
/* @name updateCrmPeople */
WITH given AS MATERIALIZED (
  SELECT g.*, a.id AS account_id
  FROM jsonb_to_recordset(:rows!) AS g(lead_id uuid, record_id text, email text, first_name text, last_name text, title text, phone text,
    company_id text, icp_tier icp_tier, segment text, owner_user_id uuid)
  LEFT JOIN accounts a ON a.org_id = :org_id! AND a.crm_account_id = g.company_id
)
UPDATE leads l SET
  first_name = coalesce(g.first_name, l.first_name), last_name = coalesce(g.last_name, l.last_name), title = coalesce(g.title, l.title),
  phone = coalesce(g.phone, l.phone), account_id = coalesce(g.account_id, l.account_id), email = coalesce(g.email, l.email),
  icp_tier = coalesce(g.icp_tier, l.icp_tier), segment = coalesce(g.segment, l.segment),
  owner_user_id = coalesce(g.owner_user_id, l.owner_user_id), crm_contact_id = g.record_id,
  cadence_paused_at = CASE WHEN l.cadence_pause_reason = 'crm_record_deleted' THEN NULL ELSE l.cadence_paused_at END,
  cadence_pause_reason = nullif(l.cadence_pause_reason, 'crm_record_deleted'),
  updated_at = :now!
FROM given g
WHERE l.org_id = :org_id! AND l.id = g.lead_id
  AND (coalesce(g.first_name, l.first_name), coalesce(g.last_name, l.last_name), coalesce(g.title, l.title), coalesce(g.phone, l.phone),
       coalesce(g.account_id, l.account_id), coalesce(g.email, l.email), coalesce(g.icp_tier, l.icp_tier), coalesce(g.segment, l.segment),
       coalesce(g.owner_user_id, l.owner_user_id), g.record_id, l.cadence_pause_reason IS NOT DISTINCT FROM 'crm_record_deleted')
      IS DISTINCT FROM (l.first_name, l.last_name, l.title, l.phone, l.account_id, l.email, l.icp_tier, l.segment, l.owner_user_id,
                        l.crm_contact_id, false)
RETURNING l.id;

/* Addresses of the CRM besides the primary one. */
/* @name addCrmAddresses */
INSERT INTO lead_addresses (org_id, id, lead_id, kind, value, source, since)
SELECT :org_id!, g.id, g.lead_id, 'email', g.value, 'crm', :now! FROM jsonb_to_recordset(:rows!) AS g(id uuid, lead_id uuid, value text)
ON CONFLICT DO NOTHING
RETURNING lead_id;

/* @name suggestCrmMerges */
INSERT INTO lead_merge_suggestions AS s (org_id, lead_id, other_lead_id, reason, found_at)
SELECT :org_id!, least(g.lead_id, g.other_lead_id), greatest(g.lead_id, g.other_lead_id), g.reason, :now!
FROM jsonb_to_recordset(:rows!) AS g(lead_id uuid, other_lead_id uuid, reason merge_reason)
ON CONFLICT (org_id, lead_id, other_lead_id) DO UPDATE SET reason = excluded.reason
  WHERE s.ended_at IS NULL AND excluded.reason = 'same_crm_record' AND s.reason <> excluded.reason
RETURNING id;

/* One transaction at a time, before any lead's lock: an event and a page may name one person. None once another workspace is connected. */
/* @name takeCrmTurn */
SELECT pg_advisory_xact_lock(hashtext('crm_incoming'), hashtext(org_id::text))::text AS taken
FROM crm_connections WHERE org_id = :org_id! AND crm = :crm! AND workspace_id = :workspace_id! FOR SHARE;

/* @name unlinkCrmPerson */
UPDATE leads SET crm_contact_id = NULL, updated_at = :now!
WHERE org_id = :org_id! AND id = :lead_id! AND crm_contact_id = :record_id! RETURNING id;

/* @name moveCrmPerson */
UPDATE leads SET crm_contact_id = :record_id!, updated_at = :now!
WHERE org_id = :org_id! AND id = :lead_id! AND erased_at IS NULL AND crm_contact_id IS DISTINCT FROM :record_id! RETURNING id;

/* A record that may be the person's too: left out because the person had the other one, or a suggested merge with its person. */
/* @name otherCrmRecordOf */
SELECT r.record_id, r.subject_id AS "subject_id!" FROM crm_records r
WHERE r.org_id = :org_id! AND r.object = 'person' AND r.gone_at IS NULL AND r.record_id <> :record_id!
  AND (r.subject_id = :lead_id! OR r.subject_id IN (
    SELECT CASE s.lead_id WHEN :lead_id! THEN s.other_lead_id ELSE s.lead_id END FROM lead_merge_suggestions s
    WHERE s.org_id = :org_id! AND :lead_id! IN (s.lead_id, s.other_lead_id) AND s.ended_at IS NULL AND s.reason = 'same_email'))
ORDER BY (r.subject_id = :lead_id!) DESC, r.record_id LIMIT 1;

/* Ends the pause of a person whose record was deleted. */
/* @name endCrmPause */
UPDATE leads SET cadence_paused_at = NULL, cadence_pause_reason = NULL, updated_at = :now!
WHERE org_id = :org_id! AND id = :lead_id! AND cadence_pause_reason = 'crm_record_deleted' RETURNING id;

/* @name repeatCrmOptOut */
SELECT repeat_opt_out_for_crm(:lead_id!::uuid, :now!)::text AS done;

/* @name extendErasure */
SELECT extend_erasure(:of_hmac!::bytea, :to_hmac!::bytea)::text AS done;

/* The account of each company: by the CRM's id, by its domains in their order, or without any by its name. */
/* @name findCrmCompanies */
SELECT g.record_id AS "record_id!", a.id AS "account_id?", a.crm_account_id, a.domain, a.name AS "name?",
  EXISTS (SELECT FROM crm_records r WHERE r.org_id = :org_id! AND r.object = 'company' AND r.record_id = a.crm_account_id
          AND r.gone_at IS NULL) AS "has_record!"
FROM jsonb_to_recordset(:rows!) AS g(record_id text, domains text[], name text)
LEFT JOIN LATERAL (
  SELECT k.id, k.place FROM (
    (SELECT x.id, 0 AS place FROM accounts x WHERE x.org_id = :org_id! AND x.crm_account_id = g.record_id LIMIT 1)
    UNION ALL
    SELECT x.id, e.place::int FROM unnest(g.domains) WITH ORDINALITY AS e (domain, place)
    JOIN accounts x ON x.org_id = :org_id! AND x.account_key = e.domain
    UNION ALL
    SELECT x.id, 1000000 FROM accounts x
    WHERE x.org_id = :org_id! AND g.domains = '{}' AND x.account_key = lower(g.name) AND x.domain IS NULL
  ) k ORDER BY k.place LIMIT 1
) f ON true
LEFT JOIN accounts a ON a.org_id = :org_id! AND a.id = f.id;

/* @name insertCrmCompanies */
INSERT INTO accounts (org_id, id, name, domain, icp_tier, segment, abm_active, owner_user_id, crm_account_id, created_at, updated_at)
SELECT :org_id!, g.account_id, g.name, g.domain, g.icp_tier, g.segment, coalesce(g.abm_active, false), g.owner_user_id, g.record_id, :now!, :now!
FROM jsonb_to_recordset(:rows!) AS g(account_id uuid, record_id text, name text, domain text, icp_tier icp_tier, segment text,
  abm_active boolean, owner_user_id uuid)
ON CONFLICT ON CONSTRAINT accounts_key_uniq DO NOTHING
RETURNING id;

/* The name wins, and an empty domain is filled in, unless another account has that key. */
/* @name updateCrmCompanies */
WITH given AS MATERIALIZED (
  SELECT g.account_id, g.record_id, coalesce(g.name, a.name) AS name, coalesce(a.domain, g.domain) AS domain,
    coalesce(g.icp_tier, a.icp_tier) AS icp_tier, coalesce(g.segment, a.segment) AS segment,
    coalesce(g.abm_active, a.abm_active) AS abm_active, coalesce(g.owner_user_id, a.owner_user_id) AS owner_user_id
  FROM jsonb_to_recordset(:rows!) AS g(account_id uuid, record_id text, name text, domain text, icp_tier icp_tier, segment text,
    abm_active boolean, owner_user_id uuid)
  JOIN accounts a ON a.org_id = :org_id! AND a.id = g.account_id
), free AS MATERIALIZED (
  SELECT g.*, EXISTS (SELECT FROM accounts o WHERE o.org_id = :org_id! AND o.account_key = coalesce(g.domain, lower(g.name))
                      AND o.id <> g.account_id) AS is_taken
  FROM given g
)
UPDATE accounts a SET name = CASE WHEN f.is_taken THEN a.name ELSE f.name END, domain = CASE WHEN f.is_taken THEN a.domain ELSE f.domain END,
  icp_tier = f.icp_tier, segment = f.segment, abm_active = f.abm_active, owner_user_id = f.owner_user_id,
  crm_account_id = f.record_id, updated_at = :now!
FROM free f
WHERE a.org_id = :org_id! AND a.id = f.account_id
  AND (CASE WHEN f.is_taken THEN a.name ELSE f.name END, CASE WHEN f.is_taken THEN a.domain ELSE f.domain END, f.record_id,
       f.icp_tier, f.segment, f.abm_active, f.owner_user_id)
      IS DISTINCT FROM (a.name, a.domain, a.crm_account_id, a.icp_tier, a.segment, a.abm_active, a.owner_user_id)
RETURNING a.id;

/* @name lockAccounts */
SELECT id FROM accounts WHERE org_id = :org_id! AND id = ANY (:account_ids!::uuid[]) ORDER BY id FOR NO KEY UPDATE;

/* The account's id in the CRM changes, or ends. */
/* @name moveCrmCompany */
UPDATE accounts SET crm_account_id = :to_record_id, updated_at = :now!
WHERE org_id = :org_id! AND crm_account_id = :record_id!
  AND (:to_record_id::text IS NULL OR NOT EXISTS (SELECT FROM accounts o WHERE o.org_id = :org_id! AND o.crm_account_id = :to_record_id))
RETURNING id;

/* The opportunity of each deal, by the CRM's id or by the enrollment that its reference names, and the lead of a new one: of the
   enrollment, or of the first known person. */
/* @name findCrmDeals */
SELECT g.record_id AS "record_id!", o.id AS "opportunity_id?", o.lead_id AS "lead_id?", o.stage AS "stage?", o.name AS "name?", o.opened_at AS "opened_at?",
  o.amount_cents AS "amount_cents?", o.currency, o.owner_user_id AS "owner_user_id?", o.crm_deal_id, l.erased_at IS NOT NULL AS "is_erased!",
  (SELECT e.id FROM leads x WHERE x.org_id = :org_id! AND x.id = e.lead_id AND x.erased_at IS NULL) AS enrollment_id,
  coalesce((SELECT coalesce(x.merged_into_id, x.id) FROM leads x WHERE x.org_id = :org_id! AND x.id = e.lead_id AND x.erased_at IS NULL),
    (SELECT coalesce(x.merged_into_id, x.id) FROM unnest(g.person_ids) WITH ORDINALITY AS p (id, place)
     JOIN contact_ids i ON i.org_id = :org_id! AND i.contact_id = p.id AND i.until IS NULL
     JOIN leads x ON x.org_id = :org_id! AND x.id = i.lead_id ORDER BY p.place LIMIT 1)) AS new_lead_id,
  (SELECT m.moved_by_kind = 'human' FROM opportunity_moves m WHERE m.org_id = :org_id! AND m.opportunity_id = o.id
   ORDER BY m.number DESC LIMIT 1) AS is_by_person,
  (SELECT a.id FROM accounts a WHERE a.org_id = :org_id! AND a.crm_account_id = g.company_id LIMIT 1) AS account_id
FROM jsonb_to_recordset(:rows!) AS g(record_id text, reference uuid, person_ids text[], company_id text)
LEFT JOIN campaign_contacts e ON e.org_id = :org_id! AND e.id = g.reference
LEFT JOIN LATERAL (
  SELECT k.* FROM (
    (SELECT x.*, 0 AS place FROM opportunities x WHERE x.org_id = :org_id! AND x.crm_deal_id = g.record_id)
    UNION ALL
    (SELECT x.*, 1 FROM opportunities x WHERE x.org_id = :org_id! AND x.enrollment_id = g.reference AND x.source = 'crm'
      AND x.crm_deal_id IS NULL ORDER BY x.id LIMIT 1)
  ) k ORDER BY k.place LIMIT 1
) o ON true
LEFT JOIN leads l ON l.org_id = :org_id! AND l.id = o.lead_id;

/* @name usersOfEmails */
SELECT lower(u.email) AS "email!", u.id FROM users u
WHERE u.org_id = :org_id! AND lower(u.email) = ANY (:emails!::text[]) AND u.deactivated_at IS NULL;

/* @name moveCrmDeal */
UPDATE opportunities SET crm_deal_id = :to_record_id!, updated_at = :now!
WHERE org_id = :org_id! AND crm_deal_id = :record_id!
  AND NOT EXISTS (SELECT FROM opportunities o WHERE o.org_id = :org_id! AND o.crm_deal_id = :to_record_id!)
RETURNING id;

/* @name countCrmEvents */
SELECT count(*) FILTER (WHERE settled_at IS NULL)::int AS "pending_count!", max(received_at) AS latest_at
FROM crm_events WHERE org_id = :org_id! AND NOT is_ours;
