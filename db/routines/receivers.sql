-- Webhook deliveries. Triggers record them in the transaction of the change, for every writer. No other role may insert
-- one (tenants.sql), hence SECURITY DEFINER. An organization without webhooks pays for one lookup.

CREATE OR REPLACE FUNCTION has_webhooks() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM webhooks w WHERE w.org_id = acting_org() AND w.disabled_at IS NULL);
END $$;

-- One delivery per webhook that subscribes to this event. `agent`: the owner of the task.
CREATE OR REPLACE FUNCTION tell_webhooks(org uuid, what text, at timestamptz, agent text, ids jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO webhook_deliveries (org_id, id, webhook_id, event, data, occurred_at, next_at)
  SELECT w.org_id, audit_id(at), w.id, what, jsonb_strip_nulls(ids), at, at
  FROM webhooks w
  WHERE w.org_id = org AND w.disabled_at IS NULL AND what = ANY (w.events) AND (w.agent_id IS NULL OR w.agent_id = agent);
END $$;

-- Queues webhook deliveries for events of the log.
CREATE OR REPLACE FUNCTION tell_of_events() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  IF has_webhooks() THEN
    PERFORM tell_webhooks(n.org_id, t.what, n.timestamp, NULL, jsonb_build_object(
              'event_id', n.id, 'lead_id', n.lead_id, 'campaign_id', n.campaign_id, 'request_id', n.request_id,
              'enrollment_id', n.enrollment_id, 'queue_id', n.queue_id, 'play_id', n.play_id,
              'originating_proposal_id', n.originating_proposal_id, 'inbound_id', n.detail ->> 'inbound_id',
              'kind', coalesce(n.suppressed_reason::text, n.channel::text, n.sequence_type::text, n.event_type::text)))
    FROM new_rows n
    JOIN (VALUES ('drafted', 'draft.waiting'), ('sent', 'touch.sent'), ('marked_sent', 'touch.sent'),
                 ('failed', 'touch.failed'), ('unknown', 'touch.unknown'), ('enrolled', 'enrollment.started'),
                 ('exited', 'enrollment.exited'), ('suppressed', 'request.suppressed'), ('opted_out', 'lead.opted_out'),
                 ('replied', 'reply.received'), ('bounced', 'reply.bounced'), ('complained', 'reply.complained'),
                 ('approved', 'draft.approved'), ('draft_rejected', 'draft.rejected')
         ) t (event_type, what) ON t.event_type = n.event_type::text
    WHERE n.org_id = acting_org();
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER cadence_event_log_webhooks
  AFTER INSERT ON cadence_event_log REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION tell_of_events();

-- Queues webhook deliveries for warnings.
CREATE OR REPLACE FUNCTION tell_of_flags() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  IF has_webhooks() THEN
    PERFORM tell_webhooks(n.org_id, 'flag.raised', n.raised_at, NULL, jsonb_build_object(
              'flag_id', n.id, 'lead_id', n.lead_id, 'queue_id', n.queue_id, 'kind', n.kind))
    FROM new_rows n WHERE n.org_id = acting_org();
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER flags_webhooks
  AFTER INSERT ON flags REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION tell_of_flags();

-- A failed task is a dead end that a person must review.
CREATE OR REPLACE FUNCTION tell_of_task(t agent_tasks, what text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_webhooks(t.org_id, what, at, t.role, jsonb_build_object(
    'task_id', t.id, 'lead_id', t.lead_id, 'enrollment_id', t.enrollment_id, 'queue_id', t.queue_id, 'role', t.role,
    'kind', t.type, 'topic', (SELECT g.topic FROM agents g WHERE g.org_id = t.org_id AND g.id = t.role),
    'originating_proposal_id', (SELECT e.originating_proposal_id FROM campaign_contacts e
                                WHERE e.org_id = t.org_id AND e.id = t.enrollment_id)));
END $$;

-- Queues webhook deliveries for new tasks and booked meetings.
CREATE OR REPLACE FUNCTION tell_of_new_tasks() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  IF has_webhooks() THEN
    PERFORM tell_of_task(n, CASE n.status WHEN 'failed' THEN 'task.dead_end' ELSE 'task.created' END, n.created_at)
    FROM new_rows n WHERE n.org_id = acting_org() AND n.status IN ('open', 'failed');
    PERFORM tell_webhooks(n.org_id, 'meeting.booked', n.created_at, NULL, jsonb_build_object(
              'task_id', n.id, 'lead_id', n.lead_id, 'enrollment_id', n.enrollment_id, 'campaign_id', e.campaign_id,
              'play_id', e.play_id, 'originating_proposal_id', e.originating_proposal_id))
    FROM new_rows n
    LEFT JOIN campaign_contacts e ON e.org_id = n.org_id AND e.id = n.enrollment_id
    WHERE n.org_id = acting_org() AND n.type = 'meeting_booked';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER agent_tasks_webhooks
  AFTER INSERT ON agent_tasks REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION tell_of_new_tasks();

-- Queues webhook deliveries for tasks that failed.
CREATE OR REPLACE FUNCTION tell_of_dead_end() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  IF has_webhooks() AND NEW.org_id = acting_org() THEN
    PERFORM tell_of_task(NEW, 'task.dead_end', NEW.finished_at);
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER agent_tasks_webhooks_dead_end
  AFTER UPDATE OF status ON agent_tasks
  FOR EACH ROW WHEN (NEW.status = 'failed' AND OLD.status <> 'failed') EXECUTE FUNCTION tell_of_dead_end();

-- Queues webhook deliveries for a play that was drafted, activated or retired.
CREATE OR REPLACE FUNCTION tell_of_play() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  IF has_webhooks() AND NEW.org_id = acting_org() THEN
    PERFORM tell_webhooks(NEW.org_id,
      CASE NEW.state WHEN 'draft' THEN 'play.proposed' WHEN 'active' THEN 'play.activated' ELSE 'play.retired' END,
      CASE NEW.state WHEN 'draft' THEN NEW.created_at WHEN 'active' THEN NEW.activated_at ELSE NEW.retired_at END,
      NULL, jsonb_build_object('play_id', NEW.play_id, 'originating_proposal_id', NEW.originating_proposal_id, 'kind', NEW.scope));
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER sales_play_library_webhooks_new
  AFTER INSERT ON sales_play_library
  FOR EACH ROW WHEN (NEW.state = 'draft') EXECUTE FUNCTION tell_of_play();
CREATE OR REPLACE TRIGGER sales_play_library_webhooks_move
  AFTER UPDATE OF state ON sales_play_library
  FOR EACH ROW WHEN (OLD.state <> NEW.state AND NEW.state IN ('active', 'retired')) EXECUTE FUNCTION tell_of_play();

-- Only an acting admin creates a webhook; its URL, its events, and its secret never change.
CREATE OR REPLACE TRIGGER webhooks_made_by_admin
  BEFORE INSERT ON webhooks FOR EACH ROW EXECUTE FUNCTION require_acting_admin();
CREATE OR REPLACE TRIGGER webhooks_identity
  BEFORE UPDATE ON webhooks
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.url, OLD.events, OLD.agent_id, OLD.secret, OLD.created_by_user_id, OLD.created_at)
        IS DISTINCT FROM
        (NEW.org_id, NEW.id, NEW.url, NEW.events, NEW.agent_id, NEW.secret, NEW.created_by_user_id, NEW.created_at)
        OR (OLD.disabled_at IS NOT NULL AND NEW.disabled_at IS NULL))
  EXECUTE FUNCTION refuse_identity_change();
