/** Finds dates in a sentence, as people write them in seven languages. */
import { FILLERS, monthOf, NEXT, RANGE, TOMORROW, weekdayOf } from './date_words.ts';

/** A word, a number, or a sign; `space` if white space precedes it. */
export type Token = { text: string; number: number | null };

/** `from` and `to` are token positions. `is_range_end`: the text before it is the first day of the same absence. */
export type FoundDate = { day: Temporal.PlainDate; from: number; to: number; is_range_end: boolean };

export type DayOrder = 'day_first' | 'month_first' | 'unknown';

type Written = {
  year: number | null;
  month: number;
  day: number;
  /** The other reading, if both are possible. */
  other?: { month: number; day: number };
  to: number;
};

const MAX_DAYS_AHEAD = 180;

export function tokensOf(sentence: string): Token[] {
  const tokens: Token[] = [];
  for (const [text] of sentence.matchAll(/\d{1,6}|\p{L}+|[./:–-]/gu)) {
    tokens.push({ text, number: /^\d/.test(text) ? Number(text) : null });
  }
  return tokens;
}

/** The dates of a sentence within 180 days of `today`, each once, in order. */
export function datesIn(tokens: readonly Token[], today: Temporal.PlainDate, order: DayOrder): FoundDate[] {
  const found: FoundDate[] = [];
  /** The end of the previous date, past ones included: a range may have begun long ago. */
  let previous_to: number | null = null;
  let at = 0;
  while (at < tokens.length) {
    const one = dateAt(tokens, at, today, order);
    if (one === null) {
      at += 1;
      continue;
    }
    if (one.day !== null) {
      const is_range_end = endsRange(tokens, at, previous_to);
      found.push({ day: one.day, from: at, to: one.to, is_range_end });
    }
    at = one.to;
    previous_to = at;
  }
  return found;
}

/** Whether slashes put the month first: one unambiguous date decides for all in the text. */
export function slashOrder(tokens: readonly Token[]): DayOrder {
  for (let at = 0; at + 2 < tokens.length; at += 1) {
    const [first, sign, second] = [tokens[at], tokens[at + 1], tokens[at + 2]];
    if (sign?.text !== '/' || first?.number == null || second?.number == null) continue;
    if (first.number > 12 && second.number <= 12) return 'day_first';
    if (second.number > 12 && second.number <= 31 && first.number <= 12) return 'month_first';
  }
  return 'unknown';
}

/** The date that begins here. `day: null` for one that is invalid or too far away: it is skipped. */
function dateAt(
  tokens: readonly Token[],
  at: number,
  today: Temporal.PlainDate,
  order: DayOrder,
): { day: Temporal.PlainDate | null; to: number } | null {
  const written =
    isoAt(tokens, at) ?? numbersAt(tokens, at, order) ?? dayMonthAt(tokens, at) ?? monthDayAt(tokens, at);
  if (written !== null) return { day: resolved(written, today), to: written.to };
  return weekdayAt(tokens, at, today) ?? tomorrowAt(tokens, at, today);
}

/** 2026-08-14. */
function isoAt(tokens: readonly Token[], at: number): Written | null {
  const [year, month, day] = [number(tokens, at), number(tokens, at + 2), number(tokens, at + 4)];
  if (year === null || year < 1990 || year > 2099 || month === null || day === null) return null;
  const sign = text(tokens, at + 1);
  if (!/^[-/.]$/.test(sign) || text(tokens, at + 3) !== sign) return null;
  return { year, month, day, to: at + 5 };
}

/** 14.08., 14.8.2026, 14/08/2026, 14-08-2026: dots and hyphens put the day first, slashes follow the language. */
function numbersAt(tokens: readonly Token[], at: number, order: DayOrder): Written | null {
  const sign = text(tokens, at + 1);
  const [first, second] = [number(tokens, at), number(tokens, at + 2)];
  if (!/^[./-]$/.test(sign) || first === null || second === null || first > 31 || second > 31) return null;
  const has_second_sign = text(tokens, at + 3) === sign;
  const third = has_second_sign ? number(tokens, at + 4) : null;
  const year =
    third === null
      ? null
      : third >= 2000 && third <= 2099
        ? third
        : third >= 20 && third <= 99
          ? 2000 + third
          : null;
  if (sign === '-' && year === null) return null;
  // `9.30 Uhr` and `1.5 days` are not dates: without a year, a date has two dots.
  if (sign === '.' && !has_second_sign) return null;
  const to = year === null ? at + (has_second_sign && sign === '.' ? 4 : 3) : at + 5;
  const day_first = { year, day: first, month: second, to };
  if (sign !== '/' || order === 'day_first') return day_first;
  const month_first = { year, day: second, month: first, to };
  if (order === 'month_first') return month_first;
  if (first > 12) return day_first;
  if (second > 12) return month_first;
  return { ...day_first, ...(first === second ? {} : { other: { day: second, month: first } }) };
}

