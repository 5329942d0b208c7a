/* Permanent, because timestamps of a simulated clock stay ahead. Only the owner of the tables may insert. */
/* @name simulateClock */
INSERT INTO simulated_clock (since) VALUES (:now!) ON CONFLICT DO NOTHING;
