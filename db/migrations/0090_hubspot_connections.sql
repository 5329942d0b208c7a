-- HubSpot can be connected, too. It signs its webhooks with the client secret of the app whose access token is the key.
-- The constraint compares text, since a new value of an enum cannot be used in the transaction that adds it.
ALTER TYPE crm_name ADD VALUE 'hubspot';
ALTER TABLE crm_connections
  -- The number of the app.
  ADD COLUMN app_id text,
  -- Sealed with TOUCHLINE_SECRET.
  ADD COLUMN client_secret bytea,
  ADD CONSTRAINT crm_connections_app CHECK (
    CASE crm::text
      WHEN 'hubspot' THEN app_id IS NOT NULL AND app_id ~ '^[1-9][0-9]{0,15}$' AND client_secret IS NOT NULL
      ELSE app_id IS NULL AND client_secret IS NULL
    END);
