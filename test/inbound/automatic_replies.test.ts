import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { classifyInbound } from '../../src/core/inbound/inbound.ts';
import { readMail } from '../../src/mail/read_mail.ts';
import { testDatabase } from '../database.ts';
import { createWorld } from '../world.ts';
import {
  absence,
  enrollmentsOf,
  inboundOf,
  mailFrom,
  take,
  type Written,
  writtenLead,
} from './inbound_world.ts';

/* Effects of automatic replies, and which of them a person sees. */

const { db } = await testDatabase();

test('an absence without a Date counts its days from its receipt', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const { id } = await take(world, absence(written, 'Out of office until 4 December.', { Date: '' }));
  expect(await inboundOf(world, id)).toMatchObject({ return_date: '2026-12-05' });
});

test('a shorter absence after a longer one names no earlier day', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  await take(world, absence(written, 'Out of office until 18 December 2026.'));
  await take(world, absence(written, 'Out of office until 4 December 2026.'));
  const read = await world.rows<{ until: Date | null }>(
    'cadence_event_log',
    `lead_id = '${written.lead_id}' AND event_type = 'reply_read' ORDER BY timestamp, id`,
  );
  expect(read.map(({ until }) => until?.toISOString().slice(0, 10) ?? null)).toEqual(['2026-12-22', null]);
});

const WRITTEN = { email: 'ann@prospect.example', message_id: '<1@sender.example>' } as Written;

function told(text: string, subject: string) {
  const mail = readMail(Buffer.from(absence(WRITTEN, text, { Subject: subject })));
  if ('fault' in mail) throw new Error(mail.fault);
  return classifyInbound(mail);
}

const UNEXPLAINED = [
  'This mailbox is no longer monitored. Jane has moved on from Acme.',
  'This mailbox is not monitored and will be closed.',
  'Jane passed away on 3 November.',
  'Frau Braun ist verstorben.',
  'Jean est décédé.',
  'My address has changed. Please write to jane@else.example.',
  'Meine Mailadresse hat sich geändert: jane@else.example',
  'Nuestra dirección de correo ha cambiado.',
  'Acme Corp Inc does not consent to marketing e-mail.',
  'Jane now sings with the angels.',
  'I will not be returning to Acme.',
  'I left Acme in October. Please ask Bob.',
  'I have not left the company yet.',
  '',
];

test.each(UNEXPLAINED)('an automatic reply that no rule explains needs a person: %s', (text) => {
  const one = told(text, 'Automatic reply: A question');
  const needs_person = one.kind === 'reply' || ('is_explained' in one && !one.is_explained);
  expect([one.kind, needs_person]).toEqual([one.kind, true]);
});

test.each([
  'I have retired as of June 30. Please reach out to Bob.',
  'Ana ha dejado la compañía.',
  'Jean ne fait plus partie de notre société.',
  'Jane no longer works here.',
])('an automatic reply says that the lead left: %s', (text) => {
  for (const subject of ['Automatic reply: A question', 'Out of office'])
    expect(told(text, subject)).toMatchObject({ kind: 'auto_reply', left_company: true });
});

test.each([
  ['Automatic reply: A question', 'I am out of the office. In urgent cases please contact Bob instead.'],
  ['Automatic reply: A question', 'I am at a conference all week and back on 30 November.'],
  ['Automatic reply: A question', 'We have received your message. This mailbox is not monitored.'],
  ['Automatic reply: A question', 'Ticket number 123 was created. Please do not reply to this.'],
  ['Automatic reply: A question', 'Our office is closed for the holidays until 2 January.'],
  ['Automatische Antwort', 'Ich bin im Urlaub. Bitte wenden Sie sich an office@prospect.example.'],
  ['Automatic reply: A question', 'I check email only twice a day and will answer within 24 hours.'],
  ['Automatische Antwort', 'Ich arbeite in Teilzeit.'],
  ['Automatische Antwort', 'Vielen Dank, ich bin ab Montag zurück.'],
  ['Réponse automatique', 'Je suis en déplacement, de retour le 7 décembre.'],
  ['Respuesta automática', 'Hemos recibido su mensaje.'],
  ['Risposta automatica', 'Sarò di ritorno lunedì.'],
  ['Resposta automática', 'Estou de férias.'],
  ['Automatisch antwoord', 'Ik ben afwezig tot maandag.'],
  ['Automatiskt svar', 'Jag är på semester.'],
  ['Odpowiedź automatyczna', 'Jestem na urlopie do 7 grudnia.'],
  ['Out of office', ''],
  ['Out of office', 'My father passed a test; I will not be back until 7 December.'],
])('%s: an ordinary absence or receipt needs no person: %s', (subject, text) => {
  expect(told(text, subject)).toMatchObject({ is_explained: true });
});

test.each([
  'Re: Automatic reply: A question',
  'Automatic reply: A question',
  'Out of office',
  'Re: Out of office',
])('a person’s no under the subject %s takes effect', async (Subject) => {
  const mail = (text: string) => {
    const read = readMail(
      Buffer.from(mailFrom(WRITTEN.email, text, { Subject, 'In-Reply-To': '<1@x.example>' })),
    );
    if ('fault' in read) throw new Error(read.fault);
    return classifyInbound(read);
  };
  expect(mail('Please remove me from your list.').kind).toBe('unsubscribe');
  expect(mail('Not interested, thanks.')).toMatchObject({ intent: 'not_interested', certain: true });
  expect(mail('I am out of the office until Monday. Please do not email me.').kind).not.toBe('unsubscribe');
});

/** Automatic replies, one a line, with a person's label. */
const lines = (name: string) =>
  readFileSync(new URL(`./labeled/${name}.txt`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '');

function isExplained(text: string): boolean {
  const one = told(text, 'Automatic reply: A question');
  return one.kind === 'reply' ? one.certain : 'is_explained' in one && one.is_explained;
}

test('a company that closes, a lawyer, or a person who considers our message is no mere absence or receipt', () => {
  expect(lines('unexplained').filter(isExplained)).toEqual([]);
  expect(lines('explained').filter((line) => !isExplained(line))).toEqual([]);
});

test('an unexplained automatic reply pauses the lead and warns its owner', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const own = { Subject: 'Automatic reply: A question' };
  const { id } = await take(world, absence(written, 'Jane now sings with the angels.', own));
  expect(await inboundOf(world, id)).toMatchObject({ kind: 'auto_reply', handled_at: null });
  expect((await enrollmentsOf(world, written.lead_id))[0]).toMatchObject({ status: 'paused', wake: 'never' });
  expect(await world.rows('flags', `kind = 'reply_waiting'`)).toMatchObject([{ subject: id }]);
});

test('an absence that says more is postponed, and a person sees it', async () => {
  const world = await createWorld(db);
  const written = await writtenLead(world);
  const text = 'I am away until 4 December. My address has changed, please write to jane@else.example.';
  const { id } = await take(world, absence(written, text));
  expect(await inboundOf(world, id)).toMatchObject({ return_date: '2026-12-05', handled_at: null });
  expect((await enrollmentsOf(world, written.lead_id))[0]).toMatchObject({ status: 'active' });
});
