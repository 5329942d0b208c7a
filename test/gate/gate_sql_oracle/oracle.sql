-- The gate a second time, in another language and by another route: sets instead of steps, PostgreSQL's time zones
-- instead of Temporal, a search by trial instead of arithmetic. Written from docs/, policy/default.yaml, the
-- specification of AGT-302 and the shapes in src/core/{facts,decision,policy}.ts; its words for a case are those of
-- src/core/explain/gates.ts. It lives in a test database.
--
-- Three cases those leave open, and there it follows the gate, so that it proves nothing about them but that they
-- stay: a running sequence of a paused lead is held, not queued; after a lead has moved a touch counts on its
-- recorded day and on that of its instant; without a readable now, only reserved touches are in the window.

CREATE SCHEMA gate_oracle;

CREATE FUNCTION gate_oracle.instant(ms int8) RETURNS timestamptz LANGUAGE sql IMMUTABLE
RETURN (timestamp 'epoch' + ms * interval '1 millisecond') AT TIME ZONE 'UTC';

CREATE FUNCTION gate_oracle.ms(at timestamptz) RETURNS int8 LANGUAGE sql STABLE
RETURN (extract(epoch FROM at) * 1000)::int8;

CREATE FUNCTION gate_oracle.day_of(ms int8, zone text) RETURNS date LANGUAGE sql IMMUTABLE
RETURN (gate_oracle.instant(ms) AT TIME ZONE zone)::date;

-- Every instant at which the calendar day of a zone changes: as a rule once a day; a clock that crosses the date
-- line leaves one out.
CREATE TABLE gate_oracle.day_changes (zone text NOT NULL, at_ms int8 NOT NULL, PRIMARY KEY (zone, at_ms));

-- Found by trial: midnight as PostgreSQL reads it where the days around it have 24 hours; where one has not,
-- every five minutes within three hours of it.
CREATE FUNCTION gate_oracle.know_zones(zones text[], first_day date, last_day date) RETURNS void LANGUAGE sql
BEGIN ATOMIC
  WITH midnights AS (
    SELECT zone, gate_oracle.ms(day::timestamp AT TIME ZONE zone) AS at_ms
    FROM unnest(zones) AS zone, generate_series(first_day::timestamp, last_day::timestamp, interval '1 day') AS day
  ), measured AS (
    SELECT zone, at_ms,
      at_ms - lag(at_ms) OVER (PARTITION BY zone ORDER BY at_ms) IS DISTINCT FROM 86400000
      OR lead(at_ms) OVER (PARTITION BY zone ORDER BY at_ms) - at_ms IS DISTINCT FROM 86400000 AS is_odd
    FROM midnights
  ), tries AS (
    SELECT zone, at_ms FROM measured WHERE NOT is_odd
    UNION
    SELECT zone, at_ms + minute * 60000 FROM measured, generate_series(-180, 180, 5) AS minute WHERE is_odd
  )
  INSERT INTO gate_oracle.day_changes (zone, at_ms)
  SELECT zone, at_ms FROM tries
  WHERE gate_oracle.day_of(at_ms, zone) <> gate_oracle.day_of(at_ms - 1, zone)
  ON CONFLICT DO NOTHING;
END;

-- The first instant after now at which one more touch fits: of all instants at which anything can change (a touch
-- leaves the window, a day begins, its sending hours begin), in their order, the first one that passes both caps within
-- sending hours. A dozen touches fill no more days than are looked at; if they did, the answer would be null and differ.
-- Where the clock is changed, hours may begin at any of five minutes of that day.
CREATE FUNCTION gate_oracle.first_fit(
  now_ms int8, zone text, ats int8[], days date[], here_days date[], window_ms int8, max_window int, max_day int,
  hours jsonb, closed date[]
) RETURNS int8 LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH dawns AS MATERIALIZED (
    SELECT d.at_ms, lead(d.at_ms) OVER (ORDER BY d.at_ms) - d.at_ms AS length_ms FROM gate_oracle.day_changes d
    WHERE d.zone = first_fit.zone
      AND d.at_ms BETWEEN now_ms - 30 * 3600000::int8 AND now_ms + window_ms + 36 * 86400000::int8
  ), changes AS MATERIALIZED (
    SELECT a + window_ms AS at_ms FROM unnest(ats) AS a
    UNION
    SELECT at_ms FROM dawns
    UNION
    SELECT at_ms + (hours->>'start_minute')::int * 60000 FROM dawns
    WHERE length_ms = 86400000 AND (hours->>'enforce')::boolean
    UNION
    SELECT at_ms + minute * 60000 FROM dawns, generate_series(0, length_ms / 60000, 5) AS minute
    WHERE length_ms <> 86400000 AND (hours->>'enforce')::boolean
  ), in_order AS MATERIALIZED (
    SELECT at_ms FROM changes WHERE at_ms > now_ms ORDER BY at_ms
  )
  SELECT c.at_ms
  FROM in_order AS i
  CROSS JOIN LATERAL (
    SELECT i.at_ms, gate_oracle.day_of(i.at_ms, first_fit.zone) AS day,
      gate_oracle.instant(i.at_ms) AT TIME ZONE first_fit.zone AS here
  ) AS c
  WHERE (SELECT count(*) FROM unnest(ats) AS a WHERE a > c.at_ms - window_ms) < max_window
    AND c.day <> ALL (closed)
    AND (NOT (hours->>'enforce')::boolean OR (
      hours->'weekdays' @> to_jsonb(extract(isodow FROM c.here)::int)
      AND extract(hour FROM c.here) * 60 + extract(minute FROM c.here) >= (hours->>'start_minute')::int
      AND extract(hour FROM c.here) * 60 + extract(minute FROM c.here) < (hours->>'end_minute')::int))
    AND (SELECT count(*) FROM unnest(days, here_days) AS d (recorded, here) WHERE c.day IN (recorded, here)) < max_day
  LIMIT 1;
