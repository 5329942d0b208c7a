/* For good: what was stamped by a simulated clock stays ahead. As the owner of the tables, who alone may. */
/* @name simulateClock */
INSERT INTO simulated_clock (since) VALUES (:now!) ON CONFLICT DO NOTHING;
