/** How mail programs introduce and mark the message that they quote, in the languages that they ship. */
import type { Language } from './cases.ts';

export const PROGRAMS = [
  'gmail',
  'outlook_desktop',
  'outlook_web',
  'outlook_phone',
  'apple_mail',
  'yahoo',
  'zoho',
  'yandex',
  'mail_ru',
  'proton',
  'thunderbird',
] as const;
export type Program = (typeof PROGRAMS)[number];

const WHO = 'Sales at Ours <sales@ours.example>';

type Lines = Readonly<Record<Language, string>>;

const ATTRIBUTIONS: Readonly<
  Record<'gmail' | 'apple_mail' | 'yahoo' | 'proton' | 'thunderbird' | 'zoho', Lines>
> = {
  gmail: {
    en: `On Mon, Jul 27, 2026 at 9:00 AM ${WHO} wrote:`,
    de: `Am Mo., 27. Juli 2026 um 09:00 Uhr schrieb ${WHO}:`,
    fr: `Le lun. 27 juil. 2026 à 09:00, ${WHO} a écrit :`,
    es: 'El lun, 27 jul 2026 a las 9:00, Sales at Ours (<sales@ours.example>) escribió:',
    it: `Il giorno lun 27 lug 2026 alle ore 09:00 ${WHO} ha scritto:`,
    pt: `${WHO} escreveu (segunda, 27/07/2026 à(s) 09:00):`,
    nl: `Op ma 27 jul 2026 om 09:00 schreef ${WHO}:`,
    sv: `Den mån 27 juli 2026 kl 09:00 skrev ${WHO}:`,
    pl: `pon., 27 lip 2026 o 09:00 ${WHO} napisał(a):`,
  },
  apple_mail: {
    en: `On 27 Jul 2026, at 09:00, ${WHO} wrote:`,
    de: `Am 27.07.2026 um 09:00 schrieb ${WHO}:`,
    fr: `Le 27 juil. 2026 à 09:00, ${WHO} a écrit :`,
    es: `El 27 jul 2026, a las 9:00, ${WHO} escribió:`,
    it: `Il giorno 27 lug 2026, alle ore 09:00, ${WHO} ha scritto:`,
    pt: `No dia 27/07/2026, às 09:00, ${WHO} escreveu:`,
    nl: `Op 27 jul 2026, om 09:00 heeft ${WHO} het volgende geschreven:`,
    sv: `27 juli 2026 kl. 09:00 skrev ${WHO}:`,
    pl: `Wiadomość napisana przez ${WHO} w dniu 27 lip 2026, o godz. 09:00:`,
  },
  yahoo: {
    en: `On Monday, July 27, 2026 at 09:00:00 AM GMT+2, ${WHO} wrote:`,
    de: `Am Montag, 27. Juli 2026 um 09:00:00 MESZ hat ${WHO} Folgendes geschrieben:`,
    fr: `Le lundi 27 juillet 2026 à 09:00:00 UTC+2, ${WHO} a écrit :`,
    es: `En lunes, 27 de julio de 2026, 09:00:00 CEST, ${WHO} escribió:`,
    it: `Il lunedì 27 luglio 2026 alle ore 09:00:00 CEST, ${WHO} ha scritto:`,
    pt: `Em segunda-feira, 27 de julho de 2026 às 09:00:00 BRT, ${WHO} escreveu:`,
    nl: `Op maandag 27 juli 2026 om 09:00:00 CEST schreef ${WHO}:`,
    sv: `Den måndag 27 juli 2026 09:00:00 CEST skrev ${WHO}:`,
    pl: `W dniu poniedziałek, 27 lipca 2026 09:00:00 CEST użytkownik ${WHO} napisał:`,
  },
  proton: {
    en: `On Monday, July 27th, 2026 at 9:00 AM, ${WHO} wrote:`,
    de: `${WHO} schrieb am Montag, 27. Juli 2026 um 09:00:`,
    fr: `Le lundi 27 juillet 2026 à 09:00, ${WHO} a écrit :`,
    es: `El lunes, 27 de julio de 2026 a las 09:00, ${WHO} escribió:`,
    it: `lunedì 27 luglio 2026 09:00, ${WHO} ha scritto:`,
    pt: `segunda-feira, 27 de julho de 2026 às 09:00, ${WHO} escreveu:`,
    nl: `Op maandag 27 juli 2026 om 09:00 schreef ${WHO}:`,
    sv: `måndagen den 27 juli 2026 kl. 09:00 skrev ${WHO}:`,
    pl: `poniedziałek, 27 lipca 2026 09:00, ${WHO} napisał(a):`,
  },
  thunderbird: {
    en: 'On 27/07/2026 09:00, Sales at Ours wrote:',
    de: 'Am 27.07.26 um 09:00 schrieb Sales at Ours:',
    fr: 'Le 27/07/2026 à 09:00, Sales at Ours a écrit :',
    es: 'El 27/7/26 a las 9:00, Sales at Ours escribió:',
    it: 'Il 27/07/26 09:00, Sales at Ours ha scritto:',
    pt: 'Às 09:00 de 27/07/2026, Sales at Ours escreveu:',
    nl: 'Op 27-07-2026 om 09:00 schreef Sales at Ours:',
    sv: 'Den 2026-07-27 kl. 09:00, skrev Sales at Ours:',
    pl: 'W dniu 27.07.2026 o 09:00, Sales at Ours pisze:',
  },
  zoho: {
    en: `---- On Mon, 27 Jul 2026 09:00:00 +0200 ${WHO} wrote ----`,
    de: `---- Am Mo., 27 Juli 2026 09:00:00 +0200 ${WHO} schrieb ----`,
    fr: `---- Le lun., 27 juil. 2026 09:00:00 +0200 ${WHO} a écrit ----`,
    es: `---- El lun., 27 jul. 2026 09:00:00 +0200 ${WHO} escribió ----`,
    it: `---- Il lun, 27 lug 2026 09:00:00 +0200 ${WHO} ha scritto ----`,
    pt: `---- Em seg., 27 jul. 2026 09:00:00 +0200 ${WHO} escreveu ----`,
    nl: `---- Op ma, 27 jul 2026 09:00:00 +0200 schreef ${WHO} ----`,
    sv: `---- Den mån, 27 jul 2026 09:00:00 +0200 ${WHO} skrev ----`,
    pl: `---- W dniu pon., 27 lip 2026 09:00:00 +0200 ${WHO} napisał(a) ----`,
  },
};

