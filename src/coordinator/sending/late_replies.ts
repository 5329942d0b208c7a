import type { SendOutcome } from '../../connectors/connector.ts';
import { settledAttempt } from '../../db/queries/send_attempts.gen.ts';
import { itemSubject, recordEvents } from '../gate/events.ts';
import { FOR_THE_REP, raiseFlags } from '../gate/flags.ts';
import type { Scope } from '../gate/scope.ts';
import type { SendableItem } from './sending.ts';

type LateReply = { item: SendableItem; attempt_id: string; outcome: SendOutcome };

/** The attempt's row as this outcome would have left it. */
type Expected = { stage: string; response: string | null };

/**
 * What the server said after the attempt was settled without it, by the sweep or by a person. It changes nothing, since
 * the attempt's id is the fence; but it is evidence, so the log keeps the words. Where a person had found that the
 * message did not go and the server says that it took it, someone has to know: it may have been written anew.
 */
export async function recordLateReply(scope: Scope, late: LateReply, expected: Expected): Promise<void> {
  const { tx, org_id } = scope;
  const { item, attempt_id, outcome } = late;
  if (!isReply(outcome)) return;
  const [settled] = await settledAttempt.run({ org_id, id: attempt_id }, tx);
  if (settled === undefined) return;
  // The same again: it was recorded, and only the answer of that transaction was lost on the way here.
  if (settled.stage === expected.stage && settled.response === expected.response) return;
  const resolution = outcome.kind === 'sent' ? 'accepted' : outcome.kind;
  // The words of a server name the address that it answers about.
  const response = settled.lead_is_erased ? null : outcome.response;
  const about = { moment: 'sent', detail: { attempt_id, response, stage: settled.stage } } as const;
  const event = { event_type: 'late_reply', coordinator_action: 'record', resolution } as const;
  await recordEvents(scope, [{ ...itemSubject(item), ...event, ...about }]);
  const ids = { org_id, queue_id: item.id, lead_id: item.lead_id, attempt_id };
  scope.log?.warn(
    { ...ids, stage: settled.stage, reply: resolution },
    'a mail server answered after its attempt was settled',
  );
  if (outcome.kind !== 'sent' || settled.stage !== 'abandoned') return;
  const subject = { subject: item.id, lead_id: item.lead_id, queue_id: item.id };
  const detail = { response, late_reply: 'accepted' };
  await raiseFlags(scope, [{ kind: 'send_unknown', ...subject, detail, ...FOR_THE_REP }]);
}

function isReply(
  outcome: SendOutcome,
): outcome is Extract<SendOutcome, { kind: 'sent' | 'rejected' | 'deferred' }> {
  if (outcome.kind === 'deferred') return !outcome.unreachable;
  return outcome.kind === 'sent' || outcome.kind === 'rejected';
}
