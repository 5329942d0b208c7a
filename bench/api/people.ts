/**
 * One lead in a hundred belongs to the reader, and one in a hundred to each of the four users below the reader. Suppressions:
 * one in four is lifted. Signals of one lead in ten, pairs of leads that may be one person, opportunities, and rows
 * of other services.
 */
export const PEOPLE = [
  `UPDATE users SET manager_user_id = :asker
   WHERE org_id = :org AND id IN (SELECT bench.id(16, n) FROM generate_series(1, 4) n)`,
  `UPDATE leads l SET owner_user_id = CASE n % 100 WHEN 0 THEN :asker ELSE bench.id(16, n % 100) END
   FROM generate_series(0, :leads) n
   WHERE n % 100 < 5 AND l.org_id = :org AND l.id = bench.id(2, n)`,
  `INSERT INTO suppressions (org_id, id, kind, value, reason, source, added_by_user_id, created_at, settled_at, lifted_at,
     lifted_by_user_id, lift_reason)
   SELECT :org, bench.id(30, n),
          ('{address,address,domain,phone}'::suppression_kind[])[1 + n % 4],
          CASE n % 4 WHEN 2 THEN 'gone' || n || '.example' WHEN 3 THEN '+4930' || (1000000 + n)
          ELSE 'gone' || n || '@bench.example' END, 'asked us to stop', 'file', :asker, :now, :now,
          CASE WHEN n % 16 < 4 THEN :now END, CASE WHEN n % 16 < 4 THEN :asker END, CASE WHEN n % 16 < 4 THEN 'a mistake' END
   FROM generate_series(1, least(20000, :leads)) n`,
  `INSERT INTO lead_signals (org_id, id, lead_id, side, source, occurred_at, recorded_at, recorded_by_kind, recorded_by_id)
   SELECT :org, bench.id(31, n * 10 + k), bench.id(2, n * 10), (CASE WHEN k < 3 THEN 'sales' ELSE 'marketing' END)::side,
          'webinar', :now - k * interval '9 days', :now - k * interval '9 days', 'human', :asker::text
   FROM generate_series(1, least(20000, :leads / 10)) n, generate_series(0, 5) k`,
  `INSERT INTO lead_merge_suggestions (org_id, id, lead_id, other_lead_id, reason, found_at)
   SELECT :org, bench.id(32, n), least(a.id, b.id), greatest(a.id, b.id), 'same_name_and_company', :now
   FROM generate_series(1, least(5000, :leads / 4)) n, LATERAL (SELECT bench.id(2, n * 2) AS id) a,
        LATERAL (SELECT bench.id(2, n * 2 + 1) AS id) b`,
  `INSERT INTO opportunities (org_id, id, lead_id, account_id, name, stage, amount_cents, currency, opened_at, closed_at, owner_user_id,
     source, created_by_user_id, created_at, updated_at)
   SELECT :org, bench.id(33, n), l.id, l.account_id, 'deal ' || n, s.stage, n * 100, 'EUR', :now, CASE WHEN n % 4 >= 2 THEN :now END,
          CASE n % 20 WHEN 0 THEN :asker ELSE bench.id(16, n % 20) END, 'file', :asker, :now, :now
   FROM generate_series(1, least(5000, :leads)) n JOIN leads l ON l.org_id = :org AND l.id = bench.id(2, n),
        LATERAL (SELECT ('{lead,in_progress,won,lost}'::opportunity_stage[])[1 + n % 4] AS stage) s`,
  `INSERT INTO service_records (org_id, id, service, external_id, kind, lead_id, account_id, originating_proposal_id, occurred_at,
     content_hash, recorded_by_user_id, created_at)
   SELECT :org, bench.id(34, n), (enum_range(NULL::service_name))[1 + n % 5], 'row-' || n, 'held', l.id, l.account_id,
          bench.id(23, 1 + n % 2000), :now, encode(sha256(n::text::bytea), 'hex'), :asker, :now
   FROM generate_series(1, least(20000, :leads)) n JOIN leads l ON l.org_id = :org AND l.id = bench.id(2, n)`,
  `INSERT INTO crm_writes (org_id, id, lead_id, kind, subject_id, part, occurred_at, next_at, status, settled_at)
   SELECT :org, bench.id(35, n), bench.id(2, n % least(5000, :leads)), 'touch', bench.id(35, n), 'sent', :now, :now,
          s.status, CASE WHEN s.status = 'written' THEN :now END
   FROM generate_series(1, least(50000, :leads * 5)) n,
        LATERAL (SELECT (CASE n % 1000 WHEN 0 THEN 'refused' ELSE 'written' END)::crm_write_status AS status) s`,
];