END;

-- A case as it is given, with what the gates ask of it worked out.
CREATE FUNCTION gate_oracle.read_cases(cases jsonb) RETURNS TABLE (
  n int, facts jsonb, policy jsonb, moment text, is_running boolean, type text, side text, state text,
  now_ms int8, zone text, ats int8[], days date[], here_days date[], window_ms int8, max_window int, max_day int,
  tier text, fresher text, others text[], hours jsonb, closed date[]
) LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT
    k.n::int - 1,
    f.facts,
    p.policy,
    f.facts->>'moment',
    f.facts->>'moment' <> 'requested',
    f.facts->>'sequence_type',
    f.facts->>'side',
    f.facts->>'cadence_state',
    -- A number that is no instant arrives as null.
    (f.facts->>'now_ms')::int8,
    f.facts->>'time_zone',
    -- While its outcome is open, a touch counts as now: for the window and for the day. The day is the lead's in its
    -- own zone, and it is recorded with the touch: after a lead has moved these may be two, and one touch a day is
    -- kept on both.
    ARRAY(SELECT CASE WHEN (t->>'settled')::boolean THEN (t->>'at_ms')::int8 ELSE (f.facts->>'now_ms')::int8 END
          FROM jsonb_array_elements(f.facts->'touches') AS t),
    ARRAY(SELECT CASE WHEN (t->>'settled')::boolean THEN (t->>'local_day')::date
                 ELSE gate_oracle.day_of((f.facts->>'now_ms')::int8, f.facts->>'time_zone') END
          FROM jsonb_array_elements(f.facts->'touches') AS t),
    ARRAY(SELECT gate_oracle.day_of(
            CASE WHEN (t->>'settled')::boolean THEN (t->>'at_ms')::int8 ELSE (f.facts->>'now_ms')::int8 END,
            f.facts->>'time_zone')
          FROM jsonb_array_elements(f.facts->'touches') AS t),
    (p.policy->'touch_cap'->>'window_hours')::int8 * 3600000,
    (p.policy->'touch_cap'->>'max_touches_per_window')::int,
    (p.policy->'touch_cap'->>'max_touches_per_day')::int,
    coalesce(f.facts->>'icp_tier', p.policy->>'unknown_tier'),
    -- Equal or missing signals: sales is the fresher.
    CASE WHEN (f.facts->>'marketing_signal_at_ms')::numeric
           > coalesce((f.facts->>'sales_signal_at_ms')::numeric, '-Infinity') THEN 'marketing' ELSE 'sales' END,
    -- A transactional message collides with nothing, whoever sends it.
    ARRAY(SELECT s.one->>'enrollment_id'
          FROM jsonb_array_elements(f.facts->'active_sequences') WITH ORDINALITY AS s (one, position)
          WHERE s.one->>'sequence_type' <> 'transactional'
            AND (f.facts->>'side', s.one->>'side') IN (('sales', 'marketing'), ('marketing', 'sales'))
          ORDER BY s.position),
    p.policy->'business_hours',
    -- Days on which nothing leaves: the policy's own, and public holidays where it counts them.
    ARRAY(SELECT d.day::date
          FROM (SELECT jsonb_array_elements_text(p.policy->'holidays'->'dates')
                UNION ALL
                SELECT jsonb_array_elements_text(f.facts->'public_holidays')
                WHERE (p.policy->'holidays'->>'public')::boolean) AS d (day)
          WHERE (p.policy->'holidays'->>'enforce')::boolean)
  FROM jsonb_array_elements(cases->'cases') WITH ORDINALITY AS k (one, n)
  CROSS JOIN LATERAL (SELECT k.one->'facts' AS facts) AS f
  JOIN jsonb_array_elements(cases->'policies') WITH ORDINALITY AS p (policy, place)
    ON p.place - 1 = (k.one->>'policy')::int;
