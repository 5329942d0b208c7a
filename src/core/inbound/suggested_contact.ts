/** The person or address that a reply names instead of its sender. */
import { addressIn } from './words.ts';

const CONTACT_MAX = 300;
const READ_MAX = 3_000;

/** Verbs in nine languages that come before the name. The name begins with a capital letter. */
const NAMED =
  /(?:^|[\s(,.:])(?:ask|contact|email|write to|talk to|speak to|speak with|reach out to|get in touch with|fragen Sie(?: bitte)?|frag|wenden Sie sich(?: bitte)? an|sich an|kontaktieren Sie|schreiben Sie(?: bitte)? an|contactez|contacter|demandez à|adressez-vous à|voyez avec|écrivez à|pregunte a|pregunten a|contacte con|escriba a|hable con|chieda a|contatti|scriva a|si rivolga a|pergunte ao|pergunte à|contacte o|contacte a|fale com|escreva ao|vraag het(?: aan)?|vraag|mail|neem contact op met|fråga|kontakta|skriv till|pytać|pytajcie|proszę pisać do|kontakt z|skontaktować się z)\s+(\p{Lu}[\p{L}'’-]{1,30}(?: \p{Lu}[\p{L}'’-]{1,30}){0,2})/iu;

/** An address, a name, or `Name <address>`; null if the reply names neither. `own` is the sender's own text. */
export function suggestedContact(own: string, from_address: string): string | null {
  const text = own.slice(0, READ_MAX);
  const address = (text.match(/\S{1,64}@\S{1,253}/g) ?? [])
    .map((word) => addressIn(word))
    .find((found) => found !== null && found !== from_address.toLowerCase());
  const name = nameIn(text);
  if (address === undefined || address === null) return name;
  return (name === null ? address : `${name} <${address}>`).slice(0, CONTACT_MAX);
}

function nameIn(text: string): string | null {
  const name = NAMED.exec(text)?.[1] ?? null;
  // The flag `i` lets small letters match: a name has a capital one.
  return name !== null && /^\p{Lu}/u.test(name) ? name : null;
}
