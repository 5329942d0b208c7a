/** Whether a reply asks for an end of our messages, in nine languages. */
import {
  asksToWrite,
  isLimited,
  MENU,
  REPORTS_SPEECH,
  removesAnotherThing,
  TURNED_AROUND,
} from './opt_out_limits.ts';
import { OPT_OUT_PHRASES } from './opt_out_phrases.ts';
import type { OptOutPhrases } from './opt_out_romance.ts';
import { isOfRequests, togetherIn } from './opt_out_together.ts';
import { CONTRAST, FILLERS, KEYWORDS, NEGATIONS, OPPOSING } from './opt_out_words.ts';
import { GREETING } from './phrases.ts';
import { NOT_INTERESTED } from './wishes.ts';
import { has, plainWords } from './words.ts';

/** A request with more other words is about something else too: two of our five seats, the Slack channel, large attachments. */
const LEFT_OVER_MAX = 1;
const SENTENCE_MAX = 600;

/** Words of the phrases: not misspelled ones, and no other subject. */
const VOCABULARY = OPT_OUT_PHRASES.flatMap(
  ({ remove, cease, alone }) => `${remove} ${cease} ${alone}`.match(/\p{L}+\*?/gu) ?? [],
);
const PHRASED = new RegExp(`^(?:${[...new Set(VOCABULARY)].join('|').replaceAll('*', '.*')})$`);
const REMOVE = compiled(({ remove }) => remove.split('\n'));
const CEASE = compiled(({ cease }) => cease.split('\n'));
const ALONE = anchored(({ alone }) => alone);
/** Words that mean nothing else: `stop` and `cancel` may have an object in the next clause. */
const UNSUBSCRIBE =
  / (?:unsub|abmeld|austrag|desinscri|desabon|baja|disiscri|cancellami|descadastr|afmeld|uitschrij|avregistr|avanmal|wypis)/;
const REQUEST = new RegExp(`^ (?:${OPT_OUT_PHRASES.map(({ request }) => request).join('|')}) `);

/** A question how to unsubscribe asks for it. */
const HOW =
  /^ (?:(?:hi|hello|hallo|please|so|and|but) )?(?:how (?:do|can|to|could|would) (?:(?:i|we) )?(?:unsubscribe|unsub|opt out|get off|get removed)|wie (?:kann|melde|bestelle|komme) ich (?:mich )?(?:hier )?(?:ab|abmelden|abbestellen|austragen|raus)|comment (?:me|puis je me|faire pour me) (?:desabonner|desinscrire)|como (?:me doy|puedo darme|darme|doy) de baja|come (?:mi cancello|mi disiscrivo|posso disiscrivermi|posso cancellarmi)|como (?:me descadastro|cancelo a subscricao|saio da lista)|hoe (?:kan ik mij|kan ik me|meld ik me|schrijf ik me) (?:uitschrijven|afmelden|af|uit)|hur (?:avregistrerar jag mig|avslutar jag prenumerationen)|jak (?:sie|moge sie) (?:wypisac|wyrejestrowac))(?: (?:from|of|von|de|da|van|fran|z) [^ ]+(?: [^ ]+)?)? $/;

/** An act of the writer in the past. */
const DONE = / (?:i|we) (?:have |ve |had )?(?:already |just )?unsubscribed /;

