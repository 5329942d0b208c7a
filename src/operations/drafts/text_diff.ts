import { diffArrays } from 'diff';

/** Differences of two texts, by word within changed lines. */

/** A piece of the newer text, the older text, or both: without `removed` they form the newer, without `added` the older. */
export type DiffPart = { kind: 'same' | 'added' | 'removed'; text: string };

/** Texts with more differences have little in common and are shown as replaced. */
const DIFFERENCES_MAX = 400;
/**
 * Sum of squared differences over all lines and words, since the algorithm's time grows that way. The rest is shown as
 * replaced.
 */
const BUDGET = 250_000;

type Budget = { left: number };

/** In order; adjacent pieces of one kind are joined. */
export function diffTexts(older: string, newer: string): DiffPart[] {
  const parts: DiffPart[] = [];
  let before = '';
  let after = '';
  const budget: Budget = { left: BUDGET };
  const flush = () => {
    for (const part of diffTokens(wordsOf(before), wordsOf(after), budget)) push(parts, part);
    before = '';
    after = '';
  };
  for (const { kind, text } of diffTokens(linesOf(older), linesOf(newer), budget)) {
    if (kind === 'removed') before += text;
    else if (kind === 'added') after += text;
    else {
      flush();
      push(parts, { kind, text });
    }
  }
  flush();
  return parts;
}

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Words, whitespace runs, and single characters otherwise. */
function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}\p{M}]+|\s+|[^\p{L}\p{N}\p{M}\s]/gu) ?? [];
}

function diffTokens(older: readonly string[], newer: readonly string[], budget: Budget): DiffPart[] {
  const most = Math.min(DIFFERENCES_MAX, Math.floor(Math.sqrt(budget.left)));
  const changes = diffArrays([...older], [...newer], { maxEditLength: most });
  const differences = changes?.reduce(
    (sum, { added, removed, count }) => sum + (added || removed ? count : 0),
    0,
  );
  budget.left -= (differences ?? most) ** 2;
  if (changes === undefined) return replaced(older, newer);
  return changes.map(({ added, removed, value }) => ({
    kind: added ? 'added' : removed ? 'removed' : 'same',
    text: value.join(''),
  }));
}

function replaced(older: readonly string[], newer: readonly string[]): DiffPart[] {
  return [
    { kind: 'removed', text: older.join('') },
    { kind: 'added', text: newer.join('') },
  ];
}

function push(parts: DiffPart[], { kind, text }: DiffPart): void {
  if (text === '') return;
  const last = parts.at(-1);
  if (last?.kind === kind) last.text += text;
  else parts.push({ kind, text });
}
