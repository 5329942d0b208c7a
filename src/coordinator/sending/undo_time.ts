import type { Policy } from '../../core/gate/policy.ts';

/** How long an approval can be taken back before its message leaves: real time, by a clock of this speed. */
export function undoMs({ drafts }: Pick<Policy, 'drafts'>, speed: number): number {
  return drafts.undo_seconds * 1_000 * speed;
}

/** Of approvals that are younger than this nothing leaves yet. */
export function approvedUntil(policy: Pick<Policy, 'drafts'>, now: Date, speed: number): Date {
  return new Date(now.getTime() - undoMs(policy, speed));
}
