-- The gates by name, in the order in which they are asked. The types of the code follow from it.
CREATE TYPE gate_name AS ENUM ('compliance', 'abm_backstop', 'touch_cap', 'concurrency', 'transition');

-- The index of each reason is named after it: db/routines/reasons.sql makes that of a new one.
ALTER INDEX cadence_event_log_compliance RENAME TO cadence_event_log_compliance_block;
ALTER INDEX cadence_event_log_abm RENAME TO cadence_event_log_abm_active_suppression;
ALTER INDEX cadence_event_log_caps RENAME TO cadence_event_log_touch_cap_exceeded;
ALTER INDEX cadence_event_log_conflicts RENAME TO cadence_event_log_conflict_resolved_queued;
ALTER INDEX cadence_event_log_transitions RENAME TO cadence_event_log_illegal_transition;
ALTER INDEX cadence_event_log_organization RENAME TO cadence_event_log_organization_not_set;
