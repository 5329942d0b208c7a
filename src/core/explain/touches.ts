/** The next step of an unfinished queue item, by its status. */
import type { QueueStatus } from '../../schema.gen.ts';
import { openingOf } from '../gate/send_hours.ts';
import { sentence } from '../gate/words.ts';
import type { HistoryItem, NextThing } from './history.ts';
import { openAttempt, sendingWords } from './sending_words.ts';
import { byPerson, type Context, campaignInactive, thing, waiting } from './things.ts';
import { deferredWords, stepWords } from './words.ts';

export function itemNext(item: HistoryItem, context: Context): NextThing[] {
  return ITEM_NEXT[item.status]?.(item, context) ?? [];
}

type ItemWords = (item: HistoryItem, context: Context) => NextThing[];

/** The next step for each status. Finished items have none. */
const ITEM_NEXT: Record<QueueStatus, ItemWords | null> = {
  pending: (item, { speaker }) => [
    item.failed_task_id === null
      ? thing(
          item,
          null,
          'nothing',
          `${speaker.agent(item.owner_role)} is drafting ${stepWords(item)}; then a person approves the draft.`,
        )
      : deadEnd(item, item.failed_task_id),
  ],
  drafted: (item) => [
    byPerson(
      item,
      item.requires_personal_send
        ? `A person reviews ${stepWords(item)}, sends it personally, and marks it sent.`
        : `A person reviews the draft of ${stepWords(item)} and approves, edits, or rejects it.`,
    ),
  ],
  approved: (item, context) => [approved(item, context)],
  held: (item, context) => [
    waiting(
      item,
      context,
      item.held_until,
      item.wake,
      `${sentence(stepWords(item))} is held`,
      'then the gates run again',
    ),
  ],
  unknown: (item) => [
    byPerson(
      item,
      `A person must confirm whether ${stepWords(item)} reached the lead. It is never resent automatically.`,
    ),
  ],
  sent: null,
  failed: null,
  canceled: null,
};

/** No agent works on the draft again, so only a person can retry it. */
function deadEnd(item: HistoryItem, task_id: string): NextThing {
  const why = item.failed_task_error === null ? '' : ` (“${item.failed_task_error}”)`;
  const retry = `A person retries it (touchline tasks retry ${task_id}) or ends the enrollment.`;
  return byPerson(item, `Drafting ${stepWords(item)} failed${why}. ${retry}`);
}

function approved(item: HistoryItem, context: Context): NextThing {
  const what = stepWords(item);
  const attempt = openAttempt(item);
  if (attempt !== null) {
    const words = sendingWords(attempt, context.history.now_ms, (time) => context.speaker.when(time));
    return thing(item, attempt.lease_until.getTime(), 'nothing', `${sentence(what)} ${words}.`);
  }
  if (item.campaign_status !== 'active') return campaignInactive(item, `${sentence(what)} is approved`);
  if (item.requires_personal_send) {
    return byPerson(item, `A person sends ${what} by hand and marks it sent.`);
  }
  const blocked = mailboxBlocked(item, what);
  if (blocked !== null) return blocked;
  const { now_ms } = context.history;
  const at_ms = earliestMs(item.scheduled_at.getTime(), context);
  if (at_ms === null)
    return thing(item, null, 'policy', `${sentence(what)} is approved, but the policy allows no touches.`);
  if (at_ms <= now_ms)
    return thing(
      item,
      now_ms,
      'nothing',
      `${sentence(what)} is approved and will be sent now if every gate passes.`,
    );
  const put_off =
    item.deferred_reason === null
      ? ''
      : ` and was deferred: ${deferredWords(item.deferred_reason, item.deferred_detail)}. It`;
  const text = `${sentence(what)} is approved${put_off || ' and'} will be sent on ${context.speaker.when(at_ms)} at the earliest, if every gate passes.`;
  return thing(item, at_ms, 'time', text);
}

/** A lead keeps its mailbox: while the mailbox may not send, its messages wait and never use another. */
function mailboxBlocked(item: HistoryItem, what: string): NextThing | null {
  const { mailbox_address, mailbox_paused, mailbox_retired } = item;
  if (mailbox_retired !== null) {
    const text = `${sentence(what)} is approved but not sent: the lead’s mailbox ${mailbox_address} is retired (${mailbox_retired}). A person must give the lead another mailbox.`;
    return byPerson(item, text);
  }
  if (mailbox_paused === null) return null;
  const text = `${sentence(what)} is approved but not sent: the lead’s mailbox ${mailbox_address} is paused (${mailbox_paused}). It is sent once a person resumes the mailbox.`;
  return byPerson(item, text);
}

/** The earliest time a touch due at `due_ms` can be sent, by the current caps and send window. */
function earliestMs(due_ms: number, { history, free_ms }: Context): number | null {
  if (free_ms === null) return null;
  const { policy, lead, now_ms } = history;
  return openingOf(lead, policy)(Math.max(due_ms, free_ms, now_ms));
}
