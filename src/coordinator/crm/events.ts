/** Changes that the CRM reports: stored once, then each record is read once for all of them. */
import { randomUUID } from 'node:crypto';
import type { CrmEvent, CrmOutcome } from '../../connectors/crm/port.ts';
import type { CrmObject } from '../../connectors/crm/records.ts';
import * as sql from '../../db/queries/crm_incoming.gen.ts';
import { rowsJson } from '../gate/rows.ts';
import type { Scope } from '../gate/scope.ts';

/** Longer than reading a record usually takes. A second reading would do no harm. In real time. */
const LEASE_MS = 60_000;
/** In real time, from the first refusal on. */
const WAITS_MS = [5_000, 30_000, 120_000, 600_000, 3_600_000];
const ATTEMPTS_MAX = 8;
const UNREACHABLE_MS = 30_000;
const LIMITED_MS = 2_000;
/** Until an admin connects the CRM again. */
const KEY_MS = 60_000;

/** Stores events, each once; returns how many were new. */
export async function storeCrmEvents(
  { tx, org_id, clock }: Pick<Scope, 'tx' | 'org_id' | 'clock'>,
  events: readonly CrmEvent[],
): Promise<number> {
  if (events.length === 0) return 0;
  const rows = events.map(({ is_ours = false, merged_into = null, ...event }) => {
    return { ...event, is_ours, merged_into: merged_into === event.record_id ? null : merged_into };
  });
  return (await sql.insertCrmEvents.run({ org_id, rows: rowsJson(rows), now: clock.now() }, tx)).length;
}

/** A record to be read soon, as if the CRM had reported it. `why` makes the request one of its kind. */
export async function expectRecord(
  scope: Pick<Scope, 'tx' | 'org_id' | 'clock'>,
  object: CrmObject,
  record_id: string,
  why: string,
): Promise<void> {
  const event_id = `${why}:${record_id}`.slice(0, 400);
  await storeCrmEvents(scope, [{ event_id, object, record_id, action: 'updated', at: null }]);
}

/** A record to read, with all events about it. */
export type ClaimedRecord = {
  object: CrmObject;
  record_id: string;
  /** As an event says. */
  merged_into: string | null;
  event_ids: string[];
  attempt_count: number;
  claim_id: string;
};

export async function claimCrmRecords(scope: Scope, limit: number): Promise<ClaimedRecord[]> {
  const { tx, org_id, clock } = scope;
  const now = clock.now();
  const lease_until = new Date(now.getTime() + LEASE_MS * clock.speed);
  const claim_id = randomUUID();
  const rows = await sql.claimCrmEvents.run({ org_id, now, limit, claim_id, lease_until }, tx);
  const groups = Map.groupBy(rows, ({ object, record_id }) => `${object} ${record_id}`);
  return [...groups.values()].map((events) => ({
    object: events[0]!.object,
    record_id: events[0]!.record_id,
    merged_into: events.find(({ merged_into }) => merged_into !== null)?.merged_into ?? null,
    event_ids: events.map(({ event_id }) => event_id),
    attempt_count: Math.max(...events.map(({ attempt_count }) => attempt_count)),
    claim_id,
  }));
}

/** The reason why a record was not read, or null once it was applied. */
export type ReadFailure =
  | Exclude<CrmOutcome<never>, { kind: 'ok' | 'missing' }>
  | { kind: 'unopened' }
  | null;

/** Settles the events of a record, or puts them off. A CRM that cannot be reached costs no attempt. */
export async function settleCrmRecord(
  scope: Scope,
  claimed: ClaimedRecord,
  failure: ReadFailure,
): Promise<void> {
  const { tx, org_id, clock, log } = scope;
  const { event_ids, claim_id, attempt_count, object, record_id } = claimed;
  const again = (wait_ms: number) => new Date(clock.now_ms() + wait_ms * clock.speed);
  const own = { org_id, event_ids, claim_id };
  if (failure === null) {
    const done = { settled_at: clock.now(), next_at: null, uncounted: 0, last_code: null };
    await sql.settleCrmEvents.run({ ...own, ...done }, tx);
    return;
  }
  if (failure.kind !== 'refused' || failure.status === 401 || failure.status === 403) {
    const waits = { limited: LIMITED_MS, unopened: KEY_MS, refused: KEY_MS };
    const wait_ms = failure.kind in waits ? waits[failure.kind as keyof typeof waits] : UNREACHABLE_MS;
    const late = { settled_at: null, next_at: again(wait_ms), uncounted: 1, last_code: failure.kind };
    await sql.settleCrmEvents.run({ ...own, ...late }, tx);
    return;
  }
  const is_last = attempt_count >= ATTEMPTS_MAX;
  const last_code = failure.code.slice(0, 200);
  if (is_last)
    log?.warn(
      { object, record_id, code: last_code },
      'a record of the CRM cannot be read; the next sync tries again',
    );
  const next_at = again(WAITS_MS[Math.min(attempt_count, WAITS_MS.length) - 1]!);
  const settled_at = is_last ? clock.now() : null;
  await sql.settleCrmEvents.run({ ...own, settled_at, next_at, uncounted: 0, last_code }, tx);
}
