-- A person who asks in a call not to be contacted opts out at once.
ALTER TYPE touch_result ADD VALUE 'opted_out';
