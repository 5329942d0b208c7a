/** Detects automatic answers (RFC 3834) and absences. */

import { AWAY_TEXT, RECEIVED } from './automatic_phrases.ts';
import type { InboundFacts } from './facts.ts';
import { fold, has } from './words.ts';

/** Prefixes that programs put before the subject of an automatic answer. */
const AUTOMATIC_SUBJECT =
  /^(?:(?:re|aw|sv|tr|antw|res): ?)?\[?(?:automatiskt svar|autosvar|franvar|odpowiedz automatyczna|autoodpowiedz|poza biurem|nieobecnos|ausencia temporaria|auto(?:matic|mated|matische|matisch)?[- ]?(?:reply|response|antwort|antwoord|respond(?:er)?)|automatisches? (?:antwort|antwoord)|out of (?:the )?office|ooo\b|abwesenheits|abwesend\b|abwesenheit\b|nicht im (?:buro|haus)|ich bin (?:nicht im|im urlaub)|reponse automatique|absence du bureau|message d'absence|absent du bureau|respuesta automatica|fuera de (?:la )?oficina|ausencia\b|risposta automatica|fuori (?:sede|ufficio)|assenza\b|afwezig|niet aanwezig|resposta automatica|fora do escritorio|ausente\b|vacation (?:reply|response|notice)|away from)/;

const AWAY_SUBJECT =
  /out of (?:the )?office|\booo\b|abwesen|nicht im (?:buro|haus)|im urlaub|absen(?:ce|t)|conges|vacances|fuera de (?:la )?oficina|ausen|vacaciones|fuori (?:sede|ufficio)|assen(?:te|za)|ferie|afwezig|vakantie|fora do escritorio|ferias|vacation|holiday|on leave|away\b|franvar|semester|nieobecn|urlop|poza biurem/;

/**
 * `is_sure`: more than a header that gateways also put on human mail. `is_worded`: its text reads like a machine's, or it has
 * none. `is_away_subject`: its subject names an absence. `is_only_titled`: no header, only the subject, which a person who
 * answers in the thread of an automatic reply has too.
 */
export type AutomaticMail = {
  kind: 'out_of_office' | 'auto_reply' | 'mailing_list';
  is_sure: boolean;
  is_worded: boolean;
  is_away_subject: boolean;
  is_only_titled: boolean;
};

/**
 * The kind of an automatic message; null if a person wrote it. List mail that answers none of our messages is
 * `mailing_list`; list mail that does is a person's reply through a list.
 *
 * Headers and the subject alone never make an answer to us a machine's: gateways and ticket systems mark human mail too,
 * and the subject may be our own. Its text (`own`, without quotes) must look like a machine's, or be empty.
 */
export function automaticKind(
  mail: InboundFacts,
  own: string,
  sent_subjects: readonly string[],
): AutomaticMail | null {
  const answers = mail.in_reply_to !== null || mail.references.length > 0;
  const subject = ownSubject(mail.subject, answers, sent_subjects);
  const is_titled = AUTOMATIC_SUBJECT.test(subject);
  const is_automatic = saysSo(mail) || is_titled;
  const precedence = (mail.headers.precedence ?? '').toLowerCase();
  const is_list =
    mail.headers.list_id !== null || mail.headers.list_unsubscribe !== null || precedence === 'list';
  if (is_list && !answers && !is_titled)
    return {
      kind: 'mailing_list',
      is_sure: true,
      is_worded: true,
      is_away_subject: false,
      is_only_titled: false,
    };
  const text = fold(answers ? own : mail.text, 3_000);
  const says_away = has(text, AWAY_TEXT);
  const is_away_subject = AWAY_SUBJECT.test(subject.replace(/passed away/g, ' '));
  const is_away = says_away || is_away_subject;
  const kind = is_away ? 'out_of_office' : 'auto_reply';
  const is_received = has(text, RECEIVED);
  const is_worded = text.trim() === '' || is_received || says_away;
  const about = { is_worded, is_away_subject, is_only_titled: false };
  if (is_automatic) {
    const is_only_titled =
      !saysSo(mail) && mail.headers.x_auto_response_suppress === null && precedence === '';
    const is_likely = !answers || is_away || text.trim() === '' || is_received;
    const is_sure = is_titled || /^auto-replied/i.test((mail.headers.auto_submitted ?? '').trim());
    return is_likely || (is_titled && saysSo(mail)) ? { kind, is_sure, ...about, is_only_titled } : null;
  }
  // Exchange and ticket systems also mark much human mail; the mark counts only with a matching subject or text.
  const is_marked =
    mail.headers.x_auto_response_suppress !== null || precedence === 'bulk' || precedence === 'junk';
  if (is_marked && is_away_subject) return { kind: 'out_of_office', is_sure: true, ...about };
  if (is_marked && (RECEIVED_SUBJECT.test(subject) || (answers && is_received)))
    return { kind: 'auto_reply', is_sure: false, ...about };
  const is_bulk = precedence === 'bulk' || precedence === 'junk';
  return is_bulk && (!answers || is_away) ? { kind, is_sure: false, ...about } : null;
}

/** A subject that begins like a reply, or that is ours, says nothing about its sender. */
function ownSubject(subject: string, answers: boolean, sent_subjects: readonly string[]): string {
  const folded = fold(subject, 300).trim();
  if (!answers) return folded;
  if (sent_subjects.some((sent) => folded === fold(sent, 300).trim())) return '';
  const ours = sent_subjects.map(withoutPrefix).find((sent) => sent !== '' && folded.endsWith(sent));
  const prefix = REPLY_PREFIX.exec(folded)?.[0] ?? '';
  if (prefix === '') return ours === undefined ? folded : folded.slice(0, -ours.length);
  const rest = folded.slice(prefix.length);
  return sent_subjects.length === 0 || sent_subjects.some((sent) => rest === withoutPrefix(sent))
    ? ''
    : folded;
}

function withoutPrefix(subject: string): string {
  return fold(subject, 300).trim().replace(REPLY_PREFIX, '');
}

const REPLY_PREFIX = /^(?:(?:re|aw|antw|antwort|sv|vs|tr|rv|r|res|odp|ref|rif)(?:\[\d{1,3}\])? ?: ?){1,5}/;

const RECEIVED_SUBJECT =
  /we(?:'ve| have)? received|received your|your (?:request|ticket|message|enquiry|inquiry)|ticket (?:#|id|received|created)|\[?(?:ticket|case|request) ?#|thank you for (?:contacting|your)|acknowledg|eingangsbestatigung|ihre (?:anfrage|nachricht)|accuse de reception|votre (?:demande|message)|acuse de recibo|su (?:solicitud|consulta|mensaje)|conferma di ricezione|la (?:tua|sua) richiesta/;

function saysSo({ headers }: InboundFacts): boolean {
  const submitted = (headers.auto_submitted ?? '').toLowerCase().trim();
  if (submitted !== '' && !/^no\b/.test(submitted)) return true;
  if (/^<\s*>$/.test((headers.return_path ?? '').trim())) return true;
  if (/^auto[-_]?(reply|replied|response)/i.test(headers.precedence ?? '')) return true;
  if (/mailbox rules agent|oof/i.test(headers.x_generated_message_source ?? '')) return true;
  return isYes(headers.x_autoreply) || isYes(headers.x_autorespond);
}

function isYes(value: string | null): boolean {
  return value !== null && !/^(no|false|0)?$/i.test(value.trim());
}
