/** What a person's answer asks for, by rules. */
import { AWAY, CLOSING, GREETING, UNSUBSCRIBE_ALONE, UNSUBSCRIBE_REQUEST, WRONG_PERSON } from './phrases.ts';
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
const MAX_CERTAIN_WORDS = 120;
const MAX_UNSUBSCRIBE_WORDS = 30;

/** In this order, each taking its words away from those behind it: `not interested` has no `interested` in it then. */
const WISHES: readonly (readonly [ReplyIntent, RegExp])[] = [
  ['unsubscribe', UNSUBSCRIBE_REQUEST],
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
 * The intent of an answer's own words (`splitQuoted`), in English, German, French, Spanish or Italian; much of Dutch and
 * Portuguese. `certain: false` leaves it to a person or a model: nothing known was said, or several things that do not go
 * together, or it is long. An unsubscribe is certain only as a short answer that asks for nothing else.
 */
export function replyIntent(reply: string): { intent: ReplyIntent; certain: boolean } {
  const sentences = ownSentences(fold(reply, MAX_READ));
  const said = new Set<ReplyIntent>();
  let doubtful = false;
  for (const sentence of sentences) {
    const one = saidIn(sentence, sentences.length);
    for (const intent of one.intents) said.add(intent);
    doubtful ||= one.doubtful;
  }
  const word_count = sentences.join(' ').split(/\s+/).length;
  const is_whole = reply.length <= MAX_READ;
  if (said.size === 0) return { intent: 'other', certain: false };
  const key = [...said].sort().join(' ');
  const one = said.size === 1 ? [...said][0] : TOGETHER[key];
  if (one === undefined)
    return { intent: WEIGHT.find((intent) => said.has(intent)) ?? 'other', certain: false };
  const limit = one === 'unsubscribe' ? MAX_UNSUBSCRIBE_WORDS : MAX_CERTAIN_WORDS;
  const evades =
    one === 'unsubscribe' ? isReported(sentences) : one !== 'question' && speaksOfUnsubscribing(sentences);
  return { intent: one, certain: is_whole && word_count <= limit && !doubtful && !evades };
}

/** Sentences without the greeting, and without the closing and what stands under it. */
function ownSentences(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  const content = lines.filter((line) => line !== '');
  const closing = content.findIndex((line, index) => index > 0 && CLOSING.test(line));
  const body = content.slice(0, closing < 0 ? undefined : closing);
  if (body.length > 1 && GREETING.test(body[0] ?? '')) body.shift();
  return body
    .join('\n')
    .replace(/(?<=[\w)"'])\n(?=[a-z0-9])/g, ' ')
    .split(/(?<=[.!?])\s+|\n/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => /\p{L}/u.test(sentence));
}

/** What a sentence says, and whether it takes some of it back. */
function saidIn(sentence: string, sentence_count: number): { intents: ReplyIntent[]; doubtful: boolean } {
  const bare = sentence.replace(/[\s.!,;:]+$/, '');
  if (sentence_count <= 3 && UNSUBSCRIBE_ALONE.test(bare))
    return { intents: ['unsubscribe'], doubtful: false };
  const intents: ReplyIntent[] = [];
  let doubtful = false;
  let rest = sentence;
  for (const [intent, words] of WISHES) {
    words.lastIndex = 0;
    const match = words.exec(rest);
    if (match === null) continue;
    intents.push(intent);
    doubtful ||= isDoubted(intent, rest, match);
    rest = rest.replace(words, ' . ');
  }
  const is_question = sentence.includes('?') || ASKING.test(sentence);
  if (intents.includes('interested')) {
    if (asksBeside(sentence)) intents.push('question');
  } else if (is_question && !intents.includes('wrong_person')) intents.push('question');
  return { intents, doubtful };
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
 * is not part of the phrase; of an unsubscribe, one right before it, and one that a `but` limits.
 */
function isDoubted(intent: ReplyIntent, sentence: string, match: RegExpExecArray): boolean {
  const before = sentence.slice(0, match.index);
  const after = sentence.slice(match.index + match[0].length);
  const clause_before = before.slice(before.search(/[^,;:.!?]*$/));
  const clause_after = after.slice(0, after.search(/[,;:.!?]|$/));
  if (intent === 'unsubscribe') {
    const last_words = clause_before.trim().split(/\s+/).slice(-2).join(' ');
    return NEGATION.test(last_words) || CONTRAST.test(after);
  }
  if (intent !== 'interested' && intent !== 'meeting') return false;
  return NEGATION.test(clause_before) || NEGATION.test(clause_after);
}

const NEGATION =
  /(?:^|[^\p{L}])(?:not|no|never|cannot|hardly|nicht|nie|kein|keine|keinen|kaum|pas|jamais|nunca|tampoco|non|mai|niet|nao)(?![\p{L}])|n't(?![\p{L}])/u;
const CONTRAST = /(?:^|[^\p{L}])(?:but|however|aber|jedoch|sondern|mais|pero|ma|maar|mas)(?![\p{L}])/u;

/** Who speaks of unsubscribing and is not taken to ask for it may still do so. */
const SPEAKS_OF_UNSUBSCRIBING =
  /unsubscri|abmeld|abzumeld|austrag|desinscri|desabon|de baja|disiscri|uitschrij|descadastr/;

/** Someone else's wish, or a negated one: `I do not want to unsubscribe`, `our members ask you to remove them`. */
function isReported(sentences: readonly string[]): boolean {
  return sentences.some((sentence) =>
    /\b(?:(?:not|never|n't) (?:want(?:ing)? |trying |asking |going |wish(?:ing)? )?(?:you )?to (?:unsubscribe|be removed|opt|stop|remove)|our (?:members|customers|users|clients|subscribers)|(?:don't|do not) (?:unsubscribe|remove)|(?:nicht|not|pas|no|non) (?:abmelden|austragen|desinscrire|darme|cancellarmi))\b/.test(
      sentence,
    ),
  );
}

function speaksOfUnsubscribing(sentences: readonly string[]): boolean {
  return sentences.some((sentence) => SPEAKS_OF_UNSUBSCRIBING.test(sentence));
}
