/** What changed between two texts, word by word within the lines that changed. */

/** One piece of the newer text, of the older, or of both: without `removed` they are the newer text, without `added` the older. */
export type DiffPart = { kind: 'same' | 'added' | 'removed'; text: string };

/** Beyond so many differences two texts have little in common, and are shown as one taken out and one put in. */
const DIFFERENCES_MAX = 400;
/**
 * Places that are tried for all lines and words of a text together. What is left once they are used up is shown as one taken
 * out and one put in: some hundredths of a second, however the texts were made.
 */
const TRIED_MAX = 250_000;

type Budget = { tried: number };

/** The parts in order, neighbours of one kind joined. E. Myers, "An O(ND) Difference Algorithm", 1986. */
export function diffTexts(older: string, newer: string): DiffPart[] {
  const parts: DiffPart[] = [];
  let before = '';
  let after = '';
  const budget: Budget = { tried: 0 };
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
  let start = 0;
  while (start < older.length && start < newer.length && older[start] === newer[start]) start += 1;
  let end = 0;
  const shorter = Math.min(older.length, newer.length) - start;
  while (end < shorter && older.at(-1 - end) === newer.at(-1 - end)) end += 1;
  const same = (tokens: readonly string[]) => tokens.map((text): DiffPart => ({ kind: 'same', text }));
  const old_middle = older.slice(start, older.length - end);
  const middle = shortestEdit(old_middle, newer.slice(start, newer.length - end), budget);
  return [...same(older.slice(0, start)), ...middle, ...same(older.slice(older.length - end))];
}

/**
 * `furthest[k]` is how far in `older` one gets on diagonal k (place in `older` less place in `newer`) with so many
 * differences; the way back through what was kept of each round is the edit.
 */
function shortestEdit(older: readonly string[], newer: readonly string[], budget: Budget): DiffPart[] {
  const rounds: Map<number, number>[] = [];
  let furthest = new Map([[1, 0]]);
  for (let count = 0; count <= Math.min(older.length + newer.length, DIFFERENCES_MAX); count += 1) {
    // Each round tries one place for each difference, and keeps what the rounds before it found.
    budget.tried += 2 * count + 1;
    if (budget.tried > TRIED_MAX) break;
    rounds.push(furthest);
    furthest = new Map(furthest);
    for (let k = -count; k <= count; k += 2) {
      let at = isStepDown(furthest, k, count) ? furthest.get(k + 1)! : furthest.get(k - 1)! + 1;
      while (at < older.length && at - k < newer.length && older[at] === newer[at - k]) at += 1;
      furthest.set(k, at);
      if (at >= older.length && at - k >= newer.length) return wayBack(older, newer, rounds);
    }
  }
  return [
    ...older.map((text): DiffPart => ({ kind: 'removed', text })),
    ...newer.map((text): DiffPart => ({ kind: 'added', text })),
  ];
}

function isStepDown(furthest: ReadonlyMap<number, number>, k: number, count: number): boolean {
  return k === -count || (k !== count && furthest.get(k - 1)! < furthest.get(k + 1)!);
}

function wayBack(
  older: readonly string[],
  newer: readonly string[],
  rounds: readonly ReadonlyMap<number, number>[],
): DiffPart[] {
  const parts: DiffPart[] = [];
  let x = older.length;
  let y = newer.length;
  for (let count = rounds.length - 1; count >= 0; count -= 1) {
    const furthest = rounds[count]!;
    const k = x - y;
    const down = isStepDown(furthest, k, count);
    const from_x = furthest.get(down ? k + 1 : k - 1)!;
    const from_y = from_x - (down ? k + 1 : k - 1);
    while (x > from_x && y > from_y) {
      x -= 1;
      y -= 1;
      parts.push({ kind: 'same', text: older[x]! });
    }
    if (count === 0) break;
    if (down) parts.push({ kind: 'added', text: newer[from_y]! });
    else parts.push({ kind: 'removed', text: older[from_x]! });
    x = from_x;
    y = from_y;
  }
  return parts.reverse();
}

function push(parts: DiffPart[], part: DiffPart): void {
  const last = parts.at(-1);
  if (last?.kind === part.kind) last.text += part.text;
  else parts.push({ ...part });
}
