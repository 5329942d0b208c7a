/** Automatic replies written after the rules. Sent on Monday, 27 July 2026, unless they say otherwise. */
import { away, plain } from './building.ts';

const AUTO = 'Automatic reply: Fewer spreadsheets in your membership renewal';

export const later_absences = [
  away(
    'l_en_thanks_until',
    AUTO,
    'Thank you for your email. I will be out of the office until Wednesday 5th August and will reply on my return.',
  ),
  away(
    'l_en_returning_date',
    'OOO: Fewer spreadsheets',
    "Hi there,\n\nI'm on PTO, returning Monday, Aug 10. Contact office@buyer.example if it can't wait.",
  ),
  away('l_en_between', AUTO, 'I am out of the office between 1 and 9 August 2026.'),
  away('l_en_dash_range', AUTO, 'Annual leave: 3 - 14 August. I will answer when I am back.'),
  away('l_en_slash_uk', AUTO, 'I am on annual leave from 27/07/2026 to 14/08/2026 inclusive.'),
  away(
    'l_en_slash_us',
    AUTO,
    'I will be out of the office starting 07/24/2026 and will not return until 08/17/2026.',
  ),
  away('l_en_two_weeks', AUTO, 'I am away for two weeks and will respond when I return.'),
  away(
    'l_en_trade_fair',
    AUTO,
    'I am travelling this week with limited access to my email. I am back at my desk on Monday.',
  ),
  away('l_en_left', AUTO, 'I no longer work at Buyer. Please write to office@buyer.example.'),
  away(
    'l_en_phone_numbers',
    AUTO,
    'I am out of the office. In urgent cases call 020 7946 0101 or 12-14. I return on 31 July.',
  ),
  away('l_en_event_date', AUTO, 'I am out of office until 30 July. Meet us at the fair on 15 September!'),
  away(
    'l_en_parental',
    AUTO,
    'I am on parental leave until January 11, 2027. My colleagues are at office@buyer.example.',
  ),
  away(
    'l_de_urlaub',
    'Abwesend: Fewer spreadsheets',
    'Hallo,\nich habe Urlaub und bin ab Montag, 10.08.2026 wieder für Sie da.\nViele Grüße',
  ),
  away(
    'l_de_zeitraum',
    'Automatische Antwort: Angebot',
    'Vielen Dank für Ihre Nachricht. In der Zeit vom 27.07.2026 bis 07.08.2026 bin ich nicht erreichbar.',
  ),
  away('l_de_zurueck', 'Abwesenheitsassistent', 'Ich bin derzeit im Urlaub und am 17. August zurück.'),
  away('l_de_inkl', 'Abwesenheitsnotiz', 'Ich bin bis inkl. 31.07. außer Haus.'),
  away(
    'l_de_kein_datum',
    'Abwesenheitsnotiz',
    'Ich befinde mich in Elternzeit. Bitte wenden Sie sich an office@buyer.example.',
  ),
  away(
    'l_de_betriebsferien',
    'Betriebsferien',
    'Unser Büro ist vom 3. August bis zum 21. August 2026 geschlossen.',
  ),
  away(
    'l_fr_du_au',
    "Message d'absence",
    'Bonjour, je suis en congés du 27 juillet au 7 août inclus. Merci de votre patience.',
  ),
  away(
    'l_fr_retour_mardi',
    'Réponse automatique : Offre',
    'Je suis en déplacement, de retour au bureau mardi prochain.',
    { date: 'Thu, 30 Jul 2026 10:00:00 +0200' },
  ),
  away('l_fr_sans_date', 'Réponse automatique : Offre', 'Je suis absent et je consulte peu mes messages.'),
  away('l_fr_reprise', 'Absence', "Notre bureau est fermé pour les congés d'été ; reprise le 24 août 2026."),
  away(
    'l_es_del_al',
    'Respuesta automática: Oferta',
    'Estaré de vacaciones desde el 1 de agosto hasta el 16 de agosto, ambos inclusive.',
  ),
  away(
    'l_es_reincorporo',
    'Fuera de la oficina',
    'Ahora mismo estoy de vacaciones. Me reincorporo el próximo lunes 3 de agosto.',
  ),
  away('l_es_barra', 'Ausencia', 'Estoy fuera de la oficina hasta el 05/08/2026.'),
  away(
    'l_it_dal_al',
    'Risposta automatica: Offerta',
    'Il nostro ufficio resterà chiuso per ferie dal 10/08/2026 al 21/08/2026.',
  ),
  away('l_it_torno', 'Fuori sede', 'Sono fuori sede e torno il 4 agosto.'),
  away('l_it_rientro', 'Assenza', 'Sono assente per maternità. Rientro previsto a dicembre.'),
  away('l_nl_terug', 'Automatisch antwoord: Aanbod', 'Ik ben afwezig tot 10 augustus.'),
  away(
    'l_pt_regresso',
    'Resposta automática: Oferta',
    'Estou ausente do escritório e regresso no dia 10 de agosto.',
  ),
  away('l_no_mail_date', AUTO, 'I am out of the office until 14 August.', { date: 'yesterday' }),
  away('l_thunder_december', AUTO, 'Out of office until 2 January.', {
    date: 'Wed, 23 Dec 2026 18:00:00 -0500',
  }),
  plain('l_out_of_office_no_headers', {
    from: 'marketing@buyer.example',
    subject: 'Out of office: your mail',
    text: 'I am on leave until 7 August.',
  }),
  plain('l_invoice_portal', {
    from: 'noreply@portal.example',
    subject: 'Your enquiry has been registered',
    headers: 'Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: OOF',
    text: 'Reference 2026-0815. Do not answer this message.',
  }),
  plain('l_challenge', {
    from: 'Purchasing <purchasing@buyer.example>',
    subject: 'Please confirm that you are a person',
    headers: 'X-Autorespond: challenge\nPrecedence: bulk',
    text: 'Click to have your message delivered: https://buyer.example/confirm/1',
  }),
  plain('l_event_mailing', {
    from: 'Events <events@press.example>',
    subject: 'Join us',
    headers:
      'List-Unsubscribe: <mailto:u@press.example>, <https://press.example/u>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click',
    text: 'Are you free on 3 September? Unsubscribe here.',
  }),
  plain('l_unsubscribe_re', { from: 'purchasing@buyer.example', subject: 'Re: unsubscribe', text: 'please' }),
  plain('l_abmeldung_subject', { from: 'purchasing@buyer.example', subject: 'Abmeldung', text: '' }),
  plain('l_desinscription_subject', {
    from: 'purchasing@buyer.example',
    subject: 'Désinscription',
    text: 'Merci',
  }),
];
