-- A value of its own, because a transaction cannot use an enum value that it adds.
ALTER TYPE flag_kind ADD VALUE 'send_unassigned';