/** From, Sent, To, and Subject of Outlook. */
const HEADINGS: Readonly<Record<Language, readonly [string, string, string, string]>> = {
  en: ['From: ', 'Sent: Monday, July 27, 2026 9:00 AM', 'To: ', 'Subject: '],
  de: ['Von: ', 'Gesendet: Montag, 27. Juli 2026 09:00', 'An: ', 'Betreff: '],
  fr: ['De : ', 'Envoyé : lundi 27 juillet 2026 09:00', 'À : ', 'Objet : '],
  es: ['De: ', 'Enviado el: lunes, 27 de julio de 2026 9:00', 'Para: ', 'Asunto: '],
  it: ['Da: ', 'Inviato: lunedì 27 luglio 2026 09:00', 'A: ', 'Oggetto: '],
  pt: ['De: ', 'Enviada em: segunda-feira, 27 de julho de 2026 09:00', 'Para: ', 'Assunto: '],
  nl: ['Van: ', 'Verzonden: maandag 27 juli 2026 09:00', 'Aan: ', 'Onderwerp: '],
  sv: ['Från: ', 'Skickat: den 27 juli 2026 09:00', 'Till: ', 'Ämne: '],
  pl: ['Od: ', 'Wysłano: poniedziałek, 27 lipca 2026 09:00', 'Do: ', 'Temat: '],
};

const OUTLOOK_FOOTERS: Lines = {
  en: 'Get Outlook for iOS',
  de: 'Holen Sie sich Outlook für Android',
  fr: 'Télécharger Outlook pour iOS',
  es: 'Obtener Outlook para iOS',
  it: 'Scarica Outlook per iOS',
  pt: 'Obter o Outlook para iOS',
  nl: 'Outlook voor iOS downloaden',
  sv: 'Skaffa Outlook för iOS',
  pl: 'Pobierz aplikację Outlook dla systemu iOS',
};

const APPLE_FOOTERS: Lines = {
  en: 'Sent from my iPhone',
  de: 'Von meinem iPhone gesendet',
  fr: 'Envoyé de mon iPhone',
  es: 'Enviado desde mi iPhone',
  it: 'Inviato da iPhone',
  pt: 'Enviado do meu iPhone',
  nl: 'Verstuurd vanaf mijn iPhone',
  sv: 'Skickat från min iPhone',
  pl: "Wysłane z iPhone'a",
};

/** `marked`: the quote has `> ` before each line. */
export type Layout = { attribution: string; marked: boolean; footer: string | null };

export function layoutOf(program: Program, language: Language, subject: string, digit: number): Layout {
  switch (program) {
    case 'outlook_desktop':
    case 'outlook_web':
    case 'outlook_phone': {
      const [from, sent, to, about] = HEADINGS[language];
      const block = `${from}${WHO}\n${sent}\n${to}Purchasing <purchasing@buyer.example>\n${about}${subject}`;
      const rule = program === 'outlook_desktop' ? '' : '________________________________\n';
      const footer = program === 'outlook_phone' ? OUTLOOK_FOOTERS[language] : null;
      return { attribution: `${rule}${block}`, marked: false, footer };
    }
    case 'yandex':
      return {
        attribution:
          digit % 2 === 0
            ? '27.07.2026, 09:00, "Sales at Ours" <sales@ours.example>:'
            : '27 июля 2026, 09:00, "Sales at Ours" <sales@ours.example>:',
        marked: digit % 3 === 0,
        footer: null,
      };
    case 'mail_ru':
      return {
        attribution:
          digit % 2 === 0
            ? `Monday, 27 July 2026, 9:00 +02:00 from ${WHO}:`
            : `Понедельник, 27 июля 2026, 9:00 +02:00 от ${WHO}:`,
        marked: digit % 3 !== 0,
        footer: null,
      };
    case 'zoho':
      return { attribution: ATTRIBUTIONS.zoho[language], marked: false, footer: null };
    case 'proton':
      return {
        attribution: ATTRIBUTIONS.proton[language],
        marked: true,
        footer: digit % 2 === 0 ? 'Sent with Proton Mail secure email.' : null,
      };
    case 'yahoo':
      return { attribution: ATTRIBUTIONS.yahoo[language], marked: false, footer: null };
    case 'apple_mail':
      return {
        attribution: ATTRIBUTIONS.apple_mail[language],
        marked: true,
        footer: digit % 2 === 0 ? APPLE_FOOTERS[language] : null,
      };
    default:
      return { attribution: ATTRIBUTIONS[program][language], marked: true, footer: null };
  }
}
