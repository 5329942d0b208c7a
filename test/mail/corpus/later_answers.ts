/** Replies by people, written after the rules. */
import { answer, eml, marked, OUR_TEXT, type Sample } from './building.ts';

const APPLE = `On 27 Jul 2026, at 09:00, Sales at Ours <sales@ours.example> wrote:\n\n${marked(OUR_TEXT)}`;
const APPLE_MARKED = marked(
  `On 27 Jul 2026, at 09:00, Sales at Ours <sales@ours.example> wrote:\n\n${OUR_TEXT}`,
);
const THUNDERBIRD_DE = `Am 27.07.26 um 09:00 schrieb Sales at Ours:\n${marked(OUR_TEXT)}`;
const YAHOO = `    On Monday, July 27, 2026 at 09:00:00 AM GMT+2, Sales at Ours <sales@ours.example> wrote:  \n \n ${OUR_TEXT}`;
const OUTLOOK_BOLD = `*From:* Sales at Ours <sales@ours.example>\n*Date:* Monday, 27 July 2026 at 09:00\n*To:* Purchasing <purchasing@buyer.example>\n*Subject:* Fewer spreadsheets\n\n${OUR_TEXT}`;
const FR_ORIGINAL = `-----Message d'origine-----\nDe : Sales at Ours\nEnvoyé : lundi 27 juillet 2026 09:00\nÀ : Achats\n\n${OUR_TEXT}`;
const IT_APPLE = `Il giorno 27 lug 2026, alle ore 09:00, Sales at Ours <sales@ours.example> ha scritto:\n\n${marked(OUR_TEXT)}`;
const ES_APPLE = `El 27 jul 2026, a las 9:00, Sales at Ours <sales@ours.example> escribió:\n\n${marked(OUR_TEXT)}`;
const NL_GMAIL = `Op ma 27 jul 2026 om 09:00 schreef Sales at Ours <sales@ours.example>:\n\n${marked(OUR_TEXT)}`;
const PT_GMAIL = `Em seg., 27 de jul. de 2026 às 09:00, Sales at Ours <sales@ours.example> escreveu:\n\n${marked(OUR_TEXT)}`;

function above(name: string, own: string, quoted: string, ending = ''): Sample {
  return answer(name, `${own}${ending}\n\n${quoted}`, own);
}

function html(name: string, body: string, own: string): Sample {
  return {
    name,
    own,
    source: eml(
      `From: purchasing@buyer.example\nTo: sales@ours.example\nSubject: Re: Fewer spreadsheets\nIn-Reply-To: <0b6f1d2c9a@mail.ours.example>\nContent-Type: text/html; charset=utf-8\n\n${body}\n`,
    ),
  };
}

