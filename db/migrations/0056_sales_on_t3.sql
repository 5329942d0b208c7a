-- A value of its own, because a transaction cannot use an enum value that it adds.
ALTER TYPE suppressed_reason ADD VALUE 'sales_on_t3';
