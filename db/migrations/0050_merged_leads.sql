-- Values of their own, because a transaction cannot use an enum value that it adds.
ALTER TYPE event_type ADD VALUE 'merged';
-- An opt-out suppresses every address of the person, and lifting it lifts them.
ALTER TYPE suppression_source ADD VALUE 'opt_out' BEFORE 'earlier';
