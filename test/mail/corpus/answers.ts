/** Replies by people, with every way in which mail programs quote. */
import { answer, marked, OUR_TEXT, type Sample } from './building.ts';

const GMAIL = `On Mon, Jul 27, 2026 at 9:00 AM Sales at Ours <sales@ours.example> wrote:

${marked(OUR_TEXT)}`;
const GMAIL_WRAPPED = `On Mon, Jul 27, 2026 at 9:00 AM Sales at Ours (a rather long name to wrap)
<sales@ours.example> wrote:

${marked(OUR_TEXT)}`;
const OUTLOOK = `________________________________
From: Sales at Ours <sales@ours.example>
Sent: Monday, July 27, 2026 9:00 AM
To: Purchasing <purchasing@buyer.example>
Subject: Fewer spreadsheets in your membership renewal

${OUR_TEXT}`;
const ORIGINAL = `-----Original Message-----
From: Sales at Ours [mailto:sales@ours.example]
Sent: Monday, 27 July 2026 09:00
To: Purchasing
Subject: Fewer spreadsheets in your membership renewal

${OUR_TEXT}`;
const DE_GMAIL = `Am Mo., 27. Juli 2026 um 09:00 Uhr schrieb Sales at Ours <
sales@ours.example>:

${marked(OUR_TEXT)}`;
const DE_OUTLOOK = `Von: Sales at Ours <sales@ours.example>
Gesendet: Montag, 27. Juli 2026 09:00
An: Einkauf <purchasing@buyer.example>
Betreff: Fewer spreadsheets in your membership renewal

${OUR_TEXT}`;
const DE_GMX = `Gesendet: Montag, 27. Juli 2026 um 09:00 Uhr
Von: "Sales at Ours" <sales@ours.example>
An: purchasing@buyer.example
Betreff: Fewer spreadsheets in your membership renewal

${OUR_TEXT}`;
const DE_ORIGINAL = `-----Ursprüngliche Nachricht-----
Von: Sales at Ours
Gesendet: Montag, 27. Juli 2026 09:00

${OUR_TEXT}`;
const FR_GMAIL = `Le lun. 27 juil. 2026 à 09:00, Sales at Ours <sales@ours.example> a écrit :

${marked(OUR_TEXT)}`;
const FR_OUTLOOK = `De : Sales at Ours <sales@ours.example>
Envoyé : lundi 27 juillet 2026 09:00
À : Achats <purchasing@buyer.example>
Objet : Fewer spreadsheets in your membership renewal

${OUR_TEXT}`;
const ES_GMAIL = `El lun, 27 jul 2026 a las 9:00, Sales at Ours (<sales@ours.example>) escribió:

${marked(OUR_TEXT)}`;
const ES_OUTLOOK = `De: Sales at Ours <sales@ours.example>
Enviado: lunes, 27 de julio de 2026 9:00
Para: Compras <purchasing@buyer.example>
Asunto: Fewer spreadsheets in your membership renewal

${OUR_TEXT}`;
const IT_GMAIL = `Il giorno lun 27 lug 2026 alle ore 09:00 Sales at Ours <sales@ours.example>
ha scritto:

${marked(OUR_TEXT)}`;
const IT_OUTLOOK = `Da: Sales at Ours <sales@ours.example>
Inviato: lunedì 27 luglio 2026 09:00
A: Acquisti <purchasing@buyer.example>
Oggetto: Fewer spreadsheets in your membership renewal

${OUR_TEXT}`;

function above(name: string, own: string, quoted: string, signature = ''): Sample {
  return answer(name, `${own}${signature}\n\n${quoted}`, own);
}

const INLINE = `> Hello, may we show you how renewals look without spreadsheets?

Yes, please.

> Unsubscribe: https://ours.example/u/abc123

Not necessary, call me on Tuesday.`;

