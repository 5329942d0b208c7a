/**
 * A play's audience, from its target_definition (specification of SalesPlayLibrary). The lists become the parameters of
 * `play_matches` in db/routines/play_runs.sql.
 */
import type { IcpTier } from '../../schema.gen.ts';

export type TargetDefinition = {
  icp_tiers?: readonly IcpTier[];
  segments?: readonly string[];
  verticals?: readonly string[];
  lifecycle_stages?: readonly string[];
  titles?: readonly string[];
  intent_signals?: { any?: readonly string[]; all?: readonly string[] };
};

/** Conditions that must all hold; null restricts nothing. */
export type Audience = {
  segment: string | null;
  account_id: string | null;
  icp_tiers: string[] | null;
  segments: string[] | null;
  vertical_pattern: string | null;
  lifecycle_stage_pattern: string | null;
  title_pattern: string | null;
  any_signals: string[] | null;
  all_signals: string[] | null;
};

/** A play's audience: the leads of its segment or account that match its target definition. */
export function audienceOf(play: {
  segment: string | null;
  account_id: string | null;
  target_definition: TargetDefinition;
}): Audience {
  const { icp_tiers, segments, verticals, lifecycle_stages, titles, intent_signals } = play.target_definition;
  return {
    segment: play.segment,
    account_id: play.account_id,
    icp_tiers: listed(icp_tiers),
    segments: listed(segments),
    vertical_pattern: listed(verticals) && wholePattern(verticals!),
    lifecycle_stage_pattern: listed(lifecycle_stages) && wholePattern(lifecycle_stages!),
    title_pattern: listed(titles) && titlePattern(titles!),
    any_signals: listed(intent_signals?.any),
    all_signals: listed(intent_signals?.all),
  };
}

/** Whether a title contains one of these as whole words, in any case: "VP Finance" matches "vp finance, EMEA". */
export function titleFits(titles: readonly string[], title: string | null): boolean {
  return title !== null && new RegExp(titlePattern(titles), 'u').test(title);
}

/**
 * The same rule as a regular expression that PostgreSQL (ARE) and JavaScript (flag u) read alike. It depends on no locale
 * or collation: it spells out both cases of each letter and the set of letters.
 */
function titlePattern(titles: readonly string[]): string {
  return `(?<!${LETTER})(?:${titles.map(anyCase).join('|')})(?!${LETTER})`;
}

/** Exactly one of these, in any case. */
function wholePattern(words: readonly string[]): string {
  return `^(?:${words.map(anyCase).join('|')})$`;
}

/**
 * Letters and digits of scripts with spaces between words. In scripts without spaces, for example Chinese, Japanese, or
 * Thai, a title matches wherever it contains the words.
 */
const LETTER =
  '[0-9A-Za-z\\u00AA\\u00B5\\u00BA\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u0DFF\\u10A0-\\u10FF\\u1E00-\\u1FFF]';

/** The word with each letter in both cases; several spaces count as one. */
function anyCase(word: string): string {
  return [...word.trim().replaceAll(/\s+/gu, ' ')].map(eitherCase).join('').replaceAll(' ', ' +');
}

function eitherCase(char: string): string {
  const cases = [char.toLowerCase(), char.toUpperCase()];
  const others = cases.filter((other) => other !== char && [...other].length === 1);
  if (others.length > 0) return `[${char}${others.join('')}]`;
  return /[\^$\\.*+?()[\]{}|]/.test(char) ? `\\${char}` : char;
}

function listed<T extends string>(list: readonly T[] | undefined): string[] | null {
  return list === undefined || list.length === 0 ? null : [...list];
}