CREATE OR REPLACE TRIGGER webhook_deliveries_identity
  BEFORE UPDATE ON webhook_deliveries
  FOR EACH ROW
  WHEN ((OLD.org_id, OLD.id, OLD.webhook_id, OLD.event, OLD.data, OLD.occurred_at)
        IS DISTINCT FROM (NEW.org_id, NEW.id, NEW.webhook_id, NEW.event, NEW.data, NEW.occurred_at)
        OR OLD.settled_at IS NOT NULL)
  EXECUTE FUNCTION refuse_identity_change();

-- Queues webhook deliveries for the opening of an opportunity and each move of its stage.
CREATE OR REPLACE FUNCTION tell_of_opportunity() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    PERFORM refuse_other_schema(TG_TABLE_SCHEMA);
  END IF;
  IF has_webhooks() AND NEW.org_id = acting_org() THEN
    PERFORM tell_webhooks(o.org_id, 'opportunity.moved', NEW.moved_at, NULL, jsonb_build_object(
              'opportunity_id', o.id, 'lead_id', o.lead_id, 'enrollment_id', o.enrollment_id, 'campaign_id', o.campaign_id,
              'play_id', o.play_id, 'originating_proposal_id', o.originating_proposal_id, 'kind', NEW.to_stage))
    FROM opportunities o WHERE o.org_id = NEW.org_id AND o.id = NEW.opportunity_id;
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER opportunity_moves_webhooks
  AFTER INSERT ON opportunity_moves FOR EACH ROW EXECUTE FUNCTION tell_of_opportunity();
