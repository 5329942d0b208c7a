/** Faults that keep a model's text from becoming a draft. People's texts are not checked this way. */
import type { Channel } from '../schema.gen.ts';
import { CHANNELS } from './channels.ts';
import { headerFault } from './header_text.ts';
import { hasWords } from './words.ts';

export type WrittenText = { subject: string | null; body: string };

export type DraftFault =
  | 'empty'
  | 'too_long'
  | 'subject_missing'
  | 'subject_unwanted'
  | 'control_characters'
  | 'placeholder'
  | 'foreign_link'
  | 'footer_text';

/** The fault, in words for the author. */
export const DRAFT_FAULT_WORDS: Readonly<Record<DraftFault, string>> = {
  empty: 'The body is empty.',
  too_long: 'It is longer than allowed.',
  subject_missing: 'The draft needs a one-line subject.',
  subject_unwanted: 'A draft for this channel has no subject: send null.',
  control_characters: 'It has invisible characters or a line break in the subject.',
  placeholder: 'It has a placeholder such as [Name] or {{name}}: replace it with text or delete it.',
  foreign_link: 'It has a link, address, or phone number that the instructions do not contain.',
  footer_text: 'It has a postal address or words about unsubscribing: both are added automatically.',
};

export type DraftRules = {
  channel: Channel;
  /**
   * Texts whose links, addresses, and phone numbers are allowed: instructions and templates, which the organization's own
   * people wrote.
   */
  own_texts: readonly (string | null)[];
  /** The name of the lead's company, which may look like a domain. */
  account_name: string | null;
  postal_address: string;
};

export const SUBJECT_CHARS_MAX = 120;

