import { startClock } from '../clock.ts';
import { storedPolicy } from '../coordinator/gate/policy_document.ts';
import { chainHash } from '../coordinator/upkeep/event_chain.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/durations.ts';
import { systemDb } from '../db/acting.ts';
import type { Pool, Queryable } from '../db/pool.ts';
import { unsentTouches } from '../db/queries/doctor.gen.ts';
import { chainHead, checkBatches } from '../db/queries/event_chain.gen.ts';
import { latestTime } from '../db/queries/events.gen.ts';
import { currentPolicy } from '../db/queries/policies.gen.ts';
import { type Check, check, counted, failure, ok, skipped, warning } from './check.ts';
import { modelBudgetFinding } from './model.ts';

/** Clocks of several machines differ by seconds; more than this comes from a run at speed. */
const AHEAD_MAX_MS = HOUR_MS;
/** A worker that keeps up sends what is due within seconds; opening hours and rests of a mailbox are no arrears. */
const OVERDUE_MAX_MS = 15 * MINUTE_MS;
/** The end of the chain, where tampering would begin: a statement's worth. */
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
  /** Set where there are several, so that each finding says whose it is. */
  is_one_of_many: boolean;
  mail_leaves: boolean;
  has_model: boolean;
};

/** What is looked at for each org on its own. */
export async function organizationChecks(parts: OrganizationParts): Promise<Check[]> {
  const { app, organization, is_one_of_many, has_model } = parts;
  const named = (name: string) => (is_one_of_many ? `${name} ${organization.slug}` : name);
  const { org_id } = organization;
  const db = systemDb(app, org_id);
  const data_clock = await dataClockCheck(named('clock of the data'), db, parts);
  return [
    data_clock,
    await check(named('sender'), () => senderFinding(parts)),
    await check(named('policy'), () => policyFinding(db, parts)),
    await check(named('backlog'), () => backlogFinding(db, org_id)),
    await check(named('log chain'), () => chainFinding(db, org_id)),
    ...(has_model
      ? [await check(named('model budget'), () => modelBudgetFinding(app, org_id, startClock()))]
      : []),
  ];
}

function dataClockCheck(
  name: string,
  db: Queryable,
  { organization: { org_id }, mail_leaves }: OrganizationParts,
): Promise<Check> {
  return check(name, async () => {
    const [row] = await latestTime.run({ org_id }, db);
    const ahead_ms = (row?.latest?.getTime() ?? 0) - startClock().now_ms();
    if (ahead_ms <= AHEAD_MAX_MS) return ok('nothing in the log lies ahead of today');
    const seen = `this data was run at speed: it is ${(ahead_ms / DAY_MS).toFixed(1)} days ahead`;
    const next = 'Use another database or TOUCHLINE_DATA_DIR for real mail.';
    return mail_leaves ? failure(seen, next) : warning(seen, next);
  });
}

function senderFinding({ organization, mail_leaves }: OrganizationParts) {
  const { name, legal_name, postal_address, own_since } = organization;
  if (own_since !== null) return ok(`${legal_name ?? name}, ${postal_address.replaceAll('\n', ', ')}`);
  const seen = 'the name and postal address under messages are placeholders: mail to a real server is held';
  const next = 'As an admin: touchline organization set --name NAME --postal-address ADDRESS';
  return mail_leaves ? failure(seen, next) : warning(seen, next);
}

async function policyFinding(db: Queryable, { organization: { org_id }, mail_leaves }: OrganizationParts) {
  const [policy] = await currentPolicy.run({ org_id }, db);
  if (policy === undefined) return failure('there is none', 'Put one in force: touchline put policy --help');
  // Throws `policy_invalid`, which names what is wrong.
  const { business_hours } = storedPolicy(policy.document);
  // Nobody of the organization has chosen it.
  if (mail_leaves && !business_hours.enforce && policy.created_by_user_id === null) {
    return warning(
      `version ${policy.version} is in force and valid, and mail leaves at night and on weekends`,
      'Set business_hours.enforce and holidays.enforce to true on the page Policy, or save them as they are.',
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
      'Ask the mail server, then settle each: touchline queue --status unknown, touchline resolve',
    );
  }
  const late_ms = overdue_since === null ? 0 : now.getTime() - overdue_since.getTime();
  if (late_ms > OVERDUE_MAX_MS) {
    return warning(
      `overdue: ${counted(overdue_count, 'approved message')}, the oldest since ${overdue_since!.toISOString()}`,
      'touchline queue --status approved says why; is a worker running, and no mailbox paused (touchline mailboxes)?',
    );
  }
  return ok(
    overdue_count === 0 ? 'nothing that is due waits' : `leaving: ${counted(overdue_count, 'message')}`,
  );
}

/** The last batches of the chain: recomputed, each after the one before it, up to the head. */
async function chainFinding(db: Queryable, org_id: string) {
  const next = 'Run touchline audit verify, which names the first row that is not as it was written.';
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
    if (!is_next || !is_whole) return failure(`batch ${place} of the chain is not what was written`, next);
    previous = batch.hash;
  }
  // More rows than a statement takes: what was reached is whole, and the walk goes on from there.
  if (place < head.place && batches.length > 0)
    return ok(`whole from place ${after_place + 1} to ${place} of ${head.place}`);
  if (previous === undefined || !previous.equals(head.hash)) {
    return failure(`the chain does not end where its head says (place ${head.place})`, next);
  }
  return ok(`whole from place ${after_place + 1} to ${head.place}, the last`);
}
