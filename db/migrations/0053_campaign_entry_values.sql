-- Values of their own, because a transaction cannot use an enum value that it adds.
ALTER TYPE task_type ADD VALUE 'entry_requested' AFTER 'meeting_booked';
ALTER TYPE suppressed_reason ADD VALUE 'entry_restricted';
