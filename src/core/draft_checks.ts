/** What keeps a text that a model wrote from being shown as a draft. People who write are asked none of this. */
import type { Channel } from '../schema.gen.ts';

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

/** What is wrong, in words for whoever wrote it. */
export const DRAFT_FAULT_WORDS: Readonly<Record<DraftFault, string>> = {
  empty: 'The body is empty.',
  too_long: 'It is longer than allowed.',
  subject_missing: 'An e-mail needs a subject of one line.',
  subject_unwanted: 'A LinkedIn note has no subject: it is null.',
  control_characters: 'It has characters that cannot be seen, or a line break in the subject.',
  placeholder:
    'It has a placeholder such as [Name] or {{name}}: write the words themselves or leave them out.',
  foreign_link: 'It has a link or an address that the instructions do not give.',
  footer_text: 'It has a postal address or words about unsubscribing: both are added by themselves.',
};

export type DraftRules = {
  channel: Channel;
  /** Texts whose links and addresses may be used: instructions and templates, which the org's own people wrote. */
  own_texts: readonly (string | null)[];
  /** Of the lead's company, which may have the form of a domain. */
  account_name: string | null;
  postal_address: string;
};

/** A connection note on LinkedIn holds no more. */
export const LINKEDIN_CHARS_MAX = 300;
export const EMAIL_CHARS_MAX = 4_000;
export const SUBJECT_CHARS_MAX = 120;

/** What cannot be seen, or turns what can be seen around; emoji are joined with U+200D. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/u;
const PLACEHOLDERS =
  /\{\{|\}\}|\{%|%\}|\[[^\]\n]{1,60}\]|<[A-Z][A-Z _]{1,40}>|\$\{|\bX{3,}\b|_{4,}|\b(?:lorem ipsum|insert (?:your|the|name|company))\b/iu;
const FOOTER =
  /unsubscri|opt[- ]?out|list-unsubscribe|abmelden|abbestell|d[ée]sabonner|d[ée]sinscri|darse de baja|cancell?are l.iscrizione|no longer wish to receive/iu;
/** Addresses of mail, of the web with a scheme or without, and whatever else has a domain's form. */
const LINKS =
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s<>"')\]]+|\b(?:javascript|data|mailto|tel):\S+|[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+|(?:[\p{L}\p{N}-]+\.)+\p{L}{2,}(?:\/[^\s<>"')\]]*)?|\b\d{1,3}(?:\.\d{1,3}){3}\b/giu;

/** Every fault there is, each once. */
export function draftFaults({ subject, body }: WrittenText, rules: DraftRules): DraftFault[] {
  const faults = new Set<DraftFault>();
  const is_email = rules.channel === 'email';
  if (body.trim() === '') faults.add('empty');
  if (is_email && (subject === null || subject.trim() === '')) faults.add('subject_missing');
  if (!is_email && subject !== null) faults.add('subject_unwanted');
  if ([...body].length > (is_email ? EMAIL_CHARS_MAX : LINKEDIN_CHARS_MAX)) faults.add('too_long');
  if ([...(subject ?? '')].length > SUBJECT_CHARS_MAX) faults.add('too_long');
  const seen = body.replaceAll(/[\n\t]|\u200d/g, '');
  if (UNSEEN.test(subject ?? '') || UNSEEN.test(seen)) faults.add('control_characters');
  const text = `${subject ?? ''}\n${body}`;
  if (PLACEHOLDERS.test(text)) faults.add('placeholder');
  if (hasForeignLink(text, rules)) faults.add('foreign_link');
  if (FOOTER.test(text) || folded(text).includes(folded(rules.postal_address))) faults.add('footer_text');
  return [...faults];
}

function hasForeignLink(text: string, { own_texts, account_name }: DraftRules): boolean {
  const own = new Set(own_texts.flatMap((own_text) => linksOf(own_text ?? '')));
  if (account_name !== null) own.add(trimmed(account_name));
  return linksOf(text).some((link) => !own.has(link));
}

function linksOf(text: string): string[] {
  return (text.match(LINKS) ?? []).map(trimmed);
}

/** Without what ends the sentence around it. */
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

/** A note of the executive is for colleagues; what its lines give to the writer begins with this word. */
const FOR_THE_WRITER = /^\s*draft:\s*(\S.*)$/i;

/** The lines of an enrollment's notes that are meant for whoever writes. */
export function notesForWriter(notes: string | null): string[] {
  return (notes ?? '').split('\n').flatMap((line) => FOR_THE_WRITER.exec(line)?.[1]?.trim() ?? []);
}