/** `I want you to stop`, without an object. */
const STOP_WISH =
  /^ (?:(?:please|bitte|sorry|no|nein|non|nao|nee|nej|nie|but|really) ){0,2}(?:(?:i|we) (?:(?:d|would|really) ){0,2}(?:want|like|love|prefer|appreciate|need|ask|wish|insist|demand)(?: it)?(?: for)?(?: if)?(?: that)? you (?:to |would |please )?(?:stop(?:ped)?|cease|quit|leave)(?: it| this| that| now| please)*|(?:ich|wir) (?:mochten?|wollen|will|wunschen?|bitte|verlangen?)(?: sie)?(?: darum)? dass (?:sie|ihr) (?:damit |bitte |endlich )*(?:aufhoren|aufhort|stoppen)|(?:je|j|nous) ?(?:aimerais|voudrais|souhaite|veux|aimerions|voudrions|voulons|souhaitons|demande)(?: bien)? que vous (?:arretiez|cessiez|arretez|cessez)|(?:me|nos) gustaria que (?:pararan|pararas|parara|pararais|dejaran|dejasen|cesaran|parasen)|(?:quiero|queremos|quisiera|pido|exijo) que (?:paren|pare|cesen|dejen)|(?:vorrei|vorremmo|voglio|vogliamo|gradirei|chiedo) che (?:smetteste|smettiate|smettesse|smetta|la smetteste|la smettiate|cessiate)|(?:gostaria|gostariamos|gostava|queria|quero|peco) que (?:parassem|parasse|parem|pare|cessem|cessassem)|(?:ik|wij|we) (?:wil|willen|zou|zouden|wens|verzoek)(?: graag| willen)* dat (?:jullie|u|je) (?:ermee |hiermee )?(?:stoppen|stopt|ophouden|ophoudt)|(?:jag|vi) (?:vill|onskar|skulle vilja|vill garna) att (?:ni|du) (?:slutar|lagger av|upphor)|(?:chcialbym|chcialabym|chce|chcemy|prosze|zycze sobie|wolalbym|wolalabym) (?:zebyscie|abyscie|zeby panstwo|aby panstwo|zebys) (?:przestali|przestal|przestala|skonczyli)) $/;

/**
 * - `asked`: a whole sentence asks for it, and nothing in the sentence opposes.
 * - `alone`: one word that asks for it unless something else follows: `Stop!`
 * - `perhaps`: a request beside much else.
 * - `opposed`: words of a request in a question, about others, negated, limited in time, or taken back.
 */
export type OptOutSaid = 'asked' | 'alone' | 'perhaps' | 'opposed' | null;

/** Reads one sentence: folded, with its punctuation. */
export function optOutIn(sentence: string): OptOutSaid {
  const whole = sentence.slice(0, SENTENCE_MAX);
  const contrast = CONTRAST.exec(whole);
  if (contrast !== null && saidIn(whole.slice(0, contrast.index)).length > 0) return 'opposed';
  const text = contrast === null ? whole : whole.slice(contrast.index + contrast[0].length);
  const spoken = text.replace(/"[^"]{1,300}"/g, ' quoted ');
  const words = padded(spoken);
  const is_question = text.includes('?') && !/[?]!/.test(text);
  if (HOW.test(words)) return 'asked';
  if (DONE.test(words)) return null;
  if (STOP_WISH.test(words) && !is_question) return 'alone';
  if (ALONE.test(words)) {
    const is_clear = UNSUBSCRIBE.test(words) || words.trim().includes(' ');
    return is_question ? 'opposed' : is_clear ? 'asked' : 'alone';
  }
  const found = saidIn(spoken);
  if (found.length === 0) return spoken !== text && saidIn(text).length > 0 ? 'opposed' : null;
  const is_across = found.some((one) => one.is_across);
  const beside = (is_across ? [] : clausesOf(spoken)).filter(
    (clause) => !found.some((one) => one.clause === clause) && !GREETING.test(clause.trim()),
  );
  const is_opposed =
    spoken !== text ||
    OPPOSING.test(words) ||
    isTurned(text, words, found, beside) ||
    (is_question && !found.some(({ clause }) => REQUEST.test(clause)));
  if (is_opposed) return 'opposed';
  const others = beside.filter((clause) => !has(clause, NOT_INTERESTED)).join(' ');
  const left_over = Math.min(...found.map((one) => one.left_over)) + unknownIn(others);
  return left_over <= LEFT_OVER_MAX ? 'asked' : 'perhaps';
}

/** Whether the sentence around a request means another thing, another time, or the opposite. */
function isTurned(text: string, words: string, found: readonly Found[], beside: readonly string[]): boolean {
  return (
    found.some(({ is_negated }) => is_negated) ||
    (TURNED_AROUND.test(words) && found.some(({ is_refusal }) => !is_refusal)) ||
    found.some(({ clause }) => isLimited(clause) || removesAnotherThing(clause)) ||
    beside.some(asksToWrite) ||
    MENU.test(text) ||
    REPORTS_SPEECH.test(text)
  );
}

/** `is_across`: a comma is within the request, so the clause is the whole sentence. */
type Found = {
  clause: string;
  is_negated: boolean;
  /** It has its own negation: `no further mails`. */
  is_refusal: boolean;
  left_over: number;
  is_across?: boolean;
};

