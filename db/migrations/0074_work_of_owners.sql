-- The pending work about a lead: also the steps of its campaigns, which an owner's counts include.
DROP INDEX agent_tasks_of_lead;
CREATE INDEX agent_tasks_of_lead ON agent_tasks (org_id, lead_id, id) WHERE status IN ('open', 'claimed', 'failed');
