-- Webhooks report the moves of opportunities.
ALTER TABLE webhooks DROP CONSTRAINT webhooks_events, ADD CONSTRAINT webhooks_events CHECK (
  cardinality(events) > 0 AND array_position(events, NULL) IS NULL
  AND events <@ '{task.created,task.dead_end,flag.raised,draft.waiting,touch.sent,touch.failed,touch.unknown,enrollment.started,
    enrollment.exited,request.suppressed,lead.opted_out,play.proposed,play.activated,play.retired,reply.received,reply.bounced,
    reply.complained,meeting.booked,draft.approved,draft.rejected,opportunity.moved}'::text[]);
