-- The transaction that wrote a row, from its xmin, of which the row keeps 32 bits. It is one of the last two billion.
CREATE OR REPLACE FUNCTION row_xact_id(xmin xid) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  RETURN (
    SELECT next - ((next - xmin::text::bigint) & 4294967295)
    FROM (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next) AS s);
