-- A row trigger lets TRUNCATE through. Tables with kept rows are never truncated, even by their owner.
DO $$
DECLARE
  kept text;
BEGIN
  FOREACH kept IN ARRAY '{assignment_rules,campaign_contacts,campaign_sequences,flags,lead_imports,leads,mailbox_grants,
      notifications,notification_deliveries,notification_preferences,notification_webhooks,play_runs,sequence_requests,
      webhook_deliveries,webhooks}'::text[] LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
                   kept || '_no_truncate', kept);
  END LOOP;
END $$;
