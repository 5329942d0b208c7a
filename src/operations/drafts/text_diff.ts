import { diffArrays } from 'diff';

/** What changed between two texts, word by word within the lines that changed. */

/** One piece of the newer text, of the older, or of both: without `removed` they are the newer text, without `added` the older. */
export type DiffPart = { kind: 'same' | 'added' | 'removed'; text: string };

/** Beyond so many differences two texts have little in common, and are shown as one taken out and one put in. */
const DIFFERENCES_MAX = 400;
/**
 * Squares of the differences, for all lines and words of a text together: the time of the algorithm grows so. What is left once
 * they are used up is shown as one taken out and one put in.
 */
const BUDGET = 250_000;

type Budget = { left: number };

/** The parts in order, neighbors of one kind joined. */
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

/** Words, runs of blanks, and everything else by character. */
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
