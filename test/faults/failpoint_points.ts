import type { Drafted } from './adversary_world.ts';
import type { SinkPoint } from './sink.ts';

/** A point at a statement: `before x.y`, `after x.y`, or before or after the commit of the transaction that ran it. */
type DatabasePoint = `${'before' | 'after'} ${'commit of ' | ''}${string}.${string}`;
export type FailpointAt = { database: DatabasePoint } | { sink: SinkPoint };

/** A point on a message's path at which its process dies or stalls. */
export type Failpoint = {
  name: string;
  at: FailpointAt;
  /** Where another process dies first: for points of the sweep, which finds what that process left. */
  first?: FailpointAt;
  /** The message's expected end: unknown exactly when the 354 may have arrived and no outcome was recorded. */
  ends: 'sent' | 'unknown';
};

const RESERVED: FailpointAt = { database: 'after commit of send_queue.insertAttempts' };
const GO_AHEAD: FailpointAt = { sink: 'go_ahead' };
const SWEPT = 'commit of send_queue.expiredAttempts';

/** In the order in which a message passes them. */
export const FAILPOINTS: readonly Failpoint[] = [
  { name: 'claimed', at: { database: 'after send_claims.unreservedItems' }, ends: 'sent' },
  {
    name: 'before the thread is read',
    at: { database: 'before send_queue.threadsOfEnrollments' },
    ends: 'sent',
  },
  { name: 'in the ledger', at: { database: 'after touches.insertTouches' }, ends: 'sent' },
  {
    name: 'before the reservation',
    at: { database: 'before commit of send_queue.insertAttempts' },
    ends: 'sent',
  },
  { name: 'after the reservation', at: RESERVED, ends: 'sent' },
  { name: 'connected', at: { sink: 'greeting' }, ends: 'sent' },
  { name: 'EHLO', at: { sink: 'ehlo' }, ends: 'sent' },
  { name: 'MAIL', at: { sink: 'mail' }, ends: 'sent' },
  { name: 'RCPT', at: { sink: 'rcpt' }, ends: 'sent' },
  { name: 'before the question', at: { database: 'before send_queue.beginData' }, ends: 'sent' },
  { name: 'before the answer', at: { database: 'before commit of send_queue.beginData' }, ends: 'sent' },
  { name: 'after the answer', at: { database: 'after commit of send_queue.beginData' }, ends: 'unknown' },
  { name: 'DATA, before the 354', at: { sink: 'data' }, ends: 'unknown' },
  { name: 'after the 354', at: GO_AHEAD, ends: 'unknown' },
  { name: 'within the message', at: { sink: 'body' }, ends: 'unknown' },
  { name: 'final dot, before the reply', at: { sink: 'dot' }, ends: 'unknown' },
  { name: 'after the reply', at: { database: 'before send_queue.finishAttempt' }, ends: 'unknown' },
  { name: 'within the outcome', at: { database: 'after touches.settleTouch' }, ends: 'unknown' },
  {
    name: 'before the outcome',
    at: { database: 'before commit of send_queue.finishAttempt' },
    ends: 'unknown',
  },
  { name: 'after the outcome', at: { database: 'after commit of send_queue.finishAttempt' }, ends: 'sent' },
  {
    name: 'sweep of a reservation, before',
    at: { database: `before ${SWEPT}` },
    first: RESERVED,
    ends: 'sent',
  },
  {
    name: 'sweep of a reservation, after',
    at: { database: `after ${SWEPT}` },
    first: RESERVED,
    ends: 'sent',
  },
  {
    name: 'sweep of a hand-over, before',
    at: { database: `before ${SWEPT}` },
    first: GO_AHEAD,
    ends: 'unknown',
  },
  {
    name: 'sweep of a hand-over, after',
    at: { database: `after ${SWEPT}` },
    first: GO_AHEAD,
    ends: 'unknown',
  },
];

/** One message, and the fault of the process that sends it. */
export type Trial = { mail: Drafted; point: Failpoint; signal: 'SIGKILL' | 'SIGSTOP' };

/** A trial's name in a finding. */
export function nameOf({ point, signal }: Trial): string {
  return `${signal} at "${point.name}"`;
}
