/* @name serverClock */
SELECT clock_timestamp() AS "now!", current_setting('server_version') AS "version!";

/* Sessions that keep old row versions alive: idle transactions and held snapshots, in seconds. An ordinary login sees
   only that other logins' sessions exist. */
/* @name openTransactions */
SELECT max(extract(epoch FROM clock_timestamp() - a.state_change)::float8)
         FILTER (WHERE a.state LIKE 'idle in transaction%') AS "idle_s?",
       (array_agg(a.pid ORDER BY a.state_change) FILTER (WHERE a.state LIKE 'idle in transaction%'))[1] AS "idle_pid?",
       max(extract(epoch FROM clock_timestamp() - a.xact_start)::float8)
         FILTER (WHERE a.backend_xmin IS NOT NULL) AS "snapshot_s?",
       (array_agg(a.pid ORDER BY a.xact_start) FILTER (WHERE a.backend_xmin IS NOT NULL))[1] AS "snapshot_pid?",
       (SELECT max(extract(epoch FROM clock_timestamp() - p.prepared)::float8) FROM pg_prepared_xacts p) AS "prepared_s?",
       count(*) FILTER (WHERE a.query = '<insufficient privilege>') AS "hidden_count!"
FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
  AND a.backend_type IS DISTINCT FROM 'autovacuum worker';

/* Worker processes hold a connection of this name for the scheduled checks. */
/* @name workerSessions */
SELECT count(*) AS "count!" FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.application_name = 'touchline-schedule';

/* Addresses of this database's servers. Each server puts its address into the name of its heartbeat session. */
/* @name servingAddresses */
SELECT DISTINCT substr(a.application_name, 17) AS "url!" FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.application_name LIKE 'touchline-serve http%'
ORDER BY 1 LIMIT :limit!;

/* Whether the process with this id, as its server reports it, works on this database. */
/* @name processWorksHere */
SELECT NOT process_is_gone(:process_id!) AS "works_here!";

/* Overdue touches, and touches whose delivery a person must confirm. */
/* @name unsentTouches */
SELECT count(*) FILTER (WHERE q.status = 'approved') AS "overdue_count!",
       min(q.scheduled_at) FILTER (WHERE q.status = 'approved') AS "overdue_since?",
       count(*) FILTER (WHERE q.status = 'unknown') AS "unknown_count!"
FROM sales_send_queue q
WHERE q.org_id = :org_id! AND NOT q.requires_personal_send
  AND ((q.status = 'approved' AND q.scheduled_at <= :now!) OR q.status = 'unknown');

/* Active mailboxes, oldest first, with their total. */
/* @name mailboxesInUse */
SELECT m.*, count(*) OVER () AS "mailbox_count!" FROM mailboxes m
WHERE m.org_id = :org_id! AND m.retired_at IS NULL
ORDER BY m.created_at, m.id
LIMIT :limit!;
