import { expect, test } from 'vitest';
import { suggestedContact } from './suggested_contact.ts';

test.each([
  ['Please ask Bob Jones at bob@firm.example.', 'Bob Jones'],
  ['please ask Bob Bright, bob@firm.example, who took over.', 'Bob Bright'],
  ['Contact Bob Jones on Tuesday.', 'Bob Jones'],
  ['Please contact Bob Jones Tuesday.', 'Bob Jones'],
  ['Reach out to Dr. Ann Lee instead', 'Ann Lee'],
  ['Wenden Sie sich bitte an Herrn Bob Jones unter bob@firm.example.', 'Bob Jones'],
  ['Fragen Sie Frau Müller.', 'Müller'],
  ['Kontaktieren Sie Anna von Berg per Mail', 'Anna von Berg'],
  ['Contactez Mme Claire Dupont pour cela', 'Claire Dupont'],
  ['Contacte con Ana de la Cruz por favor', 'Ana de la Cruz'],
  ['Neem contact op met Jan van der Meer voor dit', 'Jan van der Meer'],
  ['please contact our office', null],
  ['Please contact Us at any time', null],
  ['Please contact Sales', null],
  ['ask me again', null],
  ['ASK BOB', null],
])('%s names %s', (text, name) => {
  expect(suggestedContact(text, 'ann@firm.example')?.name ?? null).toBe(name);
});
