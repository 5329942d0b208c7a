import type { DraftDetail } from './entries.ts';

export type DiffPart = NonNullable<DraftDetail['diff']>['body'][number];

/** A table of as many cells is filled in while a key is pressed; beyond it the middle is shown as replaced. */
const CELLS_MAX = 1_000_000;

/** What changed between two texts, word by word. What is saved the server compares; this is for what is being written. */
export function diffWords(older: string, newer: string): DiffPart[] {
  const before = wordsOf(older);
  const after = wordsOf(newer);
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let end = 0;
  const shorter = Math.min(before.length, after.length) - start;
  while (end < shorter && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const parts: DiffPart[] = [];
  push(parts, 'same', before.slice(0, start).join(''));
  middle(parts, before.slice(start, before.length - end), after.slice(start, after.length - end));
  push(parts, 'same', before.slice(before.length - end).join(''));
  return parts;
}

export function isSame(parts: readonly DiffPart[]): boolean {
  return parts.every(({ kind }) => kind === 'same');
}

/** Words with the blanks behind them, line ends, and everything else by character. */
function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}\p{M}]+[^\S\n]*|\n|[^\S\n]+|[^\p{L}\p{N}\p{M}\s]/gu) ?? [];
}

/** By the longest sequence of words that both have; `lengths` holds it for each pair of ends. */
function middle(parts: DiffPart[], before: readonly string[], after: readonly string[]): void {
  const width = after.length + 1;
  if (before.length * width > CELLS_MAX) {
    push(parts, 'removed', before.join(''));
    push(parts, 'added', after.join(''));
    return;
  }
  const lengths = new Uint32Array((before.length + 1) * width);
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      const at = row * width + column;
      lengths[at] =
        before[row] === after[column]
          ? lengths[at + width + 1]! + 1
          : Math.max(lengths[at + width]!, lengths[at + 1]!);
    }
  }
  let row = 0;
  let column = 0;
  while (row < before.length || column < after.length) {
    const at = row * width + column;
    if (row < before.length && column < after.length && before[row] === after[column]) {
      push(parts, 'same', before[row]!);
      row += 1;
      column += 1;
    } else if (column >= after.length || (row < before.length && lengths[at + width]! >= lengths[at + 1]!)) {
      push(parts, 'removed', before[row]!);
      row += 1;
    } else {
      push(parts, 'added', after[column]!);
      column += 1;
    }
  }
}

function push(parts: DiffPart[], kind: DiffPart['kind'], text: string): void {
  if (text === '') return;
  const last = parts.at(-1);
  if (last?.kind === kind) last.text += text;
  else parts.push({ kind, text });
}
