/** The person or address that a reply names instead of its sender. */
import { addressIn } from './words.ts';

/** RFC 5321 section 4.5.3.1.3. */
const EMAIL_MAX = 254;
const READ_MAX = 3_000;

/** Verbs in nine languages that come before the name. */
const VERBS = anyCase(
  'ask|contact|email|write to|talk to|speak to|speak with|reach out to|get in touch with|fragen Sie(?: bitte)?|frag|wenden Sie sich(?: bitte)? an|sich an|kontaktieren Sie|schreiben Sie(?: bitte)? an|contactez|contacter|demandez à|adressez-vous à|voyez avec|écrivez à|pregunte a|pregunten a|contacte con|escriba a|hable con|chieda a|contatti|scriva a|si rivolga a|pergunte ao|pergunte à|contacte o|contacte a|fale com|escreva ao|vraag het(?: aan)?|vraag|mail|neem contact op met|fråga|kontakta|skriv till|pytać|pytajcie|proszę pisać do|kontakt z|skontaktować się z',
);
const TITLES = anyCase(
  'mr|mrs|ms|miss|dr|prof|herr|herrn|frau|m|mme|mlle|monsieur|madame|sr|sra|srta|señor|señora|sig|dott|dhr|mevr|pan|pani|pana|panem|panią',
);
const BEFORE_NAME = `(?:^|[\\s(,.:])(?:${VERBS})\\s+(?:(?:${TITLES})\\.?\\s+){0,2}`;
/** Two or three capitalized words, with particles between them. */
const WORD = "\\p{Lu}[\\p{L}'’-]*\\p{Ll}[\\p{L}'’-]*";
const PARTICLES = '(?:(?:von|van|der|den|de|del|della|di|da|do|dos|la|le|af|zu|ter|ten) ){0,3}';
const NAMED = new RegExp(`${BEFORE_NAME}(${WORD}(?: ${PARTICLES}${WORD}){0,2})`, 'u');

/** Capitalized words that are no part of a name. */
const NO_NAMES = new Set(
  (
    'us me our my the this that it sales support marketing procurement purchasing accounting finance reception office customer ' +
    'service team department monday tuesday wednesday thursday friday montag dienstag mittwoch donnerstag freitag telefon phone tel ' +
    'email mail einkauf vertrieb buchhaltung unter uns mich meine unsere notre nos votre service compras ventas nuestro nuestra acquisti'
  ).split(' '),
);

export type SuggestedContact = { name: string | null; email: string | null };

/** Null if the reply names no one. `email` is in lower case. `own` is the sender's own text. */
export function suggestedContact(own: string, from_address: string): SuggestedContact | null {
  const text = own.slice(0, READ_MAX);
  const email = (text.match(/\S{1,64}@\S{1,253}/g) ?? [])
    .map((word) => addressIn(word))
    .find((found) => found !== null && found !== from_address.toLowerCase());
  const name = nameIn(text);
  const short = email === undefined || email === null || email.length > EMAIL_MAX ? null : email;
  return name === null && short === null ? null : { name, email: short };
}

function nameIn(text: string): string | null {
  const words = NAMED.exec(text)?.[1]?.split(' ') ?? [];
  const end = words.findIndex((word) => NO_NAMES.has(word.toLowerCase()));
  const name = (end < 0 ? words : words.slice(0, end)).join(' ');
  return name === '' ? null : name;
}

/** Alternatives that begin with a small or a capital letter: no flag, since a name has a capital. */
function anyCase(alternatives: string): string {
  return alternatives
    .split('|')
    .map((one) => `[${one.charAt(0).toLowerCase()}${one.charAt(0).toUpperCase()}]${one.slice(1)}`)
    .join('|');
}