/** The clauses of a sentence that ask for an end. */
function saidIn(sentence: string): Found[] {
  const clauses = clausesOf(sentence);
  const is_declined = has(sentence, NOT_INTERESTED);
  const found = clauses.flatMap((clause) => foundIn(clause, is_declined) ?? []);
  // A comma within the request: "Please, from your list, remove us."
  const joined = clauses.join('').replace(/ {2,}/g, ' ');
  const across = found.length > 0 || clauses.length < 2 ? null : foundIn(joined, false);
  return across === null || across.left_over > 0 ? found : [{ ...across, is_across: true }];
}

function foundIn(clause: string, is_declined: boolean): Found | null {
  if (ALONE.test(clause) && (UNSUBSCRIBE.test(clause) || is_declined))
    return { clause, is_negated: false, is_refusal: false, left_over: 0 };
  const ceasing = CEASE.exec(clause);
  const match = ceasing ?? REMOVE.exec(clause);
  if (match === null) {
    const together = togetherIn(clause);
    return together === null ? null : { clause, ...together };
  }
  const before = clause.slice(0, match.index).trim().split(' ').slice(-2);
  const after = clause
    .slice(match.index + match[0].length)
    .trim()
    .split(' ')
    .slice(0, 1);
  const near = [...before, ...match[0].trim().split(' '), ...after];
  const is_negated = ceasing === null && near.some((word) => NEGATIONS.has(word));
  return { clause, is_negated, is_refusal: ceasing !== null, left_over: strangeIn(clause, match.index) };
}

/** Between words and what is ours: `your members' file`. */
const YOURS =
  /^(?:your|ur|ihre?[nrms]?|eure?[nrms]?|votre|vos|sus?|vuestr[oa]s?|vostr[oaie]|su[oaei]|voss[oa]s?|uw|jullie|er|era|ert|wasz\w*|panstwa)$/;
/** The writer's side. */
const OUR = /^(?:our|my|unser\w*|notre|nuestr[oa]|nostr[oa]|noss[oa]|onze?|vart?|nasz\w*)$/;
const ORGANIZATION =
  /^(?:office|school|charity|association|club|organi[sz]ation|federation|foundation|union|society|verein|verband|unternehmen|firma|buro|schule|stiftung|bureau|ecole|asso|federation|fondation|entreprise|oficina|escuela|asociacion|fundacion|empresa|ufficio|scuola|associazione|fondazione|azienda|escritorio|escola|associacao|fundacao|kantoor|school|vereniging|stichting|bedrijf|kontor|skola|forening\w*|stiftelse|foretag|biur\w*|szkol\w*|stowarzyszeni\w*|fundacj\w*|firm\w)$/;
/** Says how, or which of several. */
const MANNER = /(?:ly|lich|ment|mente)$|^wh.{2,3}ever$/;

/** Subjects before the verb of a main clause, and words that follow that verb: `I insist that you remove me`. */
const FIRST_PERSON = /^(?:i|we|ich|wir|je|nous|ik|wij|jag|vi|io|noi|eu|yo|vous|les|lhes|vos|panstwa)$/;
const LINK =
  /^(?:and|that|to|you|if|und|dass|das|zu|sie|ihr|et|que|de|d|a|y|e|ed|di|che|en|dat|om|u|te|och|att|ni|i|oraz|ze|zeby|aby|o|por|per|fur|for)$/;

/** The writer, and our list: nothing else can be meant. */
const OFF_OUR_LIST =
  / (?:me|us|mich|uns|moi|nous|nos|mi|ci|mij|ons|mig|oss|mnie|nas|[^ ]{4,20}(?:me|nos|mi|ci|temi|teci|lo)) (?:[^ ]+ ){0,4}(?:your|ihre[nrm]|eure[nrm]|votre|vos|sus?|vuestr[oa]|vostr[oaie]|suo|sua|voss[oa]s?|uw|jullie|er|era|waszej|panstwa) (?:[^ ]+ ){0,2}(?:lists?|[^ ]*liste|[^ ]*verteiler|database|datenbank|[^ ]*listen?|listas?|fichiers?|base|bestand|lijst|bazy|listy) /;

/**
 * Words of the request that no request has. Two count each, unless the word is something of ours, says how, or belongs to the
 * main clause before the request: any other may be an object, a time, or another person: `stop sending me drawings`.
 */
