import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hasLeft, replyIntent } from './intent.ts';

test.each([
  'I left the company in June.',
  'I left the company on Friday.',
  'I left the company a year ago.',
  'She left our company two weeks ago, please ask Bob.',
  'She has left the company and no longer reads this.',
  'I have retired.',
  'I have left the company. Please ask Bob Miller, bob.miller@acme.example, who took over from me.',
  'Bob no longer works here.',
  'I no longer work at Acme.',
  'Ana ha dejado la compañía.',
  'Elle ne fait plus partie de notre société.',
  'Herr Braun hat das Unternehmen verlassen.',
  'Não trabalho mais aqui.',
  'Dejé la empresa en junio.',
  'Ho lasciato la società a giugno.',
  'Zij werkt hier niet meer.',
  'Nie pracuję już w tej firmie.',
])('%s: certain to have left', (text) => {
  expect(replyIntent(text)).toEqual({ intent: 'wrong_person', certain: true });
  expect(hasLeft(text)).toBe(true);
});

test.each([
  'I have not left the company yet.',
  'Ich habe das Unternehmen nicht verlassen.',
  'Nie odeszłam z firmy.',
  'I left the company picnic early. Tuesday works!',
  'We left the company dinner at nine.',
  'Since I no longer work on Fridays, is Tuesday OK?',
  'I no longer work Friday afternoons.',
  'I no longer work from home, so call the office.',
  'Freitags geht nicht, ich arbeite nicht mehr freitags.',
  'Je ne travaille plus le vendredi.',
  'Ya no trabajo los viernes.',
  'Non lavoro più il venerdì.',
  'Ik werk niet meer op vrijdag.',
  'I am no longer with our Boston office, I moved to Chicago, same company.',
  'I have left you a voicemail.',
  'I’ve left a comment in the document.',
  'I retired the old tool last year.',
  'We are no longer with Salesforce, wir sind nicht mehr bei Salesforce.',
  'I left the company in charge of Bob for the summer.',
  'I no longer work with Acme as a supplier.',
  'Our old vendor is no longer with us.',
  'Ich bin nicht mehr bei der Sitzung dabei.',
  'Das Gerät ist in Rente.',
  'Ya no trabajo en ese proyecto.',
  'Ya no trabaja con nosotros ese proveedor.',
  'La stampante non lavora più.',
  'Não trabalho mais com esse fornecedor.',
  'De printer werkt niet meer.',
  'Jag har slutat röka.',
  'Nie pracuję już nad tym projektem.',
  'Has Jane left the company?',
  'Ha dejado la compañía de seguros por otra.',
  'Ich arbeite nicht mehr in Vollzeit, aber gleiche Firma.',
  'I left Firm 1 in October. Please ask Bob Bright, bob@firm1.example, who took over.',
  'I left Paris on 3 March and am back in London.',
  'He has moved on from Acme.',
  'We have moved on from spreadsheets.',
])('%s: not certain to have left', (text) => {
  const { intent, certain } = replyIntent(text);
  expect(intent === 'wrong_person' && certain).toBe(false);
});

test('a company by its name and a date names a person who may have left', () => {
  expect(replyIntent('I left Firm 1 in October. Please ask Bob.').intent).toBe('wrong_person');
});

const lines = (name: string) =>
  readFileSync(new URL(`../../../test/inbound/labeled/${name}.txt`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replaceAll('⏎', '\n'));

function isCertain(text: string): boolean {
  const { intent, certain } = replyIntent(text);
  return intent === 'wrong_person' && certain;
}

test('departures of the writer are certain, and those of others or of things never are', () => {
  expect(lines('more_departures').filter((line) => !isCertain(line) || !hasLeft(line))).toEqual([]);
  expect(lines('more_stayed').filter(isCertain)).toEqual([]);
});
