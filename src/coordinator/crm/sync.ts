/** The comparison with the CRM: every record once, page by page, then the records that no page had. */
import { randomUUID } from 'node:crypto';
import type { CrmPage } from '../../connectors/crm/port.ts';
import type { CrmObject } from '../../connectors/crm/records.ts';
import { DAY_MS } from '../../core/durations.ts';
import * as sql from '../../db/queries/crm_syncs.gen.ts';
import { raiseFlags, resolveFlags } from '../gate/flags.ts';
import { errorText } from '../gate/rows.ts';
import type { Scope } from '../gate/scope.ts';
import type { ReadFailure } from './events.ts';

/** Longer than a page usually takes. A slower one still counts if no other process has begun it again. In real time. */
const LEASE_MS = 60_000;
const WAITS_MS = [1_000, 5_000, 30_000, 120_000, 600_000];
const LIMITED_MS = 2_000;
/** More deletions than this, and more than this share of all records, are a person's to confirm. */
const GONE_MAX = 20;
const GONE_SHARE_MAX = 0.2;

const NEXT = { company: 'person', person: 'deal', deal: 'gone' } as const;

export type ClaimedSync = sql.ClaimCrmSyncResult;

/** Begins the run of the night, or the first one. */
export async function beginDueSync({ tx, org_id, clock }: Scope): Promise<boolean> {
  const now = clock.now();
  if ((await sql.crmSyncIsDue.one({ org_id, now }, tx)) === undefined) return false;
  return beginSync({ tx, org_id, clock }, { user_id: null, allows_deletions: false });
}

/** Begins a run now. False while one is under way. */
export async function beginSync(
  { tx, org_id, clock }: Pick<Scope, 'tx' | 'org_id' | 'clock'>,
  asked: { user_id: string | null; allows_deletions: boolean },
): Promise<boolean> {
  const begun = await sql.beginCrmSync.run({ org_id, run_id: randomUUID(), ...asked, now: clock.now() }, tx);
  return begun.length > 0;
}

/** Claims the run's next step. A process that dies leaves it to another after its lease. */
export async function claimSync({ tx, org_id, clock }: Scope): Promise<ClaimedSync | undefined> {
  const now = clock.now();
  const lease_until = new Date(now.getTime() + LEASE_MS * clock.speed);
  return sql.claimCrmSync.one({ org_id, now, claim_id: randomUUID(), lease_until }, tx);
}

/** The place from which a claimed run continues. A cursor is valid for a day. */
export function placeOf({ step, cursor, cursor_at }: ClaimedSync, now: Date) {
  const is_valid = cursor_at !== null && now.getTime() - cursor_at.getTime() < DAY_MS;
  return { object: step as CrmObject, cursor: is_valid ? cursor : null };
}

/** Stores the place after a page, in the transaction that applied the page. Throws if the claim was lost. */
export async function storePlace(scope: Scope, sync: ClaimedSync, page: CrmPage): Promise<void> {
  const { next_cursor: cursor, records } = page;
  const cursor_at = cursor === null ? null : scope.clock.now();
  const step = cursor === null ? NEXT[sync.step as CrmObject] : sync.step;
  const { gone_count } = sync;
  await goTo(scope, sync, {
    step,
    cursor,
    cursor_at,
    record_count: records.length,
    gone_count,
    last_code: null,
  });
}

/**
 * Ends a run: each record that no page had is read once more before anything is done about it. Many at once are more likely a fault,
 * such as a lost permission, than deletions: then a person decides.
 */
export async function finishSync(scope: Scope, sync: ClaimedSync): Promise<void> {
  const { tx, org_id, clock } = scope;
  const { run_id, started_at, allows_deletions } = sync;
  const now = clock.now();
  const counts = await sql.countUnseenCrmRecords.run({ org_id, run_id, started_at }, tx);
  const many = counts.find(
    ({ known_count, unseen_count }) =>
      unseen_count > GONE_MAX && unseen_count > known_count * GONE_SHARE_MAX && !allows_deletions,
  );
  const end = { step: 'done', cursor: null, cursor_at: null, record_count: 0 } as const;
  if (many !== undefined) {
    const { object, known_count: known, unseen_count: count } = many;
    await goTo(scope, sync, { ...end, gone_count: 0, last_code: 'too_many_deletions' });
    const detail = { object, count, known };
    await raiseFlags(scope, [{ kind: 'crm_sync_stopped', subject: 'org', for_role: 'revops', detail }]);
    return;
  }
  const expected = await sql.expectCrmDeletions.run({ org_id, run_id, started_at, now }, tx);
  await goTo(scope, sync, { ...end, gone_count: expected.length, last_code: null });
  await resolveFlags(scope, { kind: 'crm_sync_stopped', subjects: ['org'], resolution: 'cause_gone' });
}

type Place = Pick<ClaimedSync, 'step' | 'cursor' | 'cursor_at' | 'record_count' | 'gone_count' | 'last_code'>;

async function goTo({ tx, org_id, clock }: Scope, { claim_id }: ClaimedSync, place: Place): Promise<void> {
  const stored = { org_id, claim_id: claim_id!, ...place, now: clock.now() };
  if ((await sql.stepCrmSync.run(stored, tx)).length === 0)
    throw new Error('another process continues the sync');
}

/** Puts off the claimed step. A refused cursor is forgotten, so that its object begins again. */
export async function delaySync(
  { tx, org_id, clock }: Scope,
  { claim_id, attempt_count }: ClaimedSync,
  failure: NonNullable<ReadFailure> | Error,
): Promise<void> {
  const is_error = failure instanceof Error;
  const is_limited = !is_error && failure.kind === 'limited';
  const wait_ms = is_limited ? LIMITED_MS : WAITS_MS[Math.min(attempt_count, WAITS_MS.length) - 1]!;
  const next_at = new Date(clock.now_ms() + wait_ms * clock.speed);
  const told = is_error
    ? { last_code: 'failed', last_message: errorText(failure) }
    : failure.kind === 'refused'
      ? { last_code: failure.code.slice(0, 200), last_message: failure.message.slice(0, 1_000) }
      : { last_code: failure.kind, last_message: null };
  await sql.delayCrmSync.run(
    { org_id, claim_id: claim_id!, next_at, uncounted: is_limited ? 1 : 0, ...told },
    tx,
  );
}
