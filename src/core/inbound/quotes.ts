/** Separates a reply into its author's words and the quoted text. */
import { fold } from './words.ts';

const MAX_LINES = 10_000;
/** Mail programs wrap an attribution into at most this many lines. */
const MAX_ATTRIBUTION_LINES = 4;

/** Headings of a quoted message, as programs write them in ten languages. Folded. */
const FROM =
  /^[*_> ]{0,4}(from|von|de|da|van|fran|od|expediteur|mittente|absender|afzender|nadawca|от|от кого)[*_]{0,2} ?:[*_]{0,2} ?\S/;
const SENT =
  /^[*_> ]{0,4}(sent|date|gesendet(?: am)?|datum|envoye(?: le)?|enviad[oa](?: el| em)?|fecha|inviato(?: il)?|data|verzonden(?: op)?|skickat|wyslano|wyslane|дата|отправлено)[*_]{0,2} ?:[*_]{0,2} ?\S/;
const OTHER_HEADING =
  /^[*_> ]{0,4}(to|cc|kopia|dw|an|a|para|aan|till|do|subject|betreff|objet|asunto|oggetto|onderwerp|assunto|amne|temat|destinataire|importance|wichtigkeit|кому|тема)[*_]{0,2} ?:/;

const ORIGINAL =
  /^[-_*= >]{0,60}(original message|original appointment|ursprungliche nachricht|urspruengliche nachricht|originalnachricht|message d'origine|message original|mensaje original|messaggio originale|oorspronkelijk bericht|mensagem original|originalmeddelande|ursprungligt meddelande|oryginalna wiadomosc|wiadomosc oryginalna|forwarded message|weitergeleitete nachricht|message transfere|mensaje reenviado|messaggio inoltrato|doorgestuurd bericht|mensagem encaminhada|vidarebefordrat meddelande|wiadomosc przekazana)[-_*= ]{0,60}:?$|^begin forwarded message:$|^anfang der weitergeleiteten nachricht:$/;

/** The line of an attribution begins with a date or with the words before one. */
const ATTRIBUTION_START =
  /^(on|am|le|el|en|il|op|em|a|as|no dia|den|w dniu|dnia)\b.{0,40}\d|^\d{1,4}[./ ]|^[\p{L}-]{2,14}[.,]? (den )?\d{1,2}\b/u;
const WROTE =
  /(?<!\p{L})(wrote|schrieb|geschrieben|a ecrit|escribio|ha scritto|schreef|geschreven|escreveu|skrev|napisal(?:\(a\)|a)?|pisze|napisana przez|from|от|написал|пишет)(?!\p{L})/u;
/** A year, or a short date. */
const DATED = /(?<!\d)20\d\d(?!\d)|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{2}(?!\d)/;
/** Zoho: `---- On ... wrote ----`. */
const RULED = /^-{2,}\s.*\s-{2,}$/;

const MOBILE =
  /^(sent (from|via|with) (my |outlook|yahoo|proton|mail for|samsung|gmail|a mobile|the )|get outlook for|sent from |von meinem .{1,40} gesendet|gesendet (von|mit|uber) |diese nachricht wurde von meinem|holen sie sich outlook|outlook fur (ios|android)|envoye (de|depuis|a partir de) |telecharger outlook|obten(ez|ir) outlook|enviado (desde|do|de) |obtener outlook|obter o outlook|inviato da |scarica outlook|ottieni outlook|verstuurd vanaf|verzonden (vanaf|met) |outlook voor (ios|android)|skickat fran (min|outlook|yahoo)|skaffa outlook|hamta outlook|wyslane? z |pobierz (aplikacje )?outlook|отправлено (из|с) |yahoo mail: )/;

export type SplitMail = { reply: string; quoted: string };

type Line = { text: string; folded: string; quoted: boolean };

/**
 * `reply`: the sender's own words above, below, or between the quotes, without the signature after `-- ` and phone footers.
 * `quoted`: all quoted text, without its `>` signs. Both trimmed. One pass over the text; after 10,000 lines, everything
 * counts as quoted.
 */
export function splitQuoted(text: string): SplitMail {
  const lines = text.split('\n', MAX_LINES).map((line) => {
    const folded = fold(line, 500).trim();
    return { text: line.trimEnd(), folded, quoted: folded.startsWith('>') };
  });
  const own: string[] = [];
  const quoted: string[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at]!;
    const attribution = line.quoted ? 0 : attributionLength(lines, at);
    if (attribution > 0) {
      quoted.push(...lines.slice(at, at + attribution).map((one) => one.text));
      at += attribution;
      // With quote signs, unmarked lines are the reply; without them, everything that follows is quoted.
      if (isMarkedFrom(lines, at)) continue;
      quoted.push(...lines.slice(at).map(withoutMark));
      break;
    }
    if (!line.quoted && (ORIGINAL.test(line.folded) || isHeadingBlock(lines, at))) {
      quoted.push(...lines.slice(at).map(withoutMark));
      break;
    }
    if (line.quoted) quoted.push(withoutMark(line));
    else if (/^-- ?$/.test(line.text) || isRuleOfSignature(line.text)) {
      at = endOfSignature(lines, at);
      continue;
    } else if (!(line.folded.length <= 120 && MOBILE.test(line.folded))) own.push(line.text);
    at += 1;
  }
  return { reply: joined(own), quoted: joined(quoted) };
}