/** 14 August, 14th of August 2026, 14. August, 1er aout, 14 de agosto de 2026. */
function dayMonthAt(tokens: readonly Token[], at: number): Written | null {
  const day = number(tokens, at);
  if (day === null || day < 1 || day > 31) return null;
  let next = at + 1;
  if (/^(st|nd|rd|th|er|o|a|e)$/.test(text(tokens, next))) next += 1;
  if (text(tokens, next) === '.') next += 1;
  while (next < at + 5 && /^(of|de|del|di|d|-)$/.test(text(tokens, next))) next += 1;
  const month = monthOf(text(tokens, next));
  return month === undefined ? null : { day, month, ...yearAt(tokens, next + 1) };
}

/** August 14, August 14th, 2026, Aug. 14. */
function monthDayAt(tokens: readonly Token[], at: number): Written | null {
  const month = monthOf(text(tokens, at));
  if (month === undefined) return null;
  let next = at + 1;
  while (next < at + 3 && /^(\.|the)$/.test(text(tokens, next))) next += 1;
  const day = number(tokens, next);
  if (day === null || day < 1 || day > 31 || text(tokens, next + 1) === ':') return null;
  next += 1;
  if (/^(st|nd|rd|th)$/.test(text(tokens, next))) next += 1;
  return { day, month, ...yearAt(tokens, next) };
}

function yearAt(tokens: readonly Token[], at: number): { year: number | null; to: number } {
  let next = at;
  while (next < at + 3 && /^(\.|de|del|of)$/.test(text(tokens, next))) next += 1;
  const year = number(tokens, next);
  return year !== null && year >= 2000 && year <= 2099 ? { year, to: next + 1 } : { year: null, to: at };
}

/**
 * A weekday alone: the first one after the message's day. `Next Friday` on a Tuesday is ambiguous, so it does not count;
 * neither do abbreviations that are also words.
 */
function weekdayAt(tokens: readonly Token[], at: number, today: Temporal.PlainDate) {
  const name = text(tokens, at);
  const weekday = weekdayOf(name);
  if (weekday === undefined || name.length < 5) return null;
  let next = at + 1;
  if (text(tokens, next) === '-' && text(tokens, next + 1) === 'feira') next += 2;
  if (isBeforeDate(tokens, next)) return null;
  const ahead = ((weekday - today.dayOfWeek + 6) % 7) + 1;
  const says_next = NEXT.has(text(tokens, at - 1)) || NEXT.has(text(tokens, next));
  const is_this_week = today.dayOfWeek + ahead <= 7;
  return { day: says_next && is_this_week ? null : today.add({ days: ahead }), to: next };
}

/** `Monday, 14 August`: the date alone is enough. */
function isBeforeDate(tokens: readonly Token[], at: number): boolean {
  for (let next = at; next < at + 4; next += 1) {
    if (number(tokens, next) !== null || monthOf(text(tokens, next)) !== undefined) return true;
    if (!FILLERS.has(text(tokens, next)) && text(tokens, next) !== '.') return false;
  }
  return false;
}

function tomorrowAt(tokens: readonly Token[], at: number, today: Temporal.PlainDate) {
  if (!TOMORROW.has(text(tokens, at))) return null;
  return { day: today.add({ days: 1 }), to: at + 1 };
}

/** A written date as a day from `today` on; without a year, the nearest such day. */
function resolved(written: Written, today: Temporal.PlainDate): Temporal.PlainDate | null {
  const readings = written.other === undefined ? [written] : [written, { ...written, ...written.other }];
  const days = readings.flatMap(({ year, month, day }) => {
    const years = year === null ? [today.year, today.year + 1] : [year];
    return years.flatMap((one) => nearDay(one, month, day, today) ?? []);
  });
  const [first, second] = days;
  return first === undefined || second !== undefined ? null : first;
}

function nearDay(
  year: number,
  month: number,
  day: number,
  today: Temporal.PlainDate,
): Temporal.PlainDate | null {
  if (month < 1 || month > 12 || day < 1 || day > 31) return null;
  try {
    const date = Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' });
    const ahead = today.until(date).days;
    return ahead >= 0 && ahead <= MAX_DAYS_AHEAD ? date : null;
  } catch {
    return null;
  }
}

/** `from 3 to 14 August`, `3. bis 14. August`, `3 August - 14 August`: whether a first day directly precedes this date. */
function endsRange(tokens: readonly Token[], at: number, previous_to: number | null): boolean {
  let before = at - 1;
  let sign = false;
  while (before >= 0 && at - before <= 6) {
    const word = text(tokens, before);
    if (previous_to !== null && before < previous_to) return sign;
    if (RANGE.has(word)) sign = true;
    else if (number(tokens, before) !== null) return sign && isDay(number(tokens, before));
    else if (
      !FILLERS.has(word) &&
      weekdayOf(word) === undefined &&
      monthOf(word) === undefined &&
      word !== '.' &&
      !/^(st|nd|rd|th|er)$/.test(word)
    )
      return false;
    before -= 1;
  }
  return false;
}

function isDay(value: number | null): boolean {
  return value !== null && value >= 1 && value <= 31;
}

function number(tokens: readonly Token[], at: number): number | null {
  return tokens[at]?.number ?? null;
}

function text(tokens: readonly Token[], at: number): string {
  return tokens[at]?.text ?? '';
}
