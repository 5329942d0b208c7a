-- What a mail server said after its attempt had been settled without it: kept as evidence, and changes nothing.
ALTER TYPE event_type ADD VALUE 'late_reply';