function strangeIn(clause: string, start: number): number {
  const all = clause.trim().split(' ');
  const before = clause.slice(0, start).trim().split(' ').length;
  const strange = all.filter((word, at) => {
    if (NEGATIONS.has(word) || PHRASED.test(word) || isOfRequests(word) || MANNER.test(word)) return false;
    const is_main = at < before && (FIRST_PERSON.test(all[at - 1] ?? '') || LINK.test(all[at + 1] ?? ''));
    if (OUR.test(all[at - 1] ?? '') && ORGANIZATION.test(word)) return false;
    return !(is_main || YOURS.test(all[at - 1] ?? '') || YOURS.test(all[at - 2] ?? ''));
  });
  const count = unknownIn(strange.filter((word) => word.length > 2).join(' '));
  return OFF_OUR_LIST.test(clause) ? count : 2 * count;
}

function clausesOf(sentence: string): string[] {
  return sentence
    .split(/[,;:()]|\s-\s/)
    .map(padded)
    .filter((clause) => clause.trim() !== '');
}

function padded(text: string): string {
  return ` ${plainWords(text).map(corrected).join(' ')} `.replace(FORM, ' from ');
}

function unknownIn(words: string): number {
  return words.split(' ').filter((word) => word !== '' && !FILLERS.has(word) && !/^\d+$/.test(word)).length;
}

function compiled(phrasesOf: (of: OptOutPhrases) => readonly string[]): RegExp {
  const lines = OPT_OUT_PHRASES.flatMap(phrasesOf)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return new RegExp(` (?:${lines.map(expression).join('|')})(?= )`);
}

function anchored(phrasesOf: (of: OptOutPhrases) => string): RegExp {
  const lines = OPT_OUT_PHRASES.map(phrasesOf).map(expression);
  const polite =
    '(?:please|pls|plz|bitte|merci(?: de)?|svp|s il vous plait|por favor|per favore|graag|aub|tack|snalla|prosze|immediately|sofort|now|danke|thanks|thank you|gracias|grazie|obrigad[oa]|bedankt|dziekuje|de|me)';
  return new RegExp(`^ (?:${polite} ){0,2}(?:${lines.join('|')}) (?:${polite} ){0,2}$`);
}

/** ` ~ ` is up to three words, `*` any ending. */
function expression(phrase: string): string {
  return phrase
    .replaceAll('(~ )?', '(?:[^ ]+ ){0,3}')
    .replaceAll('(~ )', '(?:[^ ]+ ){0,3}')
    .replaceAll('~ ', '(?:[^ ]+ ){0,3}')
    .replaceAll(/ ~$/g, '')
    .replace(/ \$$/, '(?= $)')
    .replaceAll('*', '[^ ]*')
    .replaceAll(/\((?!\?)/g, '(?:')
    .replaceAll(/ ?\)\?$/g, ')?');
}

/** `Remove me form your list`. */
const FORM = / form (?=(?:this|the|your|ur) (?:[^ ]+ )?(?:list|lists|database) )/;

/** A word with one or two wrong letters that is close to a word of requests. */
function corrected(word: string): string {
  if (word.length < 6 || word.length > 20) return word;
  if (PHRASED.test(word)) return word;
  for (const known of KEYWORDS) {
    if (word.startsWith(known) || known.startsWith(word)) return word;
    if (Math.abs(word.length - known.length) <= 2 && isNear(word, known, known.length >= 9 ? 2 : 1))
      return known;
  }
  return word;
}

/** Whether `word` becomes `known` by at most `edits` changed, added, removed, or swapped letters. */
function isNear(word: string, known: string, edits: number): boolean {
  if (word[0] !== known[0]) return false;
  let older: number[] = [];
  let last = Array.from({ length: known.length + 1 }, (_, index) => index);
  for (let row = 1; row <= word.length; row += 1) {
    const next = [row];
    for (let at = 1; at <= known.length; at += 1) {
      const same = word[row - 1] === known[at - 1] ? 0 : 1;
      let cost = Math.min(last[at]! + 1, next[at - 1]! + 1, last[at - 1]! + same);
      if (row > 1 && at > 1 && word[row - 1] === known[at - 2] && word[row - 2] === known[at - 1])
        cost = Math.min(cost, older[at - 2]! + 1);
      next.push(cost);
    }
    older = last;
    last = next;
  }
  return last[known.length]! <= edits;
}
