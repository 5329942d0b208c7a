import { diffArrays } from 'diff';
import type { DraftDetail } from './entries.ts';

export type DiffPart = NonNullable<DraftDetail['diff']>['body'][number];

/** The comparison runs on every key press. Texts with more differences appear as one removal and one addition. */
const DIFFERENCES_MAX = 400;

/** Word-by-word difference for unsaved text; the server compares saved versions. */
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

/** Words with trailing blanks, line ends, and single characters for everything else. */
function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}\p{M}]+[^\S\n]*|\n|[^\S\n]+|[^\p{L}\p{N}\p{M}\s]/gu) ?? [];
}
