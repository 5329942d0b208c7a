import type { Policy } from '../../core/gate/policy.ts';

/** How long an approval can be undone before its message is sent: real time, on a clock of this speed. */
export function undoMs({ drafts }: Pick<Policy, 'drafts'>, speed: number): number {
  return drafts.undo_seconds * 1_000 * speed;
}

/** Approvals newer than this may not send yet. */
export function approvedUntil(policy: Pick<Policy, 'drafts'>, now: Date, speed: number): Date {
  return new Date(now.getTime() - undoMs(policy, speed));
}
