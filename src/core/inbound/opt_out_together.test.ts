import { expect, test } from 'vitest';
import { togetherIn } from './opt_out_together.ts';

test.each([
  [' graag verwijderen uit jullie bestand ', true],
  [' me tira dessa lista ', true],
  [' stoppen sie die mails ', true],
  [' ne plus nous adresser de courriels ', true],
  [' removam este endereco da lista ', true],
  [' remove the third line of the offer from the list ', false],
  [' remove the logo ', false],
  [' we cannot send further emails ', false],
  [' stop the trial ', false],
])('%s asks for an end of messages: %s', (clause, asks) => {
  expect(togetherIn(clause) !== null).toBe(asks);
});

test('a negation turns the request around', () => {
  expect(togetherIn(' non cancellatemi dalla lista ')?.is_negated).toBe(true);
  expect(togetherIn(' bitte nicht nochmal anschreiben ')?.is_negated).toBe(false);
});
