/** What a person's answer asks for, by rules. */

import {
  isDepartureDenied,
  isDepartureDoubted,
  LEFT_COMPANY,
  MAY_HAVE_LEFT,
  statesDeparture,
} from './left_company.ts';
import { optOutIn } from './opt_out.ts';
import { JOKING, OTHER_WAY, REPORTS_SPEECH } from './opt_out_limits.ts';
import { CONTRAST } from './opt_out_words.ts';
import { AWAY, CLOSING, GREETING, WRONG_PERSON } from './phrases.ts';
import { ASKING, INTERESTED, MEETING, NOT_INTERESTED, NOT_NOW } from './wishes.ts';
import { fold, has } from './words.ts';

export type ReplyIntent =
  | 'interested'
  | 'meeting'
  | 'question'
  | 'not_now'
  | 'not_interested'
  | 'unsubscribe'
  | 'wrong_person'
  | 'out_of_office'
  | 'other';

// What is longer says more than one thing. The rest of a long answer is not read, and makes it uncertain.
const MAX_READ = 3_000;
const END_READ = 1_000;
const MAX_CERTAIN_WORDS = 120;
const MAX_UNSUBSCRIBE_WORDS = 60;

/** In this order, each taking its words away from those behind it: `not interested` has no `interested` in it then. */
const WISHES: readonly (readonly [ReplyIntent, RegExp])[] = [
  ['wrong_person', LEFT_COMPANY],
  ['wrong_person', MAY_HAVE_LEFT],
  ['wrong_person', WRONG_PERSON],
  ['out_of_office', AWAY],
  ['not_now', NOT_NOW],
  ['not_interested', NOT_INTERESTED],
  ['meeting', MEETING],
  ['interested', INTERESTED],
];

/** Two that say one thing together -> that one. Any other two leave it uncertain. */
const TOGETHER: Readonly<Record<string, ReplyIntent>> = {
  'interested meeting': 'meeting',
  'meeting question': 'meeting',
  'interested meeting question': 'meeting',
  'not_interested not_now': 'not_now',
  'not_interested unsubscribe': 'unsubscribe',
  'unsubscribe wrong_person': 'unsubscribe',
  'not_interested unsubscribe wrong_person': 'unsubscribe',
};

/** Which one is the guess where several are said: the one that it would be worst to miss. */
const WEIGHT: readonly ReplyIntent[] = [
  'unsubscribe',
  'wrong_person',
  'not_now',
  'meeting',
  'not_interested',
  'question',
  'interested',
  'out_of_office',
];

/**
 * The intent of an answer's own words (`splitQuoted`), in English, German, French, Spanish or Italian,
 * Portuguese, Dutch, Swedish, or Polish. `certain: false` leaves it to a person or a model: nothing known was said, or several things that do not go
 * together, or it is long. An unsubscribe is certain only as a short answer that asks for nothing else.
 */
export function replyIntent(reply: string): { intent: ReplyIntent; certain: boolean } {
  const all = ownSentences(fold(beginningAndEnd(reply), MAX_READ)).map(withoutPronoun);
  const asks_off = all.some((sentence) => ['asked', 'alone'].includes(optOutIn(sentence) ?? ''));
  // `Where did you get my address? Delete it.` asks for nothing else.
  const sentences = asks_off ? all.filter((sentence) => !ORIGIN.test(sentence)) : all;
  const said = new Set<ReplyIntent>();
  let doubtful = false;
  for (const sentence of sentences) {
    const one = saidIn(sentence, sentences);
    for (const intent of one.intents) said.add(intent);
    doubtful ||= one.doubtful || MEANT.test(sentence);
    doubtful ||= IT.test(sentence) && sentences.some((other) => !IT.test(other) && !isAgainst(other));
  }
  doubtful ||= sentences.some((sentence, at) => at > 0 && NOT.test(sentence));
  doubtful ||= asks_off && isTakenBack(sentences);
  const word_count = sentences.join(' ').split(/\s+/).length;
  const is_whole = reply.length <= MAX_READ;
  if (said.size === 0) {
    const is_no = sentences.length === 1 && NOT.test(sentences[0] ?? '');
    return { intent: is_no ? 'not_interested' : 'other', certain: false };
  }
  const key = [...said].sort().join(' ');
  const one = said.size === 1 ? [...said][0] : TOGETHER[key];
  if (one === undefined)
    return { intent: WEIGHT.find((intent) => said.has(intent)) ?? 'other', certain: false };
  const limit = one === 'unsubscribe' ? MAX_UNSUBSCRIBE_WORDS : MAX_CERTAIN_WORDS;
  return { intent: one, certain: is_whole && word_count <= limit && !doubtful };
}

