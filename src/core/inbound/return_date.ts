/** Finds the date on which an absent person returns. */
import { ENGLISH, FILLERS, NEXT, NOT, RETURN, UNTIL, weekdayOf } from './date_words.ts';
import { type DayOrder, datesIn, type FoundDate, slashOrder, type Token, tokensOf } from './dates.ts';
import { fold } from './words.ts';

// An answer that names a return date does so early.
const MAX_READ = 4_000;

/**
 * The first day on which the text lets its reader expect the author, as YYYY-MM-DD. A day of return precedes an end of
 * absence. `until` has one meaning in all languages: `until Monday`, `bis Montag`, `jusqu'à lundi`, `hasta el lunes`, `fino
 * a lunedì`, `tot maandag`, and every range (`from 3 to 14 August`) name the last day away, so the result is the day after;
 * a message a day late costs less than one during an absence. `Not back until Monday` names the day of return. Years and
 * weekdays are the nearest ones after `sent_at` (RFC 3339, its own day counts).
 *
 * Null without a date, for contradictory or ambiguous dates, and for a day before the message or more than 180 days after
 * it.
 */
export function returnDate(text: string, sent_at: string | null): string | null {
  const today = dayOf(sent_at);
  if (today === null) return null;
  const folded = fold(text, MAX_READ)
    .replace(/(?<=\s)t\/m(?=\s)/g, 'tot en met')
    .replace(/\b(?:till och med|t\.?o\.?m\.?)(?=\s)/g, 'bis')
    // Polish `do`, which means other things in other languages.
    .replace(
      /\bdo(?= (?:dnia )?\d{1,2}[. ]\s?(?:\d|sty|lut|mar|kwi|maj|cze|lip|sie|wrz|paz|lis|gru))/g,
      'bis',
    );
  const sentences = sentencesOf(folded).map(tokensOf);
  const order = orderOf(sentences.flat());
  const back: Temporal.PlainDate[] = [];
  const over: Temporal.PlainDate[] = [];
  for (const tokens of sentences) {
    const dates = datesIn(tokens, today, order);
    const says_return = tokens.some((token) => RETURN.has(token.text));
    for (const date of dates) {
      const until = untilBefore(tokens, date);
      if (until !== null && isNotBack(tokens, until)) back.push(date.day);
      else if (date.is_range_end || until !== null) over.push(date.day.add({ days: 1 }));
      else if (says_return && !isRangeStart(dates, date)) back.push(date.day);
    }
  }
  const chosen = agreed(back) ?? (back.length === 0 ? agreed(over) : null);
  return chosen === null || today.until(chosen).days > 180 ? null : chosen.toString();
}

function dayOf(sent_at: string | null): Temporal.PlainDate | null {
  try {
    return sent_at === null ? null : Temporal.PlainDate.from(sent_at.slice(0, 10));
  } catch {
    return null;
  }
}

/** A dot ends a sentence after a word, not after a number or an abbreviation: `14. August`, `Aug. 14`. */
function sentencesOf(text: string): string[] {
  return text.split(/(?<=[\p{L})]{5})\.(?=\s)|(?<=\d{4})\.(?=\s)|[!?;](?=\s)|\n\s{0,20}\n/u);
}

/** Only English leaves the order open; all other languages put the day first. */
function orderOf(tokens: readonly Token[]): DayOrder {
  const said = slashOrder(tokens);
  if (said !== 'unknown') return said;
  const words = tokens.filter(({ number, text }) => number === null && text.length > 0);
  const english = words.filter(({ text }) => ENGLISH.has(text)).length;
  return english * 8 >= words.length ? 'unknown' : 'day_first';
}

/** The place of the word that makes a date the last day away, within five filler words before it. */
function untilBefore(tokens: readonly Token[], date: FoundDate): number | null {
  for (let at = date.from - 1; at >= 0 && at >= date.from - 6; at -= 1) {
    const word = tokens[at]!.text;
    // Dutch `tot en met`; `met` alone is another word.
    if (UNTIL.has(word)) return word === 'met' && !isTotEnMet(tokens, at) ? null : at;
    if (!FILLERS.has(word) && weekdayOf(word) === undefined && !NEXT.has(word) && word !== '.') return null;
  }
  return null;
}

function isTotEnMet(tokens: readonly Token[], at: number): boolean {
  return tokens[at - 1]?.text === 'en' && tokens[at - 2]?.text === 'tot';
}

/** `I will not be back until 14 August`. */
function isNotBack(tokens: readonly Token[], until: number): boolean {
  const before = tokens.slice(Math.max(0, until - 7), until).map(({ text }) => text);
  const not = before.findIndex((word) => NOT.has(word));
  return not >= 0 && before.slice(not).some((word) => RETURN.has(word));
}

function isRangeStart(dates: readonly FoundDate[], date: FoundDate): boolean {
  return dates[dates.indexOf(date) + 1]?.is_range_end === true;
}

/** One day, or the later of two consecutive ones: the same absence in two languages. Null if they contradict. */
function agreed(days: readonly Temporal.PlainDate[]): Temporal.PlainDate | null {
  const sorted = days.toSorted(Temporal.PlainDate.compare);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return null;
  return first.until(last).days <= 1 ? last : null;
}
