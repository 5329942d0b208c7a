/** Handles messages that cannot be built, and mailboxes of which every message fails. */
import type { SendOutcome } from '../../connectors/connector.ts';
import { campaignOfItem } from '../../db/queries/campaigns.gen.ts';
import { pauseEnrollments } from '../../db/queries/enrollments.gen.ts';
import { failuresInARow } from '../../db/queries/send_attempts.gen.ts';
import type { FinishAttemptResult } from '../../db/queries/send_queue.gen.ts';
import type { CampaignContactsRow } from '../../schema.gen.ts';
import { itemSubject, recordEvents, recordSending } from '../gate/events.ts';
import { FOR_THE_REP, raiseFlags } from '../gate/flags.ts';
import { rowsJson } from '../gate/rows.ts';
import type { Scope } from '../gate/scope.ts';
import { pauseByServer } from './mailboxes.ts';
import { cancelEnded, failItem } from './retries.ts';
import type { SendableItem } from './sending.ts';

type Invalid = Extract<SendOutcome, { kind: 'invalid' }>;

/** The failure's name in the log, and the reason of the pause that follows. */
export const MESSAGE_INVALID = 'message_invalid';

/**
 * The number of different leads whose messages failed in a row, with no sent message between them, before the mailbox
 * pauses. One wrong text or one strict server explains two or three; five is more than a single step of a campaign usually
 * has due at once, and few enough that little is lost.
 */
const FAILURES_IN_A_ROW_MAX = 5;

/**
 * No mail server was contacted. A fault that all messages of the mailbox share pauses the mailbox, and the message waits. A
 * fault of this message fails it and pauses its enrollment, which would continue without the step; a warning names it.
 */
export async function recordInvalid(
  scope: Scope,
  item: SendableItem,
  { cause, response }: Invalid,
  attempt: FinishAttemptResult,
): Promise<void> {
  if (cause === 'message') {
    await failItem(scope, item, MESSAGE_INVALID, response);
    await pauseSequence(scope, item);
    await raiseInvalid(scope, item, response);
    return pauseFailing(scope, attempt, response);
  }
  const { mailbox_id } = attempt;
  await pauseByServer(scope, mailbox_id, response, { failure: MESSAGE_INVALID, queue_id: item.id });
  if (await cancelEnded(scope, item)) return;
  const detail = { response, mailbox_id };
  await recordSending(scope, item, ['deferred', 'defer', 'mailbox_paused'], { detail });
}

/** Pauses a mailbox whose last messages all failed, regardless of their recipients. */
export async function pauseFailing(
  scope: Scope,
  { mailbox_id }: FinishAttemptResult,
  response: string,
): Promise<void> {
  const counted = { org_id: scope.org_id, mailbox_id, limit: FAILURES_IN_A_ROW_MAX };
  const [{ lead_count } = { lead_count: 0 }] = await failuresInARow.run(counted, scope.tx);
  if (lead_count < FAILURES_IN_A_ROW_MAX) return;
  const reason = `the last ${lead_count} messages all failed, the latest with: ${response}`;
  await pauseByServer(scope, mailbox_id, reason, { failed_in_a_row: lead_count });
}

async function pauseSequence(scope: Scope, item: SendableItem): Promise<void> {
  const { org_id, tx, clock } = scope;
  const pause = { paused_at: clock.now(), paused_reason: MESSAGE_INVALID, paused_until: null };
  const row: Partial<CampaignContactsRow> = { org_id, id: item.enrollment_id, ...pause, wake: 'never' };
  const paused = await pauseEnrollments.run({ rows: rowsJson([row]) }, tx);
  if (paused.length === 0) return;
  const event = { event_type: 'paused', coordinator_action: 'pause', resolution: MESSAGE_INVALID } as const;
  await recordEvents(scope, [{ ...itemSubject(item), ...event }]);
}

async function raiseInvalid(scope: Scope, item: SendableItem, response: string): Promise<void> {
  const { id, lead_id, enrollment_id, campaign_id, step_number } = item;
  const campaign = await campaignOfItem.one({ org_id: scope.org_id, campaign_id }, scope.tx);
  const detail = { campaign: campaign?.slug ?? null, step_number, enrollment_id, response };
  const about = { subject: id, lead_id, queue_id: id, detail };
  await raiseFlags(scope, [{ kind: MESSAGE_INVALID, ...about, ...FOR_THE_REP }]);
}
