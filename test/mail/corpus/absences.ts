/** Out-of-office replies of mail programs. All sent on Monday, 27 July 2026, unless they say otherwise. */
import { away, marked, OUR_TEXT } from './building.ts';

const AUTO = 'Automatic reply: Fewer spreadsheets in your membership renewal';
const OOO = 'Out of Office: Fewer spreadsheets in your membership renewal';
const DE = 'Automatische Antwort: Fewer spreadsheets';
const FR = 'Réponse automatique : Fewer spreadsheets';
const ES = 'Respuesta automática: Fewer spreadsheets';
const IT = 'Risposta automatica: Fewer spreadsheets';

export const absences = [
  away('en_until', AUTO, 'Hello,\n\nI am out of the office until 14 August.\n\nBest regards\nMarketing lead'),
  away(
    'en_back_on',
    AUTO,
    'I am on annual leave and will be back on Monday, 17 August 2026. For urgent matters please call the office.',
  ),
  away('en_until_and_back', OOO, 'I am out of the office until August 14th and will return on August 17th.'),
  away('en_range', AUTO, 'I am on leave from 3 to 14 August with no access to email.'),
  away('en_range_two_months', AUTO, 'I will be out of the office from July 27 through September 4, 2026.'),
  away('en_next_monday', AUTO, 'Thanks for your mail. I am away and back next Monday.'),
  away('en_tomorrow', AUTO, 'I am out of office today and will be back tomorrow.'),
  away('en_iso', AUTO, 'I am out of office until 2026-08-21.'),
  away('en_slash_month_first', AUTO, 'I am out of the office from 8/3 to 8/14.'),
  away('en_slash_ambiguous', AUTO, 'I am out of the office until 8/9.'),
  away('en_no_date', AUTO, 'I am currently out of the office with limited access to email.'),
  away('en_too_far', AUTO, 'I am on parental leave until 1 June 2027.'),
  away('en_past', AUTO, 'I am out of the office until 10 July 2026.'),
  away('en_next_year', AUTO, 'I am out of office and will be back on 4 January.', {
    date: 'Mon, 21 Dec 2026 10:00:00 +0000',
  }),
  away('en_contradiction', AUTO, 'I will be back on 3 August. I will be back on 24 August.'),
  away('en_office_closed', AUTO, 'Our office is closed for the summer and reopens on Monday 10 August.'),
  away('en_next_friday_of_this_week', AUTO, 'I am travelling and back next Friday.', {
    date: 'Tue, 28 Jul 2026 10:00:00 +0200',
  }),
  away('en_months_only', AUTO, 'I am on sabbatical and return in October.'),
  away(
    'de_until',
    DE,
    'Guten Tag,\n\nich bin bis einschließlich 14. August 2026 nicht im Büro. Ihre E-Mail wird nicht weitergeleitet.\n\nMit freundlichen Grüßen',
  ),
  away('de_until_dots', 'Abwesenheitsnotiz: Fewer spreadsheets', 'Ich bin bis zum 14.08.2026 im Urlaub.'),
  away('de_back_from', DE, 'Ich bin derzeit nicht im Haus. Ab dem 17. August bin ich wieder erreichbar.'),
  away('de_range', DE, 'Ich bin vom 03.08. bis 14.08. im Urlaub und lese keine E-Mails.'),
  away('de_back_monday', DE, 'Ich bin heute außer Haus und am Montag wieder im Büro.'),
  away('de_bis_montag', DE, 'Ich bin bis Donnerstag nicht im Büro.'),
  away(
    'de_no_accents',
    DE,
    'Ich bin bis 14.8.26 nicht im Buero. In dringenden Faellen: office@buyer.example',
  ),
  away('fr_until', FR, "Bonjour,\n\nJe suis absente du bureau jusqu'au 14 août inclus.\n\nCordialement"),
  away('fr_back', FR, 'Je suis actuellement en congés. Je serai de retour le lundi 17 août.'),
  away(
    'fr_range',
    FR,
    'Je suis en vacances du 3 au 14 août 2026. Pour toute urgence, contactez le standard.',
  ),
  away('fr_slash', FR, "Je suis absent jusqu'au 07/08/2026."),
  away('fr_first', 'Absence du bureau : Fewer spreadsheets', 'Je serai de retour le 1er septembre.'),
  away('es_until', ES, 'Hola:\n\nEstaré fuera de la oficina hasta el 14 de agosto.\n\nSaludos'),
  away('es_back', ES, 'Me encuentro de vacaciones. Volveré el 17 de agosto de 2026.'),
  away('es_range', ES, 'Estoy de vacaciones del 3 al 14 de agosto.'),
  away('es_monday', ES, 'Estoy ausente. Regreso el lunes.'),
  away('it_until', IT, 'Buongiorno,\n\nsono in ferie fino al 14 agosto.\n\nCordiali saluti'),
  away('it_back', IT, 'Sono fuori ufficio. Rientrerò lunedì 17 agosto 2026.'),
  away('it_range', IT, 'Sarò assente dal 3 al 14 agosto e risponderò al mio rientro.'),
  away(
    'nl_until',
    'Automatisch antwoord: Fewer spreadsheets',
    'Ik ben met vakantie van 3 tot en met 14 augustus.',
  ),
  away(
    'nl_back',
    'Afwezig: Fewer spreadsheets',
    'Ik ben op vakantie. Op maandag 17 augustus ben ik weer terug.',
  ),
  away(
    'pt_until',
    'Resposta automática: Fewer spreadsheets',
    'Estou de férias até 14 de agosto. Voltarei no dia 17 de agosto.',
  ),
  away(
    'de_en_both',
    DE,
    'Ich bin bis 14.08.2026 nicht im Büro.\n\nI am out of the office until 14 August 2026.',
  ),
  away(
    'exchange_no_header',
    'Automatic reply: Fewer spreadsheets',
    'I am out of the office until 14 August.',
    { headers: 'X-Auto-Response-Suppress: All' },
  ),
  away('null_path_only', 'Re: Fewer spreadsheets', 'I am out of the office until 14 August.', {
    headers: 'Return-Path: <>',
  }),
  away('rules_agent', 'Re: Fewer spreadsheets', 'I am on vacation and back on 17 August.', {
    headers: 'X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent',
  }),
  away('vacation_program', 'Re: Fewer spreadsheets', 'I am on vacation until 14 August.', {
    headers: 'Precedence: bulk\nAuto-Submitted: auto-replied (vacation)',
  }),
  away('x_autoreply', 'Fewer spreadsheets', 'Ich bin im Urlaub.', {
    headers: 'X-Autoreply: yes\nPrecedence: auto_reply',
  }),
  away(
    'with_our_text',
    AUTO,
    `I am out of the office until 14 August.\n\nOn Mon, 27 Jul 2026 at 09:00, Sales at Ours <sales@ours.example> wrote:\n${marked(`${OUR_TEXT}\nWe are back on 30 July.`)}`,
  ),
];
