import type { SendAttemptsRow } from '../../schema.gen.ts';

/** An open attempt: a process is sending the message, or was. */
export type OpenAttempt = Pick<SendAttemptsRow, 'started_at' | 'lease_until' | 'orphaned_at'> & {
  stage: 'intent' | 'data';
};

/** As the statements name them: null without an open attempt. */
export type SendingColumns = {
  sending_stage: SendAttemptsRow['stage'] | null;
  sending_since: Date | null;
  sending_until: Date | null;
  sending_orphaned_at: Date | null;
};

export function openAttempt(row: SendingColumns): OpenAttempt | null {
  const { sending_stage: stage, sending_since, sending_until, sending_orphaned_at: orphaned_at } = row;
  if ((stage !== 'intent' && stage !== 'data') || sending_since === null || sending_until === null)
    return null;
  return { stage, started_at: sending_since, lease_until: sending_until, orphaned_at };
}

/**
 * The state of an open attempt, as a sentence without a subject. `when` formats a time. Until the lease ends, no other
 * process sends the message.
 */
export function sendingWords(attempt: OpenAttempt, now_ms: number, when: (time: Date) => string): string {
  const { stage, started_at, lease_until, orphaned_at } = attempt;
  const outcome =
    stage === 'intent' ? 'it is sent again' : 'its delivery becomes unknown, and it is never sent again';
  if (lease_until.getTime() <= now_ms) {
    return `was being sent since ${when(started_at)}; its lease ended at ${when(lease_until)}, and once a worker runs ${outcome}`;
  }
  if (orphaned_at !== null) {
    return `was being sent since ${when(started_at)} by a process that has ended; within a minute ${outcome}`;
  }
  return `is being sent since ${when(started_at)}; its lease ends at ${when(lease_until)}, and without an outcome by then ${outcome}`;
}
