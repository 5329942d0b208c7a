-- A value of its own migration, because a transaction cannot use an enum value that it adds.
ALTER TYPE suppression_kind ADD VALUE 'phone';
