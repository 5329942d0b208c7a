-- A search finds leads by every address in force. The index omits primary email addresses, which the key of the lead has.
CREATE INDEX lead_addresses_searched ON lead_addresses (org_id, value_key) WHERE until IS NULL AND (kind <> 'email' OR NOT is_primary);