/** Invisible characters, and those that reorder visible ones; U+200D joins emoji. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/u;
/** Placeholders for names: any text in brackets; in parentheses and quotation marks only text that says so itself. */
const PLACEHOLDERS = anyOf('iu', [
  /\{[^{}]{1,60}\}|\{\{|\}\}|\{%|%\}|\$\{/u,
  /\[[^\]]{1,60}\]/u,
  /<\p{L}[\p{L}\p{N}\s_.-]{0,60}>/u,
  /%\p{L}[\p{L}\p{N}_-]{1,40}%/u,
  /[(«‹](?:(?:your|the|their|contact|recipient)(?:['’]s)?[\s_-]*)?(?:(?:first|last|full|company|sender|contact)[\s_-]*)?(?:name|company|surname|vorname|nachname|firma|prénom|nombre|empresa)[)»›]/u,
  /\bX{3,}\b|_{4,}|\b(?:lorem ipsum|insert (?:your|the|name|company))\b/u,
]);
const FOOTER = anyOf('iu', [
  /un\p{Pd}?subscri|opt[\p{Pd} ]?out|list-unsubscribe|no longer wish to receive/u,
  /\bremoved?\s+(?:me\s+)?from\s+(?:this|our|the|my)\s+(?:(?:mailing|e-?mail|contact)\s+)?list\b(?!\s+of)/u,
  /\b(?:reply|respond|text|answer)\s+(?:back\s+)?(?:with\s+)?["'“”‘’«]*stop\b/u,
  /abmelden|abbestell|d[ée]sabonner|d[ée]sinscri|darse de baja|cancell?are l.iscrizione/u,
]);
/** Email addresses, web addresses with or without a scheme, and anything else that looks like a domain. */
const LINKS = anyOf('giu', [
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s<>"')\]]+/u,
  /\b(?:javascript|data|mailto|tel|sms|callto|skype|sip|https?|s?ftps?|file|ssh):\S+/u,
  /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+/u,
  /(?:[\p{L}\p{N}\p{M}-]+\.)+\p{L}{2,}(?:\/[^\s<>"')\]]*)?/u,
  /\b\d{1,3}(?:\.\d{1,3}){3}\b/u,
  /(?<![\w:])(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})?::[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6}(?![\w:])/u,
  /(?<![\w:])[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){7}(?![\w:])/u,
]);
/** Phone numbers with a country or area code, or after the word; dates, times, and amounts of money look different. */
const PHONES = anyOf('giu', [
  /\+\d(?:[\s()/.-]{0,2}\d){6,14}/u,
  /(?<!\d)\(?\d{3}\)?[-. ]{1,2}\d{3}[-. ]\d{4}(?!\d)/u,
  /(?<!\d)\(?0\d{1,4}\)?[ /-]{1,3}\d{5,}|(?<!\d)\(?0\d{2,4}\)?(?:[ /-]\d{3,4}){2}(?!\d)/u,
  /(?<!\d)0\d(?:[ .-]\d{2}){4}(?!\d)|(?<![\d.,])0\d{9,12}(?!\d)/u,
  /\btel\b[.:]*\s*\+?\d(?:[\s()/.-]{0,2}\d)*/u,
]);
/** An East Asian full stop acts as a dot in host names; between words of those scripts it ends a sentence. */
const WIDE_DOT =
  /(?<=[\p{L}\p{N}\p{M}])(?<![\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}])\u3002(?=[\p{L}\p{N}])(?![\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}])/gu;
/** Joiners and variation selectors, which no reader sees. */
const JOINERS = /[\u200d\ufe00-\ufe0f]/g;

/** All faults, each once. */
export function draftFaults({ subject, body }: WrittenText, rules: DraftRules): DraftFault[] {
  const faults = new Set<DraftFault>();
  const { has_subject, text_chars_max } = CHANNELS[rules.channel];
  if (body.trim() === '') faults.add('empty');
  if (has_subject && !hasWords(subject ?? '')) faults.add('subject_missing');
  if (!has_subject && subject !== null) faults.add('subject_unwanted');
  if ([...body].length > text_chars_max) faults.add('too_long');
  if ([...(subject ?? '')].length > SUBJECT_CHARS_MAX) faults.add('too_long');
  const seen = body.replaceAll(/[\n\t]|\u200d/g, '');
  if (headerFault(subject ?? '') !== null || UNSEEN.test(seen)) faults.add('control_characters');
  const text = asRead(`${subject ?? ''}\n${body}`);
  if (PLACEHOLDERS.test(text)) faults.add('placeholder');
  if (hasForeignLink(text, rules)) faults.add('foreign_link');
  if (FOOTER.test(text) || folded(text).includes(folded(asRead(rules.postal_address))))
    faults.add('footer_text');
  return [...faults];
}

function anyOf(flags: string, patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join('|'), flags);
}

/** One spelling for text that programs or people read as the same. */
function asRead(text: string): string {
  return text.replaceAll(JOINERS, '').normalize('NFKC').replaceAll(WIDE_DOT, '.');
}

/** `text` in that spelling. */
function hasForeignLink(text: string, { own_texts, account_name }: DraftRules): boolean {
  const own = new Set(own_texts.flatMap((own_text) => linksOf(asRead(own_text ?? ''))));
  if (account_name !== null) own.add(trimmed(asRead(account_name)));
  return linksOf(text).some((link) => !own.has(link));
}

/** For a phone number: its digits, however they are grouped. */
function linksOf(text: string): string[] {
  const numbers = (text.match(PHONES) ?? []).map((number) => number.replaceAll(/\D/g, ''));
  return [...(text.match(LINKS) ?? []).map(trimmed), ...numbers];
}

/** Without the punctuation of the surrounding sentence. */
function trimmed(link: string): string {
  return link
    .replace(/[.,;:!?]+$/, '')
    .replace(/\/$/, '')
    .toLowerCase();
}

function folded(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[\s,]+/g, ' ')
    .trim();
}

/** Enrollment notes are internal; lines for the writer begin with this word. */
const FOR_THE_WRITER = /^\s*draft:\s*(\S.*)$/i;

/** The lines of an enrollment's notes that are meant for the writer. */
export function notesForWriter(notes: string | null): string[] {
  return (notes ?? '').split('\n').flatMap((line) => FOR_THE_WRITER.exec(line)?.[1]?.trim() ?? []);
}
