import type { SendOutcome } from '../../connectors/connector.ts';
import { settledAttempt } from '../../db/queries/send_attempts.gen.ts';
import { recordSending } from '../gate/events.ts';
import { FOR_THE_REP, raiseFlags } from '../gate/flags.ts';
import type { Scope } from '../gate/scope.ts';
import type { SendableItem } from './sending.ts';

type LateReply = { item: SendableItem; attempt_id: string; outcome: SendOutcome };

type Expected = { stage: string; response: string | null };

/**
 * Records a server's response to an attempt that the sweep or a person has already settled. It changes nothing, since the
 * attempt's id is the fence, but it is evidence, so the log keeps the words. If a person had confirmed that the message was
 * not sent and the server reports that it accepted it, a warning is raised: the message may have been written again.
 */
export async function recordLateReply(scope: Scope, late: LateReply, expected: Expected): Promise<void> {
  const { tx, org_id } = scope;
  const { item, attempt_id, outcome } = late;
  if (!isReply(outcome)) return;
  const [settled] = await settledAttempt.run({ org_id, id: attempt_id }, tx);
  if (settled === undefined) return;
  // The same outcome again: it was recorded, and only the confirmation of that transaction was lost.
  if (settled.stage === expected.stage && settled.response === expected.response) return;
  const resolution = outcome.kind === 'sent' ? 'accepted' : outcome.kind;
  // A server's words name the address that they are about.
  const response = settled.lead_is_erased ? null : outcome.response;
  const evidence = { attempt_id, response, stage: settled.stage };
  await recordSending(scope, item, ['late_reply', 'record', resolution], { detail: evidence });
  const ids = { org_id, queue_id: item.id, lead_id: item.lead_id, attempt_id };
  const about = { ...ids, stage: settled.stage, reply: resolution };
  scope.log?.warn(about, 'a mail server answered after its attempt was settled');
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
