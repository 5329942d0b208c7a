import type { Policy } from '../core/policy.ts';

/** How long an approval can be taken back before its message leaves: real time, by a clock of this speed. */
export function undoMs({ drafts }: Pick<Policy, 'drafts'>, speed: number): number {
  return drafts.undo_seconds * 1_000 * speed;
}
