-- Values of their own, because a transaction cannot use an enum value that it adds.
ALTER TYPE suppressed_reason ADD VALUE 'same_side_queued';
ALTER TYPE wake_condition ADD VALUE 'same_side_ends' AFTER 'other_side_ends';
