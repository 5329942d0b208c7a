import { expect, test } from 'vitest';
import { replyIntent } from './intent.ts';

/** Sentences with the words of a request, whose writers want something else, or may. */
const DOUBTFUL = [
  'I am so interested. Not.',
  'Sounds great. NOT!',
  'Interested? Not at all.',
  'We are thrilled. Not.',
  'Klingt toll. Nicht.',
  "C'est génial. Non.",
  'Suena bien. No.',
  'Sembra interessante. No.',
  'Parece interessante. Não.',
  'Klinkt goed. Niet.',
  'Låter bra. Inte.',
  'Brzmi ciekawie. Nie.',
  "Can't say I'm interested",
  'Please do not call me.',
  'Bitte rufen Sie mich nicht an.',
  "Ça m'intéresse pas",
  'Je ne suis pas disponible jeudi.',
  'No me den de baja, por favor',
  'Non mi cancelli dalla lista',
  "Please don't remove me",
  'Please remove us from the pilot but send the price list.',
  'Can you remove me from the copies next time?',
  'Our biggest problem is that members unsubscribe.',
  'Our members ask you to remove me from their list.',
  'Wir haben kein Interesse daran, uns abzumelden.',
  'Tenemos que dar de baja a 40 socios cada mes, ¿su herramienta ayuda?',
  "I'm interested but not now.",
  'Sounds good, but can you tell me what it costs?',
  'Sounds good can you tell me what it costs?',
  'Klingt gut, aber was kostet das?',
  'Interested, but the price?',
  'No.',
  'Thanks, forwarding this to my colleague.',
  'No thanks necessary, glad to help!',
  'No need to apologize, all good.',
  "We don't need the invoice by mail, the order stands.",
  'Meer mails zijn niet nodig, het contract is getekend.',
  'Kein Bedarf an weiteren Mails, wir haben unterschrieben.',
  'No necesitamos más correos, el contrato está firmado.',
  'Nie potrzebujemy więcej maili, umowa podpisana.',
  'Please delete this message, I sent it to the wrong person.',
  "Désolé, j'ai envoyé le message à la mauvaise personne.",
  "Scusi, l'ho inviato alla persona sbagliata.",
  'I sent you the wrong file. Please delete it.',
  'The second invoice is a duplicate. Cancel it please.',
  'Ich habe Ihnen die falsche Datei geschickt. Löschen Sie sie bitte.',
  'Unser Anbieter schickt Papierrechnungen. Ich will das nicht mehr bekommen.',
  'A impressora faz barulho. Parem com isso.',
  'Gmail will mark your mail as spam if you send attachments.',
  'Our server will report you as spam if you write again so quickly.',
  'Please desist from sending large attachments.',
  'Please desist from sending the quote to my boss.',
  'Wir wollen das Werkzeug nicht mehr haben.',
  'Hören Sie auf, so viel zu arbeiten.',
  'Hören Sie bitte auf unseren Rat.',
  'Ich weiß nicht, woher Sie diese Zahlen haben. Löschen Sie sie bitte.',
];

test('someone who is away now asks for no end', () => {
  expect(replyIntent('Ich bin im Urlaub. Bitte schreiben Sie mir nicht.').intent).toBe('out_of_office');
});

const MANY = 'We are a small club and the season has begun. '.repeat(60);

test('a no after many neutral sentences is seen, and left to a person', () => {
  expect(replyIntent(`${MANY} Please remove me from your list.`)).toEqual({
    intent: 'unsubscribe',
    certain: false,
  });
});

test.each([
  'Hören Sie bitte auf, mir zu schreiben',
  'Kindly desist from sending me any further messages',
  'Ich weiß nicht, woher Sie meine Adresse haben. Löschen Sie sie bitte.',
  'I don’t know where you got my address. Delete it.',
  'ｕｎｓｕｂｓｃｒｉｂｅ',
  'Das Wetter ist heute schön. Bitte streichen Sie mich aus Ihrem Verteiler.',
  'Ich war letzte Woche im Urlaub. Bitte schreiben Sie mir nicht mehr.',
  'I’ll report you as spam if you write again',
  'Ich will das nicht mehr bekommen',
  'Parem com isso',
])('rules are certain about the no: %s', (text) => {
  expect(replyIntent(text)).toEqual({ intent: 'unsubscribe', certain: true });
});

test.each(DOUBTFUL)('rules are uncertain about: %s', (text) => {
  expect(replyIntent(text).certain).toBe(false);
});

test.each([
  ['UNSUBSCRIBE!!!', 'unsubscribe'],
  ['Not now, not ever.', 'not_interested'],
  ['Pas maintenant, ni jamais.', 'not_interested'],
  ['Ni ahora no, ni nunca.', 'not_interested'],
  ['Non ora e mai più.', 'not_interested'],
  ['Agora não e nunca mais.', 'not_interested'],

  ['Nicht jetzt und auch niemals.', 'not_interested'],
  ['unsubscribe from all', 'unsubscribe'],
  ['Not interested, remove me.', 'unsubscribe'],
  ['Pas intéressé, merci de me retirer de votre liste.', 'unsubscribe'],
  ['Was passiert, wenn sich Mitglieder abmelden?', 'question'],
  ['Please send me a calendar invite for 14 August', 'meeting'],
  ['Could you send me your prices and terms?', 'interested'],
  ['Sounds good, can you send me more information?', 'interested'],
  ["I don't need this, thanks", 'not_interested'],
  ['We do not need it, we signed with another vendor.', 'not_interested'],
  ['You sent this to the wrong person.', 'wrong_person'],
  ['Hello,\n\nyes please, tell me more.\n\nKind regards\nNot interested Ltd', 'interested'],
])('rules are certain that %s means %s', (text, intent) => {
  expect(replyIntent(text)).toEqual({ intent, certain: true });
});

test('rules are never certain about a long reply, and leave an unsubscribe request within one to a person', () => {
  const long = 'We have used a tool of our own for years and the board likes it very much. '.repeat(10);
  expect(replyIntent(`${long} Please remove me from your list.`)).toEqual({
    intent: 'unsubscribe',
    certain: false,
  });
  expect(replyIntent(`${long.repeat(5)} We are interested.`).certain).toBe(false);
});
