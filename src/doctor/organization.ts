import { startClock } from '../clock.ts';
import { storedPolicy } from '../coordinator/gate/policy_document.ts';
import { chainHash } from '../coordinator/upkeep/event_chain.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/durations.ts';
import { systemDb } from '../db/acting.ts';
import type { Pool, Queryable } from '../db/pool.ts';
import { unsentTouches } from '../db/queries/doctor.gen.ts';
import { chainHead, checkBatches } from '../db/queries/event_chain.gen.ts';
import { latestTime } from '../db/queries/events.gen.ts';
import { countFailingNotificationWebhooks } from '../db/queries/notification_preferences.gen.ts';
import { currentPolicy } from '../db/queries/policies.gen.ts';
import { type Check, check, counted, type Finding, failure, ok, skipped, warning } from './check.ts';
import { modelBudgetFinding } from './model.ts';

/** Clocks of several machines differ by seconds; a larger difference comes from a fast run. */
const AHEAD_MAX_MS = HOUR_MS;
/** A worker that keeps up sends due messages within seconds. Send windows and mailbox pauses do not count as overdue. */
const OVERDUE_MAX_MS = 15 * MINUTE_MS;
/** The end of the chain, where tampering would start: one statement's worth. */
const LAST_BATCHES = 20;
const ROWS_MAX = 10_000;

type Organization = {
  org_id: string;
  slug: string;
  name: string;
  legal_name: string | null;
  postal_address: string;
  own_since: Date | null;
};

export type OrganizationParts = {
  app: Pool;
  organization: Organization;
  /** With several organizations, each finding names its own. */
  is_one_of_many: boolean;
  mail_leaves: boolean;
  has_model: boolean;
};

/** The checks of one organization. */
export async function organizationChecks(parts: OrganizationParts): Promise<Check[]> {
  const { app, organization, is_one_of_many, has_model } = parts;
  const { org_id } = organization;
  const db = systemDb(app, org_id);
  const findings: [string, () => Finding | Promise<Finding>][] = [
    ['clock of the data', () => dataClockFinding(db, parts)],
    ['sender', () => senderFinding(parts)],
    ['policy', () => policyFinding(db, parts)],
    ['backlog', () => backlogFinding(db, org_id)],
    ['log chain', () => chainFinding(db, org_id)],
    ['notifications', () => notificationsFinding(db, org_id)],
  ];
  if (has_model) findings.push(['model budget', () => modelBudgetFinding(app, org_id, startClock())]);
  return Array.fromAsync(findings, ([name, look]) =>
    check(is_one_of_many ? `${name} ${organization.slug}` : name, look),
  );
}

async function dataClockFinding(db: Queryable, { organization: { org_id }, mail_leaves }: OrganizationParts) {
  const [row] = await latestTime.run({ org_id }, db);
  const ahead_ms = (row?.latest?.getTime() ?? 0) - startClock().now_ms();
  if (ahead_ms <= AHEAD_MAX_MS) return ok('no event is dated in the future');
  const seen = `this data was created at speed: it is dated ${(ahead_ms / DAY_MS).toFixed(1)} days ahead`;
  const next = 'Use another database or TOUCHLINE_DATA_DIR for real mail.';
  return mail_leaves ? failure(seen, next) : warning(seen, next);
}

function senderFinding({ organization, mail_leaves }: OrganizationParts) {
  const { name, legal_name, postal_address, own_since } = organization;
  if (own_since !== null) return ok(`${legal_name ?? name}, ${postal_address.replaceAll('\n', ', ')}`);
  const seen = 'the name and postal address under messages are placeholders: mail to a real server is held';
  const next = 'As an admin: touchline organization set --name NAME --postal-address ADDRESS';
  return mail_leaves ? failure(seen, next) : warning(seen, next);
}

async function notificationsFinding(db: Queryable, org_id: string) {
  const { failing_count } = (await countFailingNotificationWebhooks.one({ org_id }, db))!;
  if (failing_count === 0) return ok('no one’s webhook fails');
  const seen = `${counted(failing_count, 'webhook')} of people for notifications ${failing_count === 1 ? 'fails' : 'fail'}`;
  return warning(seen, 'Ask them to test it: Settings, My account, or touchline notifications webhook test.');
}

async function policyFinding(db: Queryable, { organization: { org_id }, mail_leaves }: OrganizationParts) {
  const [policy] = await currentPolicy.run({ org_id }, db);
  if (policy === undefined) return failure('there is none', 'Publish one: touchline put policy --help');
  // Throws `policy_invalid`, which names the fault.
  const { business_hours } = storedPolicy(policy.document);
  // The shipped policy, which no one of the organization has chosen.
  if (mail_leaves && !business_hours.enforce && policy.created_by_user_id === null) {
    return warning(
      `version ${policy.version} is in force and valid, but mail is also sent at night and on weekends`,
      'Set business_hours.enforce and holidays.enforce to true on the Policy page, or save them unchanged.',
    );
  }
  return ok(`version ${policy.version} is in force and valid`);
}

async function backlogFinding(db: Queryable, org_id: string) {
  const now = startClock().now();
  const [row] = await unsentTouches.run({ org_id, now }, db);
  const { overdue_count, overdue_since, unknown_count } = row!;
  if (unknown_count > 0) {
    return warning(
      `the delivery of ${counted(unknown_count, 'message')} is unknown`,
      'Check the mail log, then confirm each: touchline queue --status unknown, touchline resolve',
    );
  }
  const late_ms = overdue_since === null ? 0 : now.getTime() - overdue_since.getTime();
  if (late_ms > OVERDUE_MAX_MS) {
    return warning(
      `overdue: ${counted(overdue_count, 'approved message')}, the oldest since ${overdue_since!.toISOString()}`,
      'touchline queue --status approved shows the cause. Check that a worker runs and no mailbox is paused (touchline mailboxes).',
    );
  }
  return ok(overdue_count === 0 ? 'no message is overdue' : `sending: ${counted(overdue_count, 'message')}`);
}

/** The last batches of the chain, recomputed in order up to the head. */
async function chainFinding(db: Queryable, org_id: string) {
  const next = 'Run touchline audit verify, which names the first changed row.';
  const [head] = await chainHead.run({ org_id }, db);
  if (head === undefined || head.place === 0) return skipped('nothing has been sealed yet');
  const after_place = Math.max(0, head.place - LAST_BATCHES);
  const batches = await checkBatches.run({ org_id, after_place, limit: LAST_BATCHES, rows: ROWS_MAX }, db);
  let previous = batches[0]?.previous_hash;
  let place = after_place;
  for (const batch of batches) {
    place += 1;
    const is_next = batch.place === place && previous !== undefined && batch.previous_hash.equals(previous);
    const is_whole =
      batch.fault_id === null && batch.hash.equals(chainHash(org_id, batch, place, batch.previous_hash));
    if (!is_next || !is_whole) return failure(`batch ${place} of the chain was changed`, next);
    previous = batch.hash;
  }
  // More rows than one statement reads: the checked part is intact.
  if (place < head.place && batches.length > 0)
    return ok(`whole from place ${after_place + 1} to ${place} of ${head.place}`);
  if (previous === undefined || !previous.equals(head.hash)) {
    return failure(`the chain does not end at its head (place ${head.place})`, next);
  }
  return ok(`whole from place ${after_place + 1} to ${head.place}, the last`);
}
