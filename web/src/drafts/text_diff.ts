import { diffArrays } from 'diff';
import type { DraftDetail } from './entries.ts';

export type DiffPart = NonNullable<DraftDetail['diff']>['body'][number];

/** It runs while a key is pressed. Two texts with more differences are shown as one taken out and one put in. */
const DIFFERENCES_MAX = 400;

/** What changed between two texts, word by word. What is saved the server compares; this is for what is being written. */
export function diffWords(older: string, newer: string): DiffPart[] {
  const changes = diffArrays(wordsOf(older), wordsOf(newer), { maxEditLength: DIFFERENCES_MAX });
  if (changes === undefined) {
    return [
      { kind: 'removed', text: older },
      { kind: 'added', text: newer },
    ];
  }
  return changes.map(({ added, removed, value }) => ({
    kind: added ? 'added' : removed ? 'removed' : 'same',
    text: value.join(''),
  }));
}

export function isSame(parts: readonly DiffPart[]): boolean {
  return parts.every(({ kind }) => kind === 'same');
}

/** Words with the blanks behind them, line ends, and everything else by character. */
function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}\p{M}]+[^\S\n]*|\n|[^\S\n]+|[^\p{L}\p{N}\p{M}\s]/gu) ?? [];
}