/** Whether it says that the person no longer works there, as opposed to one who is only not responsible. */
export function hasLeft(reply: string): boolean {
  return has(fold(reply, MAX_READ), LEFT_COMPANY);
}

/** Whether it has words of a departure, in any sense. */
export function mayHaveLeft(reply: string): boolean {
  return hasLeft(reply) || has(fold(reply, MAX_READ), MAY_HAVE_LEFT);
}

/** Whether the sentences around a request make it a joke, a report of another's words, or a change of address. */
function isTakenBack(sentences: readonly string[]): boolean {
  return sentences.some(
    (sentence, at) =>
      JOKING.test(sentence) ||
      (REPORTS_SPEECH.test(sentence) && at < sentences.length - 1) ||
      (!isAgainst(sentence) &&
        !/^\S+@\S+$/.test(sentence) &&
        (OTHER_WAY.test(sentence) || / \S+@\S/.test(sentence))),
  );
}

/** A no often ends a long reply. */
function beginningAndEnd(reply: string): string {
  return reply.length <= MAX_READ
    ? reply
    : `${reply.slice(0, MAX_READ - END_READ - 1)}\n${reply.slice(-END_READ)}`;
}

/** A request about a pronoun: another sentence may say what it stands for, an order or a file. */
const IT =
  /^(?:(?:please|bitte|por favor|kindly|and|then|so|danke),? )?(?:(?:delete|remove|stop|cancel|end) (?:it|that|this)|(?:loschen|streichen|entfernen) sie (?:sie|es|das|diese|die)|(?:will|mochte|wollen|mochten|ich will|ich mochte|wir wollen|wir mochten) (?:das|sowas|so etwas) nicht mehr \p{L}+|(?:parem|pare|para) com (?:isso|isto)|(?:supprimez|effacez|retirez)-(?:la|les|le)|(?:borr|elimin)en?l[ao]s?|(?:cancell|elimin)atel[aoie]|(?:apaguem|eliminem|removam)-n[oa]s?|verwijder (?:het|die|deze)|(?:ta bort|radera) (?:den|det|dem)|usuncie (?:go|je))(?:,? (?:please|bitte|now|immediately|sofort|umgehend|por favor|thanks|thank you|danke))?[.!]*$/u;

/** `I do not know where you got my address. Delete it.`: the address, so the whole is a request to opt out. */
function withoutPronoun(sentence: string, _: number, all: readonly string[]): string {
  const is_address = IT.test(sentence) && all.some((other) => ORIGIN.test(other) || ORIGIN_SAID.test(other));
  return is_address ? 'unsubscribe' : sentence;
}

/** Explains the sentence before. */
const MEANT =
  /^(?:i mean|i meant|ich meine|ich meinte|je veux dire|je parle d|me refiero|quiero decir|intendo|voglio dire|quero dizer|ik bedoel|jag menar|chodzi mi) /;