export const later_answers = [
  above('l_en_sounds', 'This looks useful. Could you send over some details on pricing?', APPLE),
  above('l_en_call', "Let's set up a call next week. Wednesday works for me.", APPLE_MARKED),
  above('l_en_price', 'How much is it per seat?', YAHOO),
  above(
    'l_en_later',
    "We're in the middle of a migration, so not a priority at the moment. Check back in January.",
    OUTLOOK_BOLD,
  ),
  above('l_en_pass', "Thanks, but we'll pass.", APPLE),
  above('l_en_take_off', 'Take me off your list.', YAHOO),
  above('l_en_dont_contact', 'Please do not contact me again.', OUTLOOK_BOLD),
  above('l_en_angry', 'How did you get my address? Remove me immediately.', APPLE),
  above(
    'l_en_moved',
    'I have moved to another department and am no longer responsible for memberships.',
    APPLE,
  ),
  above('l_en_colleague', 'Adding our membership lead, who looks after this.', OUTLOOK_BOLD),
  above('l_en_ok', 'Ok', APPLE),
  above(
    'l_en_sarcasm',
    'Wow, another one of these. Very interesting indeed, I am sure everyone loves spreadsheets.',
    APPLE,
  ),
  above('l_en_question_and_interest', 'We would be interested. Is there an API?', APPLE),
  above('l_en_not_unsubscribing', "Please don't unsubscribe me, I only want fewer mails.", APPLE),
  answer(
    'l_en_bottom_signature',
    `${APPLE}\n\nYes please, tell me more.\n\n-- \nPurchasing\nBuyer Ltd`,
    'Yes please, tell me more.',
  ),
  answer(
    'l_en_inline_two',
    `${marked('Do you use spreadsheets?')}\nNo.\n${marked('May we show you?')}\nWe are not interested.`,
    'No.\nWe are not interested.',
  ),
  answer(
    'l_en_colleague_wrote',
    'My colleague wrote:\nwe are happy with what we have.',
    'My colleague wrote:\nwe are happy with what we have.',
  ),
  answer(
    'l_en_greeting',
    'Hi,\n\nnot interested, sorry.\n\nKind regards,\nMarketing lead\nBuyer Ltd\nBook a demo of our product!',
    'Hi,\n\nnot interested, sorry.\n\nKind regards,\nMarketing lead\nBuyer Ltd\nBook a demo of our product!',
  ),
  answer('l_en_away_human', 'I am on vacation.', 'I am on vacation.'),
  above('l_de_anruf', 'Können wir am Freitag kurz telefonieren?', THUNDERBIRD_DE),
  above('l_de_unterlagen', 'Bitte senden Sie mir Unterlagen zu.', THUNDERBIRD_DE),
  above('l_de_versorgt', 'Danke, aber wir sind bereits versorgt.', THUNDERBIRD_DE),
  above('l_de_spaeter', 'Aktuell haben wir dafür kein Budget.', THUNDERBIRD_DE),
  above('l_de_werbung', 'Keine weiteren Mails bitte!', THUNDERBIRD_DE),
  above(
    'l_de_loeschen',
    'Ich widerspreche der Verwendung meiner Daten. Bitte löschen Sie meine Adresse.',
    THUNDERBIRD_DE,
  ),
  above('l_de_frage', 'Gibt es eine Schnittstelle zu unserer Buchhaltung?', THUNDERBIRD_DE),
  above('l_de_falsch', 'Sie haben den falschen Ansprechpartner erwischt.', THUNDERBIRD_DE),
  above('l_fr_creneau', 'Bonjour,\n\nJe vous propose un créneau jeudi à 14h.\n\nCordialement', FR_ORIGINAL),
  above('l_fr_tarif', 'Quel est le tarif ?', FR_ORIGINAL),
  above('l_fr_deja', 'Nous avons déjà une solution, merci.', FR_ORIGINAL),
  above('l_fr_plus_tard', "Nous n'avons pas de budget cette année.", FR_ORIGINAL),
  above('l_fr_stop', 'Merci de ne plus me contacter.', FR_ORIGINAL),
  above('l_fr_collegue', 'Il faudrait vous adresser à notre service adhésions.', FR_ORIGINAL),
  above('l_es_llamada', '¿Le viene bien una llamada el miércoles?', ES_APPLE),
  above('l_es_precio', '¿Qué precio tiene?', ES_APPLE),
  above('l_es_baja', 'Quiero darme de baja de esta lista.', ES_APPLE),
  above('l_es_no', 'Gracias, pero ya tenemos proveedor.', ES_APPLE),
  above('l_es_presupuesto', 'Este año no tenemos presupuesto, escríbame en enero.', ES_APPLE),
  above('l_it_chiamata', 'Possiamo sentirci lunedì?', IT_APPLE),
  above('l_it_info', 'Vorrei saperne di più.', IT_APPLE),
  above('l_it_cancellare', 'Vi prego di cancellarmi dalla lista.', IT_APPLE),
  above('l_it_fornitore', 'Grazie, abbiamo già un fornitore.', IT_APPLE),
  above('l_nl_geen', 'Nee bedankt, geen interesse.', NL_GMAIL),
  above('l_pt_nao', 'Não temos interesse, obrigado.', PT_GMAIL),
  above('l_mobile_de', 'Nein danke.', THUNDERBIRD_DE, '\n\nGesendet mit der GMX Mail App'),
  above('l_mobile_es', 'Me interesa.', ES_APPLE, '\n\nEnviado desde mi iPhone'),
  html(
    'l_html_apple',
    '<html><head></head><body style="word-wrap: break-word">Not now, maybe next year.<br><div><br><blockquote type="cite"><div>On 27 Jul 2026, at 09:00, Sales wrote:</div><br><div>Interested?</div></blockquote></div></body></html>',
    'Not now, maybe next year.',
  ),
  html(
    'l_html_entities',
    '<p>&iquest;Cu&aacute;nto cuesta?&nbsp;</p><!-- <p>book a demo</p> -->',
    '¿Cuánto cuesta?',
  ),
  html(
    'l_html_unclosed',
    '<div>Please call me<div>on Friday<table><tr><td>Purchasing',
    'Please call me\non Friday\nPurchasing',
  ),
];