export const answers = [
  above('en_interested', 'Sounds great, tell me more.', GMAIL),
  above('en_meeting', 'Happy to talk. I am free on Thursday afternoon.', GMAIL_WRAPPED),
  above('en_question', 'What does it cost for 2,000 members?', OUTLOOK),
  above('en_not_now', 'Not right now, please reach out again next quarter.', ORIGINAL),
  above('en_not_interested', 'No thanks, not interested.', GMAIL),
  above('en_unsubscribe', 'Please remove me from your mailing list.', OUTLOOK),
  above('en_unsubscribe_one_word', 'Unsubscribe', GMAIL),
  above('en_stop', 'STOP', ''),
  above(
    'en_wrong_person',
    'I am not the right person for this, please contact our membership team.',
    OUTLOOK,
  ),
  above('en_thanks_only', 'Thank you.', GMAIL),
  above(
    'en_signature',
    'Tell me more, please.',
    GMAIL,
    '\n\n-- \nPurchasing\nBuyer Ltd, 5 High Street\nNot interested in cookies',
  ),
  above('en_mobile', 'Call me tomorrow.', GMAIL, '\n\nSent from my iPhone'),
  above('en_outlook_mobile', 'Please send me more details.', OUTLOOK, '\n\nGet Outlook for iOS'),
  answer(
    'en_bottom',
    `${GMAIL}\n\nWe are interested, send me more information.`,
    'We are interested, send me more information.',
  ),
  answer(
    'en_inline',
    `On Mon, Jul 27, 2026 at 9:00 AM Sales at Ours <sales@ours.example> wrote:\n\n${INLINE}`,
    'Yes, please.\n\nNot necessary, call me on Tuesday.',
  ),
  answer('en_no_quote', 'Can we meet next week?', 'Can we meet next week?'),
  answer('en_only_quote', GMAIL, ''),
  above(
    'en_away_within_answer',
    'I am out of office this week, but happy to talk next Tuesday at 3pm.',
    GMAIL,
  ),
  above('en_already', 'We already have a tool for this and are happy with it. No need.', OUTLOOK),
  above('en_unsubscribe_as_topic', 'How do members unsubscribe from reminders in your product?', GMAIL),
  above(
    'en_long_and_mixed',
    'Thanks for the note. We looked into this last year and decided against it, but the board has asked for a fresh look. What does onboarding take, and could you send over two references? Budget opens next quarter.',
    GMAIL,
  ),
  above('de_interested', 'Klingt interessant, schicken Sie mir bitte mehr Informationen.', DE_GMAIL),
  above('de_meeting', 'Gerne, lassen Sie uns telefonieren. Donnerstag um 10 Uhr passt mir.', DE_OUTLOOK),
  above('de_question', 'Was kostet das für 2.000 Mitglieder?', DE_GMX),
  above('de_not_now', 'Derzeit kein Bedarf, melden Sie sich gerne nächstes Jahr wieder.', DE_ORIGINAL),
  above('de_not_interested', 'Nein danke, kein Interesse.', DE_GMAIL),
  above('de_unsubscribe', 'Bitte nehmen Sie mich aus dem Verteiler.', DE_OUTLOOK),
  above('de_abmelden', 'Abmelden', DE_GMX),
  above(
    'de_wrong_person',
    'Dafür bin ich nicht zuständig, bitte wenden Sie sich an die Mitgliederverwaltung.',
    DE_GMAIL,
  ),
  above('de_mobile', 'Rufen Sie mich morgen an.', DE_GMAIL, '\n\nVon meinem iPhone gesendet'),
  above('fr_interested', "Cela m'intéresse, pouvez-vous m'envoyer plus d'informations.", FR_GMAIL),
  above('fr_meeting', 'Avec plaisir, je suis disponible jeudi à 10h.', FR_OUTLOOK),
  above('fr_question', 'Combien cela coûte-t-il pour 2 000 adhérents ?', FR_GMAIL),
  above('fr_not_now', "Pas pour le moment, revenez vers moi l'année prochaine.", FR_OUTLOOK),
  above('fr_not_interested', 'Non merci, nous ne sommes pas intéressés.', FR_GMAIL),
  above('fr_unsubscribe', 'Merci de me désinscrire.', FR_OUTLOOK),
  above('fr_wrong_person', 'Je ne suis pas la bonne personne pour ce sujet.', FR_GMAIL),
  above('es_interested', 'Me interesa, envíeme más información.', ES_GMAIL),
  above('es_meeting', 'Podemos hablar el jueves a las 10.', ES_OUTLOOK),
  above('es_question', '¿Cuánto cuesta para 2.000 socios?', ES_GMAIL),
  above('es_not_now', 'Por ahora no, quizás más adelante.', ES_OUTLOOK),
  above('es_not_interested', 'No, gracias. No nos interesa.', ES_GMAIL),
  above('es_unsubscribe', 'Por favor, dadme de baja.', ES_OUTLOOK),
  above('es_wrong_person', 'No soy la persona indicada.', ES_GMAIL),
  above('it_interested', 'Mi interessa, può inviarmi maggiori informazioni.', IT_GMAIL),
  above('it_meeting', 'Volentieri, fissiamo un appuntamento per giovedì.', IT_OUTLOOK),
  above('it_question', 'Quanto costa per 2.000 soci?', IT_GMAIL),
  above('it_not_now', 'Al momento no, risentiamoci il prossimo anno.', IT_OUTLOOK),
  above('it_not_interested', 'No grazie, non siamo interessati.', IT_GMAIL),
  above('it_unsubscribe', 'Non voglio più ricevere le vostre mail.', IT_OUTLOOK),
  above('it_wrong_person', 'Non mi occupo io di questo.', IT_GMAIL),
];
