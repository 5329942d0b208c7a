import { expect, test } from 'vitest';
import { returnDate } from './return_date.ts';

/** A Monday. */
const SENT_AT = '2026-07-27T09:12:00+02:00';

test.each([
  ['I am out until Monday.', '2026-08-04'],
  ['Out of office until 12/07/2026, office@buyer.example', '2026-12-08', '2026-11-24T09:00:00Z'],
  ['Out of office until December 7.', '2026-12-08', '2026-11-24T09:00:00Z'],
  ['Ich bin bis zum 07.12.2026 nicht im Büro.', '2026-12-08', '2026-11-24T09:00:00Z'],
  ["Je suis absent jusqu'au 7 décembre.", '2026-12-08', '2026-11-24T09:00:00Z'],
  ['Ik ben afwezig tot 7 december.', '2026-12-08', '2026-11-24T09:00:00Z'],
  ['Jag är borta till 7 december.', '2026-12-08', '2026-11-24T09:00:00Z'],
  ['Jestem na urlopie do 7 grudnia.', '2026-12-08', '2026-11-24T09:00:00Z'],
  ['I will not be back until 3 August.', '2026-08-03'],
  ["I won't return until Monday, 3 August", '2026-08-03'],
  ['I am not in the office until 3 August', '2026-08-04'],
  ['Ich bin bis 3. August nicht zurück', '2026-08-04'],
  ['Back on 5.8.', '2026-08-05'],
  ['I am on leave until Friday 14 August inclusive', '2026-08-15'],
  ['Out of office Jul 27 - Aug 7', '2026-08-08'],
  ['Out of office: 27.07.2026-07.08.2026', '2026-08-08'],
  ['I return Aug. 3rd, 2026 at 9:00', '2026-08-03'],
  ['I will be out from July 27th to July 31st, returning on Monday, August 3rd.', '2026-08-03'],
  ['I am out and will return your email after 3 August. Order before 31 July!', '2026-08-03'],
  ['We are closed from 24 December to 6 January', '2027-01-07'],
  ['Bin vom 1. - 15.8. im Urlaub', '2026-08-16'],
  ['Absent jusqu’au lundi 10 août, retour le mardi 11 août.', '2026-08-11'],
  ['Estaré fuera los días 29 y 30 de julio. Vuelvo el 31.', '2026-07-31'],
  ['Dal 1° al 15 agosto sono in ferie', '2026-08-16'],
  ['in ferie fino a venerdì', '2026-08-01'],
  ['Volto dia 3 de agosto', '2026-08-03'],
])('%s -> %s', (text, day, sent_at = SENT_AT) => {
  expect(returnDate(text, sent_at)).toBe(day);
});

test.each([
  'I am back at 3.30 pm',
  'Version 2.0 is back. 3 days left',
  'Out until the end of August',
  'Back on 31 February',
  'Back on 24 July',
  'I will be back on 24 January 2027',
  'Back on 3 August or on 24 August',
  'I am out of the office on Thursday, 30 July.',
])('no certain day is found in: %s', (text) => {
  expect(returnDate(text, SENT_AT)).toBe(null);
});

test('a weekday counts from the sender’s own day, and without a date no day is found', () => {
  expect(returnDate('Back on Monday', '2026-07-26T23:30:00-05:00')).toBe('2026-07-27');
  expect(returnDate('Back on Monday', '2026-07-27T00:30:00+02:00')).toBe('2026-08-03');
  expect(returnDate('Back on Monday', null)).toBe(null);
  expect(returnDate('Back on Monday', 'yesterday')).toBe(null);
});