/** A question for the source of an address. */
const ORIGIN =
  /^(?:(?:how|where) (?:did|do) (?:you|u) (?:get|have|find|obtain)|woher (?:haben|hast|kommt)|ou avez-vous|comment avez-vous (?:eu|obtenu)|.?de donde (?:sac|tien|obtuv)|.?como (?:consig|obtuv)|dove avete|come avete (?:avuto|ottenuto)|onde arranja|onde obtiv|como obtiv|hoe komt u|hoe kom je|waar heeft u|var har ni|hur har ni|hur fick ni|skad macie|skad maja)[^.!?]{0,80}[?]/;

/** The same as a statement. */
const ORIGIN_SAID =
  /(?:(?:do not|don't|no) (?:know|idea) (?:how|where) you (?:got|get|have|found|obtained) my|(?:weiss|wissen) (?:gar |wirklich )?nicht,? (?:woher|wie) (?:sie|ihr) (?:zu )?(?:meiner?|unserer?)|ne sais pas (?:ou|comment) vous avez (?:eu|obtenu|trouve)|no se (?:de donde|como) (?:han|ha) (?:sacado|conseguido|obtenido)|non so (?:dove|come) (?:avete|abbiate) (?:avuto|preso|trovato)|nao sei (?:onde|como) (?:obtiveram|arranjaram|conseguiram)|weet niet (?:hoe|waar) u (?:aan )?mijn|vet inte (?:hur|var) ni (?:fick|har)|nie wiem,? skad (?:macie|panstwo maja)) [^.!?]{0,60}(?:address|e-?mail|adresse|mail|correo|direccion|indirizzo|endereco|adres|adress)/;

/** Sentences without the greeting, and without the closing and what stands under it. */
function ownSentences(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  const content = lines.filter((line) => line !== '');
  const closing = content.findIndex((line, index) => index > 0 && CLOSING.test(line));
  const body = content.slice(0, closing < 0 ? undefined : closing);
  if (body.length > 1 && GREETING.test(body[0] ?? '')) body.shift();
  return (
    body
      .join('\n')
      .replace(/(?<=[\w)"'])\n(?=[a-z0-9])/g, ' ')
      // Not after a title: `M. Durand`.
      .split(/(?<=[.!?])(?<!\b(?:m|mr|mrs|ms|dr|hr|sr|sra|st|nr)[.])\s+|\n/)
      .map((sentence) => sentence.trim())
      .filter((sentence) => /\p{L}/u.test(sentence))
  );
}

/** What a sentence says, and whether it takes some of it back. */
function saidIn(sentence: string, all: readonly string[]): { intents: ReplyIntent[]; doubtful: boolean } {
  const opt_out = optOutIn(sentence);
  // `Stop! Add two seats first`: the word alone is no request there.
  if (opt_out === 'alone')
    return { intents: ['unsubscribe'], doubtful: all.at(-1) !== sentence && !all.every(isAgainst) };
  // `Stop mailing, call me`: two wishes.
  if (opt_out === 'asked')
    return {
      intents: has(sentence, MEETING) ? ['unsubscribe', 'meeting'] : ['unsubscribe'],
      doubtful: false,
    };
  const intents: ReplyIntent[] = [];
  let doubtful = opt_out !== null;
  if (opt_out === 'perhaps') intents.push('unsubscribe');
  let rest = sentence;
  for (const [intent, words] of WISHES) {
    // `I left the company. Ask Bob, who took over.`: the other sentence says it.
    if (words === MAY_HAVE_LEFT && all.some((other) => other !== sentence && statesDeparture(other)))
      continue;
    words.lastIndex = 0;
    const match = words.exec(rest);
    if (match === null) continue;
    intents.push(intent === 'not_now' && NOT_EVER.test(sentence) ? 'not_interested' : intent);
    doubtful ||=
      isDoubted(intent, rest, match) ||
      (words === LEFT_COMPANY &&
        isDepartureDenied(
          sentence,
          all.filter((other) => other !== sentence),
        ));
    rest = rest.replace(words, ' . ');
  }
  const is_question = sentence.includes('?') || ASKING.test(sentence);
  if (intents.includes('interested')) {
    if (asksBeside(sentence)) intents.push('question');
  } else if (is_question && !intents.includes('wrong_person')) intents.push('question');
  return { intents, doubtful };
}

/** `Not now, not ever`: a no. */
const NOT_EVER =
  /(?:,|(?<!\p{L})(?:and|or|nor|und|et|ni|y|e|o|en|och|i|ani))\s+(?:(?:not|nor|auch|und|et|and|y|e|en|och|i|ani|ook) )?(?:ever|never|nie|niemals|jamais|nunca|nunca mas|mai|nooit|aldrig|nigdy)(?: again| wieder| mas| piu| mais| meer| mer| wiecej)?[.!]*$/u;

/** A sentence of one word that turns around the one before: `I am so interested. Not.` */
const NOT =
  /^(?:not|nope|no|nicht|nein|non|pas|nao|niet|nee|inte|nej|nie|not at all|gar nicht|uberhaupt nicht|pas du tout|para nada|per niente|de modo nenhum|helemaal niet|inte alls|wcale nie)[ .!]*$/;

function isAgainst(sentence: string): boolean {
  const opt_out = optOutIn(sentence);
  return opt_out === 'asked' || opt_out === 'alone' || has(sentence, NOT_INTERESTED);
}

/**
 * `Could you send me prices?` is a wish in the form of a question; `sounds good, but what does it cost?` has a question
 * beside the wish.
 */
function asksBeside(sentence: string): boolean {
  if (!sentence.includes('?')) return false;
  const clauses = sentence.split(CLAUSE).filter((clause) => /\p{L}/u.test(clause));
  const beside = clauses.filter((clause) => !has(clause, INTERESTED));
  return beside.some((clause) => ASKING.test(clause)) || beside.includes(clauses.at(-1) ?? '');
}

/** A comma, a `but`, or words that ask begin another. */
const CLAUSE = new RegExp(
  `[,;:]\\s*|\\s(?=(?:but|however|aber|jedoch|mais|pero|ma|maar|mas)\\s)|\\s(?=${ASKING.source.slice(1)})`,
);

/**
 * `I can't say that I'm interested`, `please do not call me`, `no me den de baja`: a wish with a negation in its clause that
 * is not part of the phrase, and one that a `but` limits.
 */
function isDoubted(intent: ReplyIntent, sentence: string, match: RegExpExecArray): boolean {
  const before = sentence.slice(0, match.index);
  const after = sentence.slice(match.index + match[0].length);
  if (CONTRAST.test(after)) return true;
  const clause_before = before.slice(before.search(/[^,;:.!?]*$/));
  const clause_after = after.slice(0, after.search(/[,;:.!?]|$/));
  if (intent === 'wrong_person')
    return isDepartureDoubted(sentence) || IN_LANGUAGE.test(sentence) || NEGATION.test(clause_before);
  if (intent !== 'interested' && intent !== 'meeting') return false;
  return NEGATION.test(clause_before) || NEGATION.test(clause_after);
}

/** `Do not write to me in English`: only the language is wrong. */
const IN_LANGUAGE =
  /(?<!\p{L})(?:in|auf|en|em|in het|pa|po) (?:englis\p{L}*|anglais|ingles\p{L}*|engels\p{L}*|angielsku|german|deutsch|allemand|aleman|tedesco|alemao|duits|tyska|niemiecku|french|franzosisch|francais|frances|francese|frans|franska|francusku|spanish|spanisch|espanol|espagnol|spagnolo|svenska|polsku|polnisch|italiano|portugues|nederlands)(?!\p{L})/u;

const NEGATION =
  /(?:^|[^\p{L}])(?:not|no|never|cannot|hardly|nicht|nie|kein|keine|keinen|kaum|pas|jamais|nunca|tampoco|non|mai|niet|nao|inte|ej)(?![\p{L}])|n't(?![\p{L}])/u;