/** The number of lines, from here, of an attribution ("On ... wrote:"). 0 if there is none. */
function attributionLength(lines: readonly Line[], at: number): number {
  let whole = '';
  for (let count = 1; count <= MAX_ATTRIBUTION_LINES; count += 1) {
    const line = lines[at + count - 1];
    if (line === undefined || line.folded === '' || line.quoted || whole.length > 600) return 0;
    // The sender's last line may stand directly above the attribution.
    if (count > 1 && ATTRIBUTION_START.test(line.folded) && !ATTRIBUTION_START.test(whole)) return 0;
    whole = whole === '' ? line.folded : `${whole} ${line.folded}`;
    if (isAttribution(whole)) return count;
  }
  return 0;
}

/** It names a day and its writer; `My colleague wrote:` is only a sentence. */
function isAttribution(whole: string): boolean {
  if (RULED.test(whole)) return WROTE.test(whole) && (/\d/.test(whole) || whole.includes('@'));
  if (!whole.endsWith(':')) return false;
  if (/^(on|am|le|el|il|op|em|a)\b/.test(whole) && /\d|@/.test(whole) && OLD_END.test(whole)) return true;
  if (!DATED.test(whole)) return WROTE.test(whole) && /@\S+>?\)? ?:$/.test(whole) && /\d/.test(whole);
  return WROTE.test(whole) || /<[^<> ]{1,64}@[^<> ]{1,255}>\)? ?:$/.test(whole);
}

const OLD_END =
  /(\bwrote|\bschrieb(?: .{1,200})?|\ba ecrit|\bescribio|\bha scritto|\bschreef(?: .{1,200})?|\bescreveu|\bskrev) ?:$/;

/** Whether one of the next two lines with text has a quote sign. */
function isMarkedFrom(lines: readonly Line[], at: number): boolean {
  let seen = 0;
  for (let next = at; next < lines.length && seen < 2; next += 1) {
    const line = lines[next]!;
    if (line.quoted) return true;
    if (line.folded !== '') seen += 1;
  }
  return false;
}

/** From, Sent, To, and Subject, in any order and language; at least three of them within six lines. */
function isHeadingBlock(lines: readonly Line[], at: number): boolean {
  const first = lines[at]!.folded;
  if (/^_{20,}$/.test(first)) return at + 1 < lines.length && isHeadingBlock(lines, at + 1);
  if (!FROM.test(first) && !SENT.test(first)) return false;
  const block = lines.slice(at, at + 7).map(({ folded }) => folded);
  const has_both =
    block.some((line) => FROM.test(line)) &&
    block.some((line) => SENT.test(line) || OTHER_HEADING.test(line));
  const headings = block.filter((line) => FROM.test(line) || SENT.test(line) || OTHER_HEADING.test(line));
  return has_both && headings.length >= 3;
}

function isRuleOfSignature(text: string): boolean {
  return /^--\s{0,3}$/.test(text);
}

/** A signature ends where quoting begins, else at the end of the message. */
function endOfSignature(lines: readonly Line[], at: number): number {
  for (let next = at + 1; next < lines.length; next += 1) {
    const line = lines[next]!;
    if (line.quoted || ORIGINAL.test(line.folded)) return next;
    if (attributionLength(lines, next) > 0 || isHeadingBlock(lines, next)) return next;
  }
  return lines.length;
}

function withoutMark(line: Line): string {
  return line.quoted ? line.text.trimStart().replace(/^[> ]{1,60}/, '') : line.text;
}

/** Joins lines; several empty lines become one. */
function joined(lines: readonly string[]): string {
  const kept = lines.filter((line, index) => line !== '' || lines[index - 1] !== '');
  return kept.join('\n').trim();
}
