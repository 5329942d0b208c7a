-- Lists show the newest suppressions first, by their ids. Those of opt-outs were random: they get ids of their time.
ALTER TABLE suppressions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE suppressions DISABLE TRIGGER USER;
UPDATE suppressions
SET id = (lpad(to_hex((extract(epoch FROM created_at) * 1000)::bigint), 12, '0') || '7' || right(replace(id::text, '-', ''), 19))::uuid
WHERE substr(id::text, 15, 1) = '4';
ALTER TABLE suppressions ENABLE TRIGGER USER;