END;

-- The answers to {"policies": [policy], "cases": [{"facts", "policy": its place}]}, in their order. Each is
-- [outcome, reason, until_ms, wake, losers, loser_until_ms, [[flag, agent]], notify_agents, touches_in_window,
--  [[gate, says, because]]].
-- Compiling the query would take longer than running it.
CREATE FUNCTION gate_oracle.answers(cases jsonb) RETURNS TABLE (n int, answer jsonb) LANGUAGE sql STABLE SET jit = off
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT * FROM gate_oracle.read_cases(cases)
  ), read AS MATERIALIZED (
    SELECT c.*,
      -- Without a now, only what counts as now is known to be in the window.
      (SELECT count(*) FROM unnest(c.ats) AS a WHERE a IS NULL OR a > c.now_ms - c.window_ms)::int AS in_window,
      (SELECT count(*) FROM unnest(c.days, c.here_days) AS d (recorded, here)
       WHERE gate_oracle.day_of(c.now_ms, c.zone) IN (recorded, here))::int AS on_day
    FROM given AS c
  ), because AS (
    SELECT r.*,
      CASE
        WHEN (facts->>'unsubscribe_flag')::boolean THEN 'unsubscribed'
        WHEN (facts->>'opt_out_flag')::boolean THEN 'opted_out'
        WHEN (facts->>'suppressed_address')::boolean THEN 'suppressed_address'
        WHEN facts->>'organization' = 'placeholder' THEN 'organization_not_set'
        ELSE 'clear'
      END AS compliance,
      CASE
        WHEN type <> 'nurture' THEN 'not_nurture'
        WHEN (facts->>'abm_active')::boolean THEN 'nurture_under_abm'
        ELSE 'abm_inactive'
      END AS abm_backstop,
      CASE
        WHEN type = 'transactional' THEN 'transactional'
        WHEN max_window = 0 OR max_day = 0 THEN 'cap_zero'
        WHEN now_ms IS NULL THEN 'clock_unreadable'
        WHEN in_window >= max_window AND on_day >= max_day THEN 'window_and_day_full'
        WHEN in_window >= max_window THEN 'window_full'
        WHEN on_day >= max_day THEN 'day_full'
        ELSE 'under_cap'
      END AS touch_cap,
      CASE
        WHEN type = 'transactional' THEN 'transactional'
        WHEN side NOT IN ('sales', 'marketing') THEN 'side_conflicts_with_none'
        WHEN side = 'sales' AND tier = 'T3' AND policy->>'t3_sales' = 'refuse' THEN 't3_sales'
        WHEN cardinality(others) = 0 THEN 'other_side_inactive'
        ELSE lower(tier) || '_' || fresher || '_fresher'
      END AS concurrency,
      CASE
        WHEN state = 'paused' AND type = 'transactional' THEN 'paused_admits_transactional'
        WHEN state = 'paused' THEN 'lead_paused'
        WHEN policy->'legal_moves'->type = '"any"' OR policy->'legal_moves'->type ? state THEN 'legal_move'
        WHEN is_running AND state = type THEN 'own_state'
        WHEN is_running THEN 'out_of_place'
        ELSE 'illegal_move'
      END AS transition,
      policy->'conflict_matrix'->tier->(fresher || '_fresher') AS matrix_row
    FROM read r
  ), says AS (
    SELECT b.*,
      CASE compliance WHEN 'clear' THEN 'pass' WHEN 'organization_not_set' THEN 'hold' ELSE 'block' END AS compliance_says,
      CASE abm_backstop WHEN 'nurture_under_abm' THEN 'block' ELSE 'pass' END AS abm_backstop_says,
      CASE WHEN touch_cap IN ('transactional', 'under_cap') THEN 'pass' ELSE 'hold' END AS touch_cap_says,
      CASE
        WHEN concurrency IN ('transactional', 'side_conflicts_with_none', 'other_side_inactive') THEN 'pass'
        WHEN concurrency = 't3_sales' THEN CASE WHEN is_running THEN 'queue' ELSE 'refuse' END
        WHEN matrix_row->>'winner' = side THEN 'pass'
        ELSE 'queue'
      END AS concurrency_says,
      CASE
        WHEN transition IN ('paused_admits_transactional', 'legal_move', 'own_state') THEN 'pass'
        -- Not now: a queue is for what the lead's other sequences keep waiting.
        WHEN transition = 'lead_paused' AND is_running THEN 'hold'
        WHEN is_running THEN 'queue'
        ELSE 'refuse'
      END AS transition_says
    FROM because b
  ), ended AS (
    SELECT s.*,
      CASE
        WHEN compliance_says <> 'pass' THEN 1
        WHEN abm_backstop_says <> 'pass' THEN 2
        WHEN touch_cap_says <> 'pass' THEN 3
        WHEN concurrency_says <> 'pass' THEN 4
        WHEN transition_says <> 'pass' THEN 5
        ELSE 6
      END AS gate,
      (policy->>'retry_hours')::int8 * 3600000 AS retry_ms,
      (matrix_row->>'loser_queued_hours')::int8 * 3600000 AS loser_ms
    FROM says s
  )
  SELECT e.n, jsonb_build_array(
    -- outcome
    CASE gate WHEN 1 THEN compliance_says WHEN 2 THEN abm_backstop_says WHEN 3 THEN touch_cap_says
      WHEN 4 THEN concurrency_says WHEN 5 THEN transition_says ELSE 'allow' END,
    -- reason
    CASE gate WHEN 1 THEN CASE compliance_says WHEN 'hold' THEN 'organization_not_set' ELSE 'compliance_block' END WHEN 2 THEN 'abm_active_suppression' WHEN 3 THEN 'touch_cap_exceeded'
      WHEN 4 THEN 'conflict_resolved_queued' WHEN 5 THEN 'illegal_transition' END,
    -- until_ms
    CASE
      WHEN gate = 3 AND touch_cap IN ('window_full', 'day_full', 'window_and_day_full')
        THEN gate_oracle.first_fit(
          now_ms, zone, ats, days, here_days, window_ms, max_window, max_day, hours, closed)
      WHEN gate = 4 AND concurrency = 't3_sales' AND is_running THEN now_ms + retry_ms
      WHEN gate = 4 AND concurrency <> 't3_sales' THEN now_ms + loser_ms
      WHEN gate = 5 AND transition = 'out_of_place' THEN now_ms + retry_ms
    END,
    -- wake
    CASE gate
      WHEN 1 THEN CASE compliance_says WHEN 'hold' THEN 'organization_set' ELSE 'never' END
      WHEN 2 THEN 'abm_ends'
      WHEN 3 THEN CASE touch_cap WHEN 'cap_zero' THEN 'policy_changes' WHEN 'clock_unreadable' THEN 'never'
                  ELSE 'at_until' END
      WHEN 4 THEN CASE WHEN concurrency_says = 'refuse' THEN NULL
                    WHEN concurrency <> 't3_sales' AND loser_ms IS NULL THEN 'other_side_ends' ELSE 'at_until' END
      WHEN 5 THEN CASE WHEN transition_says = 'refuse' THEN NULL
                    WHEN transition = 'lead_paused' THEN 'lead_resumes' ELSE 'at_until' END
    END,
    -- losers, who lose only to one that goes on
    CASE WHEN gate = 6 AND concurrency LIKE 't_\_%\_fresher' THEN to_jsonb(others) ELSE '[]' END,
    CASE WHEN gate = 6 AND concurrency LIKE 't_\_%\_fresher' THEN now_ms + loser_ms END,
    -- flags: sales on T3 is a routing error, stopped or not
    CASE WHEN gate >= 4 AND side = 'sales' AND tier = 'T3' AND type <> 'transactional'
      THEN jsonb_build_array(jsonb_build_array('routing_error', policy->>'routing_error_agent')) ELSE '[]' END,
    -- notify_agents
    CASE gate WHEN 2 THEN jsonb_build_array(facts->>'requested_by') ELSE '[]' END,
    in_window,
    -- trace
    (SELECT jsonb_agg(jsonb_build_array(t.name, t.says, t.because) ORDER BY t.place) FROM (VALUES
      (1, 'compliance', compliance_says, compliance),
      (2, 'abm_backstop', abm_backstop_says, abm_backstop),
      (3, 'touch_cap', touch_cap_says, touch_cap),
      (4, 'concurrency', concurrency_says, concurrency),
      (5, 'transition', transition_says, transition)
    ) AS t (place, name, says, because) WHERE t.place <= gate)
  )
  FROM ended e;
END;
