/** The person or address that a reply names instead of its sender. */
import { addressIn } from './words.ts';

/** RFC 5321 section 4.5.3.1.3. */
const EMAIL_MAX = 254;
const READ_MAX = 3_000;

/** Verbs in nine languages that come before the name. The name begins with a capital letter. */
const NAMED =
  /(?:^|[\s(,.:])(?:ask|contact|email|write to|talk to|speak to|speak with|reach out to|get in touch with|fragen Sie(?: bitte)?|frag|wenden Sie sich(?: bitte)? an|sich an|kontaktieren Sie|schreiben Sie(?: bitte)? an|contactez|contacter|demandez à|adressez-vous à|voyez avec|écrivez à|pregunte a|pregunten a|contacte con|escriba a|hable con|chieda a|contatti|scriva a|si rivolga a|pergunte ao|pergunte à|contacte o|contacte a|fale com|escreva ao|vraag het(?: aan)?|vraag|mail|neem contact op met|fråga|kontakta|skriv till|pytać|pytajcie|proszę pisać do|kontakt z|skontaktować się z)\s+(\p{Lu}[\p{L}'’-]{1,30}(?: \p{Lu}[\p{L}'’-]{1,30}){0,2})/iu;

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
  const name = NAMED.exec(text)?.[1] ?? null;
  // The flag `i` lets small letters match: a name has a capital one.
  return name !== null && /^\p{Lu}/u.test(name) ? name : null;
}
